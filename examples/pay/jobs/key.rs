//! What a key file holds.

use std::path::Path;

use m26_pay::gateway::{KeyInfo, KeyKind};
use zeroize::Zeroizing;

use super::Outcome;
use crate::files;
use crate::object::Object;
use crate::screen::{Ended, Status};

pub(super) fn look(path: &Path) -> Outcome {
    let file = Zeroizing::new(files::read("FILE", path)?);
    let info = KeyInfo::of(&file);
    let (name, option) = match info.kind {
        KeyKind::Certificate => ("certificate", None),
        KeyKind::CertificateRequest => ("certificate-request", None),
        KeyKind::EcPrivate => ("ec-private", None),
        KeyKind::EcPublic => ("ec-public", None),
        KeyKind::Empty => ("empty", None),
        KeyKind::EncryptedPrivate => ("encrypted-private", None),
        KeyKind::OtherPrivate => ("other-private", None),
        KeyKind::OtherPublic => ("other-public", None),
        KeyKind::RsaPrivatePkcs1 => ("rsa-private-pkcs1", Some("--key")),
        KeyKind::RsaPrivatePkcs8 => ("rsa-private-pkcs8", Some("--key")),
        KeyKind::RsaPublicPkcs1 => ("rsa-public-pkcs1", Some("--alipay-key")),
        KeyKind::RsaPublicSpki => ("rsa-public-spki", Some("--alipay-key")),
        _ => ("unknown", None),
    };
    let fits = info.bits.is_some_and(|bits| (2048..=8192).contains(&bits));
    let option = option.filter(|_| fits);
    let use_it = match option {
        None if info.kind == KeyKind::Certificate => {
            "it belongs at --app-cert, --alipay-cert or --root-cert, where the merchant has \
             certificates (公钥证书方式)"
        }
        Some("--key") => "it belongs at --key, if it is the application's",
        Some(_) => "it belongs at --alipay-key, if it is Alipay's (支付宝公钥) and not your own",
        None => "it can be used neither at --key nor at --alipay-key",
    };
    let result = Object::new()
        .with("kind", name)
        .with("bits", info.bits)
        .with("option", option)
        .with("description", info.to_string());
    Ok(Ended { status: Status::Done, result, text: format!("{info}: {use_it}") })
}
