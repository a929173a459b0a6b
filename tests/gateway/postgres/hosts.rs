//! Three hosts settle one journal while they are killed, and the server with them.
//!
//! `.ci/run hosts` is the long form, with ten thousand orders.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use m26_pay::gateway::alipay::{GatewayUrl, Identity};
use m26_pay::gateway::journal::{
    Entry, EntryKind, Journal as _, NotPaidBy, PaidBy, Settled, Stage,
};
use m26_pay::sim::gateway::alipay::{
    AlipaySettings, CodeId, Customer, Gateway, PayCall, TradeCall,
};
use m26_pay::sim::gateway::http::{RunningServer, Server as Listener};
use m26_pay::sim::gateway::{Fen, Signing, SigningKey, VerifyingKey};
use support::example_run::path;
use support::postgres_server::Server;

use super::{open, order};
use crate::started::{Keys, text};
use support::keys::Pair;
use support::real_time::{now, pause};

/// What the gateway has of an order, and what the journal says of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Left {
    /// It is paid, and nobody was told.
    Paid,
    /// It is paid, and a cancel was on its way (rule C5).
    PaidAndCancelling,
    /// The customer has yet to pay, and will not.
    Waiting,
    /// The customer refused.
    Refused,
}

impl Left {
    fn of(number: usize) -> Self {
        match number % 10 {
            0..=5 => Self::Paid,
            6 => Self::PaidAndCancelling,
            7 | 8 => Self::Waiting,
            _ => Self::Refused,
        }
    }

    fn is_right(self, outcome: &Settled) -> bool {
        match (self, outcome) {
            (Self::Paid, Settled::Paid(paid)) => paid.proof == PaidBy::Query,
            // The answer to the first cancel may have been lost.
            (Self::PaidAndCancelling, Settled::NotPaid(is)) => {
                matches!(is.proof, NotPaidBy::Refunded | NotPaidBy::Closed)
            }
            (Self::Waiting, Settled::NotPaid(is)) => {
                matches!(is.proof, NotPaidBy::Cancelled | NotPaidBy::Closed)
            }
            (Self::Refused, Settled::NotPaid(is)) => is.proof == NotPaidBy::Closed,
            _ => false,
        }
    }
}

struct World {
    server: Server,
    database: String,
    gateway: RunningServer<Gateway>,
    keys: Keys,
    orders: usize,
}

impl World {
    fn new(orders: usize) -> Option<Self> {
        let server = Server::start(&["fsync=off"])?;
        let database = server.new_database();
        let alipay = SigningKey::read(&Pair::alipay().private_pkcs8()).unwrap();
        let app = VerifyingKey::read(&Pair::app().public_spki()).unwrap();
        let signing = Signing::Rsa2 { gateway: Box::new(alipay), app };
        let mut gateway = Gateway::new(AlipaySettings::default(), signing, 7);
        // Now and then an answer is lost, too.
        for nth in (5..orders as u64).step_by(37) {
            gateway.plan(format!("closed:query:{nth}").parse().unwrap());
            gateway.plan(format!("closed:cancel:{}", nth / 3 + 1).parse().unwrap());
        }
        let gateway = Listener::bind("127.0.0.1:0").unwrap().spawn(gateway).unwrap();
        let world = Self { server, database, gateway, keys: Keys::new(), orders };
        world.leave_open();
        Some(world)
    }

    fn url(&self) -> String {
        format!("http://{}/gateway.do", self.gateway.address())
    }

    /// What tills left that died after they had asked for the money.
    fn leave_open(&self) {
        let gateway = GatewayUrl::new(self.url()).unwrap();
        let identity = Arc::new(Identity { gateway, ..(*super::identity()).clone() });
        let journal = open(&self.database);
        for number in 0..self.orders {
            let left = Left::of(number);
            self.ask_for_money(number, left);
            let stage =
                if left == Left::PaidAndCancelling { Stage::Cancelling } else { Stage::Begun };
            let identity = Arc::clone(&identity);
            let amount = format!("{}.{:02}", fen(number) / 100, fen(number) % 100).parse().unwrap();
            let kind = EntryKind::Barcode;
            let entry = Entry { identity, amount, stage, kind, ..order(&name(number)) };
            journal.begin(&entry).unwrap();
        }
        self.server.psql(&self.database, ENDS);
        let set = "UPDATE m26_order SET created_at = created_at - interval '2 s', \
            written_at = written_at - interval '2 s'";
        self.server.psql(&self.database, set);
    }

    fn ask_for_money(&self, number: usize, left: Left) {
        let now = self.gateway.now();
        self.gateway.with(|gateway| {
            let alipay = gateway.alipay_mut();
            alipay.settings_mut().customer = match left {
                Left::Paid | Left::PaidAndCancelling => Customer::Pays(Duration::ZERO),
                Left::Waiting => Customer::Leaves,
                Left::Refused => Customer::Refuses(Duration::ZERO),
            };
            let code = CodeId(number as u64);
            let pay = PayCall::new(name(number), Fen(fen(number)), code);
            alipay.handle(now, &TradeCall::Pay(pay));
        });
    }

