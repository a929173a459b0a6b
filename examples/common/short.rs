//! What the short examples share: the port that is named, and what is said of an error.

use std::env;
use std::error::Error;
use std::io;

use m26_pay::advice::Language;
use m26_pay::sim::Device;
use m26_pay::sim::pty::Running;

/// The port that the command line names; or that of a simulated module, which is started only then,
/// and serves until it is dropped. These examples have no options.
pub(crate) fn port<D: Device>(
    simulate: impl FnOnce() -> io::Result<Running<D>>,
) -> io::Result<(String, Option<Running<D>>)> {
    let mut arguments = env::args().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(port), None) if !port.starts_with('-') => return Ok((port, None)),
        (None, _) => {}
        _ => {
            eprintln!("usage: [PORT], such as /dev/ttyUSB0; a simulated module without one");
            std::process::exit(2);
        }
    }
    let simulated = simulate()?;
    Ok((simulated.path().display().to_string(), Some(simulated)))
}

/// Says what happened, and what to do in the language of the environment.
pub(crate) fn complain(example: &str, error: &(dyn Error + 'static)) {
    eprintln!("{example}: {error}");
    if let Some(error) = error.downcast_ref::<m26_pay::Error>() {
        let language = Language::of_environment(|name| env::var(name).ok());
        eprintln!("{}", error.advice().technician(language));
    }
}
