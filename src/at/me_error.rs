//! The numbers behind `+CME ERROR` and `+CMS ERROR`.

use std::fmt;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($number:literal $constant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u16);

        impl $name {
            $(#[doc = $text] pub const $constant: Self = Self($number);)*

            /// What the manual calls it, or `None` for a number it does not list.
            #[must_use]
            pub fn description(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($text),)*
                    _ => None,
                }
            }

            pub(crate) fn of_description(text: &str) -> Option<Self> {
                [$(($text, $number)),*]
                    .iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(text))
                    .map(|(_, number)| Self(*number))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} ({})", self.0, self.description().unwrap_or("unknown code"))
            }
        }
    };
}

codes! {
    /// An error of the module (Quectel M26 AT命令手册 V1.1, table 8; 27.007 9.2). Numbers that are
    /// not listed are kept.
    CmeCode {
        0 PHONE_FAILURE "phone failure",
        1 NO_CONNECTION "no connection to phone",
        3 OPERATION_NOT_ALLOWED "operation not allowed",
        4 OPERATION_NOT_SUPPORTED "operation not supported",
        5 PH_SIM_PIN_REQUIRED "PH-SIM PIN required",
        10 SIM_NOT_INSERTED "SIM not inserted",
        11 SIM_PIN_REQUIRED "SIM PIN required",
        12 SIM_PUK_REQUIRED "SIM PUK required",
        13 SIM_FAILURE "SIM failure",
        14 SIM_BUSY "SIM busy",
        15 SIM_WRONG "SIM wrong",
        16 INCORRECT_PASSWORD "incorrect password",
        17 SIM_PIN2_REQUIRED "SIM PIN2 required",
        18 SIM_PUK2_REQUIRED "SIM PUK2 required",
        20 MEMORY_FULL "memory full",
        21 INVALID_INDEX "invalid index",
        22 NOT_FOUND "not found",
        23 MEMORY_FAILURE "memory failure",
        24 TEXT_TOO_LONG "text string too long",
        25 INVALID_TEXT "invalid characters in text string",
        26 DIAL_STRING_TOO_LONG "dial string too long",
        27 INVALID_DIAL_STRING "invalid characters in dial string",
        30 NO_NETWORK_SERVICE "no network service",
        31 NETWORK_TIMEOUT "network timeout",
        32 EMERGENCY_CALLS_ONLY "network not allowed, emergency calls only",
        40 NETWORK_PIN_REQUIRED "network personalization PIN required",
        41 NETWORK_PUK_REQUIRED "network personalization PUK required",
        42 NETWORK_SUBSET_PIN_REQUIRED "network subset personalization PIN required",
        43 NETWORK_SUBSET_PUK_REQUIRED "network subset personalization PUK required",
        44 PROVIDER_PIN_REQUIRED "service provider personalization PIN required",
        45 PROVIDER_PUK_REQUIRED "service provider personalization PUK required",
        46 CORPORATE_PIN_REQUIRED "corporate personalization PIN required",
        47 CORPORATE_PUK_REQUIRED "corporate personalization PUK required",
        103 ILLEGAL_MS "illegal MS",
        106 ILLEGAL_ME "illegal ME",
        107 GPRS_NOT_ALLOWED "GPRS services not allowed",
        111 PLMN_NOT_ALLOWED "PLMN not allowed",
        112 LOCATION_AREA_NOT_ALLOWED "location area not allowed",
        113 ROAMING_NOT_ALLOWED "roaming not allowed in this location area",
        132 SERVICE_OPTION_NOT_SUPPORTED "service option not supported",
        133 SERVICE_OPTION_NOT_SUBSCRIBED "requested service option not subscribed",
        134 SERVICE_OPTION_OUT_OF_ORDER "service option temporarily out of order",
        148 UNSPECIFIED_GPRS_ERROR "unspecified GPRS error",
        149 PDP_AUTHENTICATION_FAILURE "PDP authentication failure",
        150 INVALID_MOBILE_CLASS "invalid mobile class",
        302 COMMAND_CONFLICT "command conflict",
        601 UNRECOGNISED_COMMAND "unrecognized command",
        602 RETURN_ERROR "return error",
        603 SYNTAX_ERROR "syntax error",
        604 UNSPECIFIED "unspecified",
        605 DATA_TRANSFER_ALREADY "data transfer already",
        606 ACTION_ALREADY "action already",
        607 NOT_AT_COMMAND "not AT command",
        608 MULTI_COMMAND_TOO_LONG "multi command too long",
        609 ABORT_COPS "abort COPS",
        610 NO_CALL_DISCONNECT "no call disconnect",
        3513 UNREAD_RECORDS_ON_SIM "unread records on SIM",
        3515 PS_BUSY "PS busy",
        3516 SIM_NOT_READY "couldn't read SMS parameters from SIM, SIM not ready",
        3517 SIM_NOT_READY_TOO "SIM not ready",
        3518 INVALID_PARAMETER "invalid parameter",
        3765 INVALID_INPUT_VALUE "invalid input value",
        3769 NO_CONTROL "unable to get control",
        3771 CALL_SETUP_IN_PROGRESS "call setup in progress",
        3772 SIM_POWERED_DOWN "SIM powered down",
        3773 INVALID_CFUN_STATE "invalid CFUN state",
    }
}

codes! {
    /// An error of the message service (27.005 3.2.5). This crate sends no messages, so the
    /// numbers are kept and few are described.
    CmsCode {
        300 ME_FAILURE "ME failure",
        301 SERVICE_RESERVED "SMS service of ME reserved",
        302 OPERATION_NOT_ALLOWED "operation not allowed",
        303 OPERATION_NOT_SUPPORTED "operation not supported",
        310 SIM_NOT_INSERTED "SIM not inserted",
        311 SIM_PIN_REQUIRED "SIM PIN required",
        313 SIM_FAILURE "SIM failure",
        314 SIM_BUSY "SIM busy",
        331 NO_NETWORK_SERVICE "no network service",
        332 NETWORK_TIMEOUT "network timeout",
        500 UNKNOWN "unknown error",
    }
}
