//! Whatever happens in whatever order: nothing panics, every command ends exactly once and in
//! time, and no split of the input makes a difference.

mod common;

use std::collections::HashMap;
use std::time::Duration;

use common::Bench;
use common::requests::{self, FINAL, RESULT};
use m26_pay::at::command::{Answer, Request};
use m26_pay::at::field::Shape;
use m26_pay::at::line::Line;
use m26_pay::engine::{Certainty, Event, Failure, Settings, Ticket};
use m26_pay::profile::Profile;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

#[derive(Clone, Debug)]
enum Op {
    Submit(usize, Option<u64>),
    Cancel(Index),
    /// The module answers the line that was written last as it should.
    Answer,
    Input(Vec<u8>),
    Write(usize),
    WriteAll,
    Pass(u64),
    Disconnect,
}

/// As many kinds of requests as there are shapes of exchanges. `number` tells them apart.
fn request(profile: &Profile, kind: usize, number: usize) -> Request {
    let own = number.to_string();
    match kind % KINDS {
        0 => requests::at(),
        1 => requests::csq(),
        2 => requests::creg(),
        3 => requests::signal(),
        4 => requests::ati(),
        5 => requests::cfg_read(),
        6 => requests::did(profile),
        7 => requests::sign(profile, &own),
        8 => requests::report(profile, &own),
        9 => requests::report(profile, "same"),
        10 => requests::report_read(),
        11 => requests::open(profile),
        12 => requests::shut(),
        13 => requests::raw("AT+CREG?"),
        14 => requests::raw("AT+ALIPAYSIGN=1,\"raw\""),
        15 => requests::raw("AT+CMEE?;+IFC?"),
        16 => requests::ate(false),
        17 => requests::ate(true),
        _ => requests::power_down(),
    }
}

const KINDS: usize = 19;

/// What a module answers to a line.
fn answer(line: &str) -> Vec<u8> {
    let echo = format!("{}\r\r\n", line.trim_end());
    let body = match line.trim_end() {
        "AT+CSQ" => "+CSQ: 30,0\r\n\r\nOK\r\n",
        "AT+CREG?" => "+CREG: 0,1\r\n\r\nOK\r\n",
        "AT+CREG?;+CGREG?;+CSQ" => "+CREG: 0,1\r\n\r\n+CGREG: 0,1\r\n\r\n+CSQ: 11,0\r\n\r\nOK\r\n",
        "ATI" => "Quectel_Ltd\r\nQuectel_M26\r\n\r\nOK\r\n",
        "AT+ALIPAYCFG?" => "+ALIPAYCFG:\r\n\"env\": 4\r\n\r\nOK\r\n",
        "AT+ALIPAYDID" => "OK\r\n\r\n+ALIPAYDID: 0,\"1\"\r\n",
        "AT+ALIPAYREP?" => "+ALIPAYREP: 0,12\r\n\r\nOK\r\n",
        "AT+ALIPAYOPEN" => "OK\r\n\r\n+ALIPAYOPEN: 0\r\n",
        "AT+ALIPAYSHUT" => "+ALIPAYSHUT OK\r\n",
        "AT+QPOWD=1" => "NORMAL POWER DOWN\r\n",
        "AT+CMEE?" => "+CMEE: 1\r\n\r\nOK\r\n",
        "AT+IFC?" => "+IFC: 0,0\r\n\r\nOK\r\n",
        "AT+CCLK?" => "+CCLK: \"20/02/14,10:00:00+32\"\r\n\r\nOK\r\n",
        line if line.starts_with("AT+ALIPAYSIGN=") => {
            "OK\r\n\r\n+ALIPAYSIGN: 0,9,\"a\"\r\nOK\r\nb\"\r\n"
        }
        line if line.starts_with("AT+ALIPAYREP=") => "OK\r\n\r\n+ALIPAYREP: 0\r\n",
        _ => "OK\r\n",
    };
    format!("{echo}{body}").into_bytes()
}

