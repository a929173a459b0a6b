//! The outer object of an answer: which node is signed, and exactly where it stands.

use serde_json::value::RawValue;

use crate::gateway::json::members;
use crate::gateway::no_answer::NoAnswer;

/// ```text
/// {"alipay_trade_pay_response":{…},"alipay_cert_sn":"…","sign":"…"}
/// {"error_response":{…},"sign":"…"}
/// ```
///
/// in any order, with any white space between them.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    /// The signed node, from its first to its last character.
    pub(super) node: &'a str,
    /// Whether it is the gateway's own `error_response`.
    pub(super) error_node: bool,
    /// The base64 of the signature, if there is one.
    pub(super) sign: Option<String>,
    /// The number of Alipay's certificate, if it is said. It is not signed.
    pub(super) alipay_cert_sn: Option<String>,
}

impl<'a> Envelope<'a> {
    /// Takes the answer to `method` apart.
    pub(super) fn read(text: &'a str, method: &str) -> Result<Self, NoAnswer> {
        let members = members(text).map_err(|error| NoAnswer::instead_of_json(text, &error))?;
        let own = method.replace('.', "_") + "_response";
        let (mut node, mut error, mut sign, mut alipay_cert_sn) = (None, None, None, None);
        for (name, value) in members {
            let place = match name.as_str() {
                "alipay_cert_sn" => &mut alipay_cert_sn,
                "sign" => &mut sign,
                "error_response" => &mut error,
                name if name == own => &mut node,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(NoAnswer::Twice);
            }
        }
        let (node, error_node) = match (node, error) {
            (Some(node), None) => (node, false),
            (None, Some(error)) => (error, true),
            (Some(_), Some(_)) => return Err(NoAnswer::Twice),
            (None, None) => return Err(NoAnswer::OtherCall),
        };
        Ok(Self {
            node: node.get(),
            error_node,
            sign: text_of(sign)?,
            alipay_cert_sn: text_of(alipay_cert_sn)?,
        })
    }

    /// Where the node begins in `text`, from which the envelope was read.
    pub(super) fn start(&self, text: &str) -> usize {
        self.node.as_ptr() as usize - text.as_ptr() as usize
    }
}

/// A text that is there, and not empty or `null`.
fn text_of(value: Option<&RawValue>) -> Result<Option<String>, NoAnswer> {
    let Some(value) = value else { return Ok(None) };
    let text: Option<String> = serde_json::from_str(value.get()).map_err(|_| NoAnswer::NotJson)?;
    Ok(text.filter(|text| !text.is_empty()))
}