    fn host(&self, number: usize) -> Child {
        let mut tool = Command::new(path("pay"));
        tool.args(["--json", "--gateway", &self.url(), "--app-id", "2026000000000001"]);
        tool.args(["--key", text(&self.keys.path("app.key"))]);
        tool.args(["--alipay-key", text(&self.keys.path("alipay.pub"))]);
        tool.args(["--journal", &self.database, "--holder", &format!("host {number}")]);
        tool.args(["--cancel-every", "0.05", "--cancel-for", "5"]);
        tool.args(["settle", "--every", "0.5"]);
        tool.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// How many are open; `None` while the server is away.
    fn open(&self) -> Option<usize> {
        let count = "SELECT count(*) FROM m26_order WHERE outcome IS NULL";
        self.server.try_psql(&self.database, count).ok()?.parse().ok()
    }

    /// Every order has ended as it should, and once.
    fn judge(&self) {
        let journal = open(&self.database);
        for number in 0..self.orders {
            let entries = journal.numbered(&crate::orders::number(&name(number))).unwrap();
            let [entry] = &entries[..] else { panic!("{number}: {entries:?}") };
            let left = Left::of(number);
            let outcome = entry.outcome.as_ref();
            assert!(outcome.is_some_and(|outcome| left.is_right(outcome)), "{left:?}: {entry:?}");
            let now = self.gateway.now();
            let truth = self.gateway.with(|it| it.alipay_mut().truth(now, &name(number)));
            let kept = if left == Left::Paid { fen(number) } else { 0 };
            assert_eq!((truth.kept, truth.open), (Fen(kept), false), "{left:?}: {entry:?}");
        }
        let ended = "SELECT count(*), count(DISTINCT id) FROM ended";
        let once = format!("{0}|{0}", self.orders);
        assert_eq!(self.server.psql(&self.database, ended), once, "an order ends once");
    }
}

#[test]
fn three_hosts_that_are_killed_end_every_order_once() {
    let orders = std::env::var("M26_ORDERS").map_or(120, |number| number.parse().unwrap());
    let Some(world) = World::new(orders) else { return };
    let mut rng = Rng::with_seed(orders as u64);
    let mut hosts: Vec<Child> = (0..HOSTS).map(|number| world.host(number)).collect();
    let (began, mut kills, mut backends, mut restarts) = (now(), 0, 0, 0);
    let mut left = Some(orders);
    while left != Some(0) {
        pause(Duration::from_millis(rng.u64(100..500)));
        left = world.open();
        // The last ones are left in peace, so that this ends, and the server that is asked then is there.
        let disturbs = left != Some(0) && kills + backends + restarts < 20 + orders / 50;
        match rng.u32(0..10) {
            _ if !disturbs => {}
            0 => {
                world.server.signal_backends(&world.database, "KILL");
                backends += 1;
            }
            1 => {
                if rng.bool() {
                    world.server.kill();
                } else {
                    world.server.shut_down();
                }
                pause(Duration::from_millis(rng.u64(0..1000)));
                world.server.restart();
                restarts += 1;
            }
            _ => {
                let number = rng.usize(0..HOSTS);
                hosts[number].kill().unwrap();
                hosts[number].wait().unwrap();
                hosts[number] = world.host(number);
                kills += 1;
            }
        }
        for host in &mut hosts {
            assert_eq!(host.try_wait().unwrap(), None, "a host gave up");
        }
        assert!((now() - began) < LIMIT, "{left:?} are open");
    }
    for host in &hosts {
        support::sigint::interrupt(host);
    }
    for mut host in hosts {
        let code = host.wait().unwrap().code();
        assert!(
            matches!(code, None | Some(0)),
            "a host stops in order, or has yet to begin: {code:?}"
        );
    }
    world.judge();
    println!(
        "{orders} orders, {HOSTS} hosts: {:.1} s; {kills} hosts, {backends} times the processes of \
         the server, and {restarts} times the server were killed or restarted; {} cancels, {} queries",
        (now() - began).as_secs_f64(),
        world.gateway.with(|it| it.line().calls(m26_pay::sim::gateway::alipay::Method::Cancel)),
        world.gateway.with(|it| it.line().calls(m26_pay::sim::gateway::alipay::Method::Query)),
    );
}

fn name(number: usize) -> String {
    format!("A{number}")
}

fn fen(number: usize) -> u64 {
    100 + number as u64
}

const HOSTS: usize = 3;

/// Beyond that something stands still.
const LIMIT: Duration = Duration::from_secs(1800);

/// Each change of an outcome is noted.
const ENDS: &str = "CREATE TABLE ended (id bigint, outcome text); \
    CREATE FUNCTION note_end() RETURNS trigger AS $$ BEGIN \
    IF OLD.outcome IS DISTINCT FROM NEW.outcome THEN \
    INSERT INTO ended VALUES (NEW.id, NEW.outcome); END IF; RETURN NEW; END $$ LANGUAGE plpgsql; \
    CREATE TRIGGER ends BEFORE UPDATE ON m26_order FOR EACH ROW EXECUTE FUNCTION note_end()";
