//! The driver and the simulator each have a reader of command lines, written separately. Both find
//! the same commands in any line, and so do all parts that use the driver's reader.

use proptest::prelude::*;

use crate::at::command::{Command, CommandLine, EchoChange, Form, Spoken};
use crate::at::profile::Profile;
use crate::at::verb::Effect;
use crate::m26::Raw;
use crate::sim::modem::call::{self, Call, next_call};
use crate::transcript::mask;

/// The commands that the simulator finds, and whether it could read all of the line.
fn simulated(line: &str) -> (Vec<Call<'_>>, bool) {
    let mut rest = line[2..].trim_matches(' ');
    let mut calls = Vec::new();
    while !rest.is_empty() {
        match next_call(rest) {
            Ok((call, left)) => {
                calls.push(call);
                rest = left;
            }
            Err(_) => return (calls, false),
        }
    }
    (calls, true)
}

/// A command in the form that both readers give: name, form, arguments.
type Told = (String, Form, Vec<Vec<u8>>);

fn of_simulator(call: &Call<'_>) -> Told {
    let (form, arguments) = match &call.form {
        call::Form::Execute => (Form::Execute, Vec::new()),
        call::Form::Read => (Form::Read, Vec::new()),
        call::Form::Test => (Form::Test, Vec::new()),
        call::Form::Set(values) => {
            (Form::Set, values.iter().map(|value| value.as_bytes().to_vec()).collect())
        }
    };
    (call.name.clone(), form, arguments)
}

fn of_driver(spoken: &Spoken<'_>) -> Told {
    let name = String::from_utf8(spoken.name.to_vec()).unwrap();
    (name, spoken.form, spoken.arguments().map(<[u8]>::to_vec).collect())
}

/// Lines that hide a command: with blanks, mixed case, quotes, `;`, or basic commands before it.
fn lines() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(
        &[
            "+ALIPAYSHUT",
            "+alipay shut",
            "+ ALIPAYSIGN",
            "+ALIPAYREP",
            "+ALIPAYXYZ",
            "+QPOWD",
            "+CFUN",
            "+CSQ",
            "*X1",
            "%ABC",
            "+",
            "=1",
            "= 4 , \"28461234\"",
            "=,,1,,6,1",
            "=?",
            "= ? ",
            "?",
            " ? ",
            "\"a;+ALIPAYSHUT\"",
            "\"",
            ";",
            " ; ",
            ";;",
            " ",
            "  ",
            "E0",
            "e",
            "q1v1",
            "& f",
            "&W",
            "Z",
            "D112;",
            "d+86,1",
            "S0=1",
            "S3?",
            "A",
            "1",
            "x",
            ",",
            "=",
            "-",
            "é",
            "\u{3000}",
        ][..],
    );
    let at = prop::sample::select(&["AT", "at"][..]);
    (at, prop::collection::vec(piece, 0..10))
        .prop_map(|(at, pieces)| at.to_string() + &pieces.concat())
}

#[test]
fn both_read_a_register_with_blanks() {
    for line in ["ATS0=1 1", "ATS0= 1 ;+CSQ", "ATS0 =1", "ATS0=", "ATS0=1E0"] {
        let encoded = CommandLine::raw(line, &Profile::quectel()).unwrap();
        let (calls, _) = simulated(line);
        let calls: Vec<Told> = calls.iter().map(of_simulator).collect();
        let spoken: Vec<Told> = encoded.commands().iter().map(of_driver).collect();
        assert_eq!(spoken[..calls.len()], calls, "{line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    /// Where the simulator reads a command, the driver reads the same. Where it refuses the rest, the
    /// driver may find more in it, and no less.
    #[test]
    fn both_read_the_same(line in lines()) {
        let profile = Profile::quectel();
        let Ok(encoded) = CommandLine::raw(&line, &profile) else { return Ok(()) };
        let (calls, whole) = simulated(&line);
        let calls: Vec<Told> = calls.iter().map(of_simulator).collect();
        let spoken: Vec<Told> = encoded.commands().iter().map(of_driver).collect();
        prop_assert_eq!(&spoken[..calls.len().min(spoken.len())], &calls[..], "{}", line);
        prop_assert!(!whole || spoken.len() == calls.len(), "{} {:?}", line, spoken);
    }

    /// What the engine is told to expect of a line typed by hand fits what the simulator carries out.
    #[test]
    fn the_engine_expects_what_the_simulator_carries_out(line in lines()) {
        let profile = Profile::quectel();
        let Ok(request) = Raw::new(line.clone()).request(&profile) else { return Ok(()) };
        let (calls, _) = simulated(&line);
        let acts = |name: &str| calls.iter().filter(|call| {
            call.name == name && !matches!(call.form, call::Form::Read | call::Form::Test)
        }).count();
        for name in ["+ALIPAYSIGN", "+ALIPAYREP"] {
            let expected = request.taints().iter().filter(|(prefix, _)| *prefix == name).count();
            prop_assert!(expected >= acts(name), "{}", line);
        }
        prop_assert!(acts("+ALIPAYSHUT") + acts("+QPOWD") == 0 || request.last_line().is_some());
        prop_assert!(acts("E") + acts("Z") + acts("&F") == 0 || request.echo == Some(EchoChange::Unknown));
        let grouped = calls.iter().any(|call| call.name.starts_with("+ALIPAY"));
        prop_assert!(!grouped || request.group.is_some());
    }

    /// A session is told of every command in a line that is its own.
    #[test]
    fn no_command_hides_from_a_session(line in lines()) {
        let profile = Profile::quectel();
        let Ok(request) = Raw::new(line.clone()).request(&profile) else { return Ok(()) };
        for call in simulated(&line).0 {
            let effect = match (call.name.as_str(), &call.form) {
                (_, call::Form::Read | call::Form::Test) => continue,
                ("+ALIPAYSHUT", _) => Effect::ClosesSdk,
                ("+QPOWD" | "+CFUN", _) => Effect::Restarts,
                ("+ALIPAYSIGN", _) => Effect::Signs,
                (name, _) if name.starts_with("+ALIPAYX") => Effect::Unknown,
                _ => continue,
            };
            let commands = request.commands();
            prop_assert!(commands.iter().any(|command| command.effect() == effect), "{}", line);
        }
    }

    /// A transcript still replays: what the simulator knows in a line, it knows in the masked one.
    /// And the mask finds the code wherever it hides.
    #[test]
    fn a_masked_line_is_the_same_to_the_simulator(line in lines()) {
        let masked = mask(line.as_bytes());
        let masked = String::from_utf8_lossy(&masked).into_owned();
        prop_assert_eq!(masked.len(), line.len());
        prop_assert!(!masked.contains("28461234"), "{} {}", line, masked);
        let profile = Profile::quectel();
        let known = |line: &str| {
            let calls = simulated(line).0.iter().map(of_simulator).collect::<Vec<_>>();
            let known = |(name, ..): &&Told| name.len() > 2 && profile.verb(name.as_bytes()).is_some_and(|verb| !verb.family);
            calls.iter().filter(known).map(|(name, form, _)| (name.clone(), *form)).collect::<Vec<_>>()
        };
        prop_assert!(!simulated(&line).1 || known(&line) == known(&masked), "{} {}", line, masked);
    }
}
