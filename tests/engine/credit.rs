//! No answer is ever credited to the wrong command: whatever comes late comes at every place
//! around the next command, and that command gets its own answer, or none.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a helper that fails fails the test")]

use std::time::Duration;

use m26_pay::at::command::{Answer, Request};
use m26_pay::at::field::Shape;
use m26_pay::at::line::MIN_LIMIT;
use m26_pay::at::profile::Profile;
use m26_pay::engine::{FENCE, FINAL_AFTER_RESULT, SETTLE, Settings};
use support::bench::{Bench, profiles};
use support::requests::{self, FINAL, FINAL_WITH_RESULT, RESULT};

/// A module that answers each line in pieces, and something late that comes in one of the gaps
/// between writing, answering and the pieces.
struct Conversation<'a> {
    answers: &'a [(&'a str, &'a [&'a str])],
    late: &'a str,
}

/// Where the late bytes came.
#[derive(Debug, PartialEq)]
enum Gap {
    /// While this line was not written to its end.
    Unwritten(String),
    /// After this line was written and so many pieces of its answer came.
    Answered(String, usize),
    /// When all was over.
    Over,
}

impl Conversation<'_> {
    /// Plays it, the late bytes in gap `at`, and returns what was told; `None` if there are fewer
    /// gaps.
    fn play(&self, bench: &mut Bench, at: usize) -> Option<(Gap, Vec<String>)> {
        let mut gaps = 0;
        let mut came = None;
        let mut seen = Vec::new();
        let mut gap = |bench: &mut Bench, here: Gap| {
            if gaps == at {
                bench.receive(self.late.as_bytes());
                came = Some(here);
            }
            gaps += 1;
        };
        for _ in 0..100 {
            let line = bench.transmit();
            if line.is_empty() {
                seen.extend(bench.events());
                if !bench.engine.is_idle() {
                    // A fence that something broke into is followed by another one.
                    seen.extend(bench.pass(Duration::from_secs(2)));
                    continue;
                }
                gap(bench, Gap::Over);
                seen.extend(bench.events());
                return came.map(|gap| (gap, seen));
            }
            gap(bench, Gap::Unwritten(line.clone()));
            if bench.transmit() != line {
                continue;
            }
            bench.write(line.len() / 2);
            gap(bench, Gap::Unwritten(line.clone()));
            bench.write(line.len());
            gap(bench, Gap::Answered(line.clone(), 0));
            let known = self.answers.iter().find(|(known, _)| *known == line.trim_end());
            let pieces = known.map_or_else(|| fence_answer(&line), |(_, pieces)| pieces.to_vec());
            for (index, piece) in pieces.iter().enumerate() {
                bench.receive(piece.as_bytes());
                gap(bench, Gap::Answered(line.clone(), index + 1));
            }
        }
        panic!("the engine sends without end: {:?}", bench.engine)
    }
}

/// The answer to a fence, as long as it asks once.
fn fence_answer(line: &str) -> Vec<&'static str> {
    match line {
        "AT+CMEE?\r" => vec!["AT+CMEE?\r", "\r\n+CMEE: 1\r\n", "\r\nOK\r\n"],
        "AT+IFC?\r" => vec!["AT+IFC?\r", "\r\n+IFC: 0,0\r\n", "\r\nOK\r\n"],
        "AT+CCLK?\r" => {
            vec!["AT+CCLK?\r", "\r\n+CCLK: \"20/02/14,10:00:00+32\"\r\n", "\r\nOK\r\n"]
        }
        "AT+CMEE?;+CMEE?\r" => {
            vec!["AT+CMEE?;+CMEE?\r", "\r\n+CMEE: 1\r\n", "\r\n+CMEE: 1\r\n", "\r\nOK\r\n"]
        }
        _ => panic!("nobody asked for {line:?}"),
    }
}

/// A command that went wrong, what of it comes late, and the next command.
struct Case {
    what: &'static str,
    first: Request,
    /// What the first command got in time.
    in_time: &'static str,
    /// How it ended.
    ended: &'static str,
    late: &'static str,
    /// How each line of it is reported, whatever the place.
    reported: &'static [&'static str],
    next: Request,
    answers: &'static [(&'static str, &'static [&'static str])],
    done: &'static str,
}

/// Plays `case` with the late bytes in every gap that `allowed` admits. `true` is for a gap before
/// the next command's line was written to its end.
#[track_caller]
fn play(profile: &Profile, make: impl Fn() -> Case, allowed: impl Fn(bool) -> bool) {
    let mut places = 0;
    for at in 0.. {
        let case = make();
        let what = case.what;
        let mut bench = Bench::ready(profile.clone());
        bench.submit(case.first);
        let line = bench.transmit();
        bench.write(line.len());
        bench.receive(case.in_time.as_bytes());
        let mut seen = bench.events();
        seen.extend(bench.pass(Duration::from_secs(200)));
        assert_eq!(seen, [case.ended], "{what}: the first command");

        bench.submit(case.next);
        let conversation = Conversation { answers: case.answers, late: case.late };
        let Some((gap, seen)) = conversation.play(&mut bench, at) else { break };
        let unwritten =
            |line: &str| case.answers.iter().any(|(known, _)| *known == line.trim_end());
        let before = match &gap {
            Gap::Unwritten(_) => true,
            Gap::Answered(line, _) => !unwritten(line),
            Gap::Over => false,
        };
        if !allowed(before) {
            continue;
        }
        places += 1;
        let done: Vec<_> = seen.iter().filter(|event| event.starts_with('#')).collect();
        assert_eq!(done, [case.done], "{what}, late bytes at {gap:?} ({}): {seen:?}", profile.name);
        let told: Vec<_> = seen
            .iter()
            .filter_map(|event| event.split_once(": ").filter(|_| !event.starts_with('#')))
            .collect();
        // A fence that something broke into is followed by another one, and what is left of its
        // own answer is late.
        let mut lines: Vec<_> = told.iter().map(|(_, line)| *line).collect();
        let broken = matches!(&gap, Gap::Answered(line, 1..) if !unwritten(line));
        if broken && lines.len() > case.reported.len() && lines.last() == Some(&"OK") {
            lines.pop();
        }
        assert_eq!(lines, case.reported, "{what}, late bytes at {gap:?}: {seen:?}");
        assert!(
            told.iter().all(|(kind, _)| matches!(*kind, "late" | "stray" | "urc")),
            "{what}, late bytes at {gap:?}: {seen:?}"
        );
        assert!(bench.engine.is_idle(), "{what}, late bytes at {gap:?}: {:?}", bench.engine);
    }
    assert!(places >= 6, "only {places} places");
}

