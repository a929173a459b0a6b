//! A key file taken apart: PEM's lines or base64 off, then by the shape of its DER.

use data_encoding::BASE64;
use der::asn1::AnyRef;
use der::{Decode as _, Reader as _, SliceReader, Tag, Tagged as _};
use zeroize::Zeroizing;

use super::info::{KeyError, KeyInfo, KeyKind, KeyRole};

/// The bytes of a key file, overwritten when they are dropped.
pub(super) struct Material {
    der: Zeroizing<Vec<u8>>,
    kind: KeyKind,
}

impl Material {
    pub(super) fn read(file: &[u8]) -> Self {
        let (der, encrypted) = unwrap(file);
        let kind = match classify(&der) {
            _ if der.is_empty() && file.trim_ascii().is_empty() => KeyKind::Empty,
            _ if encrypted => KeyKind::EncryptedPrivate,
            kind => kind.unwrap_or(KeyKind::Unknown),
        };
        Self { der, kind }
    }

    pub(super) fn info(&self) -> KeyInfo {
        let key = self.private().or_else(|| self.public());
        let modulus = key.and_then(|key| {
            let numbers = children(key)?;
            // A private key begins with its version.
            numbers.iter().map(|number| number.value()).find(|number| number.len() > 8)
        });
        let bits = modulus.map(|modulus| {
            let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
            let first = modulus.get(zeros).map_or(0, |byte| byte.leading_zeros() as usize);
            (modulus.len() - zeros) * 8 - first
        });
        KeyInfo { kind: self.kind, bits }
    }

    /// The `RSAPrivateKey`, if it is or holds one.
    pub(super) fn private(&self) -> Option<&[u8]> {
        match self.kind {
            KeyKind::RsaPrivatePkcs1 => Some(&self.der),
            KeyKind::RsaPrivatePkcs8 => children(&self.der)?.get(2).map(|inner| inner.value()),
            _ => None,
        }
    }

    /// The `RSAPublicKey`, if it is or holds one.
    pub(super) fn public(&self) -> Option<&[u8]> {
        match self.kind {
            KeyKind::RsaPublicPkcs1 => Some(&self.der),
            KeyKind::RsaPublicSpki => bits(children(&self.der)?.get(1)?),
            _ => None,
        }
    }

    /// The `RSAPrivateKey` of the application, if it has so many bits. No more than 8192 are known to
    /// ring, or to the crate `rsa`.
    pub(super) fn own(&self, least: usize) -> Result<&[u8], KeyError> {
        self.sized(self.private(), least, KeyRole::Own)
    }

    /// The `RSAPublicKey` of the platform, likewise.
    pub(super) fn platform(&self, least: usize) -> Result<&[u8], KeyError> {
        self.sized(self.public(), least, KeyRole::Platform)
    }

    fn sized<'a>(
        &self,
        key: Option<&'a [u8]>,
        least: usize,
        role: KeyRole,
    ) -> Result<&'a [u8], KeyError> {
        let info = self.info();
        let key = key.ok_or(KeyError::Misplaced { found: info, role })?;
        match info.bits.unwrap_or(0) {
            bits if (least..=8192).contains(&bits) => Ok(key),
            bits => Err(KeyError::Size { bits, least, role }),
        }
    }
}

/// The DER in a file, and whether it says that it is under a password.
fn unwrap(file: &[u8]) -> (Zeroizing<Vec<u8>>, bool) {
    let nothing = || (Zeroizing::default(), false);
    if file.first() == Some(&0x30) && std::str::from_utf8(file).is_err() {
        return (Zeroizing::new(file.to_vec()), false);
    }
    let Ok(text) = std::str::from_utf8(file) else { return nothing() };
    let Some((_, behind)) = text.split_once("-----BEGIN ") else {
        return (base64(text).unwrap_or_default(), false);
    };
    let Some((label, behind)) = behind.split_once("-----") else { return nothing() };
    let Some((body, _)) = behind.split_once("-----END ") else { return nothing() };
    // Headers as in RFC 1421 tell of a password; nothing else has them.
    let encrypted = label.contains("ENCRYPTED") || body.contains("Proc-Type:");
    let der = if body.contains(':') { None } else { base64(body) };
    (der.unwrap_or_default(), encrypted)
}

/// Base64 in lines of any length.
fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let dense: Zeroizing<Vec<u8>> =
        Zeroizing::new(text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    let mut der = Zeroizing::new(vec![0; BASE64.decode_len(dense.len()).ok()?]);
    let length = BASE64.decode_mut(&dense, &mut der).ok()?;
    der.truncate(length);
    Some(der)
}

/// What a DER value is by its shape: a PEM's label says nothing that the shape does not, and is
/// wrong in many files that are handed on.
fn classify(file: &[u8]) -> Option<KeyKind> {
    let parts = children(file)?;
    let tags: Vec<Tag> = parts.iter().map(|part| part.tag()).collect();
    let first = parts.first()?;
    Some(match tags.as_slice() {
        [Tag::Integer, Tag::Integer] => KeyKind::RsaPublicPkcs1,
        [Tag::Integer, Tag::Integer, Tag::Integer, rest @ ..] if rest.len() >= 6 => {
            KeyKind::RsaPrivatePkcs1
        }
        [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => match algorithm(parts.get(1)?)? {
            RSA => KeyKind::RsaPrivatePkcs8,
            EC => KeyKind::EcPrivate,
            _ => KeyKind::OtherPrivate,
        },
        // RFC 5915, 3.
        [Tag::Integer, Tag::OctetString, ..] => KeyKind::EcPrivate,
        [Tag::Sequence, Tag::BitString] => match algorithm(first)? {
            RSA => KeyKind::RsaPublicSpki,
            EC => KeyKind::EcPublic,
            _ => KeyKind::OtherPublic,
        },
        [Tag::Sequence, Tag::OctetString] => KeyKind::EncryptedPrivate,
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => {
            let inner = members(first)?;
            // A request has four parts (RFC 2986, 4), a certificate six at least (RFC 5280, 4.1).
            if inner.len() <= 4 { KeyKind::CertificateRequest } else { KeyKind::Certificate }
        }
        _ => return None,
    })
}

/// The object identifier in an `AlgorithmIdentifier`.
fn algorithm<'a>(identifier: &AnyRef<'a>) -> Option<&'a [u8]> {
    let parts = members(identifier)?;
    parts.first().filter(|part| part.tag() == Tag::ObjectIdentifier).map(|part| part.value())
}

/// What is in a bit string of whole bytes.
fn bits<'a>(string: &AnyRef<'a>) -> Option<&'a [u8]> {
    string.value().strip_prefix(&[0])
}

/// The members of the sequence that `bytes` are, and nothing behind it.
fn children(bytes: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    members(&AnyRef::from_der(bytes).ok().filter(|all| all.tag() == Tag::Sequence)?)
}

fn members<'a>(sequence: &AnyRef<'a>) -> Option<Vec<AnyRef<'a>>> {
    let mut reader = SliceReader::new(sequence.value()).ok()?;
    let mut members = Vec::new();
    while !reader.is_finished() {
        members.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(members)
}

/// 1.2.840.113549.1.1.1 (RFC 8017, appendix C), without tag and length.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// 1.2.840.10045.2.1 (RFC 5480, 2.1.1), without tag and length.
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
