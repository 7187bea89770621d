//! Runs a model under many schedules, and tells what it takes to run them again.

use std::env::{self, VarError};
use std::io::Write;

use ring::rand::{SecureRandom, SystemRandom};
use shuttle::scheduler::{
    PctScheduler, RandomScheduler, ReplayScheduler, Scheduler,
    UncontrolledNondeterminismCheckScheduler,
};
use shuttle::{Config, MaxSteps, Runner};

/// Of each model, where `AUTHKEEP_MODEL_SCHEDULES` says nothing else.
const SCHEDULES: usize = 1_000;
/// How many are run twice, to see that nothing but the schedule decides.
const TWICE: usize = 20;

/// Runs `model` by chance, and by chance with few preemptions (PCT), in batches
/// whose seeds are told before they begin.
pub(super) fn explore(name: &str, model: fn()) {
    if let Some(schedule) = variable("AUTHKEEP_MODEL_SCHEDULE") {
        run(ReplayScheduler::new_from_encoded(&schedule), model);
        return;
    }
    let schedules = variable("AUTHKEEP_MODEL_SCHEDULES").map_or(SCHEDULES, |text| {
        text.parse().expect("a number of schedules")
    });
    let seed =
        variable("AUTHKEEP_MODEL_SEED").map_or_else(any_seed, |text| text.parse().expect("a seed"));
    let batch = schedules.div_ceil(4);
    for depth in [0, 2, 3, 5] {
        let (kind, seed) = match depth {
            0 => ("random".to_owned(), seed),
            depth => (format!("pct-{depth}"), seed),
        };
        let line = format!("model {name} {kind} seed {seed} schedules {batch}\n");
        // Not captured, so that it is there when a schedule ends the process.
        std::io::stdout().write_all(line.as_bytes()).unwrap();
        let explored = match depth {
            0 => run(RandomScheduler::new_from_seed(seed, batch), model),
            depth => run(PctScheduler::new_from_seed(seed, depth, batch), model),
        };
        assert_eq!(explored, batch);
    }
    let twice = RandomScheduler::new_from_seed(seed, TWICE);
    run(UncontrolledNondeterminismCheckScheduler::new(twice), model);
}

fn run(scheduler: impl Scheduler + 'static, model: fn()) -> usize {
    let mut config = Config::new();
    config.stack_size = 256 * 1024;
    config.max_steps = MaxSteps::FailAfter(100_000);
    config.silence_warnings = true;
    Runner::new(scheduler, config).run(model)
}

fn variable(name: &str) -> Option<String> {
    match env::var(name) {
        Ok(text) => Some(text),
        Err(VarError::NotPresent) => None,
        Err(error) => panic!("{name}: {error}"),
    }
}

fn any_seed() -> u64 {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).unwrap();
    u64::from_ne_bytes(bytes)
}
