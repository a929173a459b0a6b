//! The payload of AT+ALIPAYSIGN: of the real form and length, with a made-up signature.

/// What goes into the payload (Quectel M26 Alipay SDK guide V1.0, 3.6 and section 4).
pub(super) struct Payload<'a> {
    pub(super) mode: &'a str,
    pub(super) data: &'a str,
    /// Empty if there is none.
    pub(super) amount: &'a str,
    pub(super) time: u64,
    pub(super) biz_tid: &'a str,
}

impl Payload<'_> {
    /// The text between the outer quotes, its keys in the order of the spec's example.
    pub(super) fn json(&self) -> String {
        let signature = signature(self.mode, self.data, self.amount, self.time);
        let total_amount = if self.amount.is_empty() { "" } else { "totalAmount," };
        format!(
            "{{\"terminalType\":\"IOT\",\"signature\":\"{signature}\",\
             \"apdidToken\":\"{APDID_TOKEN}\",\"hardToken\":\"\",\"time\":\"{}\",\
             \"bizCode\":\"{BIZ_CODE}\",\"bizTid\":\"{}\",\
             \"signedKeys\":\"authCode,{total_amount}apdidToken,hardToken,time,bizCode,bizTid\"}}",
            self.time, self.biz_tid,
        )
    }
}

/// Whether the arguments are within the spec's limits (3.6).
pub(super) fn is_valid(mode: &str, data: &str, amount: &str) -> bool {
    let mut parts = amount.splitn(2, '.');
    let decimal = amount.is_empty()
        || parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    matches!(mode, "1" | "2" | "3" | "4")
        && (1..=128).contains(&data.len())
        && amount.len() <= 32
        && decimal
}

/// As many Base64 characters as the sample's signature.
pub(super) fn signature(mode: &str, data: &str, amount: &str, time: u64) -> String {
    begins(mode, data, amount) + &half(&format!("{mode}\n{data}\n{amount}\n{time}"))
}

/// The half of a signature that depends on the request alone.
pub(super) fn begins(mode: &str, data: &str, amount: &str) -> String {
    half(&format!("{mode}\n{data}\n{amount}"))
}

/// Half a signature, spread from a hash of the text.
fn half(text: &str) -> String {
    let mut rng = fastrand::Rng::with_seed(fnv(text.as_bytes()));
    (0..SIGNATURE_LENGTH / 2).map(|_| char::from(BASE64[rng.usize(..BASE64.len())])).collect()
}

/// FNV-1a, 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SIGNATURE_LENGTH: usize = 48;
/// The two values below are those of the spec's sample.
const APDID_TOKEN: &str = "JHRcvCf0ayAybxFkVeomX1-bYI7qvMvYwrmbrybKLep2ke4naAEAAA==";
const BIZ_CODE: &str = "11000200040004000122";
