//! Certificates made in the test, byte by byte after RFC 5280, by nothing that the crate reads them
//! with.

use data_encoding::BASE64_MIME;
use support::keys::Pair;

/// A certificate that is being made.
#[derive(Clone)]
pub struct Maker<'a> {
    pub serial: Vec<u8>,
    pub issuer: Name,
    pub subject: Name,
    /// `YYMMDDhhmmssZ`.
    pub from: &'a str,
    pub until: &'a str,
    /// Whose key it is.
    pub key: &'a Pair,
    /// Who signs it.
    pub signer: &'a Pair,
    /// How it says that it is signed.
    pub algorithm: &'static [u8],
}

/// Parts of a name in the order of the certificate.
pub type Name = Vec<(Part, &'static str)>;

#[derive(Clone, Copy)]
pub enum Part {
    Country,
    Organization,
    Unit,
    Common,
}

/// A name as Alipay's are.
pub fn name(common: &'static str) -> Name {
    vec![
        (Part::Country, "CN"),
        (Part::Organization, "Test Financial"),
        (Part::Unit, "Certification Authority"),
        (Part::Common, common),
    ]
}

impl<'a> Maker<'a> {
    pub fn new(subject: Name, key: &'a Pair, issuer: Name, signer: &'a Pair) -> Self {
        let serial = vec![0x20, 0x19, 0x04, 0x22, 0x53, 0x69, 0x70];
        let (from, until) = ("200101000000Z", "491231235959Z");
        Self { serial, issuer, subject, from, until, key, signer, algorithm: SHA256_RSA }
    }

    pub fn der(&self) -> Vec<u8> {
        let algorithm = sequence(&[tlv(0x06, self.algorithm), tlv(0x05, b"")]);
        let validity =
            sequence(&[tlv(0x17, self.from.as_bytes()), tlv(0x17, self.until.as_bytes())]);
        let inner = sequence(&[
            tlv(0xa0, &tlv(0x02, &[2])),
            tlv(0x02, &self.serial),
            algorithm.clone(),
            name_der(&self.issuer),
            validity,
            name_der(&self.subject),
            self.key.public_spki(),
        ]);
        let signature = [&[0][..], &self.signer.sign(&inner)].concat();
        sequence(&[inner, algorithm, tlv(0x03, &signature)])
    }
}

/// PEM, as the developer centre hands it out: with an empty line between certificates.
pub fn pem(certificates: &[&[u8]]) -> Vec<u8> {
    let block = |der: &&[u8]| {
        let body = BASE64_MIME.encode(der).replace('\r', "");
        format!("-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")
    };
    certificates.iter().map(block).collect::<Vec<_>>().join("\n").into_bytes()
}

fn name_der(name: &Name) -> Vec<u8> {
    let part = |(part, text): &(Part, &'static str)| {
        let (last, tag) = match part {
            Part::Common => (3, 0x0c),
            Part::Country => (6, 0x13),
            Part::Organization => (10, 0x0c),
            Part::Unit => (11, 0x0c),
        };
        let pair = sequence(&[tlv(0x06, &[0x55, 0x04, last]), tlv(tag, text.as_bytes())]);
        tlv(0x31, &pair)
    };
    sequence(&name.iter().map(part).collect::<Vec<_>>())
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [head, content.to_vec()].concat()
}

/// 1.2.840.113549.1.1.11
pub const SHA256_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];

/// 1.2.156.10197.1.501, SM2 with SM3.
pub const SM2: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75];

/// 1.2.840.113549.1.1.5
pub const SHA1_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05];
