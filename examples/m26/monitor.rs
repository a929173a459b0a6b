//! `monitor`: what the module says by itself.

use std::io;
use std::process;

use crate::connection::Target;
use crate::problem::Problem;
use crate::screen::{Screen, note};

/// Prints until Ctrl-C, which ends the tool, or until the port is lost.
pub(crate) fn watch(target: &Target, screen: Screen) -> Result<io::Result<()>, Problem> {
    ctrlc::set_handler(|| {
        // A line that is being printed is finished first.
        let _stdout = io::stdout().lock();
        process::exit(0);
    })
    .map_err(|error| Problem::invalid(format!("Ctrl-C cannot be caught: {error}")))?;
    let mut connection = target.connect()?;
    note(&"listening; Ctrl-C ends it");
    loop {
        if let Some(event) = connection.client.next_event(None)? {
            if let Err(error) = screen.event(&event) {
                return Ok(Err(error));
            }
        }
    }
}
