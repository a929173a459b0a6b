//! One simulated module that sessions reach by port after port, on virtual time.

pub mod pipes;
pub mod teller;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use m26_pay::alipay::{
    BusinessNo, Config, Environment, Report, Sign, SignData, SignMode, TradeResult,
};
use m26_pay::amount::Amount;
use m26_pay::at::profile::Profile;
use m26_pay::blocking::{Host, Interest, Port, Session};
use m26_pay::engine::{InputErrors, Settings};
use m26_pay::error::Error;
use m26_pay::session::{Backoff, HostRestart, Plan, SessionEvent, State};
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{self, Modem};
use m26_pay::sim::script::{Script, Scripted};
use m26_pay::sim::{Chunk, Device, Order};

pub type Module = Scripted<Faulty<Modem>>;

/// A module behind a line that may fail and a script.
pub fn module(settings: modem::ModemSettings, script: &str) -> Module {
    let script: Script = script.parse().unwrap();
    Scripted::new(Faulty::new(Modem::new(settings), 1), script)
}

/// A module that was configured in the factory, and whose clock shows the sample's time.
pub fn configured(profile: &Profile) -> modem::ModemSettings {
    let settings = match profile.result_before_ok {
        true => modem::ModemSettings::luat(),
        false => modem::ModemSettings::default(),
    };
    modem::ModemSettings { config: Some(modem::ModemConfig::sample()), ..settings }
}

/// A plan that waits the same at every run.
pub fn plan() -> Plan {
    Plan { backoff: Backoff { jitter_percent: 0, ..Backoff::default() }, ..Plan::default() }
}

pub fn sign() -> Sign {
    Sign::new(SignMode::Withholding, SignData::new("1234567890").unwrap())
        .amount(Amount::from_fen(1025).unwrap())
}

/// Another customer's.
pub fn other_sign() -> Sign {
    Sign::new(SignMode::Withholding, SignData::new("987654321").unwrap())
        .amount(Amount::from_fen(1).unwrap())
}

pub fn report(business_no: &str) -> Report {
    let amount = Amount::from_fen(1025).unwrap();
    Report::of(amount, TradeResult::Success, 1_548_811_777)
        .business_no(BusinessNo::new(business_no).unwrap())
        .time_consuming(2)
        .build()
        .unwrap()
}

/// The configuration of the sample, for another environment.
pub fn config(env: Environment) -> Config {
    Config {
        device_supplier_no: "2018040500703640".parse().unwrap(),
        merchant_user_id: "2018040500703640".parse().unwrap(),
        item_id: "2018070401748657".parse().unwrap(),
        product_key: "ALIPAY_BOX".parse().unwrap(),
        env,
        terminal_id: "1234567890abcdef".parse().unwrap(),
    }
}

/// The line to one module, and its time.
pub struct Line<D = Module> {
    module: RefCell<D>,
    now: Cell<Instant>,
    arrived: RefCell<VecDeque<u8>>,
    /// Whether the line is dead for everybody.
    down: Cell<bool>,
    /// Counts the hang-ups, each of which kills the ports of before.
    cuts: Cell<u32>,
    sent: RefCell<Vec<u8>>,
    /// What the host's clock shows at the beginning.
    pub unix_seconds: Cell<Option<i64>>,
    began: Instant,
    pub restarts: Cell<u32>,
    /// How often a port was waited on.
    pub waits: Cell<u32>,
    pub can_restart: Cell<bool>,
    /// What the driver of the port has counted.
    pub input_errors: Cell<Option<InputErrors>>,
}

impl Line {
    pub fn with<T>(&self, look: impl FnOnce(&Modem) -> T) -> T {
        look(self.module.borrow().inner().inner())
    }
}

impl<D: Device> Line<D> {
    pub fn order(&self, order: Order) {
        self.module.borrow_mut().command(self.now.get(), &order);
    }

    /// What was sent since the last look.
    pub fn sent(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.sent.borrow_mut())).unwrap()
    }

    /// Does something to the device.
    pub fn at_module<T>(&self, act: impl FnOnce(Instant, &mut D) -> T) -> T {
        act(self.now.get(), &mut self.module.borrow_mut())
    }

    pub fn now(&self) -> Instant {
        self.now.get()
    }

    pub fn passed(&self) -> Duration {
        self.now.get() - self.began
    }

    fn pump(&self) {
        loop {
            let chunk = self.module.borrow_mut().poll_transmit(self.now.get());
            match chunk {
                Some(Chunk::Bytes(bytes)) => self.arrived.borrow_mut().extend(bytes.as_ref()),
                Some(Chunk::HangUp) => {
                    self.down.set(true);
                    self.cuts.set(self.cuts.get() + 1);
                    self.arrived.borrow_mut().clear();
                }
                Some(Chunk::Restore) => self.down.set(false),
                None => return,
            }
        }
    }

    /// Lets time pass up to the module's next deadline, or `until`. Whether `until` has come.
    fn pass(&self, until: Option<Instant>) -> bool {
        let due = self.module.borrow().next_deadline();
        match (due, until) {
            (Some(due), until) if until.is_none_or(|until| due <= until) => {
                self.now.set(self.now.get().max(due));
                false
            }
            (_, Some(until)) => {
                self.now.set(self.now.get().max(until));
                true
            }
            (_, None) => panic!("nothing will ever happen"),
        }
    }
}

