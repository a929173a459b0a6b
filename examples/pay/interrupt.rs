//! Ctrl-C: the cashier's stop first, then the way out.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use m26_pay::gateway::Stop;

use crate::problem::Problem;
use crate::screen::{Screen, note};
use crate::trouble;

/// Has the first Ctrl-C press `stop`, where there is one, and say so, and the next one leave at once.
/// SIGTERM is as good as Ctrl-C.
pub(crate) fn handle(stop: Option<(Stop, &'static str)>, screen: Screen) -> Result<(), Problem> {
    ctrlc::set_handler(move || match &stop {
        Some((stop, says)) if !stop.is_pressed() => {
            note(&format_args!("{says}; Ctrl-C again leaves at once"));
            stop.press();
        }
        _ if is_told() => {}
        _ => {
            let problem = trouble::interrupted();
            // A reader that has gone cannot be told.
            drop(screen.problem(&problem));
            process::exit(problem.status().into());
        }
    })
    .map_err(|error| Problem::io(format_args!("Ctrl-C cannot be caught: {error}")))
}

/// Whether the end was told before, and that it is told now: a command has one answer.
pub(crate) fn is_told() -> bool {
    static TOLD: AtomicBool = AtomicBool::new(false);
    TOLD.swap(true, Ordering::AcqRel)
}