fn plausible() -> impl Strategy<Value = Vec<u8>> {
    let lines = select(vec![
        "\r\nOK\r\n",
        "\r\nERROR\r\n",
        "\r\n+CME ERROR: 3\r\n",
        "\r\nBUSY\r\n",
        "\r\nRDY\r\n",
        "\r\n+CFUN: 1\r\n",
        "\r\n+CREG: 1\r\n",
        "\r\n+CREG: 1,\"1A2B\",\"0C3D\"\r\n",
        "\r\n+CREG: 0,1\r\n",
        "\r\n+CSQ: 5,0\r\n",
        "\r\n+ALIPAYSIGN: 0,3,\"abc\"\r\n",
        "\r\n+ALIPAYSIGN: 0,9,\"ab\r\nOK\r\n\"",
        "\r\n+ALIPAYSIGN: 99\r\n",
        "\r\n+ALIPAYSIGN:\r\n",
        "\r\n+ALIPAYREP: 0\r\n",
        "\r\n+ALIPAYREP: 0,12\r\n",
        "\r\n+ALIPAYDID: 0,\"1\"\r\n",
        "\r\n+ALIPAYOPEN: 1\r\n",
        "\r\n+ALIPAYSHUT OK\r\n",
        "\r\n+CMEE: 1\r\n",
        "\r\n+CMEE: 1\r\n\r\nOK\r\n",
        "\r\n+IFC: 0,0\r\n\r\nOK\r\n",
        "\r\n+CCLK: \"\"\r\n\r\nOK\r\n",
        "AT+CSQ\r",
        "AT\r",
        "\"env\": 4\r\n",
        "text\r\n",
    ]);
    prop_oneof![
        8 => vec(lines, 1..4).prop_map(|lines| lines.concat().into_bytes()),
        1 => vec(any::<u8>(), 0..60),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0..KINDS, proptest::option::weighted(0.1, 1u64..60_000))
            .prop_map(|(kind, timeout)| Op::Submit(kind, timeout)),
        1 => any::<Index>().prop_map(Op::Cancel),
        6 => Just(Op::Answer),
        4 => plausible().prop_map(Op::Input),
        1 => (0usize..10).prop_map(Op::Write),
        8 => Just(Op::WriteAll),
        2 => prop_oneof![0u64..3_000, 0u64..50_000].prop_map(Op::Pass),
    ]
}

/// A disconnection is rare, since nothing comes after it.
fn ops() -> impl Strategy<Value = Vec<Op>> {
    (vec(op(), 0..60), proptest::option::weighted(0.1, any::<Index>())).prop_map(
        |(mut ops, gone)| {
            if let Some(at) = gone {
                ops.insert(at.index(ops.len() + 1), Op::Disconnect);
            }
            ops
        },
    )
}

struct Run {
    bench: Bench,
    profile: Profile,
    tickets: Vec<Ticket>,
    /// How often each ended. One that was cancelled counts as ended by that.
    ended: HashMap<Ticket, usize>,
    /// Of which commands any byte was written.
    written: String,
    told: Vec<String>,
}

impl Run {
    fn new(profile: Profile) -> Self {
        let bench = Bench::new(Settings::new(profile.clone()));
        let (tickets, ended) = (Vec::new(), HashMap::new());
        Self { bench, profile, tickets, ended, written: String::new(), told: Vec::new() }
    }

    /// Carries it out, the input cut by `cut`.
    fn step(&mut self, op: &Op, cut: &mut dyn FnMut(usize) -> usize) {
        match op {
            Op::Submit(kind, timeout) => {
                let number = self.tickets.len();
                let timeout = timeout.map(Duration::from_millis);
                let request = request(&self.profile, *kind, number).timeout(timeout);
                let ticket = self.bench.submit(request);
                self.tickets.push(ticket);
            }
            Op::Cancel(index) => {
                if !self.tickets.is_empty() {
                    let ticket = self.tickets[index.index(self.tickets.len())];
                    self.listen();
                    self.bench.cancel(ticket);
                    self.ended.entry(ticket).or_insert(1);
                }
            }
            Op::Answer => {
                let line = std::mem::take(&mut self.written);
                if line.ends_with('\r') {
                    let line = line.trim_end().rsplit('\r').next().unwrap_or_default().to_string();
                    self.receive(&answer(&line), cut);
                }
            }
            Op::Input(bytes) => self.receive(bytes, cut),
            Op::Write(count) => self.write(*count),
            Op::WriteAll => self.write(usize::MAX),
            Op::Pass(millis) => {
                self.listen();
                let now = self.bench.now + Duration::from_millis(*millis);
                self.bench.now = now;
                self.bench.engine.handle_timeout(now);
            }
            Op::Disconnect => self.bench.engine.disconnected(self.bench.now),
        }
        self.listen();
    }

