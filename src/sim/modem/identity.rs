//! The identity of the module: manufacturer, model, IMEI, and the numbers of its SIM card.

use super::Modem;
use super::call::{Call, Form};
use super::network::Functionality;
use super::reply::{Failure, Outcome, Reply};
use crate::sim::CardState;

impl Modem {
    pub(super) fn identity(&mut self, call: &Call<'_>) -> Option<Outcome> {
        let needs_card = matches!(call.name.as_str(), "+CIMI" | "+CCID" | "+QCCID");
        let text = match call.name.as_str() {
            "I" => format!("Quectel_Ltd\r\n{MODEL}\r\n{REVISION}"),
            "+CGMI" => "Quectel".into(),
            "+GMI" => "Quectel_Ltd".into(),
            "+CGMM" | "+GMM" => MODEL.into(),
            "+CGMR" | "+GMR" => REVISION.into(),
            "+CGSN" | "+GSN" => self.settings.imei.clone(),
            // Not specified beyond the verb; chosen with the verb in front, which tells it from GSN.
            "+QGSN" => format!("+QGSN: \"{}\"", self.settings.imei),
            "+CIMI" => self.settings.imsi.clone(),
            "+CCID" => format!("+CCID: \"{}\"", self.settings.iccid),
            "+QCCID" => self.settings.iccid.clone(),
            _ => return None,
        };
        Some(match &call.form {
            Form::Test => Reply::ok(),
            Form::Execute if needs_card => self.card().and_then(|()| Reply::text(text)),
            Form::Execute => Reply::text(text),
            Form::Set(values) if call.name == "I" && values.as_slice() == ["0"] => {
                Reply::text(text)
            }
            _ => Err(Failure::NOT_SUPPORTED),
        })
    }

    /// The SIM card is ready, or what is wrong with it.
    pub(super) fn card(&self) -> Result<(), Failure> {
        match self.network.sim {
            _ if self.network.functionality == Functionality::Minimum => {
                Err(Failure::SIM_POWERED_DOWN)
            }
            CardState::Missing => Err(Failure::SIM_MISSING),
            CardState::Pin => Err(Failure::SIM_PIN),
            CardState::Puk => Err(Failure::SIM_PUK),
            CardState::Ready => Ok(()),
        }
    }
}

const MODEL: &str = "Quectel_M26";
const REVISION: &str = "Revision: M26FBR03A03-TTS";