/// Final results and information lines: the module works on one command at a time, so they cannot
/// come after the line of the next command was read.
fn before_the_next_is_asked(before: bool) -> bool {
    before
}

/// Result lines come whenever they like.
fn anywhere(_: bool) -> bool {
    true
}

const CSQ: &[(&str, &[&str])] =
    &[("AT+CSQ", &["AT+CSQ\r", "\r\n+CSQ: 30,0\r\n", "\r\n", "OK\r\n"])];

#[test]
fn a_late_ok() {
    for profile in profiles() {
        let case = || Case {
            what: "a late OK",
            first: requests::at(),
            in_time: "",
            ended: "#1 timed-out (unknown) final",
            late: "\r\nOK\r\n",
            reported: &["OK"],
            next: requests::at(),
            answers: &[("AT", &["AT\r", "\r\nERROR\r\n"])],
            done: "#2 refused: ERROR",
        };
        play(&profile, case, before_the_next_is_asked);
    }
}

#[test]
fn a_late_error() {
    for profile in profiles() {
        let case = || Case {
            what: "a late error",
            first: requests::cfg_set("AT+ALIPAYCFG=1"),
            in_time: "AT+ALIPAYCFG=1\r",
            ended: "#1 timed-out (unknown) final",
            late: "\r\n+CME ERROR: 3\r\n",
            reported: &["+CME ERROR: 3"],
            next: requests::at(),
            answers: &[("AT", &["AT\r", "\r\nOK\r\n"])],
            done: "#2: OK",
        };
        play(&profile, case, before_the_next_is_asked);
    }
}

#[test]
fn a_late_information_line_with_its_ok() {
    for profile in profiles() {
        let case = || Case {
            what: "a late answer to the same question",
            first: requests::csq(),
            in_time: "AT+CSQ\r",
            ended: "#1 timed-out (unknown) final",
            late: "\r\n+CSQ: 5,0\r\n\r\nOK\r\n",
            reported: &["+CSQ: 5,0", "OK"],
            next: requests::csq(),
            answers: CSQ,
            done: "#2: +CSQ: 30,0 / OK",
        };
        play(&profile, case, before_the_next_is_asked);
    }
}

#[test]
fn a_late_information_line_whose_ok_was_lost() {
    for profile in profiles() {
        let case = || Case {
            what: "a late information line",
            first: requests::csq(),
            in_time: "",
            ended: "#1 timed-out (unknown) final",
            late: "\r\n+CSQ: 5,0\r\n",
            reported: &["+CSQ: 5,0"],
            next: requests::csq(),
            answers: CSQ,
            done: "#2: +CSQ: 30,0 / OK",
        };
        play(&profile, case, before_the_next_is_asked);
    }
}

#[test]
fn the_rest_of_an_answer() {
    for profile in profiles() {
        let case = || Case {
            what: "an OK whose information line came in time",
            first: requests::csq(),
            in_time: "AT+CSQ\r\r\n+CSQ: 5,0\r\n",
            ended: "#1 timed-out (unknown) final",
            late: "\r\nOK\r\n",
            reported: &["OK"],
            next: requests::csq(),
            answers: CSQ,
            done: "#2: +CSQ: 30,0 / OK",
        };
        play(&profile, case, before_the_next_is_asked);
    }
}

#[test]
fn late_text_is_no_text_of_the_next() {
    for profile in profiles() {
        let case = || Case {
            what: "the text of an IMSI when the IMEI is asked for",
            first: requests::ati(),
            in_time: "",
            ended: "#1 timed-out (unknown) final",
            late: "\r\n460001234567890\r\n\r\nOK\r\n",
            reported: &["460001234567890", "OK"],
            next: requests::ati(),
            answers: &[("ATI", &["ATI\r", "\r\nQuectel_M26\r\n", "\r\nOK\r\n"])],
            done: "#2: Quectel_M26 / OK",
        };
        play(&profile, case, before_the_next_is_asked);
    }
}

#[test]
fn an_ok_without_the_information_that_was_due() {
    for profile in profiles() {
        let case = || Case {
            what: "OK came first, so the answer may still come",
            first: requests::csq(),
            in_time: "\r\nOK\r\n",
            ended: "#1 contradicted: OK came without the +CSQ line that was due",
            late: "\r\n+CSQ: 5,0\r\n\r\nOK\r\n",
            reported: &["+CSQ: 5,0", "OK"],
            next: requests::csq(),
            answers: CSQ,
            done: "#2: +CSQ: 30,0 / OK",
        };
        play(&profile, case, before_the_next_is_asked);
    }
}

#[test]
fn an_error_after_a_result_line() {
    for profile in profiles() {
        let case = || Case {
            what: "a result, then an error, then an OK",
            first: requests::report(&requests::no_ok_alone(&profile), "1"),
            in_time: "\r\n+ALIPAYREP: 0\r\n\r\nERROR\r\n",
            ended: "#1 contradicted: a result line came, and then ERROR",
            late: "\r\nOK\r\n",
            reported: &["OK"],
            next: requests::at(),
            answers: &[("AT", &["AT\r", "\r\nERROR\r\n"])],
            done: "#2 refused: ERROR",
        };
        play(&profile, case, before_the_next_is_asked);
    }
}

#[test]
fn a_result_whose_ok_was_lost_is_delivered_and_the_late_ok_is_nobodys() {
    for profile in profiles() {
        let case = || Case {
            what: "a lost OK",
            first: requests::sign(&profile, "1"),
            in_time: "\r\n+ALIPAYSIGN: 0,3,\"abc\"\r\n",
            ended: "#1: +ALIPAYSIGN: 0,3,\"abc\" / no final",
            late: "\r\nOK\r\n",
            reported: &["OK"],
            next: requests::at(),
            answers: &[("AT", &["AT\r", "\r\nERROR\r\n"])],
            done: "#2 refused: ERROR",
        };
        play(&profile, case, before_the_next_is_asked);
    }
}

#[test]
fn shut_has_no_ok_and_one_that_comes_is_nobodys() {
    for profile in profiles() {
        let case = || Case {
            what: "an OK after +ALIPAYSHUT OK",
            first: requests::shut(),
            in_time: "AT+ALIPAYSHUT\r\r\n+ALIPAYSHUT OK\r\n",
            ended: "#1: +ALIPAYSHUT OK / no final",
            late: "\r\nOK\r\n",
            reported: &["OK"],
            next: requests::csq(),
            answers: CSQ,
            done: "#2: +CSQ: 30,0 / OK",
        };
        play(&profile, case, before_the_next_is_asked);
    }
}

