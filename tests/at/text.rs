//! Fields, shapes, final results and command lines at their edges: what is read and what is not,
//! where an error points, and what is printed.

use m26_pay::at::command::{CommandLine, Deadline, InvalidCommand};
use m26_pay::at::field::{FieldError, Fields, Shape};
use m26_pay::at::line::{Frame, Line};
use m26_pay::at::profile::Profile;
use m26_pay::at::result::{CmeCode, CmsCode, Explanation, FinalResult};
use m26_pay::at::syntax::View;

#[test]
fn numbers_up_to_the_greatest() {
    let read = |text: &'static str| Fields::new(text.as_bytes()).int::<i64>("n").ok();
    assert_eq!(read("9223372036854775807"), Some(i64::MAX));
    assert_eq!(read("-9223372036854775807"), Some(-i64::MAX));
    assert_eq!(read("007"), Some(7));
    for none in ["9223372036854775808", "99999999999999999999", "100000000000000000000000", "-", ""]
    {
        assert_eq!(read(none), None, "{none}");
    }
    // Also where something follows.
    let mut fields = Fields::new(b"9223372036854775807,-9223372036854775808 , 3");
    assert_eq!(fields.int("first"), Ok(i64::MAX));
    assert_eq!(fields.int("second"), Ok(i64::MIN));
    assert_eq!(fields.int("third"), Ok(3));
    assert!(Fields::new(b"9223372036854775808,1").int::<i64>("n").is_err());
}

#[test]
fn a_comma_is_between_two_fields() {
    // In front of the first one it says that this is empty.
    let mut fields = Fields::new(b",1");
    assert!(Fields::new(b",1").int::<u8>("n").is_err());
    assert_eq!(fields.string("first"), Ok(&b""[..]));
    assert_eq!(fields.int::<u8>("second"), Ok(1));
    // Behind the last one there is none.
    let missing = |expected| Err(FieldError { expected, position: 2 });
    assert_eq!(fields.string("third"), missing("third"));
    assert_eq!(fields.rest("third"), missing("third"));
    assert_eq!(fields.end(), Ok(()));
    // A field ends where the next comma is.
    assert!(Fields::new(b"1 2").int::<u8>("n").is_err());
    assert!(Fields::new(b"ab\"cd\",1").string("s").is_err());
    assert!(Fields::new(b"\"ab\"cd").string("s").is_err());
}

#[test]
fn bare_strings_end_at_the_next_comma() {
    let mut fields = Fields::new(b"ab c  , d,e");
    assert_eq!(fields.string("first"), Ok(&b"ab c"[..]));
    assert_eq!(fields.string("second"), Ok(&b"d"[..]));
    assert_eq!(fields.rest("all"), Ok(&b"e"[..]));
    assert_eq!(Fields::new(b"1,\"a,b\",c").rest("all"), Ok(&b"1,\"a,b\",c"[..]));
}

#[test]
fn more_is_said_before_and_between_fields() {
    assert!(!Fields::new(b"").more());
    assert!(!Fields::new(b"  ").more());
    let mut fields = Fields::new(b"1, \"\" ");
    assert!(fields.more());
    assert_eq!(fields.end(), Err(FieldError { expected: "end of line", position: 0 }));
    assert_eq!(fields.int::<u8>("n"), Ok(1));
    assert!(fields.more());
    assert_eq!(fields.string("s"), Ok(&b""[..]));
    assert!(!fields.more());
}

#[test]
fn shapes_count_what_is_between_commas_outside_quotes() {
    for (args, count) in [
        (&b""[..], 0),
        (b"  ", 0),
        (b"1", 1),
        (b",", 2),
        (b"1,2", 2),
        (b"\"a,b\",2", 2),
        (b"\"a\",\"b\",3", 3),
        (b"1,\"a,b\",\",\",4", 4),
        (b"\"a,b", 1),
    ] {
        for other in 0..6 {
            assert_eq!(Shape::Fields(other).fits(args), other == count, "{args:?} and {other}");
        }
        assert!(Shape::Any.fits(args));
    }
    for (args, read) in [(&b"0,1"[..], true), (b"0,\"1\"", false), (b"x,1", false), (b"0", false)] {
        assert_eq!(Shape::ReadForm.fits(args), read, "{args:?}");
    }
}

#[test]
fn what_cannot_be_sent_is_named_at_its_first_place() {
    let line =
        |profile: Profile, value| CommandLine::set("+X").string("apn", value).finish(&profile);
    assert_eq!(
        line(Profile::quectel(), "a\"b\"c"),
        Err(InvalidCommand::Byte { byte: b'"', position: 1 })
    );
    assert_eq!(
        line(Profile::luat(), "a\"b\"c"),
        Err(InvalidCommand::Byte { byte: b'"', position: 1 })
    );
    for (value, byte, position) in
        [("a,b,c", ',', 1), ("a;b", ';', 1), (" a", ' ', 0), ("a ", ' ', 1), ("a b,", ',', 3)]
    {
        let error = line(Profile::luat(), value).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "apn holds {byte:?} at position {position}, which profile luat cannot send without quotes"
            )
        );
    }
    assert_eq!(line(Profile::luat(), "a b").as_deref(), Ok(&b"AT+X=a b\r"[..]));
    assert_eq!(line(Profile::luat(), "").as_deref(), Ok(&b"AT+X=\r"[..]));
    let raw = CommandLine::raw("at+x\u{1}\u{2}", &Profile::quectel());
    assert_eq!(raw, Err(InvalidCommand::Byte { byte: 1, position: 4 }));
}

