//! What comes back from a page.

use percent_encoding::percent_decode_str;

use super::LoginState;
use crate::advice::{self, Advice};
use crate::gateway::unionpay::text::AuthorisationCode;
use crate::gateway::unionpay::{Code, Remedy};
use crate::secret::Secret;

/// Reads what is behind the `?` of the address that a page has sent a user back to, and compares the
/// state with the one that the user's session has.
///
/// ```text
/// redirectUri?code=CODE&state=STATE
/// redirectUri?state=STATE&errmsg=XXXXYYYY&errorcode=xxx
/// ```
///
/// Give it the query as it came: the code is percent-encoded (4.3), and a framework that decodes it
/// may take a `+` in it for a blank. A blank in it is taken for the `+` that it was (7.8 no. 14).
///
/// # Errors
/// If there is no code, or the state is not that of the session.
pub fn returned(
    query: &str,
    session: Option<&LoginState>,
) -> Result<AuthorisationCode, ReturnError> {
    let state = value(query, "state")?.filter(|state| !state.is_empty());
    match (session, state) {
        (None, None) => {}
        (Some(session), Some(state)) if session.is(&state) => {}
        _ => return Err(ReturnError::OtherState),
    }
    let code = value(query, "code")?.filter(|code| !code.is_empty());
    let error = value(query, "errorcode")?.filter(|code| !code.is_empty());
    match (code, error) {
        (Some(code), None) => {
            let code = code.trim().replace(' ', "+");
            AuthorisationCode::new(code).map_err(|_| ReturnError::NotRead("code is none"))
        }
        (Some(_), Some(_)) => Err(ReturnError::NotRead("there is a code, and an error too")),
        (None, None) => Err(ReturnError::NotRead("there is neither a code nor an error")),
        (None, Some(error)) if error.trim() == DECLINED => Err(ReturnError::Declined),
        (None, Some(error)) => {
            let message = value(query, "errmsg")?.map(Secret::new);
            Err(ReturnError::Refused { code: Code::new(&error), message })
        }
    }
}

/// Why a user came back without a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReturnError {
    /// The user does not agree (`user0001`, 7.8 no. 24).
    #[error("the user did not agree")]
    Declined,
    /// It is no answer of a page.
    #[error("what came back is no answer of the page: {0}")]
    NotRead(&'static str),
    /// The state is not that of the session: somebody else began this login, or nobody did.
    #[error("the state is not that of this session: begin the login again")]
    OtherState,
    /// The page says no.
    #[error("the page says no: {} ({code})", code.meaning().description)]
    Refused {
        /// Why.
        code: Code,
        /// What it says to a person (`errmsg`).
        message: Option<Secret<String>>,
    },
}

impl ReturnError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Declined => advice::unionpay::DECLINED,
            Self::NotRead(_) | Self::OtherState => advice::unionpay::PAGE,
            Self::Refused { code, .. } => code.meaning().remedy.advice(),
        }
    }
}

impl ReturnError {
    /// Who can do something about it.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Declined => Remedy::User,
            Self::NotRead(_) | Self::OtherState => Remedy::Authorise,
            Self::Refused { code, .. } => code.meaning().remedy,
        }
    }
}

/// The value of this name, decoded; a `+` stands for itself.
fn value(query: &str, name: &str) -> Result<Option<String>, ReturnError> {
    let mut values = query.split('&').filter_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then_some(value)
    });
    let value = values.next();
    if values.next().is_some() {
        return Err(ReturnError::NotRead("a name comes twice"));
    }
    let decoded = value.map(|value| percent_decode_str(value).decode_utf8().map(String::from));
    decoded.transpose().map_err(|_| ReturnError::NotRead("a value is not UTF-8"))
}

/// 7.8 no. 24.
const DECLINED: &str = "user0001";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gateway::unionpay::page::LoginState;

    fn state(text: &str) -> LoginState {
        LoginState::new(text).unwrap()
    }

    #[track_caller]
    fn code(query: &str, session: Option<&str>) -> String {
        let session = session.map(state);
        returned(query, session.as_ref()).unwrap().expose().to_owned()
    }

    #[test]
    fn a_code_comes_back_with_its_state() {
        assert_eq!(code("code=KFTrLiCknhMlKKuv&state=a1", Some("a1")), "KFTrLiCknhMlKKuv");
        assert_eq!(code("code=KFTrLiCknhMlKKuv", None), "KFTrLiCknhMlKKuv");
        assert_eq!(code("x=1&code=KFTr&state=&", None), "KFTr");
        // Encoded, raw, and with the `+` that somebody took for a blank.
        for query in ["code=a%2Bb%2Fc%3D%3D", "code=a+b/c==", "code=a%20b/c=="] {
            assert_eq!(code(query, None), "a+b/c==");
        }
    }

    #[test]
    fn another_state_is_refused_whatever_else_comes() {
        for (query, session) in [
            ("code=1&state=a1", Some("a2")),
            ("code=1&state=a", Some("a1")),
            ("code=1&state=a11", Some("a1")),
            ("code=1", Some("a1")),
            ("code=1&state=", Some("a1")),
            ("code=1&state=a1", None),
            ("errorcode=user0001&state=a2", Some("a1")),
        ] {
            let session = session.map(state);
            assert_eq!(returned(query, session.as_ref()), Err(ReturnError::OtherState), "{query}");
        }
    }

    #[test]
    fn a_user_may_decline() {
        let message = "%E7%94%A8%E6%88%B7%E4%B8%8D%E5%90%8C%E6%84%8F%E6%8E%88%E6%9D%83[user0001]";
        let query = format!("state=a1&errmsg={message}&errorcode=user0001");
        assert_eq!(returned(&query, Some(&state("a1"))), Err(ReturnError::Declined));
        let error = returned("errmsg=13800000000&errorcode=N62132", None).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("13800000000"), "{error:?}");
        let ReturnError::Refused { code, message } = &error else { panic!("{error}") };
        assert_eq!((code.as_str(), error.remedy()), ("N62132", Remedy::Platform));
        assert_eq!(message.as_ref().unwrap().expose(), "13800000000");
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for query in ["", "code=", "a=b", "code=1&code=2", "code=1&errorcode=x", "code=%ff"] {
            let error = returned(query, None).unwrap_err();
            assert!(matches!(error, ReturnError::NotRead(_)), "{query}: {error}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_does_no_harm(query in any::<String>()) {
            let _ = returned(&query, None);
            prop_assert!(returned(&query, Some(&state("a1"))).is_err());
        }

        #[test]
        fn what_a_page_encodes_comes_back(code in "[a-zA-Z0-9+/]{1,60}={0,2}", state in "[a-zA-Z0-9]{1,128}") {
            let state = LoginState::new(&state).unwrap();
            let mut query = String::new();
            crate::gateway::form::push(&mut query, "code", code.as_bytes());
            let query = format!("{query}&state={}", state.as_str());
            let read = returned(&query, Some(&state)).unwrap();
            prop_assert_eq!(read.expose(), code);
        }
    }
}
