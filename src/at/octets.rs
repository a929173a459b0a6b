//! [`Octets`]: the bytes of a line, owned.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// Bytes that are owned, and cheap to copy: few of them stand in the value itself, many are shared.
/// Most command lines and most of their answers are short, so that they ask for no memory.
#[derive(Clone)]
pub(crate) struct Octets(Held);

#[derive(Clone)]
enum Held {
    Few { length: u8, bytes: [u8; FEW] },
    Many(Arc<[u8]>),
}

impl Octets {
    /// None.
    pub(crate) const NONE: Self = Self(Held::Few { length: 0, bytes: [0; FEW] });

    /// A copy of these.
    #[inline]
    pub(crate) fn copied(bytes: &[u8]) -> Self {
        let mut octets = Self::NONE;
        // Where they are to stay.
        if let Held::Few { length, bytes: few } = &mut octets.0 {
            match few.get_mut(..bytes.len()) {
                Some(few) => few.copy_from_slice(bytes),
                None => return Self(Held::Many(bytes.into())),
            }
            *length = bytes.len() as u8;
        }
        octets
    }

    /// These parts, one behind the other, if they are few.
    #[inline]
    pub(crate) fn few(parts: &[&[u8]]) -> Option<Self> {
        let mut bytes = [0; FEW];
        let mut length = 0;
        for part in parts {
            bytes.get_mut(length..length + part.len())?.copy_from_slice(part);
            length += part.len();
        }
        Some(Self(Held::Few { length: length as u8, bytes }))
    }
}

impl Deref for Octets {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Held::Few { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Held::Many(bytes) => bytes,
        }
    }
}

/// They may be secret.
impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.len())
    }
}

impl PartialEq for Octets {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Octets {}

impl Hash for Octets {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

/// As many as fit beside the length in the place of what many take, where pointers have 64 bits. Where
/// they have 32 these take more room than that: a line is as long there.
const FEW: usize = 22;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_take_no_more_room_than_many() {
        // Which of both they are.
        let many = align_of::<Arc<[u8]>>() + size_of::<Arc<[u8]>>();
        let few = (FEW + 2).next_multiple_of(align_of::<Arc<[u8]>>());
        assert_eq!(size_of::<Octets>(), many.max(few));
        assert!(few <= many || cfg!(target_pointer_width = "32"));
    }

    proptest! {
        #[test]
        fn they_are_what_was_put_in(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let octets = Octets::copied(&bytes);
            prop_assert_eq!(&octets[..], &bytes[..]);
            let (one, other) = bytes.split_at(bytes.len() / 3);
            let joined = Octets::few(&[one, other]);
            prop_assert_eq!(joined.is_some(), bytes.len() <= FEW);
            prop_assert!(joined.is_none_or(|joined| joined == octets));
        }
    }
}
