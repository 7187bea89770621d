//! Rounds in which the rows take turns, so that a machine whose speed changes
//! changes them alike, and a ratio is one of neighbours in time.

use std::array;
use std::sync::Barrier;
use std::thread;

use super::floor::clock_ns;

const CALLS: usize = 200_000;
const ROUNDS: usize = 15;
pub const THREADS: [usize; 3] = [1, 2, 8];

/// What one thread does again and again, with a buffer of its own.
type Body<'a> = &'a (dyn Fn(&mut Vec<u8>) + Sync);

/// A name, and what is measured under it.
pub type Row<'a> = (&'static str, Body<'a>);

/// Nanoseconds of each round, for each number of threads.
#[derive(Default)]
pub struct Figures([Vec<f64>; THREADS.len()]);

impl Figures {
    pub fn median(&self, column: usize) -> f64 {
        median(self.0[column].clone())
    }

    /// The median of the ratios within a round.
    pub fn ratio(&self, column: usize, to: &Figures, its: usize) -> f64 {
        let pairs = self.0[column].iter().zip(&to.0[its]);
        median(pairs.map(|(figure, to)| figure / to).collect())
    }

    pub fn print(&self, name: &str, floor: &Figures) {
        print!("{name:<40}");
        for column in 0..THREADS.len() {
            let ratio = self.ratio(column, floor, column);
            print!(" {:>7.1} {ratio:>5.2}x", self.median(column));
        }
        println!();
    }
}

/// The names of the columns.
pub fn head() {
    print!("{:<40}", "");
    for threads in THREADS {
        print!(" {:>14}", format!("threads: {threads}"));
    }
    println!();
}

pub fn measure<const N: usize>(rows: &[Row; N]) -> [Figures; N] {
    let mut figures: [Figures; N] = array::from_fn(|_| Figures::default());
    for _ in 0..ROUNDS {
        for ((_, body), figures) in rows.iter().zip(&mut figures) {
            for (column, threads) in THREADS.into_iter().enumerate() {
                figures.0[column].push(round(threads, body));
            }
        }
    }
    figures
}

/// CPU time of the threads, each by its own clock: on fewer processors than
/// threads, one may be done before another has begun.
fn round(threads: usize, body: Body) -> f64 {
    let ready = Barrier::new(threads);
    let work = || {
        let mut buffer = Vec::new();
        body(&mut buffer);
        ready.wait();
        let begun = clock_ns(libc::CLOCK_THREAD_CPUTIME_ID);
        for _ in 0..CALLS {
            body(&mut buffer);
        }
        clock_ns(libc::CLOCK_THREAD_CPUTIME_ID) - begun
    };
    let spent: i64 = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let spent = workers.into_iter().map(|worker| worker.join().unwrap());
        spent.sum()
    });
    spent as f64 / (CALLS * threads) as f64
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