/// Opens ports to the module.
pub struct Desk<D = Module>(pub Rc<Line<D>>);

/// One port to the module.
pub struct Socket<D = Module> {
    line: Rc<Line<D>>,
    cut: u32,
}

impl<D> Socket<D> {
    fn is_dead(&self) -> bool {
        self.line.down.get() || self.line.cuts.get() != self.cut
    }
}

impl<D: Device> Host for Desk<D> {
    type Port = Socket<D>;

    fn open(&mut self, _within: Duration) -> Option<Result<Socket<D>, Error>> {
        self.0.pump();
        if self.0.down.get() {
            let doing = "there is no such port".to_string();
            return Some(Err(Error::Io { doing, source: io::ErrorKind::NotFound.into() }));
        }
        Some(Ok(Socket { line: Rc::clone(&self.0), cut: self.0.cuts.get() }))
    }

    fn restart(&mut self) -> Result<HostRestart, Error> {
        if self.0.can_restart.get() {
            self.0.restarts.set(self.0.restarts.get() + 1);
            self.0.order(Order::PowerOff);
            self.0.order(Order::PowerOn);
            return Ok(HostRestart::Done);
        }
        Ok(HostRestart::NotPossible)
    }

    fn now(&self) -> Instant {
        self.0.now.get()
    }

    fn unix_seconds(&self) -> Option<i64> {
        let passed = i64::try_from(self.0.passed().as_secs()).unwrap();
        self.0.unix_seconds.get().map(|seconds| seconds + passed)
    }

    fn wait(&mut self, time: Duration) {
        let until = self.0.now.get() + time;
        while !self.0.pass(Some(until)) {
            self.0.pump();
        }
    }
}

impl<D: Device> Port for Socket<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.line.pump();
        if self.is_dead() {
            return Ok(0);
        }
        let mut arrived = self.line.arrived.borrow_mut();
        let count = buffer.len().min(arrived.len());
        for (place, byte) in buffer.iter_mut().zip(arrived.drain(..count)) {
            *place = byte;
        }
        if count == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_dead() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.line.sent.borrow_mut().extend_from_slice(bytes);
        self.line.module.borrow_mut().receive(self.line.now.get(), bytes);
        Ok(bytes.len())
    }

    fn wait(&mut self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.line.waits.set(self.line.waits.get() + 1);
        let until = timeout.map(|timeout| self.line.now.get() + timeout);
        loop {
            self.line.pump();
            if self.is_dead() || !self.line.arrived.borrow().is_empty() {
                return Ok(true);
            }
            if interest == Interest::ReadOrWrite || self.line.pass(until) {
                return Ok(false);
            }
        }
    }

    fn now(&self) -> Instant {
        self.line.now.get()
    }

    fn input_errors(&self) -> Option<InputErrors> {
        self.line.input_errors.get()
    }

    /// The same in the same run, and another for each program that follows.
    fn random(&self) -> u32 {
        let millis = self.line.passed().as_millis() as u32;
        millis.wrapping_mul(2_654_435_761).wrapping_add(self.cut)
    }
}

/// A line, and a session that has not begun.
pub fn session<D: Device>(
    module: D,
    plan: Plan,
    profile: Profile,
) -> (Session<Desk<D>>, Rc<Line<D>>) {
    #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    let began = Instant::now();
    let line = Rc::new(Line {
        module: RefCell::new(module),
        now: Cell::new(began),
        arrived: RefCell::default(),
        down: Cell::default(),
        cuts: Cell::default(),
        sent: RefCell::default(),
        unix_seconds: Cell::new(None),
        began,
        restarts: Cell::default(),
        waits: Cell::default(),
        can_restart: Cell::default(),
        input_errors: Cell::default(),
    });
    (Session::new(Desk(Rc::clone(&line)), plan, Settings::new(profile)), line)
}

/// The states that were entered, and every event as text, without waiting.
pub fn story<H: Host>(session: &mut Session<H>) -> (Vec<State>, Vec<String>) {
    let (mut states, mut texts) = (Vec::new(), Vec::new());
    while let Some(event) = session.next_event(Some(Duration::ZERO)) {
        match event {
            SessionEvent::Transition(transition) => {
                assert!(!transition.reason.is_empty(), "{transition:?}");
                states.push(transition.to);
                texts.push(transition.to_string());
            }
            SessionEvent::Warning(warning) => texts.push(format!("warning: {warning}")),
            SessionEvent::Progress(progress) => texts.push(progress.to_string()),
            other => texts.push(format!("{other:?}")),
        }
    }
    (states, texts)
}

/// Something to record to, and what was recorded.
pub fn recording() -> (impl io::Write + Send + 'static, impl Fn() -> String) {
    #[derive(Clone, Default)]
    struct Text(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Text {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let text = Text::default();
    (text.clone(), move || String::from_utf8(text.0.lock().unwrap().clone()).unwrap())
}
