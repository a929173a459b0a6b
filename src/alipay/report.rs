//! AT+ALIPAYREP: reporting a trade ([`Report`]), and the size of the queue ([`ReadQueue`]).

use std::time::Duration;

use crate::alipay::status::held;
use crate::alipay::{Held, NOT_INITIALISED, ReportStatus, TestCommand, action, request, verb};
use crate::amount::Amount;
use crate::argument::{InvalidArgument, InvalidReason, string_argument};
use crate::at::command::{
    Answer, Command, CommandLine, DecodeError, InvalidCommand, Release, Reply, Request,
};
use crate::at::field::{FieldError, Fields, Shape};
use crate::at::profile::Profile;
use crate::at::verb::{Effect, PlainAnswer, PlainArgument, ResultLine, Verb};
use crate::unix_time::UnixMillis;

/// Reports a trade. Every trade is reported, whichever way it was paid (spec chapter 2).
///
/// ```text
/// AT+ALIPAYREP=<business_no>,<QRcode>,<amount>,<time_consuming>,<trade_result>,<time_stamp>
///                                Quectel M26 Alipay SDK 应用指导 V1.0, 3.7
/// OK
///
/// +ALIPAYREP: <result>
/// ```
///
/// The answer means that the module *holds* the record, not that it was delivered.
///
/// ```
/// use m26_pay::alipay::{BusinessNo, Report, TradeResult};
/// use m26_pay::amount::Amount;
/// use m26_pay::at::command::Command;
/// use m26_pay::at::profile::Profile;
///
/// let report = Report::of(Amount::from_fen(1025)?, TradeResult::Success, 1548811777)
///     .business_no(BusinessNo::new("2019012922001450181015731428")?)
///     .time_consuming(2)
///     .build()?;
/// assert_eq!(
///     report.request(&Profile::quectel())?.line(),
///     b"AT+ALIPAYREP=\"2019012922001450181015731428\",,1025,2,0,1548811777\r",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "AT+ALIPAYREP")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Unchecked"))]
pub struct Report {
    business_no: Option<BusinessNo>,
    qr_code: Option<QrCode>,
    amount: Amount,
    time_consuming: Option<u32>,
    trade_result: TradeResult,
    time_stamp: i64,
}

/// A [`Report`] whose fields have not been checked against each other.
#[derive(Clone, Debug)]
pub struct ReportBuilder(Report);

/// A serialised report, before its fields are checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    business_no: Option<BusinessNo>,
    qr_code: Option<QrCode>,
    amount: Amount,
    time_consuming: Option<u32>,
    trade_result: TradeResult,
    time_stamp: i64,
}

#[cfg(feature = "serde")]
impl TryFrom<Unchecked> for Report {
    type Error = InvalidArgument;

    fn try_from(from: Unchecked) -> Result<Self, InvalidArgument> {
        let Unchecked { business_no, qr_code, amount, time_consuming, trade_result, time_stamp } =
            from;
        let report =
            Self { business_no, qr_code, amount, time_consuming, trade_result, time_stamp };
        ReportBuilder(report).build()
    }
}

string_argument! {
    /// The serial number of the trade (交易流水号). With outcome
    /// [`Unsupported`](TradeResult::Unsupported) there is none, and in the water-control project
    /// it is the agreement number, the same for many trades (spec chapter 2).
    secret BusinessNo, "business_no", 64
}

string_argument! {
    /// The payment code of the customer.
    secret QrCode, "QRcode", 64
}

/// How a trade ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub enum TradeResult {
    /// −1: the outcome could not be obtained.
    Unavailable = -1,
    /// 0: success. The report needs a business_no.
    Success = 0,
    /// 1: the trade timed out.
    Timeout = 1,
    /// 2: the trade came back as failed.
    Failed = 2,
    /// 3: the payment is being processed.
    Processing = 3,
    /// 4: a network error.
    NetworkError = 4,
    /// 5: an unknown error.
    Unknown = 5,
    /// 6: a trade of a kind that is not supported, one not paid by Alipay among them. The report
    /// goes without a business_no.
    Unsupported = 6,
}

impl std::fmt::Display for TradeResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.code(), self.description())
    }
}

impl Report {
    /// The greatest amount that is reported: 21,474,836.47 yuan. Not specified; chosen because the
    /// spec calls the amount an integer (整型) without its width, and 32 bits with a sign are the
    /// least it can mean.
    pub const MAX_AMOUNT: Amount = match Amount::from_fen(i32::MAX as u64) {
        Ok(amount) => amount,
        Err(_) => Amount::ZERO,
    };

