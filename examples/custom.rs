//! A command that the crate does not have: AT+COPS?, which names the network's operator.
//!
//! ```text
//! cargo run --example custom                   # asks a simulated module
//! cargo run --example custom -- /dev/ttyUSB0
//! ```

#[path = "common/short.rs"]
mod short;

use m26_pay::at::command::{
    Answer, Command, CommandLine, Deadline, DecodeError, InvalidCommand, Reply, Request,
};
use m26_pay::at::field::Shape;
use m26_pay::at::profile::Profile;
use m26_pay::blocking::Client;
use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::pty;

/// Asks for the operator; `None` without one.
///
/// ```text
/// AT+COPS?                       M26AT; 27.007 7.3
///
/// +COPS: <mode>[,<format>,<oper>]
///
/// OK
/// ```
struct ReadOperator;

impl Command for ReadOperator {
    type Response = Option<String>;

    /// What is sent, and what is expected: one line with this prefix, then `OK`, before the deadline.
    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::read("+COPS").finish(profile)?;
        let request = Request::new(line).answer(Answer::Prefixed(&[("+COPS", Shape::Any)]));
        Ok(request.final_within(Deadline::millis("name of the operator", 75_000)))
    }

    /// Reads the line. A field that cannot be read is an error with its position.
    fn decode(&self, reply: &Reply) -> Result<Option<String>, DecodeError> {
        reply.parse_answer("+COPS", |fields| {
            fields.int::<u8>("mode")?;
            if !fields.more() {
                return Ok(None);
            }
            fields.int::<u8>("format")?;
            fields.text("oper").map(|name| Some(name.to_string()))
        })
    }
}

fn main() {
    if let Err(error) = run() {
        short::complain("custom", &*error);
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let (port, _simulated) = short::port(|| pty::spawn(Modem::new(ModemSettings::default())))?;
    let mut client = Client::open(&port)?;

    match client.send(&ReadOperator)? {
        Some(operator) => println!("the operator is {operator}"),
        None => println!("the module has no network"),
    }
    Ok(())
}
