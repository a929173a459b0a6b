//! Ctrl-C, for the programs that a test starts.

use std::process::{Child, Command};
use std::sync::Once;

/// Sees to it that Ctrl-C ends what this program starts from now on, also where SIGINT was ignored
/// when it was started, as by a shell for what it runs in the background. What is ignored stays
/// ignored in a child; what is handled is set back to the default.
pub fn end_children() {
    static HANDLED: Once = Once::new();
    HANDLED.call_once(|| ctrlc::set_handler(|| std::process::exit(130)).unwrap());
}

/// Presses Ctrl-C.
pub fn interrupt(child: &Child) {
    signal(child, "INT");
}

/// Sends a signal by its name, without `SIG`.
pub fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
}
