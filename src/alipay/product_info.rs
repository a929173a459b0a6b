//! AT+ALIPAYPINFO: reporting the product's specification ([`ProductInfo`]).

use bitflags::bitflags;

use crate::alipay::status::held;
use crate::alipay::{Held, TestCommand, action, verb};
use crate::argument::{InvalidArgument, InvalidReason};
use crate::at::command::{
    Command, CommandLine, DecodeError, InvalidCommand, Release, Reply, Request,
};
use crate::at::field::Shape;
use crate::at::profile::Profile;
use crate::at::verb::{Effect, PlainAnswer, PlainArgument, ResultLine, Verb};

/// Reports the product's specification, once after the SDK was started.
///
/// ```text
/// AT+ALIPAYPINFO=<human_verify>  Quectel M26 Alipay SDK 应用指导 V1.0, 3.3
///
/// OK
///
/// +ALIPAYPINFO: <result>
/// ```
///
/// ```
/// use m26_pay::alipay::{HumanVerify, ProductInfo};
/// use m26_pay::at::command::Command;
/// use m26_pay::at::profile::Profile;
///
/// let info = ProductInfo::new(HumanVerify::QR_CODE | HumanVerify::NFC)?;
/// assert_eq!(info.request(&Profile::quectel())?.line(), b"AT+ALIPAYPINFO=17\r");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "AT+ALIPAYPINFO")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductInfo {
    human_verify: HumanVerify,
}

bitflags! {
    /// The ways in which a device verifies its customers. The spec lists single values; openLuat
    /// documents that they can be added. Unknown bits are kept.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
    pub struct HumanVerify: u32 {
        /// By a QR code.
        const QR_CODE = 1;
        /// By the face.
        const FACE = 2;
        /// By the phone number, with a message or a call.
        const PHONE = 4;
        /// By the voiceprint.
        const VOICEPRINT = 8;
        /// By NFC.
        const NFC = 16;
        /// By the fingerprint.
        const FINGERPRINT = 32;
        /// By the e-mail address.
        const EMAIL = 64;
    }
}

impl ProductInfo {
    /// A device that verifies its customers in these ways.
    ///
    /// # Errors
    /// If the set is empty: the spec has no value for that.
    pub fn new(human_verify: HumanVerify) -> Result<Self, InvalidArgument> {
        if human_verify.is_empty() {
            return Err(InvalidArgument { field: "human_verify", reason: InvalidReason::Empty });
        }
        Ok(Self { human_verify })
    }
}

impl TestCommand {
    /// AT+ALIPAYPINFO=?
    pub const PRODUCT_INFO: Self = Self::of(&VERB);
}

impl Command for ProductInfo {
    type Response = Held;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::set(PREFIX).int(self.human_verify.bits()).finish(profile)?;
        Ok(action(&VERB, line, profile))
    }

    fn decode(&self, reply: &Reply) -> Result<Held, DecodeError> {
        held(reply, PREFIX, "AT+ALIPAYPINFO")
    }
}

pub(crate) const PREFIX: &str = "+ALIPAYPINFO";

/// The entry of AT+ALIPAYPINFO in the table of verbs.
pub(crate) const VERB: Verb = Verb {
    effect: Effect::UsesSdk,
    result: Some(ResultLine::new(Shape::Any, Release::SameLine)),
    plain_arguments: &[PlainArgument::Number(0)],
    plain_answer: PlainAnswer::Numbers(2),
    ..verb(PREFIX)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{luat, quectel, sent};

    const QR_CODE: ProductInfo = ProductInfo { human_verify: HumanVerify::QR_CODE };

    #[test]
    fn as_in_the_spec() {
        assert_eq!(sent(&QR_CODE, &Profile::quectel()), "AT+ALIPAYPINFO=1");
        let bytes = b"\r\nOK\r\n\r\n+ALIPAYPINFO: 0\r\n";
        assert_eq!(quectel(&QR_CODE, bytes), Ok(Held::Stored));
    }

    #[test]
    fn ok_alone_on_luat() {
        let request = QR_CODE.request(&Profile::luat()).unwrap();
        assert!(request.awaited().unwrap().ok_alone);
        assert_eq!(luat(&QR_CODE, b"\r\nOK\r\n"), Ok(Held::Stored));
        let bytes = b"\r\n+ALIPAYPINFO: 6\r\n\r\nOK\r\n";
        assert!(matches!(luat(&QR_CODE, bytes), Err(DecodeError::Result { code: 6, .. })));
        let request = QR_CODE.request(&Profile::quectel()).unwrap();
        assert!(!request.awaited().unwrap().ok_alone);
    }

    #[test]
    fn every_way_and_none() {
        let all = ProductInfo::new(HumanVerify::all()).unwrap();
        assert_eq!(sent(&all, &Profile::quectel()), "AT+ALIPAYPINFO=127");
        assert!(ProductInfo::new(HumanVerify::empty()).is_err());
    }
}
