//! Lines that hold secrets, and what may be seen of them in a transcript.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use m26_pay::transcript::{Transcript, TranscriptStep};

const KEY: &str = "KeyOfTheProduct7Kq";
const CODE: &str = "281234567890123456";
const SIGNED: &str = "c2lnbmF0dXJlOiBzZWNyZXQ";
const BUSINESS: &str = "2019012922001450181015731428";
const PASSWORD: &str = "hunterTwo2";
const SECRETS: [&str; 5] = [KEY, CODE, SIGNED, BUSINESS, PASSWORD];

/// Lines that hold secrets, as they pass.
pub fn secret_lines() -> Vec<String> {
    let mut lines = vec![
        format!("AT+ALIPAYCFG=\"2018\",\"2018\",\"2018\",\"{KEY}\",4,\"123\"\r"),
        format!("at+alipaycfg=\"2018\",\"2018\",\"2018\",\"{KEY}\",4,\"123\"\r"),
        format!("AT+ALIPAYSIGN=1,\"{CODE}\",\"10.25\"\r"),
        format!("AT+ALIPAYSIGN=4,\"{CODE}\"\r"),
        format!("AT+ALIPAYREP=\"{BUSINESS}\",\"{CODE}\",1025,2,0,1548811777\r"),
        format!("AT+ALIPAYREP=,\"{CODE}\",1025,,6,1548811777\r"),
        format!("AT+QICSGP=1,\"CMNET\",\"{PASSWORD}\",\"{PASSWORD}\"\r"),
        format!("AT+CREG?;+ALIPAYSIGN=1,\"{CODE}\";+CSQ\r"),
        format!("AT+CPIN=\"{PASSWORD}\"\r"),
        format!("+ALIPAYSIGN: 0,23,\"{SIGNED}\"\r\n"),
        format!("+ALIPAYSIGN: 0,60,\"{{\"signature\":\"{SIGNED}\",\"authCode\":\"{CODE}\"}}\"\r\n"),
        format!("\"product_key\": \"{KEY}\"\r\n"),
        format!("+ALIPAYCFG: \"{KEY}\"\r\n"),
        format!("+CUSD: 0,\"{PASSWORD}\"\r\n"),
        format!("+CME ERROR: {PASSWORD}\r\n"),
        format!("CONNECT {CODE}\r\n"),
        format!("{SIGNED}\r\n"),
    ];
    let bare: Vec<String> = lines.iter().map(|line| line.replace('"', "")).collect();
    lines.extend(bare);
    lines
}

/// Lines without a secret, in front of which the end of a line may be lost.
pub const HARMLESS: &[&str] = &[
    "OK",
    "+CSQ: 11,0",
    "+CREG: 1",
    "+CFUN: 1",
    "RDY",
    "Quectel_M26",
    "\"env\": 4",
    "\"item_id\": \"2018\"",
    "+CME ERROR: 3",
    "+ALIPAYREP: 0",
    "+ALIPAYSHUT OK",
    "AT",
    "AT+CSQ",
    "+CPIN: READY",
];

/// The part of a secret that shows. No more of one is shown than its beginning may tell by chance.
pub fn shown(masked: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(masked).into_owned();
    let parts = |secret: &'static str| (0..secret.len() - 8).map(move |at| &secret[at..at + 9]);
    SECRETS.into_iter().flat_map(parts).find(|part| text.contains(part))
}

/// All bytes of one direction, in order.
pub fn passed(transcript: &Transcript, to_module: bool) -> Vec<u8> {
    let steps = transcript.steps.iter();
    let bytes = steps.filter_map(|step| match step {
        TranscriptStep::ToModule(bytes) if to_module => Some(bytes.clone()),
        TranscriptStep::FromModule(bytes) if !to_module => Some(bytes.clone()),
        _ => None,
    });
    bytes.collect::<Vec<_>>().concat()
}

/// A file that a recorder writes to and a test reads.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
