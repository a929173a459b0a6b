//! A certificate taken apart.

use data_encoding::{BASE64, HEXLOWER};
use md5::{Digest as _, Md5};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    UnparsedPublicKey,
};
use x509_cert::Certificate;
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _, Reader as _, SliceReader};
use x509_cert::time::Time;

use super::error::CertificateFault;
use crate::gateway::{KeyInfo, KeyKind, PublicKey};
use crate::unix_time::UnixMillis;

/// A certificate with the bytes that its issuer has signed.
pub(super) struct Parsed {
    certificate: Certificate,
    signed: Vec<u8>,
}

/// All certificates of a file, of which there is one at least.
pub(super) fn read(file: &[u8]) -> Result<Vec<Parsed>, CertificateFault> {
    let missing = || CertificateFault::Missing { found: KeyInfo::of(file) };
    let blocks = blocks(file).ok_or_else(missing)?;
    if blocks.len() > MOST {
        return Err(CertificateFault::TooMany { limit: MOST });
    }
    let parsed = |(index, der): (usize, Option<Vec<u8>>)| {
        let parsed = der.and_then(|der| Parsed::of(&der));
        parsed.ok_or(CertificateFault::Damaged { number: index + 1 })
    };
    blocks.into_iter().enumerate().map(parsed).collect()
}

impl Parsed {
    fn of(der: &[u8]) -> Option<Self> {
        let certificate = Certificate::from_der(der).ok()?;
        // RFC 5280, 4.1.1.2: they are the same; the outer one is not signed.
        if certificate.signature_algorithm() != certificate.tbs_certificate().signature() {
            return None;
        }
        // As it stands: what is written anew need not be what was signed.
        let outer = AnyRef::from_der(der).ok()?;
        let signed = SliceReader::new(outer.value()).ok()?.tlv_bytes().ok()?.to_vec();
        Some(Self { certificate, signed })
    }

    /// What Alipay calls its number.
    pub(super) fn number(&self) -> String {
        let inner = self.certificate.tbs_certificate();
        let serial = decimal(inner.serial_number().as_bytes());
        HEXLOWER.encode(&Md5::digest(format!("{}{serial}", inner.issuer())))
    }

    /// Whether it is signed with RSA, of any kind.
    pub(super) fn is_rsa_signed(&self) -> bool {
        self.certificate.signature_algorithm().oid.starts_with(PKCS_1)
    }

    /// Its key, which is RSA's.
    pub(super) fn key(&self) -> Result<PublicKey, CertificateFault> {
        let info = self.certificate.tbs_certificate().subject_public_key_info();
        let der = info.to_der().unwrap_or_default();
        PublicKey::read(&der).map_err(|_| CertificateFault::Key { found: KeyInfo::of(&der) })
    }

    /// Whether it is valid at this time (RFC 5280, 4.1.2.5: both ends are).
    pub(super) fn check_time(&self, at: UnixMillis) -> Result<(), CertificateFault> {
        let validity = self.certificate.tbs_certificate().validity();
        let (from, until) = (millis(&validity.not_before), self.valid_until());
        if at < from {
            return Err(CertificateFault::NotYetValid { from });
        }
        if at > until {
            return Err(CertificateFault::Expired { until });
        }
        Ok(())
    }

    /// The last millisecond at which it is valid.
    pub(super) fn valid_until(&self) -> UnixMillis {
        let until = millis(&self.certificate.tbs_certificate().validity().not_after);
        UnixMillis(until.0.saturating_add(999))
    }

    /// Whether it names `issuer` as its issuer.
    pub(super) fn names(&self, issuer: &Self) -> bool {
        let issuer = issuer.certificate.tbs_certificate();
        self.certificate.tbs_certificate().issuer() == issuer.subject()
    }

    /// Whether `issuer` has signed it: with RSA and SHA-2, as all of Alipay's do.
    pub(super) fn is_signed_by(&self, issuer: &Self) -> bool {
        let algorithm = match self.certificate.signature_algorithm().oid {
            SHA256_WITH_RSA => &RSA_PKCS1_2048_8192_SHA256,
            SHA384_WITH_RSA => &RSA_PKCS1_2048_8192_SHA384,
            SHA512_WITH_RSA => &RSA_PKCS1_2048_8192_SHA512,
            _ => return false,
        };
        let (Ok(key), Some(signature)) = (issuer.key(), self.certificate.signature().as_bytes())
        else {
            return false;
        };
        UnparsedPublicKey::new(algorithm, key.as_der()).verify(&self.signed, signature).is_ok()
    }
}

/// The DER of each certificate in PEM, of a single one in DER, or of one in base64 without PEM's
/// lines. `None` for one that is no base64, and for all if there is none.
fn blocks(file: &[u8]) -> Option<Vec<Option<Vec<u8>>>> {
    let text = std::str::from_utf8(file);
    if let Some(text) = text.ok().filter(|text| text.contains(BEGIN)) {
        let bodies = text.split(BEGIN).skip(1);
        return Some(bodies.map(|body| base64(body.split_once(END)?.0)).collect());
    }
    let der = text.map_or_else(|_| Some(file.to_vec()), base64);
    (KeyInfo::of(file).kind == KeyKind::Certificate).then(|| vec![der])
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let dense: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(&dense).ok()
}

fn millis(time: &Time) -> UnixMillis {
    let since = time.to_unix_duration().as_millis();
    UnixMillis::from_unsigned(u64::try_from(since).unwrap_or(u64::MAX))
}

/// A number of any size in decimal digits.
fn decimal(bytes: &[u8]) -> String {
    // The last digit first.
    let mut digits = vec![0_u8];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            let value = u32::from(*digit) * 256 + carry;
            *digit = (value % 10) as u8;
            carry = value / 10;
        }
        while carry > 0 {
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
    }
    digits.iter().rev().map(|digit| char::from(b'0' + digit)).collect()
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

const END: &str = "-----END CERTIFICATE-----";

/// Not specified; chosen far above the four that Alipay's root file has.
const MOST: usize = 32;

/// RFC 8017, appendix A: what is below it is RSA's.
const PKCS_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1");

const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

const SHA384_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");

const SHA512_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn serial_numbers_in_decimal() {
        assert_eq!(decimal(&[]), "0");
        assert_eq!(decimal(&[0, 0, 1, 0]), "256");
        let longest = "1461501637330902918203684832716283019655932542975";
        assert_eq!(decimal(&[0xff; 20]), longest);
    }

    proptest! {
        #[test]
        fn as_a_machine_writes_them(number: u128) {
            prop_assert_eq!(decimal(&number.to_be_bytes()), number.to_string());
        }
    }
}
