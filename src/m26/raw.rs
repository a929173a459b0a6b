//! A command of which only the text is known.

use std::fmt;

use crate::alipay::{self, GROUP};
use crate::at::command::{
    Answer, Command, CommandLine, Deadline, DecodeError, Reply, Request, Unsendable,
};
use crate::at::field::Shape;
use crate::at::line::Line;
use crate::at::profile::Profile;
use crate::at::result::FinalResult;
use crate::m26::power;

/// Sends a line as it is, and hands back the lines that came before the final result.
///
/// A result line that comes after the `OK`, as those of the ALIPAY commands do, is not waited for:
/// it is among the client's events. Until it has come, no other command is answered by it.
///
/// ```
/// use m26_pay::at::command::Command;
/// use m26_pay::m26::Raw;
/// use m26_pay::at::profile::Profile;
///
/// assert_eq!(Raw::new("AT+CSQ").request(&Profile::quectel())?.line(), b"AT+CSQ\r");
/// assert!(Raw::new("AT+CSQ\rATE1").request(&Profile::quectel()).is_err());
/// # Ok::<(), m26_pay::at::command::Unsendable>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Raw {
    text: String,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAnswer {
    /// The lines before the final result that no URC explains.
    pub lines: Vec<Line>,
    /// The final result; `None` after a command that ends with a line of its own, which is then the
    /// last of the lines.
    pub final_result: Option<FinalResult<'static>>,
}

impl Raw {
    /// The line without its line end. Whether it can be sent is seen when it is.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

impl Command for Raw {
    type Response = RawAnswer;

    fn request(&self, profile: &Profile) -> Result<Request, Unsendable> {
        let line = CommandLine::raw(&self.text, profile)?;
        let text = Text::of(&self.text);
        let causes = RESULTS
            .iter()
            .copied()
            // Where OK alone is the answer, no line is due behind it.
            .filter(|(prefix, _)| !profile.is_ok_alone(prefix))
            .flat_map(|result| std::iter::repeat_n(result, text.acts(result.0)));
        let mut request =
            Request::new(line).answer(Answer::Any).final_within(ANY).may_cause(causes.collect());
        if let Some((_, last_line)) = LAST_LINES.iter().find(|(name, _)| text.acts(name) > 0) {
            request = request.ends_with(last_line);
        }
        if text.holds("+ALIPAY") {
            request = request.group(GROUP);
        }
        if text.dials() {
            request = request.finals(CALL_ENDS);
        }
        if text.may_switch_echo() {
            request = request.forgets_echo();
        }
        Ok(request)
    }

    fn decode(&self, reply: &Reply) -> Result<RawAnswer, DecodeError> {
        Ok(RawAnswer { lines: reply.lines.clone(), final_result: reply.final_result.clone() })
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw([{} bytes])", self.text.len())
    }
}

/// A command line without what is in its quotes and without blanks, in capitals.
struct Text(String);

impl Text {
    fn of(line: &str) -> Self {
        // A quote without its partner says nothing about what is inside.
        let paired = line.matches('"').count() % 2 == 0;
        let mut quoted = false;
        let outside = line.chars().filter(|char| {
            quoted ^= *char == '"';
            !(paired && quoted) && *char != ' '
        });
        Self(outside.collect::<String>().to_ascii_uppercase())
    }

