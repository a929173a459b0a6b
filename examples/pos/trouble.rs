//! What a failure means: what happened, what is known of the money, and what to do next.

use std::fmt;

use m26_pay::advice::{Advice, Language};
use m26_pay::alipay::Environment;
use m26_pay::argument::InvalidArgument;
use m26_pay::engine::Certainty;
use m26_pay::error::{Error, Stage};
use m26_pay::outbox::{End, Entry, OutboxError};

use crate::language::language;

/// Why the till stopped.
#[derive(Debug)]
pub struct Trouble {
    what: String,
    money: Advice,
    remedy: Remedy,
    next: Next,
}

/// What to do about it.
#[derive(Debug)]
enum Remedy {
    Advice(Advice),
    /// What only this program needs, in English and in Chinese.
    Own([&'static str; 2]),
}

/// What to do then.
#[derive(Debug)]
enum Next {
    Stage(Stage),
    /// Run it again with the file of trades.
    WithDb,
}

impl Trouble {
    /// An error at this stage.
    pub fn new(stage: Stage, error: &Error) -> Self {
        Self {
            what: error.to_string(),
            money: stage.money(error.certainty()),
            remedy: Remedy::Advice(error.advice()),
            next: Next::Stage(stage),
        }
    }

    /// Alipay gave no bizTid.
    pub fn no_device_id() -> Self {
        let what = "the module is open, but Alipay has given it no bizTid";
        Self::prepare(what.into(), Remedy::Advice(Advice::NO_BIZ_TID))
    }

    /// The module belongs to a shop that is at work.
    pub fn not_for_tests(env: Option<Environment>) -> Self {
        let env = match env {
            Some(env) => format!("env {}", env.0),
            None => "no env that can be read".into(),
        };
        let what = format!("the module is configured with {env}, and pos sends sample trades");
        Self::prepare(what, Remedy::Own(OTHER_MODULE))
    }

    /// The module has no configuration, and none was given.
    pub fn not_configured() -> Self {
        let what = "the module has no Alipay configuration; `pos --help` names the options";
        Self::prepare(what.into(), Remedy::Advice(Advice::NOT_CONFIGURED))
    }

    /// The outbox failed.
    pub fn outbox(entry: Entry, error: &OutboxError) -> Self {
        Self {
            what: error.to_string(),
            money: entry.money(),
            remedy: Remedy::Advice(error.advice()),
            next: Next::WithDb,
        }
    }

    /// The module did not take all reports.
    pub fn on_disk(left: u64, end: End) -> Self {
        let why = match end {
            End::Disconnected => "the port went away",
            End::NotInitialised => "the module was reset",
            _ => "the module takes no more now",
        };
        Self {
            what: format!("{why}, and reports are left: {left}"),
            money: Entry::Settling.money(),
            remedy: Remedy::Advice(Advice::REPORTS_WAIT),
            next: Next::WithDb,
        }
    }

    fn prepare(what: String, remedy: Remedy) -> Self {
        let stage = Stage::Preparing;
        Self { what, money: stage.money(Certainty::NotSent), remedy, next: Next::Stage(stage) }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::new(Stage::Preparing, &error)
    }
}

impl From<InvalidArgument> for Trouble {
    fn from(error: InvalidArgument) -> Self {
        Error::from(error).into()
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let language = language();
        let own = |[english, chinese]: [&'static str; 2]| match language {
            Language::Chinese => chinese,
            _ => english,
        };
        writeln!(f, "{}", own(STOPPED))?;
        writeln!(f, "   {}{}", own(WHAT), self.what)?;
        writeln!(f, "   {}{}", own(MONEY), self.money.technician(language))?;
        let todo = match self.remedy {
            Remedy::Advice(advice) => {
                writeln!(f, "   {}{}", own(CASHIER), advice.cashier(language))?;
                advice.technician(language)
            }
            Remedy::Own(sentences) => own(sentences),
        };
        let next = match self.next {
            Next::Stage(stage) => stage.next().technician(language),
            Next::WithDb => own(WITH_DB),
        };
        writeln!(f, "   {}{todo} {next}", own(TODO))
    }
}

const STOPPED: [&str; 2] = ["The till has stopped.", "收银程序已停止。"];
const WHAT: [&str; 2] = ["What happened: ", "原因："];
const MONEY: [&str; 2] = ["The money:     ", "款项："];
const CASHIER: [&str; 2] = ["The cashier:   ", "收银员："];
const TODO: [&str; 2] = ["What to do:    ", "处理："];

const OTHER_MODULE: [&str; 2] = [
    "Use another module, or configure this one for tests (env 4) by `m26 config set`, which discards \
     what its SDK holds.",
    "请使用其他模块，或用 `m26 config set` 将本模块配置为测试环境（env 4），其 SDK 中的数据会被清除。",
];

const WITH_DB: [&str; 2] = [
    "Then run pos again with the same --db, which sends what is there.",
    "然后用同一个 --db 重新运行 pos，未上报的记录会发送。",
];