#[test]
fn names_as_short_as_they_come() {
    for line in ["+X: 1", "+X:1 ", "+X : 1", "+X \r\n:\0 1"] {
        let prefixed = View::Prefixed { prefix: b"+X", args: b"1" };
        assert_eq!(View::of(line.as_bytes()), prefixed, "{line:?}");
        assert_eq!(View::of(line.as_bytes()).args_of("+X"), Some(&b"1"[..]), "{line:?}");
        assert_eq!(View::of(line.as_bytes()).args_of("+"), None, "{line:?}");
    }
    for text in ["+: 1", "+ : 1", "+X 1", "+X", "X: 1", "+X.Y: 1"] {
        assert_eq!(View::of(text.as_bytes()), View::Text(text.as_bytes()), "{text:?}");
    }
}

#[test]
fn every_final_result() {
    let cme = |explanation| FinalResult::Cme(explanation);
    let cms = |explanation| FinalResult::Cms(explanation);
    for (line, result, shown, ends, code) in [
        ("OK", FinalResult::Ok, "OK", true, None),
        ("OK ", FinalResult::Ok, "OK", true, None),
        ("ERROR", FinalResult::Error, "ERROR", true, None),
        (
            "+CME ERROR: 10",
            cme(Explanation::Code(CmeCode::SIM_NOT_INSERTED)),
            "+CME ERROR: 10 (SIM not inserted)",
            true,
            Some(10),
        ),
        (
            "+CME ERROR:sim BUSY ",
            cme(Explanation::Code(CmeCode::SIM_BUSY)),
            "+CME ERROR: 14 (SIM busy)",
            true,
            Some(14),
        ),
        (
            "+CMS ERROR: 302",
            cms(Explanation::Code(CmsCode::OPERATION_NOT_ALLOWED)),
            "+CMS ERROR: 302 (operation not allowed)",
            true,
            Some(302),
        ),
        (
            "+CMS ERROR: unheard of",
            cms(Explanation::Text("unheard of".into())),
            "+CMS ERROR: a text of 10 bytes",
            true,
            None,
        ),
        ("CONNECT", FinalResult::Connect, "CONNECT", false, None),
        ("CONNECT 9600", FinalResult::Connect, "CONNECT", false, None),
        ("NO CARRIER", FinalResult::NoCarrier, "NO CARRIER", false, None),
        ("NO DIALTONE", FinalResult::NoDialtone, "NO DIALTONE", false, None),
        ("NO ANSWER", FinalResult::NoAnswer, "NO ANSWER", false, None),
        ("BUSY", FinalResult::Busy, "BUSY", false, None),
    ] {
        assert_eq!(View::of(line.as_bytes()), View::Final(result.clone()), "{line}");
        assert_eq!(result.to_string(), shown);
        assert_eq!(result.ends_any_command(), ends, "{line}");
        assert_eq!(result.code(), code, "{line}");
        assert_eq!(result.clone().into_owned(), result);
    }
    for text in ["OKAY", "ERRORS", "NO", "NO CARRIERS", "BUSYBODY", "CONNECTED", "ok", " OK"] {
        assert_eq!(View::of(text.as_bytes()), View::Text(text.as_bytes()), "{text}");
    }
    // A text in no table may be anything, and a known one is no secret.
    let shown = format!("{:?}", View::of(b"+CME ERROR: KEY 2018"));
    assert_eq!(shown, "Final(+CME ERROR: a text of 8 bytes)");
    let explanation = Explanation::<CmeCode>::Text("KEY 2018".into());
    assert_eq!(format!("{explanation:?}"), "a text of 8 bytes");
}

#[test]
fn what_is_printed_holds_no_parameter() {
    for (frame, shown) in [
        (Frame::Line(b"+X: \"KEY\""), "Line(+X: [5 bytes])"),
        (Frame::Miscounted(b"+X: \"KEY"), "Miscounted(+X: [4 bytes])"),
        (Frame::Overlong(b"KEY"), "Overlong([3 bytes])"),
    ] {
        assert_eq!(format!("{frame:?}"), shown);
    }
    assert_eq!(format!("{:?}", Line::new(&b"+X: \"KEY\""[..])), "+X: [5 bytes]");
    let mut fields = Fields::new(b"1,\"KEY\"");
    assert_eq!(fields.int::<u8>("n"), Ok(1));
    assert_eq!(format!("{fields:?}"), "Fields([6 of 7 bytes])");
}

#[test]
fn a_deadline_says_what_and_how_long() {
    assert_eq!(Deadline::millis("final result", 3_000).to_string(), "final result within 3s");
}
