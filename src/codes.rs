//! Result codes: numbers that a document names.

/// Codes for how something went. Those of the document have a name and a description; any other
/// number is kept.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident($inner:ty) { $($number:literal $constant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        pub struct $name(pub $inner);

        impl $name {
            $(#[doc = $text] pub const $constant: Self = Self($number);)*

            /// All that the document lists.
            pub const LISTED: &'static [Self] = &[$(Self($number)),*];

            /// What the document calls it, or `None` for a number that it does not list.
            #[must_use]
            pub fn description(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($text),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} ({})", self.0, self.description().unwrap_or("unknown code"))
            }
        }
    };
}
pub(crate) use codes;
