//! What goes to another thread: this file compiles only if it can.

use m26_pay::alipay::{Config, Report, Sign, SignedData, TradeResult};
use m26_pay::campus::acceptance::{Admitted, Checkout, Gate};
use m26_pay::campus::decoder::Pid;
use m26_pay::campus::fake::FakeDecoder;
use m26_pay::campus::guard::{MemoryGuard, RedisGuard, SqliteGuard};
use m26_pay::engine::{Event, ExchangeError};
use m26_pay::error::{Error, ErrorKind};
use m26_pay::flows::{BringUp, Configure, Progress, Signing, SyncClock, Synchronise};
use m26_pay::gateway::alipay::payment::Payment;
use m26_pay::gateway::alipay::{Merchant, Pay};
use m26_pay::gateway::journal::MemoryJournal;
use m26_pay::gateway::{Http, Receipt};
use m26_pay::m26::{Raw, Signal};
use m26_pay::outbox::{Outbox, OutboxDuty, OutboxJournal, OutboxPolicy, Summary};
use m26_pay::serial::{SerialHost, SerialSettings};
use m26_pay::session::{
    Backoff, Health, HeldReports, HostRestart, Machine, NotAllowed, Plan, SessionEvent, ShutDown,
    State, Transition, Warning,
};
use m26_pay::sim::modem::Modem;
use m26_pay::till::Till;
use m26_pay::transcript::Recorder;
use m26_pay::unix_time::UnixMillis;
use m26_pay::{Amount, Certainty, Profile, Settings, asynch, blocking};

/// Any number of threads have one of them each, or share one.
const fn handle<T: Clone + Send + Sync + 'static>() {}

/// It is handed to one other thread.
const fn moved<T: Send + 'static>() {}

const _: () = {
    // Handles.
    handle::<asynch::Client>();
    handle::<asynch::Nudger>();
    handle::<asynch::Session>();
    handle::<blocking::Nudger>();
    handle::<blocking::SessionHandle>();
    handle::<Outbox>();
    handle::<OutboxJournal>();
    // What a program is told to do.
    handle::<Backoff>();
    handle::<HeldReports>();
    handle::<HostRestart>();
    handle::<OutboxPolicy>();
    handle::<Plan>();
    handle::<Profile>();
    handle::<SerialHost>();
    handle::<SerialSettings>();
    handle::<Settings>();
    handle::<ShutDown>();
    // Commands and flows.
    handle::<Config>();
    handle::<Configure>();
    handle::<Pay>();
    handle::<Raw>();
    handle::<Report>();
    handle::<Sign>();
    handle::<Signing>();
    handle::<SyncClock>();
    handle::<Synchronise>();
    // What comes back.
    handle::<Admitted>();
    handle::<Amount>();
    handle::<Certainty>();
    handle::<ErrorKind>();
    handle::<Event>();
    handle::<ExchangeError>();
    handle::<Health>();
    handle::<NotAllowed>();
    handle::<Pid>();
    handle::<Progress>();
    handle::<SessionEvent>();
    handle::<Signal>();
    handle::<SignedData>();
    handle::<State>();
    handle::<Summary>();
    handle::<TradeResult>();
    handle::<Transition>();
    handle::<UnixMillis>();
    handle::<Warning>();
};

const _: () = {
    moved::<BringUp>();
    moved::<asynch::Driver>();
    moved::<asynch::Events>();
    moved::<asynch::Events<SessionEvent>>();
    moved::<asynch::Payments<Http, OutboxJournal>>();
    moved::<asynch::SerialPort>();
    moved::<asynch::SessionDriver>();
    moved::<blocking::Call<Sign>>();
    moved::<blocking::Client>();
    moved::<blocking::Pending<Sign>>();
    moved::<blocking::SerialPort>();
    moved::<blocking::Session>();
    moved::<blocking::SessionDriver>();
    moved::<Checkout<FakeDecoder<fn() -> i64>, SqliteGuard, Outbox>>();
    moved::<Error>();
    moved::<Gate<FakeDecoder<fn() -> i64>, RedisGuard<MemoryGuard>>>();
    moved::<Machine>();
    moved::<MemoryJournal>();
    moved::<Merchant>();
    moved::<Modem>();
    moved::<OutboxDuty>();
    moved::<Payment>();
    moved::<Receipt>();
    moved::<Recorder>();
    moved::<Till<asynch::Payments<Http, OutboxJournal>, asynch::Session>>();
};