    /// A report of these facts, to be completed. `time_stamp` is in Unix seconds, as in the spec's
    /// example (openLuat's driver adds eight hours).
    #[must_use]
    pub fn of(amount: Amount, trade_result: TradeResult, time_stamp: i64) -> ReportBuilder {
        ReportBuilder(Self {
            business_no: None,
            qr_code: None,
            amount,
            time_consuming: None,
            trade_result,
            time_stamp,
        })
    }

    /// As [`of`](Self::of), at `time`, which is cut to whole seconds.
    #[must_use]
    pub fn at(
        amount: Amount,
        trade_result: TradeResult,
        time: impl Into<UnixMillis>,
    ) -> ReportBuilder {
        Self::of(amount, trade_result, time.into().0.div_euclid(1000))
    }

    /// The serial number of the trade, if it has one.
    #[must_use]
    pub fn business_no(&self) -> Option<&BusinessNo> {
        self.business_no.as_ref()
    }

    /// The payment code of the customer, if it is reported.
    #[must_use]
    pub fn qr_code(&self) -> Option<&QrCode> {
        self.qr_code.as_ref()
    }

    /// The amount.
    #[must_use]
    pub fn amount(&self) -> Amount {
        self.amount
    }

    /// How long the trade took, in seconds.
    #[must_use]
    pub fn time_consuming(&self) -> Option<u32> {
        self.time_consuming
    }

    /// How the trade ended.
    #[must_use]
    pub fn trade_result(&self) -> TradeResult {
        self.trade_result
    }

    /// The time of the trade, in Unix seconds.
    #[must_use]
    pub fn time_stamp(&self) -> i64 {
        self.time_stamp
    }
}

impl ReportBuilder {
    /// The serial number of the trade.
    #[must_use]
    pub fn business_no(mut self, business_no: BusinessNo) -> Self {
        self.0.business_no = Some(business_no);
        self
    }

    /// The payment code of the customer.
    #[must_use]
    pub fn qr_code(mut self, qr_code: QrCode) -> Self {
        self.0.qr_code = Some(qr_code);
        self
    }

    /// How long the trade took, in seconds (so the spec; a header of the SDK says milliseconds).
    #[must_use]
    pub fn time_consuming(mut self, seconds: u32) -> Self {
        self.0.time_consuming = Some(seconds);
        self
    }

    /// How long the trade took, cut to whole seconds.
    #[must_use]
    pub fn took(self, time: Duration) -> Self {
        self.time_consuming(u32::try_from(time.as_secs()).unwrap_or(u32::MAX))
    }

    /// Checks the fields against each other, and returns the report.
    ///
    /// # Errors
    /// If they break a rule of the spec (3.7): outcome 0 needs a business_no, a business_no needs
    /// time_consuming, outcome 6 goes without a business_no. Or if the amount is above
    /// [`Report::MAX_AMOUNT`], or time_stamp is negative.
    pub fn build(self) -> Result<Report, InvalidArgument> {
        let report = self.0;
        let broken =
            |field, rule| Err(InvalidArgument { field, reason: InvalidReason::Rule(rule) });
        match (report.trade_result, &report.business_no) {
            (TradeResult::Success, None) => {
                broken("business_no", "is needed when trade_result is 0 (success)")
            }
            (TradeResult::Unsupported, Some(_)) => {
                broken("business_no", "must be left out when trade_result is 6 (unsupported)")
            }
            (_, Some(_)) if report.time_consuming.is_none() => broken(
                "time_consuming",
                "is needed when there is a business_no: give whole seconds, 0 if the trade took less than one",
            ),
            _ if report.amount > Report::MAX_AMOUNT => broken(
                "amount",
                "is above 21474836.47 yuan, the most that AT+ALIPAYREP is known to carry: report the trade in another way",
            ),
            _ if report.time_stamp < 0 => broken("time_stamp", "is before 1970: give Unix seconds"),
            _ => Ok(report),
        }
    }
}

impl TestCommand {
    /// AT+ALIPAYREP=?
    pub const REPORT: Self = Self::of(&VERB);
}

impl Command for Report {
    type Response = Held;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let mut line = CommandLine::set(PREFIX);
        line = match &self.business_no {
            Some(business_no) => line.string("business_no", business_no.expose()),
            None => line.empty(),
        };
        line = match &self.qr_code {
            Some(qr_code) => line.string("QRcode", qr_code.expose()),
            None => line.empty(),
        };
        // At most `MAX_AMOUNT`.
        line = line.int(self.amount.fen() as i64);
        line = match self.time_consuming {
            Some(seconds) => line.int(seconds),
            None => line.empty(),
        };
        line = line.int(self.trade_result.code()).int(self.time_stamp);
        Ok(action(&VERB, line.finish(profile)?, profile))
    }

    fn decode(&self, reply: &Reply) -> Result<Held, DecodeError> {
        held(reply, PREFIX, "AT+ALIPAYREP")
    }
}

