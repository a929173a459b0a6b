//! What comes late comes at every place around the next command, and that command gets its own
//! answer, or none.

use std::time::Duration;

use m26_pay::at::command::Request;
use m26_pay::at::profile::Profile;
use support::bench::{Bench, profiles};
use support::requests::{self, RESULT};

/// A command, what of it comes late, and the next command.
#[derive(Clone)]
struct Case<'a> {
    what: &'a str,
    first: Request,
    /// What the first command got in time.
    in_time: &'a str,
    /// How it ended.
    ended: &'a str,
    late: &'a str,
    /// How each line of it is reported, whatever the place.
    reported: &'a [&'a str],
    comes: Comes,
    next: Request,
    answers: &'a [(&'a str, &'a [&'a str])],
    done: &'a str,
}

/// Where late bytes may come.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Comes {
    /// Result lines come whenever they like.
    Anywhere,
    /// Final results and information lines: the module works on one command at a time, so they
    /// cannot come after the line of the next command was read.
    BeforeTheNextIsAsked,
}

/// An OK that comes late, as most cases have it, and a question whose answer shows who got what.
fn late_ok(what: &str) -> Case<'_> {
    Case {
        what,
        first: requests::at(),
        in_time: "",
        ended: TIMED_OUT,
        late: "\r\nOK\r\n",
        reported: &["OK"],
        comes: Comes::BeforeTheNextIsAsked,
        next: requests::csq(),
        answers: &[("AT+CSQ", &["AT+CSQ\r", "\r\n+CSQ: 30,0\r\n", "\r\n", "OK\r\n"])],
        done: "#2: +CSQ: 30,0 / OK",
    }
}

const TIMED_OUT: &str = "#1 timed-out (unknown) final";

