//! The choice of a network: AT+COPS (TS 27.007, 7.3). There is one network.

use std::time::Instant;

use super::Modem;
use super::call::{Call, Form};
use super::reply::{Failure, Outcome, Reply};
use crate::sim::NetworkState;

/// What AT+COPS has set.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Operator {
    pub(super) mode: Mode,
    /// The form of the name: its place in [`NAMES`].
    format: u8,
}

/// How the network is chosen: `<mode>`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Mode {
    #[default]
    Automatic = 0,
    Manual = 1,
    Deregistered = 2,
}

impl Modem {
    pub(super) fn operator(&mut self, at: Instant, call: &Call<'_>) -> Option<Outcome> {
        if call.name != "+COPS" {
            return None;
        }
        let Operator { mode, format } = self.network.operator;
        let mode = mode as u8;
        Some(match &call.form {
            Form::Read if self.network.registration.is_registered() => {
                let name = NAMES[usize::from(format)];
                Reply::text(format!("+COPS: {mode},{format},\"{name}\""))
            }
            Form::Read => Reply::text(format!("+COPS: {mode}")),
            Form::Test => self.card().and_then(|()| self.networks()),
            Form::Set(values) => self.choose(at, values),
            Form::Execute => Err(Failure::NOT_SUPPORTED),
        })
    }

    /// The networks in reach. To find them takes a search.
    fn networks(&self) -> Outcome {
        let [long, short, number] = NAMES;
        // 1, available; 2, current; 3, forbidden.
        let stat = match self.network.target {
            NetworkState::Denied => Some(3),
            _ if self.network.registration.is_registered() => Some(2),
            target if target.is_registered() => Some(1),
            _ => None,
        };
        let found = stat.map(|stat| format!("({stat},\"{long}\",\"{short}\",\"{number}\"),"));
        let text = format!("+COPS: {},(0-4),(0-2)", found.unwrap_or_default());
        Ok(Reply { text: vec![text], takes: self.settings.register_after, ..Reply::default() })
    }

    fn choose(&mut self, at: Instant, values: &[&str]) -> Outcome {
        let (mode, values) = values.split_first().ok_or(Failure::INVALID_PARAMETER)?;
        let format = match values.first() {
            None | Some(&"") => self.network.operator.format,
            Some(format) => match format.parse() {
                Ok(format @ 0..=2) => format,
                _ => return Err(Failure::INVALID_PARAMETER),
            },
        };
        let mode = match *mode {
            "0" => Mode::Automatic,
            "1" | "4" => Mode::Manual,
            "2" => Mode::Deregistered,
            // The form alone.
            "3" => {
                self.network.operator.format = format;
                return Reply::ok();
            }
            _ => return Err(Failure::INVALID_PARAMETER),
        };
        self.card()?;
        if mode == Mode::Manual && values.get(1) != Some(&NAMES[usize::from(format)]) {
            return Err(Failure::NO_NETWORK);
        }
        self.network.operator = Operator { mode, format };
        match mode {
            Mode::Deregistered => self.set_registration(at, NetworkState::Lost),
            Mode::Automatic | Mode::Manual => self.search(at),
        }
        Reply::ok()
    }
}

/// The network's name, its short name, and its number: that of the test network, as in the IMSI.
const NAMES: [&str; 3] = ["TEST NETWORK", "TEST", "00101"];