impl TradeResult {
    /// All that the spec lists.
    pub const LISTED: &'static [Self] = &[
        Self::Unavailable,
        Self::Success,
        Self::Timeout,
        Self::Failed,
        Self::Processing,
        Self::NetworkError,
        Self::Unknown,
        Self::Unsupported,
    ];

    /// The number that is sent.
    #[must_use]
    pub fn code(self) -> i32 {
        self as i32
    }

    /// The outcome with this number, if the spec has one.
    ///
    /// ```
    /// use m26_pay::alipay::TradeResult;
    ///
    /// assert_eq!(TradeResult::from_code(-1), Some(TradeResult::Unavailable));
    /// assert_eq!(TradeResult::from_code(7), None);
    /// ```
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::LISTED.iter().copied().find(|outcome| outcome.code() == code)
    }

    /// What the spec calls it, in English.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Unavailable => "the outcome could not be obtained",
            Self::Success => "success",
            Self::Timeout => "timeout",
            Self::Failed => "failed",
            Self::Processing => "the payment is being processed",
            Self::NetworkError => "network error",
            Self::Unknown => "unknown error",
            Self::Unsupported => "unsupported trade",
        }
    }
}

/// Asks for the size of the queue of reports.
///
/// ```text
/// AT+ALIPAYREP?                  Quectel M26 Alipay SDK 应用指导 V1.0, 3.7
///
/// +ALIPAYREP: <result>,<max_record>
///
/// OK
/// ```
///
/// It is the *size* of the queue. How many records wait in it cannot be asked.
///
/// ```
/// use m26_pay::alipay::ReadQueue;
/// use m26_pay::at::command::{Command, Reply};
/// use m26_pay::at::line::Line;
/// use m26_pay::at::result::FinalResult;
///
/// let reply = Reply {
///     lines: [Line::new("+ALIPAYREP: 0,20")].into(),
///     result: None,
///     final_result: Some(FinalResult::Ok),
/// };
/// assert_eq!(ReadQueue.decode(&reply)?.max_record, 20);
/// # Ok::<(), m26_pay::at::command::DecodeError>(())
/// ```
#[doc(alias = "AT+ALIPAYREP")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadQueue;

/// The queue in which the SDK keeps reports until it sends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ReportQueue {
    /// The result code of the query.
    pub status: ReportStatus,
    /// How many records the queue takes. 12, 20 and 30 have been seen.
    pub max_record: u32,
}

impl Command for ReadQueue {
    type Response = ReportQueue;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::read(PREFIX).finish(profile)?;
        Ok(request(line).answer(Answer::Prefixed(&[(PREFIX, Shape::Fields(2))])))
    }

    fn decode(&self, reply: &Reply) -> Result<ReportQueue, DecodeError> {
        let queue = reply.parse_answer(PREFIX, parse_queue)?;
        queue.status.held("AT+ALIPAYREP?").map(|_| queue)
    }
}

/// The parameters of the read form's answer.
pub(crate) fn parse_queue(fields: &mut Fields<'_>) -> Result<ReportQueue, FieldError> {
    Ok(ReportQueue { status: ReportStatus::parse(fields)?, max_record: fields.int("max_record")? })
}

pub(crate) const PREFIX: &str = "+ALIPAYREP";