/// The next command is refused: an OK would be another's.
fn refused(case: Case<'_>) -> Case<'_> {
    Case {
        next: requests::at(),
        answers: &[("AT", &["AT\r", "\r\nERROR\r\n"])],
        done: "#2 refused: ERROR",
        ..case
    }
}

#[test]
fn late_finals_and_information() {
    for profile in profiles() {
        for case in [
            refused(late_ok("a late OK")),
            Case {
                first: requests::cfg_set("AT+ALIPAYCFG=1"),
                in_time: "AT+ALIPAYCFG=1\r",
                late: "\r\n+CME ERROR: 3\r\n",
                reported: &["+CME ERROR: 3"],
                next: requests::at(),
                answers: &[("AT", &["AT\r", "\r\nOK\r\n"])],
                done: "#2: OK",
                ..late_ok("a late error")
            },
            Case {
                first: requests::csq(),
                in_time: "AT+CSQ\r",
                late: "\r\n+CSQ: 5,0\r\n\r\nOK\r\n",
                reported: &["+CSQ: 5,0", "OK"],
                ..late_ok("a late answer to the same question")
            },
            Case {
                first: requests::csq(),
                late: "\r\n+CSQ: 5,0\r\n",
                reported: &["+CSQ: 5,0"],
                ..late_ok("a late information line whose OK was lost")
            },
            Case {
                first: requests::csq(),
                in_time: "AT+CSQ\r\r\n+CSQ: 5,0\r\n",
                ..late_ok("an OK whose information line came in time")
            },
            Case {
                first: requests::ati(),
                late: "\r\n460001234567890\r\n\r\nOK\r\n",
                reported: &["460001234567890", "OK"],
                next: requests::ati(),
                answers: &[("ATI", &["ATI\r", "\r\nQuectel_M26\r\n", "\r\nOK\r\n"])],
                done: "#2: Quectel_M26 / OK",
                ..late_ok("the text of an IMSI when the model is asked for")
            },
            Case {
                first: requests::csq(),
                in_time: "\r\nOK\r\n",
                ended: "#1 contradicted: OK came without the +CSQ line that was due",
                late: "\r\n+CSQ: 5,0\r\n\r\nOK\r\n",
                reported: &["+CSQ: 5,0", "OK"],
                ..late_ok("OK came first, so the answer may still come")
            },
            Case {
                first: requests::report(&requests::no_ok_alone(&profile), "1"),
                in_time: "\r\n+ALIPAYREP: 0\r\n\r\nERROR\r\n",
                ended: "#1 contradicted: a result line came, and then ERROR",
                ..refused(late_ok("a result, then an error, then an OK"))
            },
            Case {
                first: requests::sign(&profile, "1"),
                in_time: "\r\n+ALIPAYSIGN: 0,3,\"abc\"\r\n",
                ended: "#1: +ALIPAYSIGN: 0,3,\"abc\" / no final",
                ..refused(late_ok("the OK of a result that was delivered without it"))
            },
            Case {
                first: requests::shut(),
                in_time: "AT+ALIPAYSHUT\r\r\n+ALIPAYSHUT OK\r\n",
                ended: "#1: +ALIPAYSHUT OK / no final",
                ..late_ok("an OK after +ALIPAYSHUT OK, which has none")
            },
            Case {
                first: requests::shut(),
                late: "\r\n+ALIPAYSHUT OK\r\n",
                reported: &["+ALIPAYSHUT OK"],
                next: requests::shut(),
                answers: &[("AT+ALIPAYSHUT", &["AT+ALIPAYSHUT\r", "\r\nERROR\r\n"])],
                done: "#2 refused: ERROR",
                ..late_ok("a late +ALIPAYSHUT OK")
            },
        ] {
            play(&profile, &case);
        }
    }
}

#[test]
fn late_results() {
    for profile in profiles() {
        let (in_time, ended) = if profile.result_before_ok {
            ("", "#1 timed-out (unknown) result and final")
        } else {
            ("\r\nOK\r\n", "#1 timed-out (unknown) result")
        };
        // A signature that was missed holds back its own prefix only.
        let signature = Case {
            first: requests::sign(&profile, "1"),
            in_time,
            ended,
            late: "\r\n+ALIPAYSIGN: 0,8,\"ab\r\nOK\r\n\"\r\n",
            reported: &["+ALIPAYSIGN: 0,8,\"ab\r\nOK\r\n\""],
            comes: Comes::Anywhere,
            ..late_ok("a late signature beside another command")
        };
        play(&profile, &signature);
        // DID's answer does not depend on the request, so whichever comes first is right; the
        // other one is nobody's.
        let answer: &[&str] = if profile.result_before_ok {
            &["\r\n+ALIPAYDID: 0,\"same\"\r\n", "\r\nOK\r\n"]
        } else {
            &["\r\nOK\r\n", "\r\n+ALIPAYDID: 0,\"same\"\r\n"]
        };
        let biz_tid = Case {
            first: requests::did(&profile),
            in_time,
            ended,
            late: "\r\n+ALIPAYDID: 0,\"same\"\r\n",
            reported: &["+ALIPAYDID: 0,\"same\""],
            comes: Comes::Anywhere,
            next: requests::did(&profile),
            answers: &[("AT+ALIPAYDID", answer)],
            done: "#2: +ALIPAYDID: 0,\"same\" / OK",
            ..late_ok("a late bizTid that is as good as the next")
        };
        play(&profile, &biz_tid);
    }
}

/// A result line where OK alone is success comes before the OK or it is a stray.
#[test]
fn a_late_result_where_ok_alone_is_success() {
    let profile = Profile::luat();
    let case = Case {
        first: requests::report(&profile, "1"),
        late: "\r\n+ALIPAYREP: 0\r\n\r\nOK\r\n",
        reported: &["+ALIPAYREP: 0", "OK"],
        next: requests::report(&profile, "2"),
        answers: &[(
            "AT+ALIPAYREP=\"2\",,1,2,0,3",
            &["AT+ALIPAYREP=\"2\",,1,2,0,3\r", "\r\n+ALIPAYREP: 6\r\n", "\r\nOK\r\n"],
        )],
        done: "#2: +ALIPAYREP: 6 / OK",
        ..late_ok("a late report")
    };
    play(&profile, &case);
}

/// The result of the report is no answer to the question for the queue, and the other way round.
#[test]
fn one_prefix_two_meanings() {
    for profile in profiles() {
        let spec = requests::no_ok_alone(&profile);
        let report = Case {
            first: requests::report(&spec, "1"),
            in_time: "\r\nOK\r\n",
            ended: "#1 timed-out (unknown) result",
            late: "\r\n+ALIPAYREP : 7\r\n",
            reported: &["+ALIPAYREP : 7"],
            comes: Comes::Anywhere,
            next: requests::report_read(),
            answers: &[("AT+ALIPAYREP?", &["\r\n+ALIPAYREP: 0,20\r\n", "\r\nOK\r\n"])],
            done: "#2: +ALIPAYREP: 0,20 / OK",
            ..late_ok("the late result of a report while the queue is asked for")
        };
        play(&profile, &report);
        let queue = Case {
            first: requests::report_read(),
            late: "\r\n+ALIPAYREP: 0,20\r\n\r\nOK\r\n",
            reported: &["+ALIPAYREP: 0,20", "OK"],
            next: requests::report(&spec, "1"),
            answers: &[("AT+ALIPAYREP=\"1\",,1,2,0,3", &["\r\nOK\r\n", "\r\n+ALIPAYREP: 3\r\n"])],
            done: "#2: +ALIPAYREP: 3 / OK",
            ..late_ok("the late answer about the queue while a report is sent")
        };
        play(&profile, &queue);
    }
}

/// URCs that look like what is awaited come in every gap of the command itself.
#[test]
fn a_urc_equal_to_what_is_awaited() {
    for profile in profiles() {
        for urc in ["+CREG: 1", "+CREG: 1,\"1A2B\",\"0C3D\"", "+CREG: 5", "+CREG: 0"] {
            for own in ["+CREG: 0,1", "+CREG: 2,1,\"1A2B\",\"0C3D\""] {
                let case = Case {
                    in_time: "\r\nOK\r\n",
                    ended: "#1: OK",
                    late: &format!("\r\n{urc}\r\n"),
                    reported: &[urc],
                    comes: Comes::Anywhere,
                    next: requests::creg(),
                    answers: &[(
                        "AT+CREG?",
                        &["AT+CREG?\r", &format!("\r\n{own}\r\n"), "\r\nOK\r\n"],
                    )],
                    done: &format!("#2: {own} / OK"),
                    ..late_ok("a registration URC")
                };
                play(&profile, &case);
            }
        }
    }
}

/// Codes that end a data call end nothing here.
#[test]
fn final_results_that_end_other_commands() {
    for profile in profiles() {
        for code in ["BUSY", "NO CARRIER", "NO ANSWER", "NO DIALTONE", "CONNECT 9600"] {
            let case = Case {
                in_time: "\r\nOK\r\n",
                ended: "#1: OK",
                late: &format!("\r\n{code}\r\n"),
                reported: &[code],
                comes: Comes::Anywhere,
                ..late_ok("the end of a call")
            };
            play(&profile, &case);
        }
    }
}

/// Plays the case with the late bytes in every gap where they may come.
#[track_caller]
fn play(profile: &Profile, case: &Case<'_>) {
    let what = case.what;
    let mut places = 0;
    for at in 0.. {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(case.first.clone());
        let line = bench.transmit();
        bench.write(line.len());
        bench.receive(case.in_time.as_bytes());
        let mut seen = bench.events();
        seen.extend(bench.pass(Duration::from_secs(200)));
        assert_eq!(seen, [case.ended], "{what}: the first command");

        bench.submit(case.next.clone());
        let conversation = Conversation { answers: case.answers, late: case.late };
        let Some((gap, seen)) = conversation.play(&mut bench, at) else { break };
        let unwritten =
            |line: &str| case.answers.iter().any(|(known, _)| *known == line.trim_end());
        let before = match &gap {
            Gap::Unwritten(_) => true,
            Gap::Answered(line, _) => !unwritten(line),
            Gap::Over => false,
        };
        if case.comes == Comes::BeforeTheNextIsAsked && !before {
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
    assert!(places >= 6, "{what}: only {places} places");
}

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

/// The own result of a dated signature is damaged while an earlier one is due: it ends the command,
/// and the earlier one is late.
#[test]
fn a_damaged_signature_while_an_earlier_one_is_due() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::sign(&profile, "1"));
    bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
    assert_eq!(bench.pass(RESULT), ["#1 timed-out (unknown) result"]);
    bench.pass(Duration::from_secs(1));
    bench.submit(requests::at().clock_for(&["+ALIPAYSIGN"]));
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.submit(requests::sign(&profile, "2").newer_than(100));
    bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n");
    bench.receive(b"\r\n+ALIPAYSIGN: 0,22,\"{\"time\":\"200\",\"a\":1\"\r\n");
    bench.receive(b"\r\nOK\r\n");
    let seen = bench.events();
    assert!(seen.iter().any(|event| event.starts_with("#3 contradicted")), "{seen:?}");
    bench.receive(b"\r\n+ALIPAYSIGN: 0,14,\"{\"time\":\"50\"}x\"\r\n");
    let seen = bench.events();
    assert_eq!(seen.last().unwrap(), "late: +ALIPAYSIGN: 0,14,\"{\"time\":\"50\"}x\"");
}

/// A late signature that is said again counts once: the other one that is due does not end the next
/// command.
#[test]
fn a_late_signature_said_twice() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    for number in 1..3 {
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
        assert_eq!(bench.pass(RESULT), [format!("#{number} timed-out (unknown) result")]);
    }
    bench.receive(b"\r\n+ALIPAYSIGN: 0,1,\"a\"\r\n\r\n+ALIPAYSIGN: 0,1,\"a\"\r\n");
    bench.expect(&["late: +ALIPAYSIGN: 0,1,\"a\"", "stray: +ALIPAYSIGN: 0,1,\"a\""]);
    bench.submit(requests::sign(&profile, "2"));
    bench.expect(&["#3 outstanding +ALIPAYSIGN, or the same line"]);
}

