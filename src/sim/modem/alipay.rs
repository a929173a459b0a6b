//! The eight ALIPAY commands (Quectel M26 Alipay SDK guide V1.0, 3).

use std::time::{Duration, Instant};

use super::call::{Call, Form};
use super::reply::{Failure, Outcome, Reply};
use super::sdk::Life;
use super::{Dialect, Event, Modem, ModemConfig, sign};

/// Codes that PINFO, REP and ACT share (3.3, 3.7, 3.8).
pub(super) const SUCCESS: i32 = 0;
pub(super) const FAILURE: i32 = -1;
pub(super) const PARAMETER_ERROR: i32 = 1;
pub(super) const NOT_INITIALISED: i32 = 2;

impl Modem {
    pub(super) fn alipay(&mut self, at: Instant, call: &Call<'_>) -> Option<Outcome> {
        let verb = call.name.strip_prefix("+ALIPAY")?;
        Some(match (verb, &call.form) {
            ("CFG" | "OPEN" | "PINFO" | "SHUT" | "DID" | "SIGN" | "REP" | "ACT", Form::Test) => {
                Reply::ok()
            }
            ("CFG", Form::Read) => self.sdk.config.clone().unwrap_or_default().read(),
            ("CFG", Form::Set(values)) => ModemConfig::parse(values).and_then(|config| {
                self.sdk.configure(config);
                self.reach_cloud(at);
                Reply::ok()
            }),
            ("OPEN", Form::Execute) => self.open(),
            ("PINFO", Form::Set(values)) => self.product_info(values),
            ("SHUT", Form::Execute) => self.shut(),
            ("DID", Form::Execute) => self.device_id(),
            ("SIGN", Form::Set(values)) => self.sign(at, values),
            ("REP", Form::Read) => self.read_queue(),
            ("REP", Form::Set(values)) => self.report(at, values),
            ("ACT", Form::Set(values)) => self.count_usage(values),
            ("CFG" | "OPEN" | "PINFO" | "SHUT" | "DID" | "SIGN" | "REP" | "ACT", _) => {
                Err(Failure::NOT_SUPPORTED)
            }
            _ => return None,
        })
    }

    /// 3.2: once per boot. After a failure each further try fails; after SHUT, and without a
    /// configuration, the command is refused (not specified; chosen so that a driver
    /// meets both kinds of failure).
    fn open(&mut self) -> Outcome {
        let code = match self.sdk.life {
            Life::Closed if self.sdk.config.is_some() => {
                let registered = self.network.packet().is_registered();
                let code = if registered { SUCCESS } else { FAILURE };
                let code = self.sdk.forced("+ALIPAYOPEN").unwrap_or(code);
                self.sdk.life = Life::Opening;
                return Reply::then(self.settings.latencies.open, Event::Opened(code));
            }
            Life::Open => 1,
            Life::Failed => FAILURE,
            Life::Closed | Life::Opening | Life::Shut => return Err(Failure::NOT_ALLOWED),
        };
        let result = Event::Urc(format!("+ALIPAYOPEN: {code}"));
        Reply::then(self.settings.latencies.command, result)
    }

    /// 3.3: the ways of verifying a person are a mask of seven bits.
    fn product_info(&mut self, values: &[&str]) -> Outcome {
        let &[human_verify] = values else {
            return Err(Failure::INVALID_PARAMETER);
        };
        let code = match human_verify.parse() {
            _ if !self.is_open() => NOT_INITIALISED,
            Ok(flags @ 1..=127) => {
                let code = self.sdk.forced("+ALIPAYPINFO").unwrap_or(SUCCESS);
                if code == SUCCESS {
                    self.sdk.human_verify = Some(flags);
                }
                code
            }
            _ => PARAMETER_ERROR,
        };
        self.acknowledge("+ALIPAYPINFO", code, self.settings.latencies.product_info)
    }

    /// 3.4: what the queue holds is written to the NVM before the SDK closes.
    fn shut(&mut self) -> Outcome {
        if self.sdk.life != Life::Open {
            return Err(Failure::NOT_ALLOWED);
        }
        self.sdk.life = Life::Shut;
        for report in &mut self.sdk.queue {
            report.in_ram = false;
        }
        let takes = self.settings.latencies.shut;
        match self.settings.dialect {
            Dialect::Quectel => Reply::instead_of_ok("+ALIPAYSHUT OK", takes, None),
            Dialect::Luat => Ok(Reply { takes, ..Reply::default() }),
        }
    }

