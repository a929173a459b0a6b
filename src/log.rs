//! What this crate logs: events and spans of `tracing`; without that feature, nothing.

#[cfg(not(feature = "tracing"))]
#[allow(unused_imports, reason = "which of them are used depends on the features")]
pub(crate) use silent::{Span, debug, enabled, error, info, info_span, trace, warn};
#[cfg(feature = "tracing")]
#[allow(unused_imports, reason = "which of them are used depends on the features")]
pub(crate) use tracing::{Span, debug, enabled, error, info, info_span, trace, warn};

/// In the place of `tracing`: what is logged is not even computed.
#[cfg(not(feature = "tracing"))]
#[allow(unused_imports, unused_macros, reason = "which of them are used depends on the features")]
mod silent {
    /// The span of a connection.
    #[derive(Clone, Debug)]
    pub(crate) struct Span;

    impl Span {
        pub(crate) fn enter(&self) -> Entered {
            Entered
        }

        pub(crate) fn entered(self) -> Entered {
            Entered
        }
    }

    /// A span that is left when this is dropped.
    pub(crate) struct Entered;

    macro_rules! nothing {
        ($($logged:tt)*) => {
            ()
        };
    }

    macro_rules! never {
        ($($logged:tt)*) => {
            false
        };
    }

    macro_rules! span {
        ($($logged:tt)*) => {
            $crate::log::Span
        };
    }

    pub(crate) use never as enabled;
    pub(crate) use span as info_span;
    pub(crate) use {
        nothing as debug, nothing as error, nothing as info, nothing as trace, nothing as warn,
    };
}
