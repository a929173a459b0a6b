//! What a file must be, and what its number is.

use data_encoding::{BASE64, HEXLOWER};
use m26_pay::gateway::KeyKind;
use m26_pay::gateway::alipay::{
    CertificateFault, CertificateFiles, CertificatePlace, Certificates,
};
use m26_pay::unix_time::UnixMillis;
use md5::{Digest as _, Md5};
use proptest::prelude::*;
use support::keys::Pair;

use super::maker::{Maker, SHA1_RSA, SM2, name, pem};
use super::{AT, CLASS_1, CLASS_2, ROOT, Set, alipay, app, between, root, roots};

fn number(issuer: &str, serial: &str) -> String {
    let issuer = format!("CN={issuer},OU=Certification Authority,O=Test Financial,C=CN");
    HEXLOWER.encode(&Md5::digest(format!("{issuer}{serial}")))
}

/// What is wrong with these files.
fn fault(set: &Set) -> (CertificatePlace, CertificateFault) {
    let error = set.read().unwrap_err();
    (error.place, error.fault)
}

fn with_alipay(certificates: &[Maker<'_>]) -> Set {
    let der: Vec<_> = certificates.iter().map(Maker::der).collect();
    let der: Vec<_> = der.iter().map(Vec::as_slice).collect();
    Set { alipay: pem(&der), ..Set::new() }
}

#[test]
fn the_numbers_are_of_issuer_and_serial_number() {
    let certificates = Set::new().read().unwrap();
    // 0x20190422536970
    let serial = "9034704801196400";
    assert_eq!(certificates.app_cert_sn(), number(CLASS_1, serial));
    assert_eq!(certificates.alipay_cert_sn(), number(CLASS_2, serial));
    // One of SM2 does not count, and one that has expired does.
    let roots = [number(ROOT, serial), number(ROOT, "1")].join("_");
    assert_eq!(certificates.alipay_root_cert_sn(), roots);
    // A serial number of 20 bytes, as RFC 5280 allows it.
    let longest = Maker { serial: [&[0x7f][..], &[0xff; 19]].concat(), ..app() };
    let set = Set { app: longest.der(), ..Set::new() };
    let serial = "730750818665451459101842416358141509827966271487";
    assert_eq!(set.read().unwrap().app_cert_sn(), number(CLASS_1, serial));
}

#[test]
fn every_form_of_a_file_is_the_same() {
    let set = Set::new();
    let expected = set.read().unwrap();
    let text = |file: &[u8]| String::from_utf8(file.to_vec()).unwrap();
    let forms = [
        pem(&[&app().der()]),
        text(&pem(&[&app().der()])).replace('\n', "\r\n").into_bytes(),
        format!("Bag Attributes\n{}\n\n", text(&pem(&[&app().der()]))).into_bytes(),
        BASE64.encode(&app().der()).into_bytes(),
    ];
    for app in forms {
        assert_eq!(Set { app, ..Set::new() }.read().unwrap(), expected);
    }
}

#[test]
fn what_is_no_certificate_is_named() {
    let key = Pair::app().private_pkcs8();
    let (place, found) = fault(&Set { app: key, ..Set::new() });
    assert_eq!(place, CertificatePlace::App);
    let CertificateFault::Missing { found } = found else { panic!("{found}") };
    assert_eq!(found.kind, KeyKind::RsaPrivatePkcs8);
    let error = Set { alipay: Pair::alipay().public_spki(), ..Set::new() }.read().unwrap_err();
    assert_eq!(
        error.to_string(),
        "alipay's certificate (支付宝公钥证书): the file is a public RSA key \
         (SubjectPublicKeyInfo) of 2048 bits, and no certificate",
    );
    let mut second = between().der();
    second.truncate(100);
    let cut = Set { alipay: pem(&[&alipay().der(), &second]), ..Set::new() };
    let damaged = CertificateFault::Damaged { number: 2 };
    assert_eq!(fault(&cut), (CertificatePlace::Alipay, damaged));
    for empty in [&b""[..], b"-----BEGIN CERTIFICATE-----", b"\x30\x00"] {
        assert_eq!(fault(&Set { root: empty.into(), ..Set::new() }).0, CertificatePlace::Root);
    }
    let many = app().der();
    let many = Set { app: pem(&[&many[..]; 33]), ..Set::new() };
    let too_many = CertificateFault::TooMany { limit: 32 };
    assert_eq!(fault(&many), (CertificatePlace::App, too_many));
    let sm2 = Maker { algorithm: SM2, ..root() };
    let none = Set { root: pem(&[&sm2.der()]), ..Set::new() };
    assert_eq!(fault(&none), (CertificatePlace::Root, CertificateFault::NoRsaRoot));
}

#[test]
fn alipays_certificate_comes_from_the_root() {
    let place = CertificatePlace::Alipay;
    // Over two, in any order.
    let middle = Maker::new(name("M"), Pair::other(), name(CLASS_2), Pair::other());
    let leaf = Maker { issuer: name("M"), ..alipay() };
    assert!(with_alipay(&[leaf, between(), middle]).read().is_ok());
    // By the root itself.
    assert!(with_alipay(&[Maker { issuer: name(ROOT), ..alipay() }]).read().is_ok());

    assert_eq!(fault(&with_alipay(&[alipay()])), (place, CertificateFault::Issuer));
    let stranger = Maker { issuer: name("Somebody"), ..between() };
    assert_eq!(fault(&with_alipay(&[alipay(), stranger])), (place, CertificateFault::Issuer));
    // Two that name each other lead nowhere.
    let one = Maker::new(name("A"), Pair::other(), name("B"), Pair::other());
    let other = Maker::new(name("B"), Pair::other(), name("A"), Pair::other());
    let leaf = Maker { issuer: name("A"), ..alipay() };
    assert_eq!(fault(&with_alipay(&[leaf, one, other])), (place, CertificateFault::Issuer));

    for forged in
        [Maker { signer: Pair::app(), ..alipay() }, Maker { algorithm: SHA1_RSA, ..alipay() }]
    {
        let set = with_alipay(&[forged, between()]);
        assert_eq!(fault(&set), (place, CertificateFault::Signature));
    }
    let forged = Maker { signer: Pair::app(), ..between() };
    assert_eq!(fault(&with_alipay(&[alipay(), forged])), (place, CertificateFault::Signature));
    // The application's is followed where its issuer is there.
    let forged = Maker { issuer: name(ROOT), signer: Pair::app(), ..app() };
    let set = Set { app: forged.der(), ..Set::new() };
    assert_eq!(fault(&set), (CertificatePlace::App, CertificateFault::Signature));
}

#[test]
fn each_that_is_needed_is_valid() {
    let until = UnixMillis(1_795_957_199_999);
    let expired = "261129125959Z";
    let place = CertificatePlace::Alipay;
    let fault_of = |set: &Set| fault(set);
    let old = CertificateFault::Expired { until };
    assert_eq!(
        fault_of(&with_alipay(&[Maker { until: expired, ..alipay() }, between()])),
        (place, old)
    );
    assert_eq!(
        fault_of(&with_alipay(&[alipay(), Maker { until: expired, ..between() }])),
        (place, old)
    );
    let root = pem(&[&Maker { until: expired, ..root() }.der()]);
    assert_eq!(fault_of(&Set { root, ..Set::new() }), (place, old));
    let app = |app: Maker<'_>| Set { app: app.der(), ..Set::new() };
    let set = app(Maker { until: expired, ..self::app() });
    assert_eq!(fault_of(&set), (CertificatePlace::App, old));
    let error = set.read().unwrap_err().to_string();
    assert!(error.contains("valid until 2026-11-29 20:59:59 in Beijing"), "{error}");

    let young = CertificateFault::NotYetValid { from: UnixMillis(AT.0 + 1000) };
    let set = app(Maker { from: "261129130001Z", ..self::app() });
    assert_eq!(fault_of(&set), (CertificatePlace::App, young));
    assert!(set.read().unwrap_err().to_string().contains("check the clock of this host"));
    // A clock that was never set.
    let error = Certificates::read(Set::new().files(), UnixMillis(0)).unwrap_err();
    assert!(matches!(error.fault, CertificateFault::NotYetValid { .. }), "{error}");
    // Both ends count.
    let second = "261129130000Z";
    let certificates = app(Maker { from: second, until: second, ..self::app() }).read().unwrap();
    assert_eq!(certificates.valid_until(), UnixMillis(AT.0 + 999));
}

#[test]
fn nothing_shows_but_numbers() {
    let set = Set::new();
    assert_eq!(
        format!("{:?}", set.files()),
        format!(
            "CertificateFiles {{ app: {}, alipay: {}, root: {} }}",
            set.app.len(),
            set.alipay.len(),
            set.root.len(),
        ),
    );
    let shown = format!("{:?}", set.read().unwrap());
    assert!(!shown.contains("2088") && !shown.contains("支付宝") && shown.len() < 300, "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_file_is_named(file in prop_oneof![any::<Vec<u8>>(), "-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\n-]{0,80}".prop_map(String::into_bytes)]) {
        let set = Set::new();
        let files = CertificateFiles { app: &file, ..set.files() };
        let error = Certificates::read(files, AT).unwrap_err();
        prop_assert_eq!(error.place, CertificatePlace::App);
    }

    /// One byte of it changed: another key than Alipay's is never taken for Alipay's.
    #[test]
    fn a_changed_chain_does_not_hold(at: prop::sample::Index, byte: u8) {
        let mut leaf = alipay().der();
        let at = at.index(leaf.len());
        prop_assume!(leaf[at] != byte);
        leaf[at] = byte;
        let set = Set { alipay: pem(&[&leaf, &between().der()]), ..Set::new() };
        prop_assert!(set.read().is_err());
    }

    #[test]
    fn a_changed_root_file_never_panics(at: prop::sample::Index, byte: u8) {
        let mut root = roots();
        let at = at.index(root.len());
        root[at] = byte;
        let _ = Set { root, ..Set::new() }.read().is_ok();
    }
}
