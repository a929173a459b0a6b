//! What a key file holds, and what belongs in its place.

use std::fmt;

use super::material::Material;
use crate::advice::{self, Advice};

/// What a file holds, as far as it can be told without showing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KeyInfo {
    /// What it is.
    pub kind: KeyKind,
    /// The bits of its modulus, if it is an RSA key.
    pub bits: Option<usize>,
}

impl KeyInfo {
    /// Looks at a file: PEM, DER, or base64 without PEM's lines.
    #[must_use]
    pub fn of(file: &[u8]) -> Self {
        Material::read(file).info()
    }
}

impl fmt::Display for KeyInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bits {
            Some(bits) => write!(f, "{} of {bits} bits", self.kind),
            None => self.kind.fmt(f),
        }
    }
}

/// The kinds of file that are given as keys, rightly or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// An X.509 certificate.
    Certificate,
    /// A request for a certificate (PKCS#10).
    CertificateRequest,
    /// A private key on an elliptic curve.
    EcPrivate,
    /// A public key on an elliptic curve.
    EcPublic,
    /// Nothing.
    Empty,
    /// A private key under a password.
    EncryptedPrivate,
    /// A private key of another kind.
    OtherPrivate,
    /// A public key of another kind.
    OtherPublic,
    /// A private RSA key in PKCS#1.
    RsaPrivatePkcs1,
    /// A private RSA key in PKCS#8.
    RsaPrivatePkcs8,
    /// A public RSA key in PKCS#1.
    RsaPublicPkcs1,
    /// A public RSA key as `SubjectPublicKeyInfo`.
    RsaPublicSpki,
    /// No key that is known here.
    Unknown,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "a certificate",
            Self::CertificateRequest => "a certificate request",
            Self::EcPrivate => "a private key on an elliptic curve",
            Self::EcPublic => "a public key on an elliptic curve",
            Self::Empty => "nothing",
            Self::EncryptedPrivate => "a private key under a password",
            Self::OtherPrivate => "a private key of another kind than RSA",
            Self::OtherPublic => "a public key of another kind than RSA",
            Self::RsaPrivatePkcs1 => "a private RSA key (PKCS#1)",
            Self::RsaPrivatePkcs8 => "a private RSA key (PKCS#8)",
            Self::RsaPublicPkcs1 => "a public RSA key (PKCS#1)",
            Self::RsaPublicSpki => "a public RSA key (SubjectPublicKeyInfo)",
            Self::Unknown => "something that is no key, or a damaged one",
        })
    }
}

/// The place for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyRole {
    /// The application's private key, which signs requests.
    Own,
    /// The platform's public key, which verifies answers.
    Platform,
}

impl fmt::Display for KeyRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => {
                "the application's private RSA key belongs here (应用私钥, PKCS#1 or PKCS#8, 2048 bits or more)"
            }
            Self::Platform => {
                "the platform's public RSA key belongs here (Alipay's 支付宝公钥 from the developer centre, not the application's own)"
            }
        })
    }
}

/// Why a file cannot be used as a key. It shows nothing of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// It is of the right kind, and its numbers do not belong together.
    Damaged {
        /// What it is.
        found: KeyKind,
    },
    /// It is something else.
    Misplaced {
        /// What it is.
        found: KeyInfo,
        /// What belongs there.
        role: KeyRole,
    },
    /// It has too few bits, or too many.
    Size {
        /// How many it has.
        bits: usize,
        /// How few there may be.
        least: usize,
        /// What belongs there.
        role: KeyRole,
    },
}

impl KeyError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Damaged { .. } => advice::platform::KEY_DAMAGED,
            Self::Misplaced { .. } => advice::platform::KEY_MISPLACED,
            Self::Size { .. } => advice::platform::KEY_SIZE,
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { found } => {
                write!(f, "the key is {found} whose numbers do not belong together: copy it again")
            }
            Self::Misplaced { found, role } => {
                write!(f, "this is {found}: {role}")?;
                match found.kind {
                    KeyKind::EncryptedPrivate => f.write_str("; remove the password first"),
                    KeyKind::Certificate => {
                        f.write_str("; a certificate is for the certificate mode (证书模式)")
                    }
                    _ => Ok(()),
                }
            }
            Self::Size { bits, least, role } => {
                write!(f, "the key has {bits} bits, from {least} to 8192 can be used: {role}")
            }
        }
    }
}

impl std::error::Error for KeyError {}