/// The entry of AT+ALIPAYREP in the table of verbs.
pub(crate) const VERB: Verb = Verb {
    effect: Effect::Reports,
    // The read form's answer has the same prefix and two fields.
    result: Some(ResultLine {
        while_closed: NOT_INITIALISED,
        ..ResultLine::new(Shape::Fields(1), Release::SameLine)
    }),
    plain_arguments: &[
        PlainArgument::Number(2),
        PlainArgument::Number(3),
        PlainArgument::Number(4),
        PlainArgument::Time(5),
    ],
    plain_answer: PlainAnswer::Numbers(6),
    ..verb(PREFIX)
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::command::Lines;
    use crate::testing::{luat, quectel, sent};

    const TIME: i64 = 1_548_811_777;

    fn amount() -> Amount {
        Amount::from_fen(1025).unwrap()
    }

    fn alipay() -> Report {
        Report::of(amount(), TradeResult::Success, TIME)
            .business_no(BusinessNo::new("2019012922001450181015731428").unwrap())
            .time_consuming(2)
            .build()
            .unwrap()
    }

    fn other() -> Report {
        let report = Report::of(amount(), TradeResult::Unsupported, TIME);
        report.build().unwrap()
    }

    #[test]
    fn as_in_the_spec() {
        let line = "AT+ALIPAYREP=\"2019012922001450181015731428\",,1025,2,0,1548811777";
        assert_eq!(sent(&alipay(), &Profile::quectel()), line);
        let line = "AT+ALIPAYREP=,,1025,,6,1548811777";
        assert_eq!(sent(&other(), &Profile::quectel()), line);
        let bytes = b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n";
        assert_eq!(quectel(&alipay(), bytes), Ok(Held::Stored));
        let bytes = b"\r\nOK\r\n\r\n+ALIPAYREP : 7\r\n";
        assert_eq!(quectel(&alipay(), bytes), Ok(Held::RamOnly));
    }

    #[test]
    fn bare_on_luat() {
        let line = "AT+ALIPAYREP=2019012922001450181015731428,,1025,2,0,1548811777";
        assert_eq!(sent(&alipay(), &Profile::luat()), line);
        assert_eq!(luat(&alipay(), b"\r\nOK\r\n"), Ok(Held::Stored));
        let bytes = b"\r\n+ALIPAYREP: 0\r\n\r\nOK\r\n";
        assert_eq!(luat(&alipay(), bytes), Ok(Held::Stored));
    }

    #[test]
    fn a_full_queue_is_an_error() {
        let error = quectel(&alipay(), b"\r\nOK\r\n\r\n+ALIPAYREP: 6\r\n").unwrap_err();
        assert!(matches!(error, DecodeError::Result { code: 6, .. }));
        assert!(error.to_string().contains("queue is full"), "{error}");
    }

    #[test]
    fn no_result_is_no_success() {
        let reply = Reply { lines: Lines::NONE, result: None, final_result: None };
        let missing = DecodeError::Missing { expected: PREFIX };
        assert_eq!(alipay().decode(&reply), Err(missing));
    }

    #[test]
    fn rules_between_fields() {
        let number = || BusinessNo::new("1").unwrap();
        let of = |outcome| Report::of(amount(), outcome, TIME);
        let field = |report: ReportBuilder| report.build().unwrap_err().field;
        assert_eq!(field(of(TradeResult::Success)), "business_no");
        let unsupported = of(TradeResult::Unsupported).time_consuming(1);
        assert_eq!(field(unsupported.business_no(number())), "business_no");
        let unfinished = of(TradeResult::Timeout).business_no(number());
        assert_eq!(field(unfinished.clone()), "time_consuming");
        assert!(unfinished.time_consuming(0).build().is_ok());
        assert!(of(TradeResult::Unavailable).build().is_ok());
        let early = Report::of(amount(), TradeResult::Failed, -1);
        assert_eq!(field(early), "time_stamp");
    }

    #[test]
    fn times_of_the_standard_library() {
        let time = std::time::UNIX_EPOCH + Duration::from_millis(1_548_811_777_900);
        let report = Report::at(amount(), TradeResult::Failed, time);
        let report = report.took(Duration::from_millis(2_900)).build().unwrap();
        assert_eq!((report.time_stamp(), report.time_consuming()), (TIME, Some(2)));
        let before = std::time::UNIX_EPOCH - Duration::from_millis(1);
        assert_eq!(UnixMillis::from(before), UnixMillis(-1));
        assert!(Report::at(amount(), TradeResult::Failed, before).build().is_err());
    }

    #[test]
    fn what_the_command_cannot_carry() {
        let report = |amount| Report::of(amount, TradeResult::Failed, TIME).build();
        assert_eq!(Report::MAX_AMOUNT.to_string(), "21474836.47");
        let line = sent(&report(Report::MAX_AMOUNT).unwrap(), &Profile::quectel());
        assert_eq!(line, "AT+ALIPAYREP=,,2147483647,,2,1548811777");
        for above in ["21474836.48", "100000000.00"] {
            let error = report(above.parse().unwrap()).unwrap_err();
            assert_eq!(error.field, "amount");
            assert!(error.to_string().contains("21474836.47 yuan"), "{error}");
        }
    }

    #[test]
    fn the_size_of_the_queue() {
        assert_eq!(sent(&ReadQueue, &Profile::luat()), "AT+ALIPAYREP?");
        let queue = quectel(&ReadQueue, b"\r\n+ALIPAYREP: 0,12\r\n\r\nOK\r\n").unwrap();
        assert_eq!((queue.status, queue.max_record), (ReportStatus(0), 12));
        let error = quectel(&ReadQueue, b"\r\n+ALIPAYREP: 2,0\r\n\r\nOK\r\n");
        assert!(matches!(error, Err(DecodeError::Result { code: 2, .. })));
    }

    #[test]
    fn nothing_of_it_shows() {
        let qr_code = QrCode::new("284612345678901234").unwrap();
        let report = Report::of(amount(), TradeResult::Success, TIME)
            .qr_code(qr_code)
            .business_no(BusinessNo::new("20190129").unwrap());
        let shown = format!("{report:?} {:?}", report.clone().build());
        assert!(!shown.contains("2846") && !shown.contains("20190129"), "{shown}");
    }
}