#[test]
fn a_late_shut_does_not_shut_for_the_next() {
    for profile in profiles() {
        let case = || Case {
            what: "a late +ALIPAYSHUT OK",
            first: requests::shut(),
            in_time: "",
            ended: "#1 timed-out (unknown) final",
            late: "\r\n+ALIPAYSHUT OK\r\n",
            reported: &["+ALIPAYSHUT OK"],
            next: requests::shut(),
            answers: &[("AT+ALIPAYSHUT", &["AT+ALIPAYSHUT\r", "\r\nERROR\r\n"])],
            done: "#2 refused: ERROR",
        };
        play(&profile, case, before_the_next_is_asked);
    }
}

/// The next command is one of another prefix: a signature that was missed holds back its own
/// prefix only.
#[test]
fn a_late_result_beside_another_command() {
    for profile in profiles() {
        let in_time = if profile.result_before_ok { "" } else { "\r\nOK\r\n" };
        let name = if profile.result_before_ok { "result and final" } else { "result" };
        let ended: &'static str = format!("#1 timed-out (unknown) {name}").leak();
        let case = || Case {
            what: "a late signature",
            first: requests::sign(&profile, "1"),
            in_time,
            ended,
            late: "\r\n+ALIPAYSIGN: 0,8,\"ab\r\nOK\r\n\"\r\n",
            reported: &["+ALIPAYSIGN: 0,8,\"ab\r\nOK\r\n\""],
            next: requests::csq(),
            answers: CSQ,
            done: "#2: +CSQ: 30,0 / OK",
        };
        play(&profile, case, anywhere);
    }
}

/// DID's answer does not depend on the request, so whichever comes first is right; the other one
/// is nobody's.
#[test]
fn a_late_result_that_is_as_good_as_the_next() {
    for profile in profiles() {
        let case = || Case {
            what: "a late bizTid",
            first: requests::did(&profile),
            in_time: if profile.result_before_ok { "" } else { "\r\nOK\r\n" },
            ended: if profile.result_before_ok {
                "#1 timed-out (unknown) result and final"
            } else {
                "#1 timed-out (unknown) result"
            },
            late: "\r\n+ALIPAYDID: 0,\"same\"\r\n",
            reported: &["+ALIPAYDID: 0,\"same\""],
            next: requests::did(&profile),
            answers: if profile.result_before_ok {
                &[("AT+ALIPAYDID", &["\r\n+ALIPAYDID: 0,\"same\"\r\n", "\r\nOK\r\n"])]
            } else {
                &[("AT+ALIPAYDID", &["\r\nOK\r\n", "\r\n+ALIPAYDID: 0,\"same\"\r\n"])]
            },
            done: "#2: +ALIPAYDID: 0,\"same\" / OK",
        };
        play(&profile, case, anywhere);
    }
}

/// A result line where OK alone is success comes before the OK or it is a stray.
#[test]
fn a_late_result_where_ok_alone_is_success() {
    let profile = Profile::luat();
    let case = || Case {
        what: "a late report",
        first: requests::report(&profile, "1"),
        in_time: "",
        ended: "#1 timed-out (unknown) final",
        late: "\r\n+ALIPAYREP: 0\r\n\r\nOK\r\n",
        reported: &["+ALIPAYREP: 0", "OK"],
        next: requests::report(&profile, "2"),
        answers: &[(
            "AT+ALIPAYREP=\"2\",,1,2,0,3",
            &["AT+ALIPAYREP=\"2\",,1,2,0,3\r", "\r\n+ALIPAYREP: 6\r\n", "\r\nOK\r\n"],
        )],
        done: "#2: +ALIPAYREP: 6 / OK",
    };
    play(&profile, case, before_the_next_is_asked);
}

/// The result of the report is no answer to the question for the queue, and the other way round.
#[test]
fn one_prefix_two_meanings() {
    for profile in profiles() {
        let spec = requests::no_ok_alone(&profile);
        let case = || Case {
            what: "the late result of a report while the queue is asked for",
            first: requests::report(&spec, "1"),
            in_time: "\r\nOK\r\n",
            ended: "#1 timed-out (unknown) result",
            late: "\r\n+ALIPAYREP : 7\r\n",
            reported: &["+ALIPAYREP : 7"],
            next: requests::report_read(),
            answers: &[("AT+ALIPAYREP?", &["\r\n+ALIPAYREP: 0,20\r\n", "\r\nOK\r\n"])],
            done: "#2: +ALIPAYREP: 0,20 / OK",
        };
        play(&profile, case, anywhere);
        let case = || Case {
            what: "the late answer about the queue while a report is sent",
            first: requests::report_read(),
            in_time: "",
            ended: "#1 timed-out (unknown) final",
            late: "\r\n+ALIPAYREP: 0,20\r\n\r\nOK\r\n",
            reported: &["+ALIPAYREP: 0,20", "OK"],
            next: requests::report(&spec, "1"),
            answers: &[("AT+ALIPAYREP=\"1\",,1,2,0,3", &["\r\nOK\r\n", "\r\n+ALIPAYREP: 3\r\n"])],
            done: "#2: +ALIPAYREP: 3 / OK",
        };
        play(&profile, case, before_the_next_is_asked);
    }
}

/// URCs that look like what is awaited come in every gap of the command itself.
#[test]
fn a_urc_equal_to_what_is_awaited() {
    for profile in profiles() {
        for urc in ["+CREG: 1", "+CREG: 1,\"1A2B\",\"0C3D\"", "+CREG: 5", "+CREG: 0"] {
            let late: &'static str = format!("\r\n{urc}\r\n").leak();
            let reported: &'static [&'static str] = vec![&*urc.to_string().leak()].leak();
            for (answer, done) in [
                ("\r\n+CREG: 0,1\r\n", "#2: +CREG: 0,1 / OK"),
                ("\r\n+CREG: 2,1,\"1A2B\",\"0C3D\"\r\n", "#2: +CREG: 2,1,\"1A2B\",\"0C3D\" / OK"),
            ] {
                let pieces: &'static [&'static str] =
                    vec!["AT+CREG?\r", answer, "\r\nOK\r\n"].leak();
                let answers: &'static [(&'static str, &'static [&'static str])] =
                    vec![("AT+CREG?", pieces)].leak();
                let case = || Case {
                    what: "a registration URC",
                    first: requests::at(),
                    in_time: "\r\nOK\r\n",
                    ended: "#1: OK",
                    late,
                    reported,
                    next: requests::creg(),
                    answers,
                    done,
                };
                play(&profile, case, anywhere);
            }
        }
    }
}

