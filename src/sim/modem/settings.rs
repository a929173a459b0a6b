//! The state of a simulated module when it starts.

use std::time::Duration;

use super::config::ModemConfig;
use crate::sim::{CardState, NetworkState};

/// The state of a simulated module when it starts.
///
/// The defaults are a module in the middle of its day: powered, registered, at a fixed rate, with
/// the factory's parameters (echo on, CMEE 1) and no Alipay configuration. Every number and name in
/// them is sample data.
#[derive(Clone, Debug)]
pub struct ModemSettings {
    /// Whether the module is in autobauding (AT+IPR=0). Until the host's first `AT` it then says
    /// nothing at all (M26 AT manual V1.1, 3.6.1), and it is so again after each reset.
    pub autobaud: bool,
    /// The bizTid that the cloud gives. The spec's sample.
    pub biz_tid: String,
    /// How long after OPEN, with the network there, the cloud takes to give the bizTid; until then
    /// AT+ALIPAYDID answers `0,""`. Zero by default: in the spec's example it is there at once.
    pub biz_tid_after: Duration,
    /// How the boot goes.
    pub boot: Boot,
    /// The module's clock at the start, in Unix seconds: AT+CCLK? and the `time` of a signature.
    /// The default is the time in the spec's sample signature.
    pub clock: u64,
    /// AT+CMEE after a reset. The M26's default is 1 (M26 AT manual V1.1, tables 3 to 6).
    pub cmee: u8,
    /// The Alipay configuration that is in the NVM already.
    pub config: Option<ModemConfig>,
    /// Which firmware's dialect the ALIPAY commands have.
    pub dialect: Dialect,
    /// How often the SDK delivers one queued report while the network is there.
    pub drain_every: Duration,
    /// Whether the module echoes after a reset (ATE1, the default of V.250).
    pub echo: bool,
    /// The SIM card's number. The M26 AT manual's sample, hex letter included.
    pub iccid: String,
    /// The module's number: a made-up one with a right check digit.
    pub imei: String,
    /// The subscriber's number, from the test network 001-01.
    pub imsi: String,
    /// How long the commands take.
    pub latencies: Latencies,
    /// The longest command line, `AT` and CR counted: a longer one runs nothing and answers ERROR
    /// (M66 AT manual V1.0, 1.2.1).
    pub line_limit: usize,
    /// Which verb synchronises the clock.
    pub ntp: NtpSpelling,
    /// The PIN that AT+CPIN= takes.
    pub pin: String,
    /// How many reports the queue holds. 12, 20 and 30 have been seen.
    pub queue_size: usize,
    /// Whether the first `AT` in autobauding lets out a RDY that is no new reset.
    pub rdy_on_first_at: bool,
    /// How long the module searches for a network after a boot.
    pub register_after: Duration,
    /// How it is registered once it is.
    pub registration: NetworkState,
    /// The signal strength as AT+CSQ tells it: 0 to 31, or 99.
    pub rssi: u8,
    /// The SIM card's state.
    pub sim: CardState,
    /// Whether the module is running, booting or off at the start.
    pub start: Start,
}

impl ModemSettings {
    /// A module with the dialect of the Luat firmware: see [`Dialect::Luat`].
    pub fn luat() -> Self {
        Self { dialect: Dialect::Luat, ntp: NtpSpelling::Documented, ..Self::default() }
    }
}

impl Default for ModemSettings {
    fn default() -> Self {
        Self {
            autobaud: false,
            biz_tid: "010100F00A1XBEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw".into(),
            biz_tid_after: Duration::ZERO,
            boot: Boot::default(),
            clock: 1_546_890_790,
            cmee: 1,
            config: None,
            dialect: Dialect::Quectel,
            drain_every: Duration::from_secs(2),
            echo: true,
            iccid: "898600220909A0206023".into(),
            imei: "123456789012347".into(),
            imsi: "001010123456789".into(),
            latencies: Latencies::default(),
            line_limit: 256,
            ntp: NtpSpelling::Example,
            pin: "1234".into(),
            queue_size: 12,
            rdy_on_first_at: false,
            register_after: Duration::from_secs(3),
            registration: NetworkState::Home,
            rssi: 11,
            sim: CardState::Ready,
            start: Start::Running,
        }
    }
}

/// How long the commands take: not specified for the ALIPAY verbs, chosen to be short but not
/// instant. Any other command answers within 300 ms (M26 AT manual V1.1).
#[derive(Clone, Debug)]
pub struct Latencies {
    /// From AT+ALIPAYACT's OK to its result.
    pub usage: Duration,
    /// From any command to its answer.
    pub command: Duration,
    /// From AT+ALIPAYDID's OK to its result.
    pub device_id: Duration,
    /// From AT+QNTTP's OK to its result.
    pub ntp: Duration,
    /// From AT+ALIPAYOPEN's OK to its result.
    pub open: Duration,
    /// From AT+ALIPAYPINFO's OK to its result.
    pub product_info: Duration,
    /// From AT+ALIPAYREP's OK to its result.
    pub report: Duration,
    /// From AT+ALIPAYSHUT to its answer.
    pub shut: Duration,
    /// From AT+ALIPAYSIGN's OK to its result.
    pub sign: Duration,
}

impl Default for Latencies {
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self {
            usage: ms(120),
            command: ms(10),
            device_id: ms(60),
            ntp: ms(600),
            open: ms(900),
            product_info: ms(250),
            report: ms(120),
            shut: ms(400),
            sign: ms(350),
        }
    }
}

/// When the boot's lines come, counted from power-on.
#[derive(Clone, Debug)]
pub struct Boot {
    /// `RDY`: the module listens from here on.
    pub rdy: Duration,
    /// `+CFUN: 1`.
    pub cfun: Duration,
    /// `+CPIN: READY`, or what the SIM card says instead.
    pub cpin: Duration,
    /// `Call Ready`.
    pub call_ready: Duration,
}

impl Default for Boot {
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self { rdy: ms(1_000), cfun: ms(1_200), cpin: ms(1_500), call_ready: ms(3_500) }
    }
}

/// Which firmware's dialect the ALIPAY commands have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Dialect {
    /// The Quectel M26 Alipay SDK guide V1.0: OK first, then a result line; `+ALIPAYSHUT OK`
    /// without an OK of its own.
    Quectel,
    /// The commands as openLuat's Air202 has them: the results of DID and SIGN come before OK,
    /// OK alone is the success of PINFO, REP and ACT, and SHUT answers a plain OK.
    Luat,
}

/// Which verb synchronises the clock over the network.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum NtpSpelling {
    /// AT+QNTTP, as in the spec's example and in no public manual.
    Example,
    /// AT+QNTP, as the manuals have it.
    Documented,
}

/// What the module is doing when the simulation starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Start {
    /// It was switched on just now.
    Booting,
    /// Off, until it is ordered on.
    Off,
    /// It runs, and is registered if its settings let it be.
    Running,
}
