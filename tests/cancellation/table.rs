//! The table of all that was measured.

use crate::Language;
use crate::measure::Cell;
use crate::places::PLACES;
use crate::support::clients::TOLERANCE;

/// How many calls ended in each way at each place, and how late the latest did.
pub fn table(rows: &[(&Language, Vec<Option<Cell>>)]) -> String {
    let mut text = format!(
        "How late calls end, of {} ms that they may: how many, and the latest\n{:21}",
        TOLERANCE.as_millis(),
        ""
    );
    for place in &PLACES {
        text += &format!("{:>18}", place.name);
    }
    for (language, cells) in rows {
        for way in language.ways {
            text += &format!("\n{:11} {way:9}", language.name);
            for cell in cells {
                let late = cell.as_ref().and_then(|cell| cell.late.get(*way));
                text += &match late {
                    Some(late) => {
                        let worst = late.iter().copied().fold(f64::MIN, f64::max);
                        format!("{:6} {worst:8.1} ms", late.len())
                    }
                    None => format!("{:>18}", "-"),
                };
            }
        }
    }
    let cells = rows.iter().flat_map(|(_, cells)| cells.iter().flatten());
    let again: Vec<&str> = cells
        .flat_map(|cell| cell.again.iter().map(String::as_str))
        .collect();
    text += &format!("\nmeasured again: {} {}", again.len(), again.join("; "));
    text
}