/// Codes that end a data call end nothing here.
#[test]
fn final_results_that_end_other_commands() {
    for profile in profiles() {
        for code in ["BUSY", "NO CARRIER", "NO ANSWER", "NO DIALTONE", "CONNECT 9600"] {
            let late: &'static str = format!("\r\n{code}\r\n").leak();
            let reported: &'static [&'static str] = vec![code].leak();
            let case = || Case {
                what: "the end of a call",
                first: requests::at(),
                in_time: "\r\nOK\r\n",
                ended: "#1: OK",
                late,
                reported,
                next: requests::csq(),
                answers: CSQ,
                done: "#2: +CSQ: 30,0 / OK",
            };
            play(&profile, case, anywhere);
        }
    }
}

/// With nothing asked, any answer shows that what is asked is not known: the next command waits
/// for a fence.
#[test]
fn finals_that_nobody_asked_for() {
    for profile in profiles() {
        for stray in ["OK", "ERROR", "+CME ERROR: 10", "+CMS ERROR: 500", "BUSY"] {
            let mut bench = Bench::ready(profile.clone());
            bench.receive(format!("\r\n{stray}\r\n").as_bytes());
            let told = bench.events();
            assert_eq!(told.len(), 1);
            assert!(told[0].starts_with("stray: "), "{told:?}");
            bench.submit(requests::at());
            bench.receive(b"\r\nOK\r\n");
            bench.expect(&["late: OK"]);
            bench.fence();
            bench.exchange("AT\r", b"\r\nERROR\r\n");
            bench.expect(&["#1 refused: ERROR"]);
        }
    }
}

/// Before the last byte of a line was written nothing that comes can be its answer.
#[test]
fn an_answer_before_the_question_was_written() {
    for profile in profiles() {
        for written in 0.."AT+CSQ\r".len() {
            let mut bench = Bench::ready(profile.clone());
            bench.submit(requests::csq());
            bench.write(written);
            bench.receive(b"\r\n+CSQ: 5,0\r\n\r\nOK\r\n");
            bench.expect(&["urc: +CSQ: 5,0", "stray: OK"]);
            if written == 0 {
                // It was taken back: what else may come is not known.
                bench.fence();
            }
            let rest = bench.transmit();
            assert!("AT+CSQ\r".ends_with(&rest), "{rest:?}");
            bench.write(rest.len());
            bench.receive(b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
            bench.expect(&["#1: +CSQ: 30,0 / OK"]);
        }
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.receive(b"\r\n+ALIPAYSIGN: 0,3,\"old\"\r\n");
        bench.expect(&["stray: +ALIPAYSIGN: 0,3,\"old\""]);
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\n+ALIPAYSIGN: 0,3,\"new\"\r\n\r\nOK\r\n");
        bench.expect(&["#1: +ALIPAYSIGN: 0,3,\"new\" / OK"]);
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::shut());
        bench.write(3);
        bench.receive(b"\r\n+ALIPAYSHUT OK\r\n");
        bench.expect(&["urc: +ALIPAYSHUT OK"]);
        bench.exchange("ALIPAYSHUT\r", b"\r\nERROR\r\n");
        bench.expect(&["#1 refused: ERROR"]);
    }
}

/// The fence too.
#[test]
fn an_answer_before_the_fence_was_written() {
    for written in 0.."AT+CMEE?\r".len() {
        let mut bench = Bench::new(Settings::default());
        bench.submit(requests::at());
        bench.write(written);
        bench.receive(b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
        let rest = bench.transmit();
        assert_eq!(rest.len(), "AT+CMEE?\r".len() - written);
        bench.write(rest.len());
        bench.receive(b"\r\nOK\r\n");
        bench.expect_quiet();
        bench.receive(b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
        bench.exchange("AT\r", b"\r\nERROR\r\n");
        let seen = bench.events();
        assert_eq!(seen, ["urc: +CMEE: 1", "late: OK", "late: OK", "#0 refused: ERROR"]);
    }
}

/// A late answer to an earlier fence closes no later one, in whatever shape it comes.
#[test]
fn a_late_answer_of_a_fence() {
    let lates = [
        "\r\n+CMEE: 1\r\n\r\nOK\r\n",
        "\r\n+CMEE: 1\r\n",
        "\r\nOK\r\n",
        "\r\n+CME ERROR: 4\r\n",
        "\r\n+IFC: 0,0\r\n\r\nERROR\r\n",
    ];
    for profile in profiles() {
        for late in lates {
            let mut bench = Bench::ready(profile.clone());
            bench.submit(requests::csq());
            bench.expect_transmit("AT+CSQ\r");
            assert_eq!(bench.pass(FINAL), ["#1 timed-out (unknown) final"]);
            bench.submit(requests::csq());
            bench.expect_transmit("AT+CMEE?\r");
            assert!(bench.pass(Duration::from_secs(2)).is_empty());
            // The second fence waits when the answer to the first one comes, at last.
            bench.expect_transmit("AT+IFC?\r");
            bench.receive(late.as_bytes());
            bench.expect_quiet();
            let told = bench.events();
            assert!(!told.is_empty() && !told.iter().any(|event| event.starts_with('#')));
            bench.receive(b"\r\n+IFC: 0,0\r\n\r\nOK\r\n");
            bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
            bench.expect(&["#2: +CSQ: 30,0 / OK"]);
        }
    }
}

/// The same question asked twice on one line is another fence.
#[test]
fn a_late_answer_of_the_first_round_of_fences() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    assert_eq!(bench.pass(FINAL), ["#1 timed-out (unknown) final"]);
    bench.submit(requests::csq());
    for fence in ["AT+CMEE?\r", "AT+IFC?\r", "AT+CCLK?\r"] {
        bench.expect_transmit(fence);
        let seen = bench.pass(Duration::from_secs(2));
        assert!(fence != "AT+CCLK?\r" || seen == ["silent", "#2 silent"], "{seen:?}");
    }
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CMEE?;+CMEE?\r");
    // Everything comes at once: the command, three fences, and the first half of the fourth.
    bench.receive(
        b"\r\n+CSQ: 5,0\r\n\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n\r\n+IFC: 0,0\r\n\r\nOK\r\n",
    );
    bench.receive(
        b"\r\n+CCLK: \"00/01/01,00:00:00+32\"\r\n\r\nOK\r\n\r\n+CMEE: 1\r\n\r\n+CMEE: 1\r\n",
    );
    bench.expect_quiet();
    bench.receive(b"\r\nOK\r\n");
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
    let seen = bench.events();
    assert_eq!(seen.iter().filter(|event| event.starts_with("late: OK")).count(), 4, "{seen:?}");
    assert_eq!(seen.last().unwrap(), "#3: +CSQ: 30,0 / OK");
    assert_eq!(seen.iter().filter(|event| event.starts_with('#')).count(), 1, "{seen:?}");
}

/// What the past asked itself is no fence against it.
#[test]
fn a_fence_asks_nothing_that_the_past_asked() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::raw("AT+CMEE?"));
    bench.expect_transmit("AT+CMEE?\r");
    assert_eq!(bench.pass(FINAL), ["#1 timed-out (unknown) final"]);
    bench.submit(requests::at());
    bench.expect_transmit("AT+IFC?\r");
    bench.receive(b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.expect_quiet();
    bench.receive(b"\r\n+IFC: 0,0\r\n\r\nOK\r\n");
    bench.exchange("AT\r", b"\r\nOK\r\n");
    assert_eq!(bench.events().last().unwrap(), "#2: OK");
}

