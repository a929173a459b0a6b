//! Short messages (TS 27.005). The store is empty and stays so: no message comes, and none is sent.

use super::Modem;
use super::call::{Call, Form};
use super::reply::{Failure, Outcome, Reply};

impl Modem {
    pub(super) fn messages(&mut self, call: &Call<'_>) -> Option<Outcome> {
        let test = match call.name.as_str() {
            "+CSMS" => "+CSMS: (0,1)",
            "+CPMS" => {
                "+CPMS: (\"SM\",\"ME\",\"MT\"),(\"SM\",\"ME\",\"MT\"),(\"SM\",\"ME\",\"MT\")"
            }
            "+CMGL" if self.parameters.kept.first("+CMGF") == 0 => "+CMGL: (0-4)",
            "+CMGL" => "+CMGL: (\"REC UNREAD\",\"REC READ\",\"STO UNSENT\",\"STO SENT\",\"ALL\")",
            "+CMGD" => "+CMGD: (),(0-4)",
            "+CSCB" => "+CSCB: (0,1)",
            "+CMGR" | "+CMGS" | "+CMGW" | "+CMSS" | "+CSCA" | "+CSMP" => "",
            _ => return None,
        };
        Some(match call.form {
            Form::Test if test.is_empty() => Reply::ok(),
            Form::Test => Reply::text(test),
            _ => match self.card() {
                // TS 27.005, 3.2.5: the card is missing, wants its PIN or its PUK.
                Err(Failure::SIM_MISSING) => Err(Failure::Cms(310)),
                Err(Failure::SIM_PIN) => Err(Failure::Cms(311)),
                Err(Failure::SIM_PUK) => Err(Failure::Cms(316)),
                Err(_) => Err(Failure::Cms(313)),
                Ok(()) => empty_store(call, &mut self.parameters.csms),
            },
        })
    }
}

fn empty_store(call: &Call<'_>, service: &mut u8) -> Outcome {
    match (call.name.as_str(), &call.form) {
        ("+CSMS", Form::Read) => Reply::text(format!("+CSMS: {service},1,1,1")),
        ("+CSMS", Form::Set(values)) if matches!(values[..], ["0" | "1"]) => {
            *service = u8::from(values[..] == ["1"]);
            Reply::text("+CSMS: 1,1,1")
        }
        ("+CPMS", Form::Read) => {
            let store = format!("\"SM\",0,{ROOM}");
            Reply::text(format!("+CPMS: {store},{store},{store}"))
        }
        ("+CPMS", Form::Set(stores)) => {
            let known = |store: &&str| matches!(*store, "" | "SM" | "ME" | "MT");
            if stores.len() > 3 || !stores.iter().all(known) {
                return Err(INVALID_PARAMETER);
            }
            Reply::text(format!("+CPMS: 0,{ROOM},0,{ROOM},0,{ROOM}"))
        }
        ("+CMGL", Form::Execute | Form::Set(_)) => Reply::ok(),
        ("+CMGR", Form::Set(_)) => Err(INVALID_INDEX),
        // Not specified for a place that is empty; chosen because a client clears all places.
        ("+CMGD", Form::Set(_)) => Reply::ok(),
        ("+CMGS" | "+CMGW" | "+CMSS", Form::Set(_)) => Err(NOT_ALLOWED),
        ("+CSCA", Form::Read) => Reply::text(format!("+CSCA: \"{CENTRE}\",145")),
        ("+CSMP", Form::Read) => Reply::text("+CSMP: 17,167,0,0"),
        ("+CSCB", Form::Read) => Reply::text("+CSCB: 0,\"\",\"\""),
        ("+CSCA" | "+CSMP" | "+CSCB", Form::Set(_)) => Reply::ok(),
        _ => Err(INVALID_PARAMETER),
    }
}

/// TS 27.005, 3.2.5.
const NOT_ALLOWED: Failure = Failure::Cms(302);
const INVALID_PARAMETER: Failure = Failure::Cms(304);
const INVALID_INDEX: Failure = Failure::Cms(321);
/// Not specified; chosen as many cards have it.
const ROOM: u8 = 50;
/// Made up, in the numbers of the test network.
const CENTRE: &str = "+10010000000";
