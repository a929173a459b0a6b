//! Files of certificates.

use data_encoding::BASE64;
use m26_pay::gateway::alipay::{CertificateFiles, CertificatePlace, Certificates};
use m26_pay::unix_time::UnixMillis;

use super::source::{Source, assert_hidden, unfold};

/// Every file is named or numbered, nothing of it shows, and no changed certificate is taken for
/// Alipay's.
///
/// The first byte chooses the place, the second whether the file there is made up or changed: then two
/// bytes say where, and one how.
pub fn gateway_certificates(data: &[u8]) {
    let mut source = Source::new(data);
    let (place, made_up) = (source.below(3), source.flag());
    let whole = [APP.to_vec(), pem(&[LEAF, BETWEEN]), ROOT.to_vec()];
    let mut files = whole.clone();
    if made_up {
        files[place] = unfold(source.rest());
    } else {
        // Alipay's own is changed before it is in PEM: that can be read in more than one way.
        let mut changed = if place == 1 { LEAF.to_vec() } else { whole[place].clone() };
        let at = (usize::from(source.byte()) << 8 | usize::from(source.byte())) % changed.len();
        changed[at] = source.byte();
        files[place] = if place == 1 { pem(&[&changed, BETWEEN]) } else { changed };
    }
    let [app, alipay, root] = &files;
    match Certificates::read(CertificateFiles { app, alipay, root }, AT) {
        Ok(certificates) => {
            assert_hidden(&format!("{certificates:?}"));
            if !made_up && place == 1 {
                assert_eq!(files, whole, "a changed certificate is none of Alipay's");
            }
            let roots = certificates.alipay_root_cert_sn().split('_');
            let others = [certificates.app_cert_sn(), certificates.alipay_cert_sn()];
            for number in roots.chain(others) {
                assert!(number.len() == 32 && number.bytes().all(|b| b.is_ascii_hexdigit()));
            }
        }
        Err(error) => {
            assert_hidden(&format!("{error} {error:?}"));
            assert_ne!(files, whole, "{error}");
            let places = [CertificatePlace::App, CertificatePlace::Alipay, CertificatePlace::Root];
            // With another root it is Alipay's certificate that comes from none.
            assert!(error.place == places[place] || place == 2, "{error}");
        }
    }
}

fn pem(certificates: &[&[u8]]) -> Vec<u8> {
    let block = |der: &&[u8]| {
        let base64 = BASE64.encode(der);
        format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
    };
    certificates.iter().map(block).collect::<String>().into_bytes()
}

/// In January 2027, when all of them are valid.
const AT: UnixMillis = UnixMillis(1_800_000_000_000);

const APP: &[u8] = include_bytes!("../certificates/app.der");

const LEAF: &[u8] = include_bytes!("../certificates/leaf.der");

const BETWEEN: &[u8] = include_bytes!("../certificates/between.der");

const ROOT: &[u8] = include_bytes!("../certificates/root.der");
