//! qual.select: which chances in draws has a user?

use crate::gateway::unionpay::call::{Call, Credential, Keys, text};
use crate::gateway::unionpay::date::Date;
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::qualified::Qualified;
use crate::gateway::unionpay::text::QualNum;
use crate::gateway::{FieldError, Fields};

/// Asks for the chances that a user has in the draws of a pool (5.8.3).
///
/// ```text
/// {"qualNum":"681ee844-40de-0376-1257-3ace7bc3a7c2","qualType":"mobile","qualValue":"<3DES>",
///  "appId":"…","backendToken":"i6i9…"}
///
/// {"resp":"00","msg":"成功","params":{"qualMap":{"20171108_20171101":"3"},"respCode":"00","respMsg":"成功"}}
/// ```
///
/// In the map the **end stands before the beginning** (结束日期在前). The sample's `qualValue` is `1`, not
/// encrypted; the table says that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualSelect {
    qual_num: QualNum,
    user: Qualified,
}

impl QualSelect {
    /// Of this user, in this pool.
    #[must_use]
    pub fn new(qual_num: QualNum, user: impl Into<Qualified>) -> Self {
        Self { qual_num, user: user.into() }
    }
}

impl Call for QualSelect {
    type Answer = Chances;

    const NAME: &'static str = "qual.select";

    const CREDENTIAL: Credential = Credential::BackendToken;

    const INNER_CODE: Option<&'static str> = Some("respCode");

    fn params(&self) -> Params<'_> {
        self.user.put(Params::new().text("qualNum", self.qual_num.as_str()))
    }

    fn read(&self, fields: &Fields, _: Keys<'_>) -> Result<Chances, FieldError> {
        let wrong = FieldError { field: "qualMap", expected: "a map of END_BEGIN to a number" };
        let map = fields.json("qualMap").ok_or(wrong)?;
        let map = Fields::read_trimmed(map).map_err(|_| wrong)?;
        let chance = |period: &str| {
            let (end, begin) = period.split_once('_')?;
            let count = text(&map, period)?.parse().ok()?;
            Some(Chance { begin: begin.parse().ok()?, end: end.parse().ok()?, count })
        };
        let chances = map.names().map(|period| chance(period).ok_or(wrong));
        Ok(Chances { qual_map: chances.collect::<Result<_, _>>()? })
    }
}

/// The chances of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chances {
    /// For each time in which some can be used, in the order in which they came.
    pub qual_map: Vec<Chance>,
}

/// Chances that can be used in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chance {
    /// The first day.
    pub begin: Date,
    /// The last day.
    pub end: Date,
    /// How many there are.
    pub count: u32,
}
