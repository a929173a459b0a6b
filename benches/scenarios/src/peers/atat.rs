//! atat: its digester alone, and its ingress, which hands typed URCs to a channel. Its work grows
//! with the URCs that it knows, so it is asked twice: with those that this crate knows, and with the
//! three that the stream holds.

use atat::atat_derive::{AtatResp, AtatUrc};
use atat::digest::Parser as UrcParser;
use atat::heapless::String;
use atat::serde_at::de::length_delimited::LengthDelimited;
use atat::{
    AtDigester, AtatIngress, AtatUrc, DigestResult, Digester, Ingress, ResponseSlot, UrcChannel,
    UrcSubscription,
};

use crate::{Parser, Seen};

/// The digester, fed from a buffer as the ingress feeds it.
pub struct Classifying<U: UrcParser> {
    digester: AtDigester<U>,
    buffer: Vec<u8>,
}

impl<U: UrcParser> Classifying<U> {
    pub fn new() -> Self {
        Self { digester: AtDigester::new(), buffer: Vec::new() }
    }
}

impl<U: UrcParser> Parser for Classifying<U> {
    fn read(&mut self, bytes: &[u8], seen: &mut Seen) {
        self.buffer.extend_from_slice(bytes);
        while !self.buffer.is_empty() {
            let (found, swallowed) = self.digester.digest(&self.buffer);
            match found {
                DigestResult::Urc(_) => seen.prefixed += 1,
                DigestResult::Response(lines) => {
                    seen.finals += 1;
                    seen.prefixed += usize::from(lines.is_ok_and(|lines| !lines.is_empty()));
                }
                DigestResult::Prompt(_) | DigestResult::None => {}
            }
            if swallowed == 0 {
                break;
            }
            self.buffer.drain(..swallowed);
        }
    }
}

/// The ingress, and somebody who listens to its channel.
pub struct Typing<U: Typed> {
    ingress: Ingress<'static, AtDigester<U>, U, BUFFER, URCS, 1>,
    responses: &'static ResponseSlot<BUFFER>,
    urcs: UrcSubscription<'static, U, URCS, 1>,
}

/// URCs that can be looked into.
pub trait Typed: AtatUrc + UrcParser + Clone + 'static {
    fn see(&self, seen: &mut Seen);
}

impl<U: Typed> Typing<U> {
    pub fn new() -> Self {
        let responses = Box::leak(Box::new(ResponseSlot::new()));
        let channel = Box::leak(Box::new(UrcChannel::new()));
        let buffer = Box::leak(Box::new([0; BUFFER]));
        let urcs = channel.subscribe().expect("nobody has subscribed yet");
        let ingress = Ingress::new(AtDigester::new(), buffer, responses, channel);
        Self { ingress, responses, urcs }
    }
}

impl<U: Typed> Parser for Typing<U> {
    fn read(&mut self, bytes: &[u8], seen: &mut Seen) {
        let taken = self.ingress.try_write(bytes);
        assert_eq!(taken, Ok(bytes.len()));
        // A response that nobody takes keeps the next one out.
        if self.responses.try_get().is_some() {
            self.responses.reset();
        }
        while let Some(urc) = self.urcs.try_next_message_pure() {
            urc.see(seen);
        }
    }
}

/// The value of a line.
pub fn decode(line: &[u8], seen: &mut Seen) {
    if let Some(urc) = <Urc as AtatUrc>::parse(line) {
        urc.see(seen);
    }
}

impl Typed for Urc {
    fn see(&self, seen: &mut Seen) {
        match self {
            Self::Sign(sign) => sign.see(seen),
            Self::DeviceId(id) => id.see(seen),
            Self::Report(report) => report.see(seen),
            _ => {}
        }
    }
}

impl Typed for Few {
    fn see(&self, seen: &mut Seen) {
        match self {
            Self::Sign(sign) => sign.see(seen),
            Self::DeviceId(id) => id.see(seen),
            Self::Report(report) => report.see(seen),
        }
    }
}

