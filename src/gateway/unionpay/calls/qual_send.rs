//! qual.send: more chances in draws for a user.

use std::num::NonZeroU32;

use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::unionpay::call::{Call, Credential, Keys};
use crate::gateway::unionpay::date::Date;
use crate::gateway::unionpay::params::Params;
use crate::gateway::unionpay::qualified::Qualified;
use crate::gateway::unionpay::signature::Signing;
use crate::gateway::unionpay::text::{QualNum, TransNumber};
use crate::gateway::{FieldError, Fields};

/// Gives a user chances in the draws of a pool (5.8.4).
///
/// ```text
/// {"appId":"…","qualNum":"681ee844-40de-0376-1257-3ace7bc3a7c2","qualType":"mobile",
///  "qualValue":"<3DES>","count":"<3DES>","transNumber":"12321334453254334","startDate":"20191029",
///  "endDate":"20191031","nonceStr":"C66S9qvz21V84cOT","timestamp":"1572337564","signature":"IXd9vYPM…"}
///
/// {"msg":"","params":{"resp":""},"resp":"00"}
/// ```
///
/// Signed by the partner's key over the texts in clear: 5.8.1 note 3 says so of red packets, and
/// nothing says otherwise here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualSend {
    qual_num: QualNum,
    user: Qualified,
    count: NonZeroU32,
    trans_number: TransNumber,
    start_date: Date,
    end_date: Date,
}

impl QualSend {
    /// So many to this user, in this pool, from the first day to the last, under this number.
    ///
    /// # Errors
    /// If the last day is before the first.
    pub fn new(
        qual_num: QualNum,
        user: impl Into<Qualified>,
        count: NonZeroU32,
        trans_number: TransNumber,
        start_date: Date,
        end_date: Date,
    ) -> Result<Self, InvalidArgument> {
        if end_date < start_date {
            let reason = InvalidReason::Rule("must not be before startDate");
            return Err(InvalidArgument { field: "endDate", reason });
        }
        Ok(Self { qual_num, user: user.into(), count, trans_number, start_date, end_date })
    }
}

impl Call for QualSend {
    type Answer = ChancesAccepted;

    const NAME: &'static str = "qual.send";

    const CREDENTIAL: Credential = Credential::Signature(Signing::RSA);

    const INNER_CODE: Option<&'static str> = Some("resp");

    fn params(&self) -> Params<'_> {
        self.user
            .put(Params::new().text("qualNum", self.qual_num.as_str()))
            .encrypted("count", self.count.to_string())
            .text("transNumber", self.trans_number.as_str())
            .text("startDate", self.start_date.to_string())
            .text("endDate", self.end_date.to_string())
    }

    fn read(&self, _: &Fields, _: Keys<'_>) -> Result<ChancesAccepted, FieldError> {
        Ok(ChancesAccepted)
    }
}

/// UnionPay has taken the order. Whether the chances are there, [`QualSelect`](super::QualSelect) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChancesAccepted;
