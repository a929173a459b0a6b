//! RSA keys from files: the gateway's private key, and its clients' public keys.

use std::fmt;

use data_encoding::BASE64;
use der::asn1::AnyRef;
use der::{Decode as _, Reader as _, SliceReader, Tag, Tagged as _};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};

/// A private key, with which a gateway signs.
pub struct SigningKey(KeyPair);

/// A public key, with which a gateway verifies what its clients sign.
#[derive(Clone, Eq, PartialEq)]
pub struct VerifyingKey {
    /// The form of PKCS#1, which is the one that ring verifies with.
    pkcs1: Vec<u8>,
}

impl SigningKey {
    /// Reads PKCS#1 or PKCS#8, in PEM, in base64 without armour, or in DER.
    ///
    /// # Errors
    ///
    /// What was found where it is no RSA private key of 2048 to 4096 bits.
    pub fn read(file: &[u8]) -> Result<Self, KeyFileError> {
        let der = unwrap(file)?;
        let pair = match kind(&der) {
            Some(Kind::Pkcs1Private) => KeyPair::from_der(&der),
            Some(Kind::Pkcs8) => KeyPair::from_pkcs8(&der),
            found => return Err(KeyFileError::wrong(found)),
        };
        pair.map(Self).map_err(|_| KeyFileError::Unusable)
    }

    /// The other half.
    pub fn public(&self) -> VerifyingKey {
        VerifyingKey { pkcs1: self.0.public().as_ref().to_vec() }
    }

    /// RSA2, in base64: SHA-256 with RSA after PKCS#1 v1.5. Nothing, if the system has no random
    /// numbers for the blinding.
    pub(super) fn sign(&self, text: &[u8]) -> String {
        let mut signature = vec![0; self.0.public().modulus_len()];
        let signed = self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature);
        signed.map_or_else(|_| String::new(), |()| BASE64.encode(&signature))
    }
}

impl VerifyingKey {
    /// Reads SPKI or PKCS#1, in PEM, in base64 without armour, or in DER.
    ///
    /// # Errors
    ///
    /// What was found where it is no RSA public key.
    pub fn read(file: &[u8]) -> Result<Self, KeyFileError> {
        let der = unwrap(file)?;
        match kind(&der) {
            Some(Kind::Pkcs1Public) => Ok(Self { pkcs1: der }),
            Some(Kind::Spki) => {
                inner(&der).map(|pkcs1| Self { pkcs1 }).ok_or(KeyFileError::Unusable)
            }
            found => Err(KeyFileError::wrong(found)),
        }
    }

    /// Whether this is the RSA2 signature of the text.
    pub(super) fn verifies(&self, text: &[u8], signature: &str) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.pkcs1);
        BASE64.decode(signature.as_bytes()).is_ok_and(|sign| key.verify(text, &sign).is_ok())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} bits redacted)", self.0.public().modulus_len() * 8)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({} bytes)", self.pkcs1.len())
    }
}

/// A file that does not hold the key that belongs there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// It is a certificate.
    #[error("it is a certificate")]
    Certificate,
    /// It is a key of another kind, such as one on an elliptic curve.
    #[error("it is a key, but not of RSA")]
    NotRsa,
    /// It is a private key.
    #[error("it is a private key")]
    Private,
    /// It is a public key.
    #[error("it is a public key")]
    Public,
    /// It is no key at all.
    #[error("it is no key: neither PEM nor DER, nor base64 of DER")]
    Unknown,
    /// It is an RSA key that does not work.
    #[error("it is an RSA key that is damaged or not of 2048 to 4096 bits")]
    Unusable,
}

impl KeyFileError {
    fn wrong(found: Option<Kind>) -> Self {
        match found {
            Some(Kind::Certificate) => Self::Certificate,
            Some(Kind::Other) => Self::NotRsa,
            Some(Kind::Pkcs1Private | Kind::Pkcs8) => Self::Private,
            Some(Kind::Pkcs1Public | Kind::Spki) => Self::Public,
            None => Self::Unknown,
        }
    }
}

enum Kind {
    Certificate,
    Other,
    Pkcs1Private,
    Pkcs1Public,
    Pkcs8,
    Spki,
}

/// The DER in a file.
fn unwrap(file: &[u8]) -> Result<Vec<u8>, KeyFileError> {
    if kind(file).is_some() {
        return Ok(file.to_vec());
    }
    let text = std::str::from_utf8(file).map_err(|_| KeyFileError::Unknown)?;
    let body = match text.split_once("-----BEGIN ") {
        Some((_, block)) => {
            let body = block.split_once("-----").map(|(_, rest)| rest);
            body.and_then(|rest| rest.split_once("-----END ")).map_or("", |(body, _)| body)
        }
        None => text,
    };
    let base64: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(&base64).ok().filter(|der| kind(der).is_some()).ok_or(KeyFileError::Unknown)
}

/// Which key this is, by the first members of its outermost sequence.
fn kind(der: &[u8]) -> Option<Kind> {
    let members = members(&sequence(der)?)?;
    let tags: Vec<Tag> = members.iter().map(AnyRef::tag).collect();
    Some(match tags.as_slice() {
        [Tag::Sequence, Tag::BitString] if is_rsa(&members[0]) => Kind::Spki,
        [Tag::Integer, Tag::Integer] => Kind::Pkcs1Public,
        [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] if is_rsa(&members[1]) => Kind::Pkcs8,
        [Tag::Integer, Tag::Integer, Tag::Integer, ..] if tags.len() >= 9 => Kind::Pkcs1Private,
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => Kind::Certificate,
        [Tag::Sequence, Tag::BitString]
        | [Tag::Integer, Tag::Sequence, Tag::OctetString, ..]
        | [Tag::Integer, Tag::OctetString, ..] => Kind::Other,
        _ => return None,
    })
}

/// The PKCS#1 key in an SPKI one.
fn inner(spki: &[u8]) -> Option<Vec<u8>> {
    let outer = sequence(spki)?;
    let members = members(&outer)?;
    let (unused, key) = members.get(1)?.value().split_first()?;
    (*unused == 0).then(|| key.to_vec())
}

fn sequence(der: &[u8]) -> Option<AnyRef<'_>> {
    AnyRef::from_der(der).ok().filter(|any| any.tag() == Tag::Sequence)
}

fn members<'a>(sequence: &AnyRef<'a>) -> Option<Vec<AnyRef<'a>>> {
    let mut reader = SliceReader::new(sequence.value()).ok()?;
    let mut members = Vec::new();
    while !reader.is_finished() {
        members.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(members)
}

/// Whether an AlgorithmIdentifier says rsaEncryption (RFC 8017, A.1).
fn is_rsa(algorithm: &AnyRef<'_>) -> bool {
    members(algorithm).is_some_and(|members| {
        members
            .first()
            .is_some_and(|oid| oid.tag() == Tag::ObjectIdentifier && oid.value() == RSA_ENCRYPTION)
    })
}

/// 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
