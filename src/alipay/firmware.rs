//! The profiles of the known firmwares, and their table of verbs.

use std::borrow::Cow;

use crate::alipay::{self, sign};
use crate::at::field::Shape;
use crate::at::profile::{NtpVerb, Profile, Quoting};
use crate::at::unsolicited::{BootLine, Pattern, TextBehind, UrcName};
use crate::at::verb::Verbs;
use crate::m26::{self, clock, power, registration, sim};

impl Profile {
    /// The spec: Quectel M26 Alipay SDK 应用指导 V1.0.
    #[must_use]
    pub fn quectel() -> Self {
        Self {
            name: Cow::Borrowed("quectel"),
            quoting: Quoting::Quoted,
            ok_alone: &[],
            result_before_ok: false,
            ntp: NtpVerb::SpecThenDocumented,
            line_limit: LINE_LIMIT,
            overlap: false,
            counted: sign::COUNTED,
            verbs: VERBS,
            urcs: URCS,
            fences: FENCES,
        }
    }

    /// These verbs as openLuat's driver for Air202 and RDA8955 uses them: bare arguments, DID
    /// and SIGN answered before OK, OK alone for REP, PINFO and ACT.
    #[must_use]
    pub fn luat() -> Self {
        Self {
            name: Cow::Borrowed("luat"),
            quoting: Quoting::Bare,
            ok_alone: &["+ALIPAYREP", "+ALIPAYPINFO", "+ALIPAYACT"],
            result_before_ok: true,
            ..Self::quectel()
        }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::quectel()
    }
}

/// Writes a profile of this crate as its name. Any other profile is an error, because a name could
/// not bring it back.
#[cfg(feature = "serde")]
impl serde::Serialize for Profile {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if [Self::quectel(), Self::luat()].contains(self) {
            return serializer.serialize_str(&self.name);
        }
        Err(serde::ser::Error::custom(
            "the profile is not one of this crate, so it cannot be written as a name: store it in another way",
        ))
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Profile {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name: String = serde::Deserialize::deserialize(deserializer)?;
        [Self::quectel(), Self::luat()]
            .into_iter()
            .find(|profile| profile.name == name)
            .ok_or_else(|| serde::de::Error::unknown_variant(&name, &["quectel", "luat"]))
    }
}

/// M66AT 1.2.1.
const LINE_LIMIT: usize = 256;

/// Not specified; chosen because 27.007 and V.250 require every module to answer them, they change
/// nothing, and no URC has these prefixes.
const FENCES: &[&str] = &["+CMEE", "+IFC", "+CCLK"];

/// The commands of the SDK, and the module's own.
pub(crate) const VERBS: Verbs = &[alipay::VERBS, m26::VERBS];

/// The URCs of an M26 (M26AT; the spec V1.0, chapter 4).
pub(crate) const URCS: &[UrcName] = &[
    UrcName::of_boot(Pattern::Text("RDY"), BootLine::First),
    UrcName::of_boot(Pattern::Prefix(power::FUNCTIONALITY), BootLine::Later),
    UrcName::new(Pattern::Prefix(sim::PREFIX)),
    UrcName::new(Pattern::Prefix(clock::QNTP)),
    UrcName::new(Pattern::Prefix(clock::QNTTP)),
    UrcName::new(Pattern::PrefixUnlike(registration::GSM, Shape::ReadForm)),
    UrcName::new(Pattern::PrefixUnlike(registration::GPRS, Shape::ReadForm)),
    UrcName::new(Pattern::Text("Call Ready")),
    UrcName::new(Pattern::Text("SMS Ready")),
    UrcName::new(Pattern::Text("+PDP DEACT")),
    UrcName::new(Pattern::Text(power::OFF)),
    UrcName::new(Pattern::Text("UNDER_VOLTAGE WARNING")),
    UrcName::new(Pattern::Text("UNDER_VOLTAGE POWER DOWN")),
    UrcName::new(Pattern::Text("OVER_VOLTAGE WARNING")),
    UrcName::new(Pattern::Text("OVER_VOLTAGE POWER DOWN")),
    // Calls, messages and the network's clock (27.005 3.4.1; 27.007 6.6, 7.1 and 7.15). The crate
    // does not read these URCs, and no command is answered by one.
    UrcName::new(Pattern::Text("RING")),
    UrcName::new(Pattern::Prefix("+CRING")),
    UrcName::new(Pattern::Prefix("+CLIP")),
    UrcName::new(Pattern::Prefix("+CMTI")),
    UrcName::with_text(Pattern::Prefix("+CMT"), TextBehind::Line),
    UrcName::with_text(Pattern::Prefix("+CDS"), TextBehind::Line),
    UrcName::with_text(Pattern::Prefix("+CBM"), TextBehind::Line),
    UrcName::with_text(Pattern::Prefix("+CUSD"), TextBehind::Quotes),
    UrcName::new(Pattern::Prefix("+CTZV")),
    UrcName::new(Pattern::Start("DST:")),
    UrcName::new(Pattern::Start("*PSUTTZ:")),
    UrcName::new(Pattern::Start("*PSNWID:")),
];
