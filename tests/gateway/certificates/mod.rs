//! The certificate mode.

pub mod maker;
mod merchant;
mod reading;

use m26_pay::gateway::alipay::{CertificateError, CertificateFiles, Certificates};
use m26_pay::unix_time::UnixMillis;
use support::keys::Pair;

use maker::{Maker, SM2, name, pem};

/// 2026-11-29 21:00:00 in Beijing.
const AT: UnixMillis = UnixMillis(1_795_957_200_000);

/// The three files, which belong together.
pub struct Set {
    pub app: Vec<u8>,
    pub alipay: Vec<u8>,
    pub root: Vec<u8>,
}

impl Set {
    /// The root's key is `other`'s, as is that of all in between: it takes time to make one.
    pub fn new() -> Self {
        Self { app: app().der(), alipay: pem(&[&alipay().der(), &between().der()]), root: roots() }
    }

    /// Of the same keys, with a newer certificate of Alipay's. It is younger in nothing but its number.
    pub fn renewed() -> Self {
        let newer = Maker { serial: vec![2], ..alipay() };
        Self { alipay: pem(&[&newer.der(), &between().der()]), ..Self::new() }
    }

    pub fn files(&self) -> CertificateFiles<'_> {
        CertificateFiles { app: &self.app, alipay: &self.alipay, root: &self.root }
    }

    fn read(&self) -> Result<Certificates, CertificateError> {
        Certificates::read(self.files(), AT)
    }
}

const ROOT: &str = "Test Root R1";
const CLASS_1: &str = "Test Class 1 R1";
const CLASS_2: &str = "Test Class 2 R1";

/// Its issuer is in no file.
fn app() -> Maker<'static> {
    Maker::new(name("2088000000000001-2026"), Pair::app(), name(CLASS_1), Pair::other())
}

fn alipay() -> Maker<'static> {
    Maker::new(name("支付宝"), Pair::alipay(), name(CLASS_2), Pair::other())
}

fn between() -> Maker<'static> {
    Maker::new(name(CLASS_2), Pair::other(), name(ROOT), Pair::other())
}

fn root() -> Maker<'static> {
    Maker::new(name(ROOT), Pair::other(), name(ROOT), Pair::other())
}

/// As Alipay's: one of SM2 first, and two of RSA.
fn roots() -> Vec<u8> {
    let sm2 = Maker { algorithm: SM2, ..root() };
    let old = Maker { serial: vec![1], until: "210101000000Z", ..root() };
    pem(&[&sm2.der(), &root().der(), &old.der()])
}