    fn receive(&mut self, mut bytes: &[u8], cut: &mut dyn FnMut(usize) -> usize) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(cut(bytes.len()).clamp(1, bytes.len()));
            self.bench.receive(now);
            bytes = later;
        }
    }

    fn write(&mut self, count: usize) {
        let line = self.bench.transmit();
        let count = count.min(line.len());
        self.written.push_str(&line[..count]);
        self.bench.write(count);
    }

    fn listen(&mut self) {
        for event in self.bench.raw_events() {
            if let Event::Done { ticket, outcome } = &event {
                *self.ended.entry(*ticket).or_default() += 1;
                if let Err(failure) = outcome {
                    let never = matches!(failure, Failure::Busy(_) | Failure::Silent);
                    assert!(!never || failure.certainty() == Certainty::NotSent);
                }
            }
            let told = self.bench.describe(&event);
            self.told.push(told);
        }
    }

    /// Nothing comes any more. Lines are written, or (a stuck port) not.
    fn starve(&mut self, written: bool) {
        let began = self.bench.now;
        for _ in 0..2_000 {
            if written {
                self.write(usize::MAX);
                self.listen();
            }
            match self.bench.timer() {
                Some(timer) => {
                    self.bench.now = self.bench.now.max(timer.at);
                    self.bench.engine.handle_timeout(self.bench.now);
                    self.listen();
                }
                None if written && !self.bench.engine.transmit().is_empty() => {}
                None => break,
            }
        }
        assert_eq!(self.bench.timer(), None, "deadlines without end: {:?}", self.bench.engine);
        assert!(self.bench.now - began < BOUND, "{:?}", self.bench.now - began);
        let count = |ticket| self.ended.get(ticket).copied().unwrap_or_default();
        let wrong: Vec<_> = self.tickets.iter().filter(|ticket| count(ticket) != 1).collect();
        assert!(wrong.is_empty(), "{wrong:?} did not end exactly once: {:#?}", self.told);
        assert!(!written || self.bench.engine.is_idle(), "{:?}", self.bench.engine);
    }
}

/// Every command may take its longest deadlines, one after the other, and a fence each.
const BOUND: Duration = Duration::from_secs(60 * 200);

proptest! {
    #[test]
    fn any_order_of_events(
        ops in ops(),
        luat in any::<bool>(),
        overlap in any::<bool>(),
        sizes in vec(1usize..8, 1..20),
        written in any::<bool>(),
    ) {
        let profile = if luat { Profile::luat() } else { Profile::quectel() };
        let profile = Profile { overlap, ..profile };
        let mut whole = Run::new(profile.clone());
        let mut single = Run::new(profile.clone());
        let mut cut = Run::new(profile);
        let mut sizes = sizes.iter().cycle();
        for op in &ops {
            whole.step(op, &mut |all| all);
            single.step(op, &mut |_| 1);
            cut.step(op, &mut |all| sizes.next().copied().unwrap_or(all));
            prop_assert_eq!(&single.told, &whole.told, "byte by byte");
            prop_assert_eq!(&cut.told, &whole.told, "in pieces");
            prop_assert_eq!(single.bench.engine.transmit(), whole.bench.engine.transmit());
            prop_assert_eq!(single.bench.timer(), translated(&mut whole.bench, &single.bench));
        }
        whole.starve(written);
    }

    /// A module that answers everything it is asked, whatever comes in between, and keeps its
    /// order: every command gets its own answer.
    #[test]
    fn a_module_that_answers(kinds in vec(0..12usize, 1..20), echo in any::<bool>()) {
        let profile = Profile::quectel();
        let mut run = Run::new(profile);
        for kind in &kinds {
            run.step(&Op::Submit(*kind, None), &mut |all| all);
        }
        for _ in 0..100 {
            let line = run.bench.transmit();
            if line.is_empty() {
                break;
            }
            run.write(usize::MAX);
            run.receive(b"\r\n+CREG: 1\r\n", &mut |all| all);
            let answer = answer(&line);
            let from = if echo { 0 } else { line.len() };
            run.receive(&answer[from..], &mut |all| all);
            run.receive(b"\r\n+CREG: 5,\"1A2B\",\"0C3D\"\r\n", &mut |all| all);
            run.listen();
        }
        prop_assert!(run.bench.engine.is_idle());
        let done = run.told.iter().filter(|event| event.starts_with('#')).count();
        prop_assert_eq!(done, kinds.len());
        let good = run.told.iter().all(|event| {
            event.starts_with("urc: +CREG: ") || event.starts_with('#') && event.ends_with("OK")
        });
        prop_assert!(good, "{:#?}", run.told);
    }
}

