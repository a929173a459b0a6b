//! Why certificates cannot be used.

use std::fmt;

use crate::advice::{self, Advice};
use crate::gateway::{KeyInfo, beijing};
use crate::unix_time::UnixMillis;

/// Why a file of certificates cannot be used. It shows nothing of the file. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct CertificateError {
    /// Which file.
    pub place: CertificatePlace,
    /// What is wrong with it.
    pub fault: CertificateFault,
}

impl CertificateError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self.fault {
            CertificateFault::Expired { .. } | CertificateFault::NotYetValid { .. } => {
                advice::alipay::CERTIFICATE_EXPIRED
            }
            CertificateFault::Damaged { .. }
            | CertificateFault::Issuer
            | CertificateFault::Key { .. }
            | CertificateFault::Missing { .. }
            | CertificateFault::NoRsaRoot
            | CertificateFault::Signature
            | CertificateFault::TooMany { .. } => advice::alipay::CERTIFICATE,
        }
    }
}

/// The places for certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificatePlace {
    /// Alipay's certificate.
    Alipay,
    /// The application's certificate.
    App,
    /// The root certificates.
    Root,
}

impl fmt::Display for CertificatePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alipay => "alipay's certificate (支付宝公钥证书)",
            Self::App => "the application's certificate (应用公钥证书)",
            Self::Root => "alipay's root certificates (支付宝根证书)",
        })
    }
}

/// What is wrong with a file of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateFault {
    /// One of them cannot be read.
    Damaged {
        /// Its place in the file, from 1.
        number: usize,
    },
    /// One that is needed is not valid any more.
    Expired {
        /// Until when it was.
        until: UnixMillis,
    },
    /// Its issuer is not among the certificates that were given.
    Issuer,
    /// Its key is no RSA key of 2048 bits or more.
    Key {
        /// What it is.
        found: KeyInfo,
    },
    /// There is no certificate in it.
    Missing {
        /// What it is.
        found: KeyInfo,
    },
    /// No root is signed with RSA.
    NoRsaRoot,
    /// One that is needed is not valid yet.
    NotYetValid {
        /// From when on it is.
        from: UnixMillis,
    },
    /// The certificate that should have issued it has not.
    Signature,
    /// There are more certificates than any such file has.
    TooMany {
        /// How many there may be.
        limit: usize,
    },
}

impl fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { number } => {
                write!(f, "certificate {number} of the file is damaged: download it again")
            }
            Self::Expired { until } => write!(
                f,
                "a certificate was valid until {} in Beijing: download the newest one from the \
                 developer centre, or check the clock of this host",
                Time(*until)
            ),
            Self::Issuer => f.write_str(
                "its issuer is in no file: give the whole file, as the developer centre hands it \
                 out, and the root certificates that belong to it (the sandbox has its own)",
            ),
            Self::Key { found } => {
                write!(f, "its key is {found}, and an RSA key of 2048 bits or more belongs there")
            }
            Self::Missing { found } => write!(f, "the file is {found}, and no certificate"),
            Self::NoRsaRoot => f.write_str("none of them is signed with RSA: download them again"),
            Self::NotYetValid { from } => write!(
                f,
                "a certificate is valid from {} in Beijing on: check the clock of this host",
                Time(*from)
            ),
            Self::Signature => f.write_str(
                "the certificate that is named as its issuer has not signed it, or not with \
                 RSA and SHA-2: download all three files again",
            ),
            Self::TooMany { limit } => write!(f, "the file has more than {limit} certificates"),
        }
    }
}

/// A time of which the year may be any.
struct Time(UnixMillis);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match beijing::timestamp(self.0) {
            Some(text) => f.write_str(&text),
            None => f.write_str("a year of more than four digits"),
        }
    }
}
