//! The certificate mode's numbers, as the gateway knows them.

use std::fmt::Write as _;

use data_encoding::{BASE64, HEXLOWER};
use der::asn1::AnyRef;
use der::{Decode as _, Reader as _, SliceReader, Tag, Tagged as _};
use md5::{Digest as _, Md5};

/// The numbers of the three certificates of a merchant in certificate mode (facts 1.3: MD5 of the
/// issuer and the serial number; of the roots those that are signed with RSA).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateNumbers {
    app: String,
    alipay: String,
    root: String,
}

impl CertificateNumbers {
    /// Reads the three files, in PEM or DER. Nothing but their numbers is looked at.
    ///
    /// # Errors
    ///
    /// If one is no certificate, or no root is signed with RSA.
    pub fn read(app: &[u8], alipay: &[u8], root: &[u8]) -> Result<Self, NotCertificates> {
        let first = |file, what| {
            let all = read(file).ok_or(NotCertificates(what))?;
            all.first().map(|first| first.number.clone()).ok_or(NotCertificates(what))
        };
        let roots = read(root).ok_or(NotCertificates("the root file"))?;
        let roots: Vec<_> =
            roots.into_iter().filter(|root| root.rsa).map(|root| root.number).collect();
        if roots.is_empty() {
            return Err(NotCertificates("the root file"));
        }
        Ok(Self {
            app: first(app, "the app's file")?,
            alipay: first(alipay, "Alipay's file")?,
            root: roots.join("_"),
        })
    }

    pub(super) fn app(&self) -> &str {
        &self.app
    }

    pub(super) fn alipay(&self) -> &str {
        &self.alipay
    }

    pub(super) fn root(&self) -> &str {
        &self.root
    }
}

/// A file holds no certificates that a merchant can have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0} holds no certificates, or a root file none that is signed with RSA")]
pub struct NotCertificates(&'static str);

struct Numbered {
    number: String,
    rsa: bool,
}

fn read(file: &[u8]) -> Option<Vec<Numbered>> {
    let text = std::str::from_utf8(file).unwrap_or_default();
    if !text.contains(BEGIN) {
        return Some(vec![numbered(file)?]);
    }
    let certificate = |block: &str| {
        let body = block.split("-----END").next()?;
        let base64: String = body.split_whitespace().collect();
        numbered(&BASE64.decode(base64.as_bytes()).ok()?)
    };
    text.split(BEGIN).skip(1).map(certificate).collect()
}

/// ```text
/// SEQUENCE { SEQUENCE { [0] version?, serial, algorithm, issuer, … }, algorithm, signature }
/// ```
fn numbered(der: &[u8]) -> Option<Numbered> {
    let outer = members(AnyRef::from_der(der).ok()?)?;
    let mut inner = members(*outer.first()?)?.into_iter().peekable();
    inner.next_if(|member| member.tag() != Tag::Integer);
    let serial = inner.next().filter(|member| member.tag() == Tag::Integer)?;
    let algorithm = members(*outer.get(1)?)?;
    let issuer = members(inner.nth(1)?)?;
    let mut text = String::new();
    for part in issuer.iter().rev() {
        let pair = members(*members(*part)?.first()?)?;
        let name = match pair.first()?.value() {
            [0x55, 4, 3] => "CN",
            [0x55, 4, 6] => "C",
            [0x55, 4, 7] => "L",
            [0x55, 4, 8] => "ST",
            [0x55, 4, 10] => "O",
            [0x55, 4, 11] => "OU",
            _ => return None,
        };
        let comma = if text.is_empty() { "" } else { "," };
        let value = std::str::from_utf8(pair.get(1)?.value()).ok()?;
        // A `String` takes all that is written to it.
        let _ = write!(text, "{comma}{name}={value}");
    }
    text.push_str(&decimal(serial.value().to_vec()));
    Some(Numbered {
        number: HEXLOWER.encode(&Md5::digest(&text)),
        rsa: algorithm.first()?.value().starts_with(&PKCS_1),
    })
}

fn members(sequence: AnyRef<'_>) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(sequence.value()).ok()?;
    let mut members = Vec::new();
    while !reader.is_finished() {
        members.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(members)
}

/// Divides by ten until nothing is left.
fn decimal(mut number: Vec<u8>) -> String {
    let mut digits = Vec::new();
    while number.iter().any(|byte| *byte != 0) || digits.is_empty() {
        let mut rest = 0;
        for byte in &mut number {
            let value = rest * 256 + u16::from(*byte);
            *byte = (value / 10) as u8;
            rest = value % 10;
        }
        digits.push(char::from(b'0' + rest as u8));
    }
    digits.iter().rev().collect()
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// 1.2.840.113549.1.1
const PKCS_1: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
