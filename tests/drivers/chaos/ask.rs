//! What a run asks of the module. Every answer that can be tagged is.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use m26_pay::alipay::{
    BusinessNo, DeviceId, Open, ReadQueue, Report, ReportUsage, Sign, SignData, SignMode,
    TradeResult,
};
use m26_pay::amount::Amount;
use m26_pay::at::command::{
    Answer, Awaited, Command, CommandLine, Deadline, DecodeError, InvalidCommand, Release, Reply,
    Request, WhileClosed,
};
use m26_pay::at::field::Shape;
use m26_pay::at::profile::Profile;
use m26_pay::error::Error;
use m26_pay::m26::{At, ReadImei, ReadSignal};

use crate::chaos::act::number;

/// A command. Its number, where it has one, is used once in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    At,
    Usage,
    DeviceId,
    /// AT+ECHO=n, answered by `+ECHO: n` before the OK.
    Echo(u64),
    /// AT+FAIL=n, answered by `+CME ERROR: n`.
    Fail(u64),
    Imei,
    /// AT+LATER=n, answered by `+LATER: n` after the OK.
    Later(u64),
    Open,
    Queue,
    /// A report under this number.
    Report(u64),
    Signal,
    /// A signature of this number.
    Sign(u64),
    /// AT+TEXT=n, answered by the bare text `Tn`.
    Text(u64),
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Done,
    Number(u64),
    Text(String),
}

impl Ask {
    /// What tells its answer, or what it does, from those of all others.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Echo(number)
            | Self::Fail(number)
            | Self::Later(number)
            | Self::Report(number)
            | Self::Sign(number)
            | Self::Text(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether its answer is a result line, for which a module may take its time.
    pub fn has_result(&self) -> bool {
        matches!(
            self,
            Self::Usage
                | Self::DeviceId
                | Self::Later(_)
                | Self::Open
                | Self::Report(_)
                | Self::Sign(_)
        )
    }

    /// The line that the module hears.
    pub fn line(&self, profile: &Profile) -> Vec<u8> {
        let request = self.request(profile).unwrap();
        request.line().strip_suffix(b"\r").unwrap().to_vec()
    }

    fn report(number: u64) -> Report {
        let amount = Amount::from_fen(number % 1000 + 1).unwrap();
        let report = Report::of(amount, TradeResult::Success, 1_548_811_777);
        let business_no = BusinessNo::new(number.to_string()).unwrap();
        report.business_no(business_no).time_consuming(2).build().unwrap()
    }

    fn sign(number: u64) -> Sign {
        Sign::new(SignMode::Withholding, SignData::new(number.to_string()).unwrap())
    }
}

/// `echo 123456789`, `device-id`
impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::At => "at",
            Self::Usage => "usage",
            Self::DeviceId => "device-id",
            Self::Echo(_) => "echo",
            Self::Fail(_) => "fail",
            Self::Imei => "imei",
            Self::Later(_) => "later",
            Self::Open => "open",
            Self::Queue => "queue",
            Self::Report(_) => "report",
            Self::Signal => "signal",
            Self::Sign(_) => "sign",
            Self::Text(_) => "text",
        })?;
        match self.number() {
            Some(number) => write!(f, " {number}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Ask {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
        Ok(match name {
            "at" => Self::At,
            "usage" => Self::Usage,
            "device-id" => Self::DeviceId,
            "echo" => Self::Echo(number(rest)?),
            "fail" => Self::Fail(number(rest)?),
            "imei" => Self::Imei,
            "later" => Self::Later(number(rest)?),
            "open" => Self::Open,
            "queue" => Self::Queue,
            "report" => Self::Report(number(rest)?),
            "signal" => Self::Signal,
            "sign" => Self::Sign(number(rest)?),
            "text" => Self::Text(number(rest)?),
            _ => return Err(format!("no command: {text}")),
        })
    }
}

/// A client that gives one caller the answer of the one before, if it is `planted`: to see that it
/// is noticed.
#[derive(Debug, Default)]
pub struct Confusion {
    planted: bool,
    told: Vec<Told>,
}

impl Confusion {
    pub fn new(planted: bool) -> Self {
        Self { planted, told: Vec::new() }
    }

    pub fn outcome(&mut self, ask: &Ask, outcome: Result<Told, Error>) -> Result<Told, Error> {
        let told = outcome?;
        if !self.planted || !matches!(ask, Ask::Echo(_)) {
            return Ok(told);
        }
        self.told.push(told.clone());
        Ok(if self.told.len() == 3 { self.told[1].clone() } else { told })
    }
}

impl Command for Ask {
    type Response = Told;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let numbered = |name, number: u64| {
            let line = CommandLine::set(name).int(i64::try_from(number).unwrap());
            line.finish(profile).map(Request::new)
        };
        match self {
            Self::At => At.request(profile),
            Self::Usage => ReportUsage { broadcasts: 1, scans: 2 }.request(profile),
            Self::DeviceId => DeviceId.request(profile),
            Self::Echo(number) => {
                let answer = Answer::Prefixed(&[("+ECHO", Shape::Fields(1))]);
                Ok(numbered("+ECHO", *number)?.answer(answer))
            }
            Self::Fail(number) => numbered("+FAIL", *number),
            Self::Imei => ReadImei.request(profile),
            Self::Later(number) => Ok(numbered("+LATER", *number)?.result(Awaited {
                prefix: "+LATER",
                alias: None,
                shape: Shape::Fields(1),
                ok_alone: false,
                deadline: Deadline { name: "+LATER", after: Duration::from_secs(20) },
                release: Release::Reset,
                made_at: None,
                begins: None,
                while_closed: WhileClosed::Same,
            })),
            Self::Open => Open.request(profile),
            Self::Queue => ReadQueue.request(profile),
            Self::Report(number) => Self::report(*number).request(profile),
            Self::Signal => ReadSignal.request(profile),
            Self::Sign(number) => Self::sign(*number).request(profile),
            Self::Text(number) => Ok(numbered("+TEXT", *number)?.answer(Answer::Text)),
        }
    }

    fn decode(&self, reply: &Reply) -> Result<Told, DecodeError> {
        Ok(match self {
            Self::At | Self::Fail(_) => At.decode(reply).map(|()| Told::Done)?,
            Self::Usage => {
                ReportUsage { broadcasts: 1, scans: 2 }.decode(reply).map(|_| Told::Done)?
            }
            Self::DeviceId => match DeviceId.decode(reply)? {
                Some(biz_tid) => Told::Text(biz_tid.as_str().to_owned()),
                None => Told::Done,
            },
            Self::Echo(_) => Told::Number(reply.parse_answer("+ECHO", |fields| fields.int("n"))?),
            Self::Imei => Told::Text(ReadImei.decode(reply)?.as_str().to_owned()),
            Self::Later(_) => Told::Number(reply.parse_result("+LATER", |fields| fields.int("n"))?),
            Self::Open => Open.decode(reply).map(|_| Told::Done)?,
            Self::Queue => Told::Number(ReadQueue.decode(reply)?.max_record.into()),
            Self::Report(number) => Self::report(*number).decode(reply).map(|_| Told::Done)?,
            Self::Signal => ReadSignal.decode(reply).map(|_| Told::Done)?,
            Self::Sign(number) => {
                Told::Text(Self::sign(*number).decode(reply)?.expose().to_owned())
            }
            Self::Text(_) => {
                let lines: Vec<_> = reply.lines.iter().map(|line| line.to_text()).collect();
                Told::Text(lines.join("\n"))
            }
        })
    }
}