    fn holds(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// How many times it holds this command in a form that does something: neither `?` nor `=?`.
    fn acts(&self, name: &str) -> usize {
        let acts = |at: usize| {
            let rest = &self.0[at + name.len()..];
            !rest.starts_with(|next: char| next.is_ascii_alphanumeric())
                && !rest.starts_with('?')
                && !rest.starts_with("=?")
        };
        self.0.match_indices(name).filter(|(at, _)| acts(*at)).count()
    }

    /// Whether it makes or takes a call, which ends with codes of its own.
    fn dials(&self) -> bool {
        let body = self.0.get(2..).unwrap_or_default();
        body.starts_with(['A', 'D', 'O'])
    }

    /// Whether a basic command in it may set the echo: E, Z or &F (V.250 6.2.4, 6.1.1, 6.1.2).
    fn may_switch_echo(&self) -> bool {
        self.0.get(2..).unwrap_or_default().split(';').any(|part| {
            let basic = part.split('+').next().unwrap_or_default();
            basic.contains(['E', 'Z']) || basic.contains("&F")
        })
    }
}

/// The result lines that come after an `OK`.
const RESULTS: &[(&str, Shape)] = &[
    (alipay::behaviour::PREFIX, Shape::Any),
    (alipay::device_id::PREFIX, Shape::Any),
    (alipay::open::PREFIX, Shape::Any),
    (alipay::product_info::PREFIX, Shape::Any),
    // The read form's answer has the same prefix and two fields.
    (alipay::report::PREFIX, Shape::Fields(1)),
    (alipay::sign::PREFIX, Shape::Any),
    ("+QNTP", Shape::Any),
    ("+QNTTP", Shape::Any),
];

/// The commands that a line of text may end in the place of an `OK`.
const LAST_LINES: &[(&str, &str)] =
    &[("+ALIPAYSHUT", alipay::shut::CLOSED), ("+QPOWD", power::OFF)];

/// V.250 6.3: what ends a call, or its absence.
const CALL_ENDS: &[FinalResult<'static>] = &[
    FinalResult::Busy,
    FinalResult::Connect,
    FinalResult::NoAnswer,
    FinalResult::NoCarrier,
    FinalResult::NoDialtone,
];

/// The longest time that M26AT gives any command (AT+QIACT), since this one is not known.
const ANY: Deadline = Deadline::millis("final result", 150_000);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::m26::NtpCommand;
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
            ("AT+ALIPAYSIGN=4,\"+ALIPAYDID", &["+ALIPAYDID", "+ALIPAYSIGN"]),
            ("AT+ALIPAYREP=,,1,,6,1;+ALIPAYREP=,,2,,6,1", &["+ALIPAYREP", "+ALIPAYREP"]),
            ("AT+ALIPAYDIDX", &[]),
            ("AT+QNTP", &["+QNTP"]),
            ("AT+QNTTP=\"ntp1.aliyun.com\"", &["+QNTTP"]),
        ] {
            let prefixes: Vec<_> = request(text).taints.iter().map(|(prefix, _)| *prefix).collect();
            assert_eq!(prefixes, causes, "{text}");
        }
        let luat = Raw::new("AT+ALIPAYACT=1,2").request(&Profile::luat()).unwrap();
        assert!(luat.taints.is_empty());
    }

    #[test]
    fn echo_is_forgotten() {
        for text in ["ATE1", "ate0", "ATZ", "AT&F", "ATQ0V1E1", "AT+CSQ;E1", "ATE0+CSQ"] {
            assert_eq!(request(text).echo, Some(true), "{text}");
        }
        for text in ["AT", "ATI", "AT&W", "AT+CMEE=1", "AT+X=\"E1\"", "AT+COPS=?;+ZZ"] {
            assert_eq!(request(text).echo, None, "{text}");
        }
    }

    #[test]
    fn ends_of_their_own() {
        assert_eq!(request("AT+ALIPAYSHUT").last_line, Some("+ALIPAYSHUT OK"));
        assert_eq!(request("AT+QPOWD=1").last_line, Some("NORMAL POWER DOWN"));
        assert_eq!(request("AT+CSQ").last_line, None);
        assert_eq!(request("ATD112;").finals, CALL_ENDS);
        assert_eq!(request("AT+CSQ").finals, &[]);
        assert_eq!(request("AT+ALIPAYVER").group, Some(GROUP));
    }

    #[test]
    fn every_verb_with_a_result_is_known() {
        for verb in [NtpCommand::Qntp, NtpCommand::Qnttp] {
            assert!(RESULTS.iter().any(|(prefix, _)| *prefix == verb.prefix()));
        }
    }

    proptest! {
        #[test]
        fn any_text(text in any::<String>()) {
            let _ = Raw::new(text.clone()).request(&Profile::luat());
            let _ = Raw::new(format!("AT{text}")).request(&Profile::quectel());
        }
    }
}