/// What the slow module does with a line.
#[derive(Clone, Copy, Debug)]
struct Mood {
    /// How long it takes to answer, in milliseconds.
    answer: u64,
    /// How long after that the result comes.
    result: u64,
    /// Which of its lines are lost on the way: information or early result, final, late result.
    lost: [bool; 3],
    /// Whether it gives its result before its final result.
    early: bool,
}

fn mood() -> impl Strategy<Value = Mood> {
    let answer = prop_oneof![6 => 0u64..500, 2 => 0u64..4_000, 1 => 9_000u64..30_000];
    let result = prop_oneof![6 => 0u64..5_000, 1 => 25_000u64..40_000];
    let lost = || proptest::bool::weighted(0.1);
    (answer, result, [lost(), lost(), lost()], proptest::bool::weighted(0.2))
        .prop_map(|(answer, result, lost, early)| Mood { answer, result, lost, early })
}

/// A module that works on one line at a time, in order, however long it takes, and whose answers
/// tell which line they answer.
struct Slow {
    moods: Vec<Mood>,
    read: Vec<String>,
    busy_until: Duration,
    /// What is on its way, and when it arrives.
    coming: Vec<(Duration, String)>,
}

impl Slow {
    fn read(&mut self, now: Duration, line: &str) {
        let mut mood = self.moods[self.read.len() % self.moods.len()];
        let again = self.read.iter().any(|read| read == line);
        if again || mood.answer >= FINAL.as_millis() as u64 {
            // Where the same line may be sent again, the second answer is taken for lost when it
            // has not come in time after the first: that it comes even later is not provided for.
            mood.result = mood.result.min(RESULT.as_millis() as u64 - 1);
        }
        self.read.push(line.to_string());
        let done = now.max(self.busy_until) + Duration::from_millis(mood.answer);
        self.busy_until = done;
        let line = line.trim_end();
        let number = line.split(['"', '=']).rfind(|part| part.parse::<u32>().is_ok());
        let number = number.unwrap_or("0");
        let mut say = |lost: bool, at, text: String| {
            if !lost {
                self.coming.push((at, format!("\r\n{text}\r\n")));
            }
        };
        let [no_information, no_final, no_result] = mood.lost;
        let later = done + Duration::from_millis(mood.result);
        let result = match line {
            _ if line.starts_with("AT+ALIPAYSIGN=") => {
                Some(format!("+ALIPAYSIGN: 0,{},\"{number}\"", number.len()))
            }
            _ if line.starts_with("AT+ALIPAYREP=") => Some(format!("+ALIPAYREP: {number}")),
            _ => None,
        };
        match (&result, mood.early) {
            (Some(result), true) => say(no_information, done, result.clone()),
            (Some(_), false) => {}
            (None, _) if line.starts_with("AT+X=") => {
                say(no_information, done, format!("+X: {number}"));
            }
            (None, _) => {
                for question in line.trim_start_matches("AT").split(';') {
                    if let Some(prefix) = question.strip_suffix('?') {
                        say(no_information, done, format!("{prefix}: 1"));
                    }
                }
            }
        }
        let odd = line.starts_with("AT+Y=") && number.parse::<u32>().unwrap_or(0) % 2 == 1;
        say(no_final, done, if odd { "ERROR" } else { "OK" }.to_string());
        if let (Some(result), false) = (result, mood.early) {
            say(no_result, later, result);
        }
    }
}

fn numbered(profile: &Profile, kind: usize, number: usize) -> Request {
    match kind {
        0 => requests::bare(&format!("AT+X={number}"))
            .answer(Answer::Prefixed(&[("+X", Shape::Fields(1))])),
        1 => requests::bare(&format!("AT+Y={number}")),
        2 => requests::sign(profile, &number.to_string()),
        // The same record is reported again and again.
        3 => requests::report_line(profile, &format!("AT+ALIPAYREP=\"{}\"", number / 4)),
        _ => requests::report_line(profile, &format!("AT+ALIPAYREP=\"{number}\"")),
    }
}

