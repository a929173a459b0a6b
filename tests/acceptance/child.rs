//! A till in a process of its own, which dies.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use m26_pay::campus::acceptance::{
    AcceptError, CampusPayment, Checkout, PaymentRecorder, PolicyError, Presented, RecordError,
    Sale,
};
use m26_pay::campus::decoder::{Code, Decoded, Decoder, DecoderError, Purpose};
use m26_pay::campus::guard::{Claim, Fingerprint, Guard, GuardError, Now, SqliteGuard, TimeRules};
use m26_pay::outbox::{Id, Outbox, OutboxPolicy, Payment};

use crate::world::{self, PID, at, code, decoder, memory, sale, yuan};

/// Where the power is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Never,
    AfterDecoding,
    AfterClaim,
    InPolicy,
    BeforeRelease,
    AfterRelease,
    AfterRecord,
}

impl Cut {
    pub(crate) const ALL: [Self; 7] = [
        Self::Never,
        Self::AfterDecoding,
        Self::AfterClaim,
        Self::InPolicy,
        Self::BeforeRelease,
        Self::AfterRelease,
        Self::AfterRecord,
    ];

    /// Whether the sale is one that the policy refuses.
    pub(crate) fn is_above_limit(self) -> bool {
        matches!(self, Self::BeforeRelease | Self::AfterRelease)
    }

    /// Here the process ends as by a power cut: nothing is closed, nothing is written.
    fn at(self, here: Self) {
        if self == here {
            std::process::abort();
        }
    }
}

/// A decoder, a guard and a record between whose steps the power can be cut.
#[derive(Debug)]
struct Cutting<T>(T, Cut);

impl Decoder for Cutting<world::Decoder> {
    fn decode(&self, code: &Code, purpose: Purpose) -> Result<Decoded, DecoderError> {
        let decoded = self.0.decode(code, purpose);
        self.1.at(Cut::AfterDecoding);
        decoded
    }
}

impl<G: Guard> Guard for Cutting<G> {
    fn rules(&self) -> &TimeRules {
        self.0.rules()
    }

    fn claim(&self, code: &Fingerprint, now: Now) -> Result<Claim, GuardError> {
        let claim = self.0.claim(code, now);
        self.1.at(Cut::AfterClaim);
        claim
    }

    fn release(&self, claim: Claim, now: Now) -> Result<(), GuardError> {
        self.1.at(Cut::BeforeRelease);
        let released = self.0.release(claim, now);
        self.1.at(Cut::AfterRelease);
        released
    }
}

impl<R: PaymentRecorder> PaymentRecorder for Cutting<R> {
    type Receipt = R::Receipt;

    fn record(&self, payment: &CampusPayment) -> Result<R::Receipt, RecordError> {
        let receipt = self.0.record(payment);
        self.1.at(Cut::AfterRecord);
        receipt
    }

    fn is_recorded(&self, code: &Fingerprint) -> Option<bool> {
        self.0.is_recorded(code)
    }
}

/// What a till of its own does.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) folder: PathBuf,
    /// Whether its guard is on disk.
    pub(crate) disk: bool,
    pub(crate) cut: Cut,
    /// The first customer.
    pub(crate) from: usize,
    /// How many come.
    pub(crate) count: usize,
}

/// A running one, and what it says.
pub(crate) struct Running {
    child: Child,
    said: std::io::Lines<BufReader<ChildStdout>>,
}

/// What became of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Paid(usize),
    Refused(usize),
}

impl Work {
    pub(crate) fn start(&self) -> Running {
        let cut = Cut::ALL.iter().position(|cut| *cut == self.cut).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "child::a_till_of_its_own"])
            .env("M26_TEST_FOLDER", &self.folder)
            .env("M26_TEST_WORK", format!("{} {cut} {} {}", self.disk, self.from, self.count))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Running { child, said }
    }

    fn of_environment() -> Self {
        let folder = PathBuf::from(std::env::var_os("M26_TEST_FOLDER").unwrap());
        let work = std::env::var("M26_TEST_WORK").unwrap();
        let [disk, cut, from, count] = work.split(' ').collect::<Vec<_>>().try_into().unwrap();
        Self {
            folder,
            disk: disk.parse().unwrap(),
            cut: Cut::ALL[cut.parse::<usize>().unwrap()],
            from: from.parse().unwrap(),
            count: count.parse().unwrap(),
        }
    }
}

impl Running {
    /// The next that it says, `None` if it has ended.
    pub(crate) fn next(&mut self) -> Option<Said> {
        self.said.by_ref().map(Result::unwrap).find_map(|line| {
            let (word, number) = line.split_once(' ')?;
            match word {
                "paid" => Some(Said::Paid(number.parse().unwrap())),
                "refused" => Some(Said::Refused(number.parse().unwrap())),
                _ => None,
            }
        })
    }

    /// Kills it, by SIGKILL, wherever it is. What it had said before.
    pub(crate) fn kill(mut self) -> Vec<Said> {
        self.child.kill().unwrap();
        let rest = std::iter::from_fn(|| self.next()).collect();
        self.child.wait().unwrap();
        rest
    }

    pub(crate) fn finish(mut self) -> (Vec<Said>, ExitStatus) {
        let said = std::iter::from_fn(|| self.next()).collect();
        (said, self.child.wait().unwrap())
    }
}

#[test]
#[ignore = "the other end of the tests in power.rs"]
fn a_till_of_its_own() {
    let work = Work::of_environment();
    let outbox = open_outbox(&work.folder);
    if work.disk {
        serve(&work, open_guard(&work.folder), outbox);
    } else {
        serve(&work, memory(), outbox);
    }
}

fn serve<G: Guard>(work: &Work, guard: G, outbox: Outbox) {
    let cut = work.cut;
    let policy = move |presented: &Presented<'_>| {
        cut.at(Cut::InPolicy);
        match presented.amount {
            Some(amount) if amount > yuan("50") => Err(PolicyError::Other("Too much.".into())),
            _ => Ok(()),
        }
    };
    let till =
        Checkout::new(Cutting(decoder(), cut), Cutting(guard, cut), Cutting(outbox, cut), PID)
            .policy(policy);
    let mut out = std::io::stdout();
    // The test harness leaves the cursor in the middle of a line.
    out.write_all(b"\n").unwrap();
    for number in work.from..work.from + work.count {
        let amount = if cut.is_above_limit() { yuan("51") } else { yuan("10.25") };
        let sale = Sale::new(amount).reference(number.to_string().parse().unwrap());
        let line = match till.accept(&code(number), &sale, at(0)) {
            Ok(_) => format!("paid {number}\n"),
            Err(AcceptError::Used { .. } | AcceptError::Policy(_)) => format!("refused {number}\n"),
            Err(refusal) => panic!("{refusal}"),
        };
        out.write_all(line.as_bytes()).unwrap();
        out.flush().unwrap();
    }
}

pub(crate) fn open_guard(folder: &Path) -> SqliteGuard {
    let path = folder.join("guard.db");
    SqliteGuard::open(path, SqliteGuard::CAPACITY, TimeRules::default()).unwrap()
}

pub(crate) fn open_outbox(folder: &Path) -> Outbox {
    Outbox::open(folder.join("outbox.db"), OutboxPolicy::default()).unwrap()
}

/// What a till on these files says to a customer now.
pub(crate) fn present(folder: &Path, number: usize) -> Result<Id<Payment>, AcceptError> {
    let till = Checkout::new(decoder(), open_guard(folder), open_outbox(folder), PID);
    till.accept(&code(number), &sale(), at(1_000)).map(|paid| paid.receipt)
}