/// The second of two equal results is a stray, and nobody's later.
#[test]
fn two_identical_results() {
    for profile in profiles() {
        let spec = requests::no_ok_alone(&profile);
        let mut bench = Bench::ready(profile);
        bench.submit(requests::report(&spec, "1"));
        bench.exchange(
            "AT+ALIPAYREP=\"1\",,1,2,0,3\r",
            b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n\r\n+ALIPAYREP: 0\r\n",
        );
        bench.expect(&["#1: +ALIPAYREP: 0 / OK", "stray: +ALIPAYREP: 0"]);
        bench.submit(requests::report(&spec, "2"));
        // Before the line was written, before the OK, and after it.
        bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
        bench.expect(&["stray: +ALIPAYREP: 0"]);
        bench.exchange("AT+ALIPAYREP=\"2\",,1,2,0,3\r", b"\r\nOK\r\n\r\n+ALIPAYREP: 6\r\n");
        bench.expect(&["#2: +ALIPAYREP: 6 / OK"]);
        // Before the OK, twice: the first one decides.
        bench.submit(requests::report(&spec, "3"));
        bench.exchange(
            "AT+ALIPAYREP=\"3\",,1,2,0,3\r",
            b"\r\n+ALIPAYREP: 6\r\n\r\n+ALIPAYREP: 0\r\n\r\nOK\r\n",
        );
        bench.expect(&["stray: +ALIPAYREP: 0", "#3: +ALIPAYREP: 6 / OK"]);
    }
}

/// A signature that was missed: nothing is signed until it came, or the module was reset.
#[test]
fn a_missed_signature_holds_back_the_next() {
    for profile in profiles() {
        let missed = |bench: &mut Bench| {
            bench.submit(requests::sign(&profile, "1"));
            bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
            if profile.result_before_ok {
                assert_eq!(
                    bench.pass(FINAL_WITH_RESULT),
                    ["#1 timed-out (unknown) result and final"]
                );
            } else {
                bench.receive(b"\r\nOK\r\n");
                assert_eq!(bench.pass(RESULT), ["#1 timed-out (unknown) result"]);
            }
            // Not even the same line again, and not after a long time.
            for (data, refused) in
                [("1", "#2 outstanding +ALIPAYSIGN"), ("2", "#3 outstanding +ALIPAYSIGN")]
            {
                bench.pass(Duration::from_secs(3600));
                bench.submit(requests::sign(&profile, data));
                bench.expect_quiet();
                bench.expect(&[refused]);
            }
        };
        let mut bench = Bench::ready(profile.clone());
        missed(&mut bench);
        bench.receive(b"\r\n+ALIPAYSIGN: 0,3,\"old\"\r\n");
        bench.expect(&["late: +ALIPAYSIGN: 0,3,\"old\""]);
        bench.submit(requests::sign(&profile, "2"));
        if profile.result_before_ok {
            bench.fence();
        }
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,3,\"new\"\r\n");
        bench.expect(&["#4: +ALIPAYSIGN: 0,3,\"new\" / OK"]);

        let mut bench = Bench::ready(profile.clone());
        missed(&mut bench);
        bench.receive(b"\r\nRDY\r\n");
        bench.expect(&["urc: RDY", "reset"]);
        bench.submit(requests::sign(&profile, "2"));
        bench.fence();
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,3,\"new\"\r\n");
        bench.expect(&["#4: +ALIPAYSIGN: 0,3,\"new\" / OK"]);
    }
}

/// A report that was missed may be sent again; another one waits for both answers, or as long as
/// the second one may take.
#[test]
fn a_missed_report_may_be_sent_again() {
    for second_comes in [true, false] {
        let profile = Profile::quectel();
        let line = "AT+ALIPAYREP=\"1\",,1,2,0,3\r";
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::report(&profile, "1"));
        bench.exchange(line, b"\r\nOK\r\n");
        assert_eq!(bench.pass(RESULT), ["#1 timed-out (unknown) result"]);
        bench.submit(requests::report(&profile, "2"));
        bench.expect_quiet();
        bench.expect(&["#2 outstanding +ALIPAYREP, or the same line"]);
        bench.submit(requests::report(&profile, "1"));
        // Before the OK it cannot be the answer to this one.
        bench.expect_transmit(line);
        bench.receive(b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
        bench.expect(&["#3: +ALIPAYREP: 0 / OK"]);
        bench.submit(requests::report(&profile, "2"));
        bench.expect_quiet();
        bench.expect(&["#4 outstanding +ALIPAYREP, or the same line"]);
        if second_comes {
            bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
            bench.expect(&["late: +ALIPAYREP: 0"]);
        } else {
            bench.pass(SETTLE - Duration::from_nanos(1));
            bench.submit(requests::report(&profile, "2"));
            bench.expect(&["#5 outstanding +ALIPAYREP, or the same line"]);
            bench.pass(Duration::from_nanos(1));
        }
        let number = if second_comes { 5 } else { 6 };
        bench.submit(requests::report(&profile, "2"));
        bench.exchange("AT+ALIPAYREP=\"2\",,1,2,0,3\r", b"\r\nOK\r\n\r\n+ALIPAYREP: 6\r\n");
        bench.expect(&[&format!("#{number}: +ALIPAYREP: 6 / OK")]);
    }
}

/// While a result is due it is not taken for that of the next command before its OK.
#[test]
fn a_due_result_before_the_ok_of_the_same_line_is_late() {
    let profile = Profile::quectel();
    let line = "AT+ALIPAYREP=\"1\",,1,2,0,3\r";
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::report(&profile, "1"));
    bench.exchange(line, b"\r\nOK\r\n");
    assert_eq!(bench.pass(RESULT), ["#1 timed-out (unknown) result"]);
    bench.submit(requests::report(&profile, "1"));
    bench.exchange(line, b"\r\n+ALIPAYREP: 6\r\n\r\nOK\r\n");
    bench.expect(&["late: +ALIPAYREP: 6"]);
    bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["#2: +ALIPAYREP: 0 / OK"]);
    // Both came, so any other record may follow at once.
    bench.submit(requests::report(&profile, "2"));
    bench.expect_transmit("AT+ALIPAYREP=\"2\",,1,2,0,3\r");
}

