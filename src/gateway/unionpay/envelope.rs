//! What is around an answer's parameters.

use super::code::Code;
use crate::gateway::{Fields, NoAnswer};
use crate::secret::Secret;

/// ```text
/// {"resp":"00","msg":"","params":{…}}              2.3
/// {"result":{"resp":"00","msg":"","params":{…}}}   5.4.5, 5.5.1, 5.6.1
/// {"accessToken":"…",…}                            4.3, without an envelope
/// ```
///
/// in any order, with blanks around names and values, as the spec's own samples have them. The sample
/// of 5.4.5 has two braces behind `"result"` and that of 4.3 lacks commas: neither is JSON, and
/// nothing like them is taken.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) code: Code,
    pub(super) message: Option<Secret<String>>,
    pub(super) fields: Fields,
}

impl Envelope {
    /// Takes an answer apart. `bare` is the member by which an answer without an envelope is known.
    pub(super) fn read(text: &str, bare: Option<&'static str>) -> Result<Self, NoAnswer> {
        let mut whole = Fields::read_trimmed(text)?;
        if let (None, Some(result)) = (whole.json("resp"), whole.json("result")) {
            whole = Fields::read_trimmed(result)?;
        }
        let code = match whole.text("resp") {
            Some(code) => Code::new(&code),
            None if bare.is_some_and(|name| whole.text(name).is_some()) => Code::SUCCESS,
            None => return Err(NoAnswer::OtherCall),
        };
        let message = whole.text("msg").map(|message| Secret::new(message.into_owned()));
        let fields = match whole.json("params") {
            // Not specified; chosen because what is said to be empty is not always written as `{}`.
            Some("\"\"") => Fields::default(),
            Some(params) => match Fields::read_trimmed(params) {
                Ok(fields) => fields,
                // A refusal is one, whatever stands beside it.
                Err(_) if code != Code::SUCCESS => Fields::default(),
                Err(reason) => return Err(reason),
            },
            None => whole,
        };
        Ok(Self { code, message, fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, Option<String>), NoAnswer> {
        let envelope = Envelope::read(text, Some("accessToken"))?;
        let token = envelope.fields.text("accessToken").map(|token| token.into_owned());
        Ok((envelope.code.as_str().to_owned(), token))
    }

    #[test]
    fn every_form_of_the_spec() {
        for text in [
            r#"{"msg":"","params":{"accessToken":"A+b="},"resp":"00"}"#,
            r#"{"result":{"resp":"00","msg":"成功","params":{"accessToken":"A+b="}}}"#,
            r#"{"accessToken":"A+b= "," scope":" upapi_base "}"#,
            r#" { " resp" : " 00 " , "params" : { " accessToken " : " A+b=" } } "#,
            r#"{"resp":"00","accessToken":"A+b="}"#,
        ] {
            assert_eq!(read(text), Ok(("00".into(), Some("A+b=".into()))), "{text}");
        }
        for params in ["null", "\"\"", "[]", "\"no\"", "{}", r#"{"a":1,"a":2}"#] {
            let refused = format!(r#"{{"resp":" a10","msg":"","params":{params}}}"#);
            assert_eq!(read(&refused), Ok(("a10".into(), None)), "{params}");
        }
        assert_eq!(read(r#"{"resp":"00","params":""}"#), Ok(("00".into(), None)));
    }

    #[test]
    fn what_is_no_answer_is_named() {
        for (text, reason) in [
            ("", NoAnswer::Empty),
            ("<html>", NoAnswer::Html),
            ("The server has understood the request", NoAnswer::NotJson),
            (r#"{"resp":"00","params":{"accessToken""#, NoAnswer::CutOff),
            (r#"{"resp":"00","resp ":"a10"}"#, NoAnswer::Twice),
            (r#"{"resp":"00","params":{"a":1,"a":2}}"#, NoAnswer::Twice),
            (r#"{"resp":"00","params":"x"}"#, NoAnswer::NotJson),
            (r#"{"result":{{"resp":"00"}}}"#, NoAnswer::NotJson),
            (r#"{"result":"00"}"#, NoAnswer::NotJson),
            (r#"{"errorCode":"35000"}"#, NoAnswer::OtherCall),
            ("{}", NoAnswer::OtherCall),
        ] {
            assert_eq!(read(text), Err(reason), "{text}");
        }
    }
}
