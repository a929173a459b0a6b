//! [`CampusPayment`]: a payment as it is recorded and sent.

use crate::advice::{self, Advice};
use crate::amount::Amount;
use crate::argument::string_argument;
use crate::campus::acceptance::Sale;
use crate::campus::decoder::FinalData;
use crate::campus::guard::Fingerprint;
use crate::unix_time::UnixMillis;

string_argument! {
    /// The till's own name for a sale, such as the number of its receipt.
    Reference, "reference", 64
}

/// A payment that is to be recorded: what the server needs to ask Alipay for the money, and nothing
/// that says who the customer is but `final_data`, which only Alipay reads. The code itself is not
/// in it.
///
/// As bytes, [`to_bytes`](Self::to_bytes), it is the payload of a payment in the outbox:
///
/// ```text
/// format  amount  accepted  fingerprint  length  reference  final_data
///   1       8        8          72          1        …          …
///
/// Numbers have their greatest byte first; format is 2, amount in fen, accepted in
/// milliseconds since 1970.
/// ```
///
/// In format 1, which is still read, the amount has 4 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampusPayment {
    code: Fingerprint,
    amount: Amount,
    reference: Option<Reference>,
    accepted: UnixMillis,
    final_data: FinalData,
}

/// Why bytes are not a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPayload {
    /// The bytes are of another format.
    #[error("payment of format {found}, this program knows formats 1 to {FORMAT}")]
    Format {
        /// The format.
        found: u8,
    },
    /// A value is not possible.
    #[error("payment with an impossible {field}")]
    Value {
        /// Which one.
        field: &'static str,
    },
    /// The bytes end too early.
    #[error("payment that ends before its {field}, after {length} bytes")]
    Truncated {
        /// What is missing.
        field: &'static str,
        /// How many bytes there are.
        length: usize,
    },
}

impl InvalidPayload {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::PAYLOAD
    }
}

impl CampusPayment {
    pub(super) fn new(
        code: Fingerprint,
        sale: &Sale,
        accepted: UnixMillis,
        final_data: FinalData,
    ) -> Self {
        let (amount, reference) = (sale.amount, sale.reference.clone());
        Self { code, amount, reference, accepted, final_data }
    }

    /// What tells whether the code was used before.
    #[must_use]
    pub fn code(&self) -> &Fingerprint {
        &self.code
    }

    /// What is to be paid.
    #[must_use]
    pub fn amount(&self) -> Amount {
        self.amount
    }

    /// The till's own name for the sale, if it gave one.
    #[must_use]
    pub fn reference(&self) -> Option<&Reference> {
        self.reference.as_ref()
    }

    /// When it was accepted, by the terminal's clock.
    #[must_use]
    pub fn accepted(&self) -> UnixMillis {
        self.accepted
    }

    /// What is sent on, as bytes, hex or base64.
    #[must_use]
    pub fn final_data(&self) -> &FinalData {
        &self.final_data
    }

    /// The bytes that are kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let reference = self.reference.as_ref().map_or("", Reference::as_str);
        let mut bytes = vec![FORMAT];
        bytes.extend(self.amount.fen().to_be_bytes());
        bytes.extend(self.accepted.0.to_be_bytes());
        bytes.extend(self.code.to_bytes());
        // A reference has 64 bytes at most.
        bytes.push(reference.len() as u8);
        bytes.extend(reference.as_bytes());
        bytes.extend(self.final_data.expose());
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// If the bytes are no payment.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidPayload> {
        let mut rest = Reader { rest: bytes, length: bytes.len() };
        let [format] = rest.take("format")?;
        let fen = match format {
            FORMAT => u64::from_be_bytes(rest.take("amount")?),
            FORMAT_OF_SHORT_AMOUNT => u32::from_be_bytes(rest.take("amount")?).into(),
            found => return Err(InvalidPayload::Format { found }),
        };
        let amount = Amount::from_fen(fen);
        let amount = amount.map_err(|_| InvalidPayload::Value { field: "amount" })?;
        let accepted = UnixMillis(i64::from_be_bytes(rest.take("accepted")?));
        let code = Fingerprint::from_bytes(&rest.take("fingerprint")?);
        let [length] = rest.take("reference")?;
        let reference = rest.slice("reference", length.into())?;
        let reference = match std::str::from_utf8(reference).map(Reference::new) {
            _ if reference.is_empty() => None,
            Ok(Ok(reference)) => Some(reference),
            _ => return Err(InvalidPayload::Value { field: "reference" }),
        };
        let final_data = match rest.rest {
            [] => return Err(rest.truncated("final_data")),
            bytes => FinalData::new(bytes.to_vec()),
        };
        Ok(Self { code, amount, reference, accepted, final_data })
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], InvalidPayload> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(self.truncated(field));
        };
        self.rest = rest;
        Ok(*taken)
    }

    fn slice(&mut self, field: &'static str, length: usize) -> Result<&'a [u8], InvalidPayload> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(self.truncated(field));
        };
        self.rest = rest;
        Ok(taken)
    }

    fn truncated(&self, field: &'static str) -> InvalidPayload {
        InvalidPayload::Truncated { field, length: self.length }
    }
}