/// A command that was refused will have no result.
#[test]
fn a_refused_command_leaves_nothing_due() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nERROR\r\n");
        bench.submit(requests::sign(&profile, "2"));
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 99\r\n");
        bench.expect(&["#1 refused: ERROR", "#2: +ALIPAYSIGN: 99 / OK"]);
    }
}

/// A result that a line typed by hand may have caused is no result of the command that follows,
/// and a due result is no answer to a line typed by hand.
#[test]
fn lines_typed_by_hand() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::raw("AT+ALIPAYSIGN=1,\"9\""));
        bench.exchange("AT+ALIPAYSIGN=1,\"9\"\r", b"\r\nOK\r\n");
        bench.expect(&["#1: OK"]);
        bench.submit(requests::sign(&profile, "1"));
        bench.expect_quiet();
        bench.expect(&["#2 outstanding +ALIPAYSIGN"]);
        bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"9\"\r\n");
        bench.expect(&["urc: +ALIPAYSIGN: 0,1,\"9\""]);
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n");
        bench.expect(&["#3: +ALIPAYSIGN: 0,1,\"1\" / OK"]);
        // With its result before its OK it is part of the answer.
        bench.submit(requests::raw("AT+ALIPAYSIGN=1,\"9\""));
        bench.exchange("AT+ALIPAYSIGN=1,\"9\"\r", b"\r\n+ALIPAYSIGN: 0,1,\"9\"\r\n\r\nOK\r\n");
        bench.expect(&["#4: +ALIPAYSIGN: 0,1,\"9\" / OK"]);
        // Refused, it causes nothing.
        bench.submit(requests::raw("AT+ALIPAYSIGN=1,\"9\""));
        bench.exchange("AT+ALIPAYSIGN=1,\"9\"\r", b"\r\nERROR\r\n");
        bench.expect(&["#5 refused: ERROR"]);
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n");
        bench.expect(&["#6: +ALIPAYSIGN: 0,1,\"1\" / OK"]);
    }
}

/// Each line typed by hand causes one result, and time frees none of them.
#[test]
fn two_lines_typed_by_hand() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::report(&profile, "1"));
    let line = "AT+ALIPAYREP=\"1\",,1,2,0,3\r";
    bench.exchange(line, b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["#1: +ALIPAYREP: 0 / OK"]);
    let typed = "AT+ALIPAYREP=\"9\",,1,2,0,3";
    for (number, answer) in [(2, "OK"), (3, "ERROR")] {
        bench.submit(requests::raw(typed));
        bench.exchange(&format!("{typed}\r"), format!("\r\n{answer}\r\n").as_bytes());
        let seen = bench.events();
        assert!(seen.len() == 1 && seen[0].starts_with(&format!("#{number}")), "{seen:?}");
    }
    bench.pass(SETTLE * 2);
    bench.submit(requests::report(&profile, "1"));
    bench.expect(&["#4 outstanding +ALIPAYREP"]);
    bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["urc: +ALIPAYREP: 0"]);
    bench.submit(requests::report(&profile, "1"));
    bench.exchange(line, b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["#5: +ALIPAYREP: 0 / OK"]);
}

/// Results that add up are waited for until they are taken for lost, and not longer.
#[test]
fn a_missed_result_that_time_frees() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    let act = || requests::act(&profile, "AT+ALIPAYACT=1");
    bench.submit(act());
    bench.exchange("AT+ALIPAYACT=1\r", b"\r\nOK\r\n");
    bench.expect_deadline("result", RESULT);
    bench.expect(&["#1 timed-out (unknown) result"]);
    bench.pass(SETTLE - Duration::from_millis(1));
    bench.submit(act());
    bench.expect(&["#2 outstanding +ALIPAYACT"]);
    bench.pass(Duration::from_millis(1));
    bench.submit(act());
    bench.exchange("AT+ALIPAYACT=1\r", b"\r\nOK\r\n\r\n+ALIPAYACT: 0\r\n");
    bench.expect(&["#3: +ALIPAYACT: 0 / OK"]);
}

#[test]
fn a_due_signature_is_no_answer_to_a_line_typed_by_hand() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        let missed = bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
        bench.cancel(missed);
        bench.submit(requests::raw("AT+ALIPAYSIGN=1,\"9\""));
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"9\"\r");
        bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n\r\n+ALIPAYSIGN: 0,1,\"9\"\r\n\r\nOK\r\n");
        bench.expect(&["late: +ALIPAYSIGN: 0,1,\"1\"", "#2: +ALIPAYSIGN: 0,1,\"9\" / OK"]);
    }
}

/// A signature that does not fit its length is worthless, and it has come: the next one may be
/// asked for.
#[test]
fn a_damaged_signature() {
    for profile in profiles() {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,2,\"abc\"\r\n");
        let seen = bench.events();
        assert!(seen.len() == 1 && seen[0].starts_with("#1 contradicted"), "{seen:?}");
        assert!(!seen[0].contains("abc"), "{seen:?}");
        bench.submit(requests::sign(&profile, "2"));
        // The rest of the data may come.
        bench.fence();
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,3,\"abc\"\r\n");
        bench.expect(&["#2: +ALIPAYSIGN: 0,3,\"abc\" / OK"]);
        // Late, it frees the prefix as any other would.
        let third = bench.submit(requests::sign(&profile, "3"));
        bench.exchange("AT+ALIPAYSIGN=1,\"3\"\r", b"\r\nOK\r\n");
        bench.cancel(third);
        bench.receive(b"\r\n+ALIPAYSIGN: 0,2049,\"abc\"\r\n");
        bench.expect(&["malformed: +ALIPAYSIGN: 0,2049,\"abc\""]);
        bench.submit(requests::sign(&profile, "4"));
        bench.fence();
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"4\"\r");
    }
}

/// A line that is too long under an awaited prefix: it has come, and is worthless.
fn overlong(prefix: &str) -> Vec<u8> {
    format!("\r\n{prefix}: 0,{}\r\n", "1".repeat(MIN_LIMIT)).into_bytes()
}