    /// 3.5: the bizTid is empty until the cloud has given one.
    fn device_id(&mut self) -> Outcome {
        let failed = if self.is_open() { self.sdk.forced("+ALIPAYDID") } else { Some(FAILURE) };
        let line = match failed.filter(|code| *code != SUCCESS) {
            Some(code) => format!("+ALIPAYDID: {code}"),
            None => format!("+ALIPAYDID: 0,\"{}\"", self.biz_tid().unwrap_or_default()),
        };
        self.answer(line, self.settings.latencies.device_id)
    }

    /// 3.6: a signature needs a bizTid.
    fn sign(&mut self, at: Instant, values: &[&str]) -> Outcome {
        let (&[mode, data], amount) = match values {
            [mode, data] => (&[*mode, *data], ""),
            [mode, data, amount] => (&[*mode, *data], *amount),
            _ => return Err(Failure::INVALID_PARAMETER),
        };
        let code = match self.sdk.biz_tid {
            Some(_) if self.is_open() => match sign::is_valid(mode, data, amount) {
                true => self.sdk.forced("+ALIPAYSIGN").unwrap_or(SUCCESS),
                false => PARAMETER_ERROR,
            },
            _ => FAILURE,
        };
        let line = if code == SUCCESS {
            let payload = sign::Payload {
                mode,
                data,
                amount,
                time: self.unix_time(at),
                biz_tid: self.biz_tid().unwrap_or_default(),
            }
            .json();
            format!("+ALIPAYSIGN: 0,{},\"{payload}\"", payload.len())
        } else {
            format!("+ALIPAYSIGN: {code}")
        };
        self.answer(line, self.settings.latencies.sign)
    }

    /// 3.8: counts since the last report.
    fn count_usage(&mut self, values: &[&str]) -> Outcome {
        let &[broadcasts, scans] = values else {
            return Err(Failure::INVALID_PARAMETER);
        };
        let counts = broadcasts.parse::<u32>().ok().zip(scans.parse::<u32>().ok());
        let code = match counts {
            _ if !self.is_open() => NOT_INITIALISED,
            None => PARAMETER_ERROR,
            Some((broadcasts, scans)) => {
                let code = self.sdk.forced("+ALIPAYACT").unwrap_or(SUCCESS);
                if code == SUCCESS {
                    self.sdk.broadcasts += u64::from(broadcasts);
                    self.sdk.scans += u64::from(scans);
                }
                code
            }
        };
        self.acknowledge("+ALIPAYACT", code, self.settings.latencies.usage)
    }

    /// A result that carries a value: after OK, or before it on Luat.
    fn answer(&self, line: String, takes: Duration) -> Outcome {
        match self.settings.dialect {
            Dialect::Quectel => Reply::then(takes, Event::Urc(line)),
            Dialect::Luat => Ok(Reply { text: vec![line], takes, ..Reply::default() }),
        }
    }

    /// A result that is only a code. On Luat OK alone is success; how a failure looks there is not
    /// specified: a result line before OK, which decides.
    pub(super) fn acknowledge(&self, prefix: &str, code: i32, takes: Duration) -> Outcome {
        match self.settings.dialect {
            Dialect::Luat if code == SUCCESS => Ok(Reply { takes, ..Reply::default() }),
            _ => self.answer(format!("{prefix}: {code}"), takes),
        }
    }

    /// How the signature that AT+ALIPAYSIGN gives for a request begins, half of it; `amount` is empty
    /// when there is none.
    ///
    /// It depends on nothing but the request, so that a test can tell whose answer it holds. The other
    /// half depends on the time as well: each signature is another one, as the time is signed (3.6).
    pub fn expected_signature(mode: u8, data: &str, amount: &str) -> String {
        sign::begins(&mode.to_string(), data, amount)
    }

    /// The whole signature that is made at this time by the module's clock, in Unix seconds.
    pub fn signature_at(mode: u8, data: &str, amount: &str, time: u64) -> String {
        sign::signature(&mode.to_string(), data, amount, time)
    }
}
