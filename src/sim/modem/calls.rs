//! Calls (V.250, 6.3; TS 27.007, 6 and 7): there is nobody to call, and nobody calls.

use super::call::{Call, Form};
use super::reply::{Failure, Outcome, Reply};
use super::{Event, Modem};

impl Modem {
    pub(super) fn calls(&mut self, call: &Call<'_>) -> Option<Outcome> {
        Some(match (call.name.as_str(), &call.form) {
            // V.250, 6.3.1, 6.3.5 and 6.3.7: no connection comes about, a data context neither.
            ("D", Form::Execute | Form::Set(_)) | ("A" | "O", Form::Execute) => {
                Err(Failure::NoCarrier)
            }
            // V.250, 6.3.6.
            ("H", _) if call.number() == Some(0) => Reply::ok(),
            ("+CLCC", Form::Execute) => Reply::ok(),
            // TS 27.007, 8.1: ready.
            ("+CPAS", Form::Execute) => Reply::text("+CPAS: 0"),
            ("+CPAS", Form::Test) => Reply::text("+CPAS: (0,2,3,4)"),
            ("+CUSD", Form::Read) => Reply::text("+CUSD: 0"),
            ("+CUSD", Form::Test) => Reply::text("+CUSD: (0-2)"),
            ("+CUSD", Form::Set(values)) => match values.as_slice() {
                ["0" | "1" | "2"] => Reply::ok(),
                // TS 27.007, 7.15: 4, the network does not support the operation.
                ["0" | "1", _, ..] => {
                    Reply::then(self.settings.latencies.command, Event::Urc("+CUSD: 4".into()))
                }
                _ => Err(Failure::INVALID_PARAMETER),
            },
            ("+VTS", Form::Test) => Reply::text("+VTS: (0-9,A-D,*,#)"),
            ("+CLCC", Form::Test) => Reply::ok(),
            ("D" | "A" | "H" | "O" | "+CLCC" | "+CPAS" | "+CUSD" | "+VTS", _) => {
                Err(Failure::NOT_SUPPORTED)
            }
            _ => return None,
        })
    }
}