#[test]
fn a_damaged_signature_before_its_ok() {
    for profile in profiles() {
        let sign = |data| requests::sign(&profile, data);
        let mut bench = Bench::ready(profile.clone());
        bench.submit(sign("1"));
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
        bench.receive(&overlong("+ALIPAYSIGN"));
        bench.expect(&[]);
        bench.receive(b"\r\nOK\r\n");
        bench.expect(&["#1 contradicted: a line was longer than 4096 bytes"]);
        // Its OK may be lost, and is not waited for longer than that of a good one.
        bench.submit(sign("2"));
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"2\"\r");
        bench.receive(&overlong("+ALIPAYSIGN"));
        bench.expect_deadline("final result after the result line", FINAL_AFTER_RESULT);
        bench.expect(&["#2 contradicted: a line was longer than 4096 bytes"]);
        // None is due any more, so that the next one gets its own.
        bench.submit(sign("3"));
        bench.fence();
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"3\"\r");
        bench.receive(SIGNED);
        // One result has come: what else comes is nobody's.
        bench.receive(&overlong("+ALIPAYSIGN"));
        bench.receive(b"\r\nOK\r\n");
        let seen = bench.events();
        assert!(seen.len() == 2 && seen[0].starts_with("malformed: +ALIPAYSIGN"), "{seen:?}");
        assert_eq!(seen[1], "#3: +ALIPAYSIGN: 0,1,\"1\" / OK");
    }
}

const SIGNED: &[u8] = b"\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n";

#[test]
fn a_damaged_line_of_another_prefix_is_no_result() {
    for profile in profiles() {
        for request in [requests::sign(&profile, "1"), requests::csq()] {
            let mut bench = Bench::ready(profile.clone());
            bench.submit(request);
            let line = bench.transmit();
            bench.expect_transmit(&line);
            bench.receive(b"\r\n+FOO: 1\r\n");
            bench.receive(&overlong("+ALIPAYDID"));
            bench.receive(SIGNED);
            bench.receive(b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
            let seen = bench.events();
            assert!(seen[0] == "urc: +FOO: 1" && seen[1].starts_with("malformed: +ALIPAYDID"));
            assert!(seen.last().unwrap().starts_with("#1: +"), "{seen:?}");
        }
    }
}

/// A damaged line that was due is that of the command that missed it.
#[test]
fn a_late_damaged_result_before_the_ok_of_the_same_line() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    let left = bench.submit(requests::report(&profile, "1"));
    bench.exchange("AT+ALIPAYREP=\"1\",,1,2,0,3\r", b"\r\nOK\r\n");
    bench.cancel(left);
    bench.submit(requests::report(&profile, "1"));
    bench.expect_transmit("AT+ALIPAYREP=\"1\",,1,2,0,3\r");
    let damaged = format!("\r\n+ALIPAYREP: {}\r\n", "1".repeat(MIN_LIMIT));
    bench.receive(damaged.as_bytes());
    bench.receive(b"\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
    let seen = bench.events();
    assert!(seen.len() == 2 && seen[0].starts_with("malformed: +ALIPAYREP"), "{seen:?}");
    assert_eq!(seen[1], "#2: +ALIPAYREP: 0 / OK");
}

/// Who is in doubt because of another line has not got its own result: it is still due.
#[test]
fn a_result_of_a_command_in_doubt_is_still_due() {
    let profile = Profile::quectel();
    for (result, due) in [("", true), ("\r\n+ALIPAYREP: 0\r\n", false)] {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::report(&profile, "1"));
        bench.expect_transmit("AT+ALIPAYREP=\"1\",,1,2,0,3\r");
        bench.receive(b"\r\n+ALIPAYSIGN: 0,2049,\"abc\"\r\n");
        bench.receive(result.as_bytes());
        bench.receive(b"\r\nOK\r\n");
        let seen = bench.events();
        assert!(seen.len() == 2 && seen[1].starts_with("#1 contradicted"), "{seen:?}");
        bench.submit(requests::report(&profile, "2"));
        if due {
            bench.expect(&["#2 outstanding +ALIPAYREP, or the same line"]);
            bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
            bench.expect(&["late: +ALIPAYREP: 0"]);
        } else {
            bench.expect(&[]);
        }
    }
}

/// The same where the information was missing that was due with it.
#[test]
fn a_result_of_a_command_without_its_information_is_still_due() {
    let profile = Profile::quectel();
    let both = || requests::sign(&profile, "1").answer(Answer::Prefixed(&[("+X", Shape::Any)]));
    for (result, due) in [(&b""[..], true), (SIGNED, false)] {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(both());
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
        bench.receive(result);
        bench.receive(b"\r\nOK\r\n");
        bench.expect(&["#1 contradicted: OK came without the +X line that was due"]);
        bench.submit(both());
        if due {
            bench.expect(&["#2 outstanding +ALIPAYSIGN"]);
        } else {
            bench.expect(&[]);
            bench.fence();
            bench.exchange(
                "AT+ALIPAYSIGN=1,\"1\"\r",
                b"\r\n+X: 1\r\n\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n",
            );
            bench.expect(&["#2: +X: 1 / +ALIPAYSIGN: 0,1,\"1\" / OK"]);
        }
    }
}

/// An OK in the data of a signature ends nothing, even if the length is wrong and the data are
/// split again.
#[test]
fn an_ok_in_damaged_data() {
    let profile = Profile::quectel();
    for length in ["9", "2048"] {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
        bench.submit(requests::at());
        bench.expect_transmit("AT\r");
        bench.receive(format!("\r\n+ALIPAYSIGN: 0,{length},\"ab\r\nOK\r\ncd\"\r\n").as_bytes());
        let mut seen = bench.events();
        seen.extend(bench.pass(Duration::from_secs(3)));
        assert!(seen[0].starts_with("#1 contradicted"), "{seen:?}");
        assert!(!seen.iter().any(|event| event.starts_with("#2: OK")), "{seen:?}");
    }
}

/// A late information line is told for what it is, and boots nothing.
#[test]
fn late_information_is_told_as_late() {
    for (first, late) in [
        (requests::csq(), "+CSQ: 5,0"),
        (requests::creg(), "+CREG: 0,1"),
        (requests::raw("AT+CFUN?"), "+CFUN: 1"),
        (requests::raw("at+cgreg?;+cfun?"), "+CFUN: 1"),
        (requests::report_read(), "+ALIPAYREP: 0,12"),
        (requests::cfg_read(), "+ALIPAYCFG:"),
        (requests::cfg_read(), "\"product_key\": \"key\""),
        (requests::cfg_read(), "\"env\": 4"),
        (requests::raw("AT+X=1;+foo?"), "+FOO: 2"),
        (requests::shut(), "+ALIPAYSHUT OK"),
    ] {
        let mut bench = Bench::ready(Profile::quectel());
        bench.submit(first);
        let line = bench.transmit();
        bench.expect_transmit(&line);
        assert_eq!(bench.pass(FINAL), ["#1 timed-out (unknown) final"]);
        bench.submit(requests::at());
        bench.expect_transmit("AT+CMEE?\r");
        bench.receive(format!("\r\n{late}\r\n\r\n+CREG: 1\r\n").as_bytes());
        bench.expect(&[&format!("late: {late}"), "urc: +CREG: 1"]);
        bench.pass(Duration::from_secs(2));
        bench.expect_transmit("AT+IFC?\r");
        bench.receive(format!("\r\n+CMEE: 1\r\n\r\n{late}\r\n").as_bytes());
        bench.expect(&["late: +CMEE: 1", &format!("late: {late}")]);
        bench.receive(b"\r\n+IFC: 0,0\r\n\r\nOK\r\n");
        bench.exchange("AT\r", b"\r\nOK\r\n");
        bench.expect(&["#2: OK"]);
        // Closed is closed: the same line is news again.
        bench.receive(b"\r\n+FOO: 1\r\n\r\n+CFUN: 1\r\n");
        assert_eq!(bench.events()[..2], ["urc: +FOO: 1", "urc: +CFUN: 1"]);
    }
}

