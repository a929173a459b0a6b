//! Fences with a number: told apart from those of every other client.

use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::engine::{Event, ExchangeError, FENCE, Output, Settings};
use support::bench::Bench;
use support::requests;

fn bench(first: usize, number: u32) -> Bench {
    let first_fence = Some(first);
    Bench::new(Settings { first_fence, fence_number: Some(number), ..Settings::default() })
}

/// What another client asked is answered late, with the echo of its lines: the numbers tell it apart,
/// even where its queries are the same.
#[test]
fn two_clients_whose_queries_are_the_same() {
    for first in 0..8 {
        let mut bench = bench(first, 20);
        bench.submit(requests::cfg_set("AT+ALIPAYCFG=1"));
        bench.expect_transmit("ATS100000020?\r");
        let query = format!("AT{}\r", vec!["+CMEE?"; first + 1].join(";"));
        let answer = "\r\n+CMEE: 1\r\n".repeat(first + 1);
        // The other client's: all of it, at once.
        bench.receive(b"ATS100000003?\r\r\nERROR\r\n");
        bench.receive(format!("{query}{answer}\r\nOK\r\n").as_bytes());
        bench.receive(b"ATS100000020?\r\r\nERROR\r\n");
        bench.expect_transmit(&query);
        bench.receive(format!("{query}{answer}\r\nOK\r\n").as_bytes());
        bench.exchange("AT+ALIPAYCFG=1\r", b"AT+ALIPAYCFG=1\r\r\nERROR\r\n");
        assert_eq!(bench.events().last().unwrap(), "#0 refused: ERROR");
    }
}

/// A module that takes one question a line works in every start, with an echo and without, and so
/// does one that knows none of the questions but echoes.
#[test]
fn a_module_that_takes_one_question_a_line() {
    for first in 0..8 {
        for echo in [true, false] {
            for knows in [true, false] {
                if !echo && !knows {
                    continue;
                }
                let mut bench = bench(first, 20);
                bench.submit(requests::at());
                let begun = bench.now;
                let mut seen = Vec::new();
                for _ in 0..20 {
                    let line = bench.transmit();
                    if line.is_empty() {
                        seen.extend(bench.pass(Duration::from_millis(100)));
                        continue;
                    }
                    bench.write(line.len());
                    let known = knows && line.matches('?').count() == 1 && line.starts_with("AT+");
                    let answer = match line.as_str() {
                        "AT\r" => "\r\nOK\r\n".to_string(),
                        line if known => {
                            format!("\r\n{}: 1\r\n\r\nOK\r\n", &line[2..line.len() - 2])
                        }
                        _ => "\r\nERROR\r\n".to_string(),
                    };
                    let echo = if echo { line.as_str() } else { "" };
                    bench.receive(format!("{echo}{answer}").as_bytes());
                }
                let took = bench.now - begun;
                seen.extend(bench.events());
                assert!(seen.contains(&"#0: OK".to_string()), "{first} {echo} {knows}: {seen:?}");
                assert!(seen.iter().all(|event| event != "silent"), "{seen:?}");
                assert!(took <= Duration::from_secs(3), "{took:?}");
            }
        }
    }
}

/// `NO CARRIER` and its like answer no fence, and cost none.
#[test]
fn codes_that_end_no_fence() {
    for code in ["NO CARRIER", "BUSY", "NO ANSWER", "CONNECT 9600"] {
        let mut bench = Bench::new(Settings::default());
        bench.submit(requests::at());
        bench.expect_transmit("AT+CMEE?\r");
        bench.receive(format!("\r\n+CMEE: 1\r\n\r\n{code}\r\n\r\nOK\r\n").as_bytes());
        bench.exchange("AT\r", b"\r\nOK\r\n");
        bench.expect(&[&format!("late: {code}"), "#0: OK"]);
    }
}

/// A module that says nothing to a line with a number is asked the old way.
#[test]
fn a_number_without_an_answer() {
    for echo in [true, false] {
        let mut bench = bench(0, 20);
        bench.submit(requests::at());
        bench.expect_transmit("ATS100000020?\r");
        if echo {
            bench.receive(b"ATS100000020?\r");
        }
        assert!(bench.pass(FENCE).is_empty());
        bench.fence();
        // Nothing is echoed: another query shows whether final results come twice.
        bench.exchange("AT+IFC?\r", b"\r\n+IFC: 0,0\r\n\r\nOK\r\n");
        bench.exchange("AT\r", b"\r\nOK\r\n");
        bench.expect(&["#0: OK"]);
    }
}

/// Where final results come twice and nothing echoes, a copy that was damaged does not hide that: what is not
/// known came during the query that was to show it, so another one is asked.
#[test]
fn a_damaged_copy_is_no_sign_of_none() {
    let mut bench = bench(0, 20);
    bench.submit(requests::at());
    bench.expect_transmit("ATS100000020?\r");
    bench.pass(FENCE);
    bench.fence();
    bench.exchange("AT+IFC?\r", b"\r\xffOK\r\n\r\n+IFC: 0,0\r\n\r\nOK\r\n");
    bench.exchange("AT+CCLK?\r", b"\r\nOK\r\n\r\n+CCLK: \"18/10/30,10:25:44+32\"\r\n\r\nOK\r\n");
    bench.expect_quiet();
    bench.receive(b"\r\nOK\r\n");
    bench.exchange("AT\r", b"\r\nOK\r\n");
    assert!(bench.events().contains(&"#0: OK".to_string()));
}

/// A module that ends no query in words, since something has turned `V1` into `V0`, does not answer,
/// though it answers each number: who hears that sends `ATV1` again.
#[test]
fn a_module_whose_final_results_are_numbers() {
    let mut bench = bench(0, 20);
    bench.submit(requests::at());
    let mut rounds = 0;
    while !bench.engine.is_idle() {
        rounds += 1;
        assert!(rounds < 5, "it is asked for ever");
        let number = bench.transmit();
        assert!(number.starts_with("ATS"), "{number}");
        bench.exchange(&number, format!("{number}\r\n+CME ERROR: 601\r\n").as_bytes());
        let query = bench.transmit();
        bench.exchange(
            &query,
            format!("{query}{}: 0\r\n0\r", &query[2..query.len() - 2]).as_bytes(),
        );
        let seen = bench.pass(FENCE);
        assert_eq!(seen.contains(&"silent".to_string()), bench.engine.is_idle(), "{seen:?}");
    }
}

/// A module that is not there is told of as early as before.
#[test]
fn nobody_there() {
    let mut bench = bench(0, 20);
    bench.submit(requests::at());
    for _ in 0..3 {
        let line = bench.transmit();
        bench.write(line.len());
        bench.pass(FENCE - Duration::from_millis(1));
        assert!(!bench.engine.is_idle());
        bench.engine.handle_timeout(bench.now + Duration::from_millis(1));
        bench.now += Duration::from_millis(1);
    }
    let mut silent = false;
    while let Output::Event(event) = bench.engine.poll_output() {
        silent |= matches!(event, Event::Done { outcome: Err(ExchangeError::Silent), .. });
    }
    assert!(silent && bench.engine.is_idle());
    let profile = Profile::quectel();
    assert!(profile.fences.len() > 1);
}
