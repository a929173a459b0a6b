//! [`Raw`]: a command of which only the text is known.

use std::fmt;

use crate::at::command::{
    Answer, Command, CommandLine, Deadline, DecodeError, InvalidCommand, Reply, Request,
};
use crate::at::line::Line;
use crate::at::profile::Profile;
use crate::at::result::FinalResult;
use crate::at::verb::Effect;

/// Sends a line as it is, and hands back the lines that came before the final result.
///
/// It does not wait for a result line after the `OK`, as the ALIPAY commands have one: that line
/// becomes an event of the client. It is never taken for the answer to another command.
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::Raw;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(Raw::new("AT+CSQ").request(&Profile::quectel())?.line(), b"AT+CSQ\r");
/// assert!(Raw::new("AT+CSQ\rATE1").request(&Profile::quectel()).is_err());
/// # Ok::<(), m26_pay::at::command::InvalidCommand>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Raw {
    text: String,
}

/// The answer to a [`Raw`] line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAnswer {
    /// The lines before the final result that no URC explains.
    pub lines: Vec<Line>,
    /// The final result; `None` after a command that ends with a line of its own, which is then the
    /// last of the lines.
    pub final_result: Option<FinalResult<'static>>,
}

impl Raw {
    /// The line without its line end. It is checked when it is sent.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

impl Command for Raw {
    type Response = RawAnswer;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::raw(&self.text, profile)?;
        let mut request = Request::new(line.clone()).answer(Answer::Any).final_within(ANY);
        let mut causes = Vec::new();
        for command in line.commands().iter().rev() {
            request = match command.group() {
                Some(group) => request.group(group),
                None => request,
            };
            let Some(verb) = command.verb.filter(|_| command.acts()) else { continue };
            // If the profile has OK alone as the answer, no result line follows.
            let result = verb.result.filter(|_| !profile.is_ok_alone(verb.name));
            causes.extend(result.map(|result| (verb.name, result.shape)));
            if let Some(last_line) = verb.last_line {
                request = request.ends_with(last_line);
            }
            if !verb.finals.is_empty() {
                request = request.finals(verb.finals);
            }
            if verb.effect == Effect::SwitchesEcho {
                request = request.forgets_echo();
            }
        }
        causes.reverse();
        Ok(request.may_cause(causes))
    }

    fn decode(&self, reply: &Reply) -> Result<RawAnswer, DecodeError> {
        Ok(RawAnswer { lines: reply.lines.to_vec(), final_result: reply.final_result.clone() })
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw([{} bytes])", self.text.len())
    }
}

/// The longest time that M26AT gives any command (AT+QIACT), since this one is not known.
const ANY: Deadline = Deadline::millis("final result", 150_000);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::at::command::EchoChange;
    use crate::testing::quectel;

    fn request(text: &str) -> Request {
        Raw::new(text).request(&Profile::quectel()).unwrap()
    }

    #[test]
    fn lines_and_final_result() {
        let answer = quectel(&Raw::new("AT+CSQ"), b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n").unwrap();
        assert_eq!(answer.lines, [Line::new("+CSQ: 11,0")]);
        assert_eq!(answer.final_result, Some(FinalResult::Ok));
        let answer = quectel(&Raw::new("AT+QPOWD=1"), b"\r\nNORMAL POWER DOWN\r\n").unwrap();
        assert_eq!(answer.lines, [Line::new("NORMAL POWER DOWN")]);
        assert_eq!(answer.final_result, None);
        assert_eq!(format!("{:?}", Raw::new("AT+ALIPAYCFG=\"key\"")), "Raw([18 bytes])");
    }

    #[test]
    fn results_that_it_may_cause() {
        for (text, causes) in [
            ("AT+CSQ", &[][..]),
            ("AT+ALIPAYSIGN=?", &[]),
            ("AT+ALIPAYREP?", &[]),
            ("AT+ALIPAYDID", &["+ALIPAYDID"]),
            ("at+csq;+alipaydid", &["+ALIPAYDID"]),
            ("ATE0+ALIPAYOPEN;+ALIPAYREP?", &["+ALIPAYOPEN"]),
            ("AT + ALIPAYACT = 1,2", &["+ALIPAYACT"]),
            ("AT+ALIPAYREP?;+ALIPAYREP=,,1,,6,1", &["+ALIPAYREP"]),
            ("AT+ALIPAYSIGN=4,\"+ALIPAYDID\"", &["+ALIPAYSIGN"]),
            ("AT+ALIPAYREP=,,1,,6,1;+ALIPAYREP=,,2,,6,1", &["+ALIPAYREP", "+ALIPAYREP"]),
            ("AT+ALIPAYDIDX", &[]),
            ("AT+QNTP", &["+QNTP"]),
            ("AT+QNTTP=\"ntp1.aliyun.com\"", &["+QNTTP"]),
        ] {
            let prefixes: Vec<_> =
                request(text).taints().iter().map(|(prefix, _)| *prefix).collect();
            assert_eq!(prefixes, causes, "{text}");
        }
        let luat = Raw::new("AT+ALIPAYACT=1,2").request(&Profile::luat()).unwrap();
        assert!(luat.taints().is_empty());
    }

    #[test]
    fn echo_is_forgotten() {
        for text in ["ATE1", "ate0", "ATZ", "AT&F", "ATQ0V1E1", "AT+CSQ;E1", "ATE0+CSQ"] {
            assert_eq!(request(text).echo, Some(EchoChange::Unknown), "{text}");
        }
        for text in ["AT", "ATI", "AT&W", "AT+CMEE=1", "AT+X=\"E1\"", "AT+COPS=?;+ZZ"] {
            assert_eq!(request(text).echo, None, "{text}");
        }
    }

    #[test]
    fn ends_of_their_own() {
        assert_eq!(request("AT+ALIPAYSHUT").last_line(), Some("+ALIPAYSHUT OK"));
        assert_eq!(request("AT+QPOWD=1").last_line(), Some("NORMAL POWER DOWN"));
        assert_eq!(request("AT+CSQ").last_line(), None);
        assert!(request("ATD112;").ends().contains(&FinalResult::NoCarrier));
        assert_eq!(request("AT+CSQ").ends(), &[]);
        assert_eq!(request("AT+ALIPAYVER").group, Some("ALIPAY"));
    }

    proptest! {
        #[test]
        fn any_text(text in any::<String>()) {
            let _ = Raw::new(text.clone()).request(&Profile::luat());
            let _ = Raw::new(format!("AT{text}")).request(&Profile::quectel());
        }
    }
}
