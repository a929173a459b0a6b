//! What the programs have in common: how they are called, and what they say at the end.

use std::error::Error;
use std::fs;

/// The result of a program.
pub type Outcome = Result<(), Box<dyn Error>>;

/// The path of the port, and how often to ask.
///
/// # Errors
/// If they are not there.
pub fn arguments() -> Result<(String, u32), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("the path of the port is missing")?;
    let times = args.next().ok_or("how often to ask is missing")?.parse()?;
    Ok((path, times))
}

/// Whether this word stands behind the path and the number.
#[must_use]
pub fn is_asked_for(option: &str) -> bool {
    std::env::args().skip(3).any(|found| found == option)
}

/// Prints the last answer, and the most memory that was resident, in kB.
///
/// # Errors
/// If the system does not tell.
pub fn finish(rssi: u8) -> Outcome {
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    println!("rssi {rssi} peak {}", peak.trim().trim_end_matches(" kB"));
    Ok(())
}

/// What a program without a parser makes of an answer, once it is whole.
///
/// # Errors
/// If it is not the answer to AT+CSQ.
pub fn rssi(answer: &[u8]) -> Result<u8, Box<dyn Error>> {
    let text = std::str::from_utf8(answer)?;
    let behind = text.split("+CSQ: ").nth(1).ok_or("this is no answer to AT+CSQ")?;
    Ok(behind.split(',').next().unwrap_or_default().parse()?)
}