proptest! {
    /// A module that is slow, whose lines are lost, and that answers late: whoever is told
    /// anything is told what the module said to his own line.
    #[test]
    fn nobody_is_told_of_another_command(
        kinds in vec((0..5usize, 0u64..20_000), 1..25),
        moods in vec(mood(), 1..30),
        overlap in any::<bool>(),
        luat in any::<bool>(),
    ) {
        let profile = if luat { Profile::luat() } else { Profile::quectel() };
        let profile = Profile { overlap, ok_alone: &[], ..profile };
        let mut run = Run::new(profile.clone());
        let mut slow = Slow { moods, read: Vec::new(), busy_until: Duration::ZERO, coming: Vec::new() };
        let mut due = Duration::ZERO;
        let mut numbers = Vec::new();
        let mut submissions = kinds.iter().enumerate().peekable();
        for _ in 0..5_000 {
            let now = run.bench.now - run.bench.began;
            let line = run.bench.transmit();
            if !line.is_empty() {
                run.bench.write(line.len());
                slow.read(now, &line);
            }
            let events = run.bench.raw_events();
            for event in &events {
                let told = run.bench.describe(event);
                run.told.push(told);
                let Event::Done { ticket, outcome } = event else { continue };
                let index = run.tickets.iter().position(|known| known == ticket);
                let (kind, number): (usize, usize) = numbers[index.unwrap_or(usize::MAX)];
                *run.ended.entry(*ticket).or_default() += 1;
                let own = match (kind, outcome) {
                    (1, Ok(_)) => number % 2 == 0,
                    (1, Err(Failure::Refused(_))) => number % 2 == 1,
                    (_, Err(Failure::Refused(_))) => false,
                    (0, Ok(reply)) => reply.lines == [line_of(format!("+X: {number}"))],
                    (2, Ok(reply)) => {
                        let length = number.to_string().len();
                        reply.result == Some(line_of(format!("+ALIPAYSIGN: 0,{length},\"{number}\"")))
                    }
                    (3, Ok(reply)) => reply.result == Some(line_of(format!("+ALIPAYREP: {}", number / 4))),
                    (4, Ok(reply)) => reply.result == Some(line_of(format!("+ALIPAYREP: {number}"))),
                    (_, Err(_)) => true,
                    _ => false,
                };
                prop_assert!(own, "#{:?} {:?}: {:?} of {:#?}", index, (kind, number), outcome, run.told);
            }
            if !run.bench.engine.transmit().is_empty() {
                continue;
            }
            // What comes next: a line, a deadline, or another command.
            let line = slow.coming.iter().map(|(at, _)| *at).min();
            let timer = run.bench.timer().map(|timer| timer.at - run.bench.began);
            let command = submissions.peek().map(|(_, (_, gap))| due + Duration::from_millis(*gap));
            let Some(next) = [line, timer, command].into_iter().flatten().min() else { break };
            run.bench.now = run.bench.now.max(run.bench.began + next);
            if line == Some(next) {
                let index = slow.coming.iter().position(|(at, _)| *at == next).unwrap_or(0);
                let (_, text) = slow.coming.remove(index);
                run.bench.receive(text.as_bytes());
            } else if command == Some(next) {
                due = next;
                if let Some((number, (kind, _))) = submissions.next() {
                    numbers.push((*kind, number));
                    let ticket = run.bench.submit(numbered(&profile, *kind, number));
                    run.tickets.push(ticket);
                }
            } else {
                run.bench.engine.handle_timeout(run.bench.now);
            }
        }
        prop_assert!(run.bench.engine.is_idle());
        let wrong = run.tickets.iter().any(|ticket| run.ended.get(ticket) != Some(&1));
        prop_assert!(!wrong, "{:#?}", run.told);
    }
}

fn line_of(text: String) -> Line {
    Line::new(text.into_bytes())
}

/// The timer of one bench in the time of another.
fn translated(bench: &mut Bench, to: &Bench) -> Option<m26_pay::engine::Timer> {
    let began = bench.began;
    bench.timer().map(|timer| m26_pay::engine::Timer { at: to.began + (timer.at - began), ..timer })
}
