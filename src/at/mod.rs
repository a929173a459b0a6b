//! The AT language, without any verb: lines, their parts, final results, commands.
//!
//! The stages have a vocabulary each. [`mod@line`] cuts bytes into lines and knows no
//! command; [`syntax`] looks at a line without copying it; [`field`] reads the parameters;
//! [`result`] holds the final result codes; [`command`] says what a command sends and what it
//! expects; [`unsolicited`] how lines are known that no command asked for; [`verb`] what
//! is known of a command by its name; [`profile`] puts together what differs between firmwares.

pub mod command;
pub mod field;
pub mod line;
pub mod profile;
pub mod result;
pub mod syntax;
pub mod unsolicited;
pub mod verb;

mod me_error;
pub(crate) mod octets;