const FORMAT: u8 = 2;

/// The format before 2.
const FORMAT_OF_SHORT_AMOUNT: u8 = 1;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(reference: Option<&str>) -> CampusPayment {
        let code = Fingerprint::new(b"code", b"user data", UnixMillis(1_589_760_000_000));
        let mut sale = Sale::new(Amount::from_fen(1025).unwrap());
        sale.reference = reference.map(|text| Reference::new(text).unwrap());
        let final_data = FinalData::new(b"processed".to_vec());
        CampusPayment::new(code, &sale, UnixMillis(1_589_760_005_000), final_data)
    }

    #[test]
    fn what_is_kept_comes_back() {
        for payment in [sample(None), sample(Some("receipt 7")), sample(Some(&"7".repeat(64)))] {
            assert_eq!(CampusPayment::from_bytes(&payment.to_bytes()), Ok(payment));
        }
    }

    #[test]
    fn the_format_before_is_read() {
        let payment = sample(Some("receipt 7"));
        let mut bytes = payment.to_bytes();
        bytes[0] = 1;
        bytes.drain(1..5);
        assert_eq!(CampusPayment::from_bytes(&bytes), Ok(payment));
    }

    #[test]
    fn every_prefix_says_what_is_missing() {
        let bytes = sample(Some("receipt 7")).to_bytes();
        let whole = bytes.len() - b"processed".len();
        for length in 0..=whole {
            let error = CampusPayment::from_bytes(&bytes[..length]).unwrap_err();
            assert!(
                matches!(error, InvalidPayload::Truncated { length: said, .. } if said == length)
            );
        }
    }

    #[test]
    fn what_cannot_be_is_told() {
        let payment = sample(None);
        let mut bytes = payment.to_bytes();
        bytes[0] = 3;
        assert_eq!(CampusPayment::from_bytes(&bytes), Err(InvalidPayload::Format { found: 3 }));
        let mut bytes = payment.to_bytes();
        bytes[1] = 0xff;
        assert_eq!(
            CampusPayment::from_bytes(&bytes),
            Err(InvalidPayload::Value { field: "amount" })
        );
        let mut bytes = sample(Some("x")).to_bytes();
        bytes[1 + 8 + 8 + 72 + 1] = b'"';
        let error = InvalidPayload::Value { field: "reference" };
        assert_eq!(CampusPayment::from_bytes(&bytes), Err(error));
    }

    #[test]
    fn nothing_of_it_shows() {
        let shown = format!("{:?}", sample(Some("receipt 7")));
        let bytes = format!("{:?}", b"processed");
        assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_payment_or_an_error(
            bytes in prop::collection::vec(any::<u8>(), 0..200), valid: bool,
        ) {
            let bytes = if valid { [&[FORMAT, 0, 0, 0, 0][..], &bytes].concat() } else { bytes };
            if let Ok(payment) = CampusPayment::from_bytes(&bytes) {
                let again = payment.to_bytes();
                prop_assert_eq!(CampusPayment::from_bytes(&again), Ok(payment));
                if bytes[0] == FORMAT {
                    prop_assert_eq!(again, bytes);
                }
            }
        }
    }
}