/// What a line typed by hand sets it does not ask for.
#[test]
fn what_was_not_asked_for_is_not_late() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::raw("AT+FOO=1;+BAR?"));
    let line = bench.transmit();
    bench.expect_transmit(&line);
    bench.pass(FINAL);
    bench.receive(b"\r\n+FOO: 1\r\n\r\n+BAR: 1\r\n");
    bench.expect(&["urc: +FOO: 1", "late: +BAR: 1"]);
}

/// Eight questions are remembered, so that what a module that never answers leaves is bounded.
#[test]
fn so_many_questions_are_remembered() {
    const FENCES: &[&str] = &["+CMEE", "+IFC", "+CCLK", "+D", "+E", "+F", "+G", "+H", "+I", "+J"];
    let profile = Profile { fences: FENCES, ..Profile::quectel() };
    let mut bench = Bench::ready_with(Settings { fence_tries: 100, ..Settings::new(profile) });
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    bench.pass(FINAL);
    bench.submit(requests::at());
    for _ in 0..2 * FENCES.len() {
        let line = bench.transmit();
        bench.expect_transmit(&line);
        bench.expect_deadline("fence", FENCE);
        bench.expect(&[]);
    }
    bench.receive(b"\r\n+CSQ: 11,0\r\n");
    bench.expect(&["late: +CSQ: 11,0"]);
    for (index, prefix) in FENCES.iter().enumerate() {
        bench.receive(format!("\r\n{prefix}: 1\r\n").as_bytes());
        let told = if index < 7 { "late" } else { "urc" };
        bench.expect(&[&format!("{told}: {prefix}: 1")]);
    }
}

/// A result that nobody waits for is a stray also where it is known as a URC.
#[test]
fn a_result_line_beside_its_command_is_a_stray() {
    let profile = Profile::luat();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::report(&profile, "1"));
    bench.exchange("AT+ALIPAYREP=\"1\",,1,2,0,3\r", b"\r\nOK\r\n");
    bench.receive(b"\r\n+ALIPAYREP: 0\r\n");
    bench.expect(&["#1: OK", "stray: +ALIPAYREP: 0"]);
}

/// It makes no difference where the input is cut, also where commands begin between two lines.
#[test]
fn no_split_lets_a_line_reach_the_next_command() {
    let profile = Profile::quectel();
    let input = b"\r\nOK\r\n\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n\r\nBUSY\r\n\r\n+CSQ: 5,0\r\n";
    let mut all = Vec::new();
    for split in 0..=input.len() {
        let mut bench = Bench::ready(profile.clone());
        let left = bench.submit(requests::sign(&profile, "1"));
        bench.submit(requests::sign(&profile, "2"));
        bench.submit(requests::csq());
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
        bench.cancel(left);
        bench.receive(&input[..split]);
        bench.receive(&input[split..]);
        bench.fence();
        bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
        all.push(bench.events());
    }
    assert_eq!(all[0].last().unwrap(), "#3: +CSQ: 30,0 / OK");
    all.dedup();
    assert_eq!(all.len(), 1, "{all:#?}");
}

/// A program that was started again at once must not take the signature that its forerunner asked
/// for.
#[test]
fn a_result_that_an_earlier_program_was_due_is_credited_to_nobody() {
    let quiet = Duration::from_secs(3);
    for profile in profiles() {
        let settings = Settings { quiet: Some(quiet), ..Settings::new(profile.clone()) };
        let mut bench = Bench::new(settings);
        bench.submit(requests::at());
        bench.exchange("AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
        bench.exchange("AT\r", b"\r\nOK\r\n");
        bench.submit(requests::sign(&profile, "2"));
        bench.submit(requests::report(&profile, "2"));
        bench.expect_quiet();
        // What can be nobody else's passes it.
        bench.submit(requests::csq());
        bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
        bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"1\"\r\n");
        let urc = "urc: +ALIPAYSIGN: 0,1,\"1\"";
        bench.expect(&["#0: OK", "#3: +CSQ: 11,0 / OK", urc]);
        bench.pass(quiet);
        bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n\r\n+ALIPAYSIGN: 0,1,\"2\"\r\n");
        bench.expect(&["#1: +ALIPAYSIGN: 0,1,\"2\" / OK"]);
    }
}

/// They are held for as long as was said, whatever else is due in between, and the end of that is a
/// deadline as long as anybody waits for it.
#[test]
fn how_long_results_of_an_earlier_program_hold_others_back() {
    let quiet = Duration::from_secs(3);
    let profile = Profile::quectel();
    let settings = Settings { quiet: Some(quiet), ..Settings::new(profile.clone()) };
    let mut bench = Bench::new(settings);
    bench.submit(requests::at());
    bench.fence();
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["#0: OK"]);
    assert_eq!(bench.timer(), None);
    bench.engine.handle_timeout(bench.now + quiet / 2);
    bench.submit(requests::csq());
    bench.submit(requests::sign(&profile, "1"));
    bench.submit(requests::at());
    let timer = bench.timer().unwrap();
    assert_eq!((timer.name, timer.at - bench.now), ("results of an earlier program", quiet));
    bench.exchange("AT+CSQ\r", b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.expect(&["#1: +CSQ: 11,0 / OK", "#3: OK"]);
    bench.pass(quiet - Duration::from_millis(1));
    bench.expect_quiet();
    // At that time it is over, also for who did not wait for the deadline.
    bench.now += Duration::from_millis(1);
    bench.submit(requests::at());
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"1\"\r");
}

/// A module that was just switched on owes nobody a result.
#[test]
fn a_boot_ends_the_wait_for_results_of_an_earlier_program() {
    let quiet = Some(Duration::from_secs(3));
    let mut bench = Bench::new(Settings { quiet, ..Settings::default() });
    bench.receive(b"\r\nRDY\r\n");
    bench.submit(requests::sign(&Profile::quectel(), "2"));
    bench.exchange("AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"2\"\r");
}
