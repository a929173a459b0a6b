//! What a program asks of the module. Nothing is asked twice, but for a report whose fate is not
//! known.

use m26_pay::alipay::{
    BusinessNo, Config, DeviceId, Environment, Open, ReadConfig, ReadQueue, Report, ReportUsage,
    SetConfig, Sign, SignData, SignMode, TradeResult,
};
use m26_pay::amount::Amount;
use m26_pay::at::command::{Command, DecodeError, InvalidCommand, KnownDevice, Reply, Request};
use m26_pay::at::profile::Profile;
use m26_pay::m26::{At, ReadImei, ReadSignal};
use m26_pay::sim::modem::Modem;

/// A command. Its number is used once in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    At,
    Usage(u32),
    DeviceId,
    Imei,
    Open,
    Queue,
    ReadConfig,
    Report(u64),
    SetConfig(u64),
    Sign(u64),
    Signal,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Done,
    Text(String),
}

impl Ask {
    /// A next one; `unsure` are reports whose fate is not known.
    pub fn next(rng: &mut fastrand::Rng, number: u64, unsure: &[u64]) -> Self {
        // So that digits that are lost or changed make no other number that is used.
        let number = number * 1_000_000 + rng.u64(..1_000_000);
        match rng.u32(..24) {
            0 => Self::At,
            1 => Self::Usage(u32::try_from(number % 1_000_000).unwrap_or_default() + 1),
            2 => Self::DeviceId,
            3 => Self::Imei,
            4 => Self::Open,
            5 => Self::Queue,
            6 => Self::ReadConfig,
            7 => Self::SetConfig(number),
            8 => Self::Signal,
            9..=15 => match unsure.last() {
                Some(again) if rng.bool() => Self::Report(*again),
                _ => Self::Report(number),
            },
            _ => Self::Sign(number),
        }
    }

    /// The amount of a number, which no other number of a run has.
    fn fen(number: u64) -> u64 {
        number % 100_000_000 + 1
    }

    fn report(number: u64) -> Report {
        let amount = Amount::from_fen(Self::fen(number)).unwrap();
        Report::of(amount, TradeResult::Success, TIME)
            .business_no(BusinessNo::new(number.to_string()).unwrap())
            .time_consuming(2)
            .build()
            .unwrap()
    }

    pub fn sign(number: u64) -> Sign {
        Sign::new(SignMode::Withholding, SignData::new(number.to_string()).unwrap())
            .amount(Amount::from_fen(Self::fen(number)).unwrap())
    }

    fn config(number: u64) -> SetConfig {
        SetConfig(Config {
            device_supplier_no: "2018040500703640".parse().unwrap(),
            merchant_user_id: "2018040500703640".parse().unwrap(),
            item_id: number.to_string().parse().unwrap(),
            product_key: "ALIPAY_BOX".parse().unwrap(),
            env: Environment::TEST,
            terminal_id: "1234567890abcdef".parse().unwrap(),
        })
    }

    /// The record that a module holds of this report.
    pub fn record(number: u64) -> (String, u64, u64) {
        (number.to_string(), Self::fen(number), TIME as u64)
    }

    /// How the signatures of this number's request begin.
    pub fn signature_begins(number: u64) -> String {
        let yuan = Amount::from_fen(Self::fen(number)).unwrap().to_string();
        Modem::expected_signature(SignMode::Withholding as u8, &number.to_string(), &yuan)
    }

    /// What this adds to the usage.
    pub fn counts(number: u32) -> (u64, u64) {
        (number.into(), u64::from(number) + 1)
    }

    /// The line that the module hears.
    pub fn line(&self, profile: &Profile) -> Vec<u8> {
        let request = self.request(profile).unwrap();
        request.line().strip_suffix(b"\r").unwrap().to_vec()
    }
}

impl Command for Ask {
    type Response = Told;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        match self {
            Self::At => At.request(profile),
            Self::Usage(number) => usage(*number).request(profile),
            Self::DeviceId => DeviceId.request(profile),
            Self::Imei => ReadImei.request(profile),
            Self::Open => Open.request(profile),
            Self::Queue => ReadQueue.request(profile),
            Self::ReadConfig => ReadConfig.request(profile),
            Self::Report(number) => Self::report(*number).request(profile),
            Self::SetConfig(number) => Self::config(*number).request(profile),
            Self::Sign(number) => Self::sign(*number).request(profile),
            Self::Signal => ReadSignal.request(profile),
        }
    }

    fn decode(&self, reply: &Reply) -> Result<Told, DecodeError> {
        self.decode_from(reply, KnownDevice::default())
    }

    fn decode_from(&self, reply: &Reply, device: KnownDevice<'_>) -> Result<Told, DecodeError> {
        Ok(match self {
            Self::At => At.decode(reply).map(|()| Told::Done)?,
            Self::Usage(number) => usage(*number).decode(reply).map(|_| Told::Done)?,
            Self::DeviceId => match DeviceId.decode_from(reply, device)? {
                Some(biz_tid) => Told::Text(biz_tid.as_str().to_owned()),
                None => Told::Done,
            },
            Self::Imei => Told::Text(ReadImei.decode(reply)?.as_str().to_owned()),
            Self::Open => Open.decode(reply).map(|_| Told::Done)?,
            Self::Queue => Told::Text(ReadQueue.decode(reply)?.max_record.to_string()),
            Self::ReadConfig => Told::Text(ReadConfig.decode(reply)?.item_id.unwrap_or_default()),
            Self::Report(number) => {
                Self::report(*number).decode_from(reply, device).map(|_| Told::Done)?
            }
            Self::SetConfig(number) => Self::config(*number).decode(reply).map(|()| Told::Done)?,
            Self::Sign(number) => {
                Told::Text(Self::sign(*number).decode_from(reply, device)?.expose().to_owned())
            }
            Self::Signal => ReadSignal.decode(reply).map(|_| Told::Done)?,
        })
    }
}

fn usage(number: u32) -> ReportUsage {
    ReportUsage { broadcasts: number, scans: number + 1 }
}

/// When all trades of the model take place.
const TIME: i64 = 1_548_811_777;