/// Where the time of a signature is damaged, it looks like an earlier one; then the earlier one is not
/// the command's either, and what became of the command is not known.
#[test]
fn a_signature_whose_time_is_damaged() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    bench.submit(requests::sign(&profile, "1"));
    bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"\r\nOK\r\n");
    bench.pass(RESULT + Duration::from_secs(1));
    bench.submit(requests::at().clock_for(&["+ALIPAYSIGN"]));
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.submit(requests::sign(&profile, "2").newer_than(100));
    bench.exchange("AT+ALIPAYSIGN=1,\"2\"\r", b"\r\nOK\r\n");
    bench.events();
    bench.receive(b"\r\n+ALIPAYSIGN: 0,15,\"{\"time\":\"020\"}x\"\r\n");
    bench.receive(b"\r\n+ALIPAYSIGN: 0,14,\"{\"time\":\"50\"}x\"\r\n");
    let seen = bench.pass(RESULT);
    let ended = seen.iter().find(|event| event.starts_with("#3")).unwrap();
    assert!(ended.contains("contradicted") || ended.contains("(unknown)"), "{seen:?}");
    assert!(
        seen.contains(&"late: +ALIPAYSIGN: 0,14,\"{\"time\":\"50\"}x\"".to_string()),
        "{seen:?}"
    );
}
