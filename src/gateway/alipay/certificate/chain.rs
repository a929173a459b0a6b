//! From a certificate to a root.

use super::error::CertificateFault;
use super::parsed::Parsed;
use crate::unix_time::UnixMillis;

/// Follows the issuers of `leaf` over `between` to one of `roots`, and gives until when all of them are
/// valid.
pub(super) fn follow(
    leaf: &Parsed,
    between: &[Parsed],
    roots: &[Parsed],
    at: UnixMillis,
) -> Result<UnixMillis, CertificateFault> {
    let mut current = leaf;
    let mut until = UnixMillis::MAX;
    // No certificate is needed twice.
    for _ in 0..=between.len() {
        current.check_time(at)?;
        until = until.min(current.valid_until());
        if let Some(root) = issuer(current, roots)? {
            root.check_time(at)?;
            return Ok(until.min(root.valid_until()));
        }
        current = issuer(current, between)?.ok_or(CertificateFault::Issuer)?;
    }
    Err(CertificateFault::Issuer)
}

/// The one that has signed it, if any of these has the name of its issuer.
fn issuer<'a>(
    certificate: &Parsed,
    among: &'a [Parsed],
) -> Result<Option<&'a Parsed>, CertificateFault> {
    let mut named = among.iter().filter(|other| certificate.names(other)).peekable();
    if named.peek().is_none() {
        return Ok(None);
    }
    // A name may be borne twice, by an old key and a new one.
    match named.find(|other| certificate.is_signed_by(other)) {
        Some(issuer) => Ok(Some(issuer)),
        None => Err(CertificateFault::Signature),
    }
}