/// Those of the stream.
#[derive(AtatUrc, Clone)]
#[allow(clippy::large_enum_variant, reason = "atat needs no heap, and hands out copies")]
pub enum Few {
    #[at_urc(b"+ALIPAYDID")]
    DeviceId(DeviceId),
    #[at_urc(b"+ALIPAYREP")]
    Report(Status),
    #[at_urc(b"+ALIPAYSIGN")]
    Sign(Sign),
}

/// Those of this crate.
#[derive(AtatUrc, Clone)]
#[allow(dead_code, reason = "what is read out of a line need not be looked at")]
#[allow(clippy::large_enum_variant, reason = "atat needs no heap, and hands out copies")]
pub enum Urc {
    #[at_urc(b"+ALIPAYACT")]
    Usage(Status),
    #[at_urc(b"+ALIPAYDID")]
    DeviceId(DeviceId),
    #[at_urc(b"+ALIPAYOPEN")]
    Open(Status),
    #[at_urc(b"+ALIPAYPINFO")]
    ProductInfo(Status),
    #[at_urc(b"+ALIPAYREP")]
    Report(Status),
    #[at_urc(b"+ALIPAYSHUT OK")]
    Shut,
    #[at_urc(b"+ALIPAYSIGN")]
    Sign(Sign),
    #[at_urc(b"+CFUN")]
    Functionality(Status),
    #[at_urc(b"+CGREG")]
    GprsRegistration(Registration),
    #[at_urc(b"+CPIN")]
    Sim(Sim),
    #[at_urc(b"+CREG")]
    GsmRegistration(Registration),
    #[at_urc(b"+PDP DEACT")]
    PdpDeactivated,
    #[at_urc(b"+QNTP")]
    Qntp(Status),
    #[at_urc(b"+QNTTP")]
    Qnttp(Status),
    #[at_urc(b"Call Ready")]
    CallReady,
    #[at_urc(b"NORMAL POWER DOWN")]
    NormalPowerDown,
    #[at_urc(b"OVER_VOLTAGE POWER DOWN")]
    OverVoltagePowerDown,
    #[at_urc(b"OVER_VOLTAGE WARNING")]
    OverVoltageWarning,
    #[at_urc(b"RDY")]
    Ready,
    #[at_urc(b"SMS Ready")]
    SmsReady,
    #[at_urc(b"UNDER_VOLTAGE POWER DOWN")]
    UnderVoltagePowerDown,
    #[at_urc(b"UNDER_VOLTAGE WARNING")]
    UnderVoltageWarning,
}

#[derive(AtatResp, Clone)]
pub struct Status {
    status: i32,
}

#[derive(AtatResp, Clone)]
pub struct DeviceId {
    status: i32,
    biz_tid: String<64>,
}

#[derive(AtatResp, Clone)]
pub struct Sign {
    status: i32,
    data: LengthDelimited<512>,
}

#[derive(AtatResp, Clone)]
#[allow(dead_code, reason = "what is read out of a line need not be looked at")]
pub struct Registration {
    status: i32,
    lac: Option<String<4>>,
    ci: Option<String<4>>,
}

#[derive(AtatResp, Clone)]
#[allow(dead_code, reason = "what is read out of a line need not be looked at")]
pub struct Sim {
    code: String<16>,
}

impl Status {
    fn see(&self, seen: &mut Seen) {
        seen.reported += usize::from(self.status == 0);
    }
}

impl DeviceId {
    fn see(&self, seen: &mut Seen) {
        seen.biz_tid += if self.status == 0 { self.biz_tid.len() } else { 0 };
    }
}

impl Sign {
    fn see(&self, seen: &mut Seen) {
        seen.signed_data += if self.status == 0 { self.data.bytes.len() } else { 0 };
    }
}

/// Room for one line and what comes with it. All that is kept is as small as the stream allows:
/// atat hands out copies.
const BUFFER: usize = 1024;

const URCS: usize = 8;
