//! By what a user is known in draws.

use super::params::Params;
use super::text::{Mobile, OpenId, Pan};

/// By what a user is known in draws (`qualType` and `qualValue`, 5.8.3).
///
/// ```text
/// "qualType":"mobile","qualValue":"<3DES>"
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Qualified {
    /// `open_id`.
    OpenId(OpenId),
    /// `mobile`.
    Mobile(Mobile),
    /// `card_no`.
    CardNo(Pan),
}

impl Qualified {
    /// As `qualType` says it.
    #[must_use]
    pub fn qual_type(&self) -> &'static str {
        match self {
            Self::OpenId(_) => "open_id",
            Self::Mobile(_) => "mobile",
            Self::CardNo(_) => "card_no",
        }
    }

    pub(super) fn put<'a>(&'a self, params: Params<'a>) -> Params<'a> {
        let value = match self {
            Self::OpenId(open_id) => open_id.expose(),
            Self::Mobile(mobile) => mobile.expose(),
            Self::CardNo(pan) => pan.expose(),
        };
        params.text("qualType", self.qual_type()).encrypted("qualValue", value)
    }
}

impl From<OpenId> for Qualified {
    fn from(open_id: OpenId) -> Self {
        Self::OpenId(open_id)
    }
}

impl From<Mobile> for Qualified {
    fn from(mobile: Mobile) -> Self {
        Self::Mobile(mobile)
    }
}

impl From<Pan> for Qualified {
    fn from(pan: Pan) -> Self {
        Self::CardNo(pan)
    }
}
