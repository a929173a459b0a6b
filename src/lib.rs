//! Drives the Alipay SDK inside a Quectel M26: typed commands for every `AT+ALIPAY…` verb and for
//! the module around it, and a simulated module to develop against. It also reads campus codes,
//! from the scanned bytes to a recorded payment.
//!
//! The README says how to begin, with and without a module on the desk; [`chapters`] have the rest, such
//! as what is not known about the real module. "The spec" is Quectel M26 Alipay SDK
//! 应用指导 V1.0 (2020-02-14).
//!
//! # A first program
//!
//! A client sends commands and gives their typed answers. What a first program needs is at the root
//! of the crate, the commands are in [`alipay`] and [`m26`].
//!
//! ```
//! # #[cfg(feature = "sim")]
//! # {
//! use m26_pay::alipay::{DeviceId, Open, Sign, SignData, SignMode};
//! use m26_pay::{Amount, Client};
//!
//! # use m26_pay::sim::{modem::{Modem, ModemConfig, ModemSettings}, pty};
//! # let config = Some(ModemConfig::sample());
//! # let module = pty::spawn(Modem::new(ModemSettings { config, ..ModemSettings::default() }))?;
//! # let path = module.path();
//! # let path = path.to_str().ok_or("no path")?;
//! // The module's port, such as "/dev/ttyUSB0".
//! let mut client = Client::open(path)?;
//!
//! client.send(&Open)?;
//! let biz_tid = client.send(&DeviceId)?.ok_or("there is none yet: ask again later")?;
//! let amount: Amount = "10.25".parse()?;
//! let sign = Sign::new(SignMode::Withholding, SignData::new("1234567890")?)
//!     .amount(amount)
//!     .for_device(biz_tid);
//! let signed = client.send(&sign)?;
//! println!("{} bytes for the gateway", signed.len());
//! # assert_eq!(signed.len(), 369);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Without a module on the desk, `cargo run --example sim` puts a simulated one behind a port. In a
//! test the port is a `sim::virtual_port::VirtualPort`, whose time passes in no time.
//!
//! # Layers
//!
//! ```text
//! till                                    a shop: module and gateway together
//! blocking  asynch  campus::vendor        a port and a clock, in short loops; a foreign library
//! session  outbox  campus::acceptance     what to do next; what must not be lost
//! flows  gateway  campus::decoder         several commands as one value; calls to a gateway
//! alipay  m26  urc  engine                commands and URCs; one command on the wire
//! at  amount  secret  argument            the form: lines, fields, values
//! ```
//!
//! Imports point downward only. Everything below the first two lines works without a port and
//! without a clock: bytes and the time go in, bytes, events and the next deadline come out. So a
//! test on virtual time runs the code that runs on the wire. The simulator (`sim`) is separate. It
//! is written from the same documents and imports nothing of the driver, so a misreading in one is
//! found by the other. [`chapters`] are pages to read: the guide, real modules, the outbox, campus codes,
//! the gateways, what is not known, and the architecture with its rules and a glossary.
//!
//! * [`alipay`]: the eight commands of the SDK, one file each. The documentation of each type shows
//!   its wire format.
//! * [`m26`]: the module's own commands.
//! * [`flows`]: several commands as one value, such as the bring-up.
//! * [`urc`]: unsolicited result codes.
//! * [`session`]: a module that is kept usable for months, through restarts and lost ports.
//! * [`engine`]: no answer is ever credited to the wrong command. Read its documentation before
//!   you write a driver of your own.
//! * [`transcript`]: the traffic of a line as text, without its secrets.
//! * [`unix_time`]: the wall-clock time that the outbox and campus codes store.
//!
//! # Bringing a module up
//!
//! A [flow](flows) is several commands as one value, written once and run by any client:
//! [`Synchronise`] finds the module, [`BringUp`] takes it into the network and sets its clock,
//! [`Configure`] gives the SDK its configuration without harm. `run_with` reports their progress.
//!
//! ```
//! # #[cfg(feature = "sim")]
//! # {
//! # use m26_pay::blocking::Client;
//! # use m26_pay::engine::Settings;
//! # use m26_pay::sim::modem::{Modem, ModemSettings};
//! # use m26_pay::sim::virtual_port::VirtualPort;
//! use m26_pay::flows::BringUp;
//! use m26_pay::m26::SetAccessPoint;
//!
//! # let port = VirtualPort::new(Modem::new(ModemSettings::default()));
//! let mut client = Client::connect(port, Settings::default());
//! let bring_up = BringUp::default()
//!     .access_point(SetAccessPoint::new("CMNET".parse()?))
//!     .time_server("ntp1.aliyun.com".parse()?);
//! let module = client.run_with(bring_up, |progress| println!("{progress}"))?;
//! assert_eq!(module.identity.model, "Quectel_M26");
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A terminal that runs for months
//!
//! A [`session`] does all of this by itself, and repeats it after every fault: it reopens a lost
//! port, brings a restarted module up again, and sends only commands that fit its state. Every
//! change of state is an event with its reason. The README has two programs.
//!
//! ```
//! # #[cfg(feature = "sim")]
//! # {
//! # use m26_pay::error::Error;
//! # use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings};
//! # use m26_pay::sim::virtual_port::VirtualPort;
//! use std::time::Duration;
//!
//! use m26_pay::blocking::Session;
//! use m26_pay::engine::Settings;
//! use m26_pay::session::{Plan, ShutDown, State};
//!
//! # let module = ModemSettings { config: Some(ModemConfig::sample()), ..ModemSettings::default() };
//! # let mut module = Some(module);
//! # let open = move || Ok::<_, Error>(VirtualPort::new(Modem::new(module.take().unwrap())));
//! let mut session = Session::new(open, Plan::default(), Settings::default());
//! session.wait_ready(Duration::from_secs(60))?;
//! assert_eq!(session.state(), State::Ready);
//! session.shut_down(ShutDown::PowerOff)?;
//! assert!(session.health().last_error.is_none());
//! # }
//! # Ok::<(), m26_pay::error::Error>(())
//! ```
//!
//! # Trades that must not be lost
//!
//! Every trade must be reported, and the SDK's queue may be full. The module `outbox` (feature
//! `outbox`) writes a report to disk before the till goes on, and a session sends it to the module
//! as soon as it can: at least once, in order, through power cuts and restarts.
//!
//! # Campus codes
//!
//! The module `campus` (feature `campus`) takes the bytes of a scanned code to a recorded payment or
//! an open gate: begin with `campus::acceptance`. The vendor's decoder is called by the module
//! `campus::vendor`; the README says what is needed, and what is not known.
//!
//! # Unsolicited lines
//!
//! Lines that belong to no command, answers that came too late for their command, and resets of the
//! module form one ordered stream of [`Event`]s, `next_event`. A program that reads too slowly is
//! told how many events were dropped. A reset closes the SDK: bring the module up again.
//!
//! # When something fails
//!
//! An invalid argument cannot be constructed: the error names the field, the limit and the
//! position. Everything else is an [`Error`] with its [`kind`](error::Error::kind), its
//! [`certainty`](error::Error::certainty) and a message that says what to do. [`Certainty`] is what
//! matters for money: *not sent* (no byte left), *refused* (the module says that it did not do
//! it), or *unknown*. The README has a table of what to do for each. Every error has an
//! [`advice`]: an identifier, a sentence for the cashier and one for the technician, in English and
//! in Chinese.
//!
//! # A command of your own
//!
//! Implement [`Command`]: the line to send, the answer to expect, and how to read it. [`Raw`] sends
//! a line as it is.
//!
//! # Other firmware
//!
//! A [`Profile`] says how a firmware writes the same commands. [`Profile::quectel`] is the spec and
//! the default, [`Profile::luat`] another dialect; derive your own from either.
//!
//! # Secrets
//!
//! Product keys, payment codes, signed data and every line that is not recognised print as
//! redacted, in `Debug`, `Display`, logs and transcripts. The value itself is returned by `expose`.
//!
//! # Memory and rest
//!
//! An idle connection keeps 4 KiB. It never keeps more than 320 KiB, whatever its module sends and
//! however slowly the program reads; an async client with 129 callers who wait, 512 KiB.
//! `tests/memory.rs` measures it. Nothing is shared, so 64 connections keep 64 times as much.
//!
//! | what is kept | at most | changed by |
//! |---|---|---|
//! | events that were not read; with a session, its own instead | 512, of 64 KiB together; the oldest give way | [`Settings::event_limit`], [`Settings::event_bytes`] |
//! | what one read brought, while it is passed on | 256 events, a line of 4 KiB | [`Settings::line_limit`] |
//! | the lines of the answer that is coming | 64 lines of 32 KiB together, or one | [`Settings::line_limit`] |
//! | the line that is coming, with the data that it announced | 4 KiB | [`Settings::line_limit`] |
//! | commands that wait | 64 lines of 256 bytes; as many again in the async client | [`Settings::queue_limit`], [`Profile::line_limit`] |
//! | answers for which the caller of `submit` has not come (blocking client) | 64; with as many, or more than 32 KiB of them, no command begins | [`Settings::answer_limit`] |
//! | a line that is being recorded, each way | 8 KiB | |
//!
//! Only bytes, a caller or a deadline wake a connection. One without a command under way has no
//! deadline, but the async client is woken once more where that of the last command would have been. A
//! session that is ready has a deadline, its keep-alive ([`Plan::keep_alive`]).
//!
//! # Features
//!
//! * `blocking` (default): the blocking client and the opener of a serial port, without libudev.
//! * `async` (default): the async client on tokio, [`asynch`], and its opener of a serial port.
//! * `campus`: campus codes, in the module `campus`: the user data in them, the interface to a
//!   decoder of them, the guard against a code that is used twice, and acceptance in one call.
//! * `gateway`: Alipay's open platform, in the module `gateway`: calls, answers, keys and certificates,
//!   for any HTTP client; notifications, and the strings with which apps open Alipay.
//! * `http`: the stock HTTP client of both open platforms, `gateway::Http`.
//! * `legacy-rsa`: `gateway`, and signatures with SHA-1 or keys of 1024 bits, which need Rust 1.87.
//! * `outbox`: what must reach the cloud, kept in an SQLite file until it has, in the module
//!   `outbox`; with `campus`, the guard on disk, and a checkout that records in an outbox.
//! * `platform`: what both open platforms share, in the module `gateway`: keys, and what an HTTP
//!   client must promise. `gateway`, `unionpay` and `http` bring it.
//! * `redis`: `campus`, and the guard that several terminals share; with `unionpay`, the tokens that
//!   several hosts share.
//! * `campus-vendor`: `campus`, and the C binding to the vendor's decoder, in `campus::vendor`. It
//!   has `unsafe` code, as has one system call of the clients, which reads a port's error counters.
//! * `serde`: values, plans, settings and reports are written and read, health and events are
//!   written. Secrets are read and never written: they are serialised as redacted.
//! * `sim`: the simulated module, as a state machine, and on a pseudo-terminal for any program;
//!   with `campus`, made-up codes and their decoder.
//! * `tracing` (default): what happens is logged by `tracing`. Without it nothing is, a program is some
//!   70 kB smaller, and three or four crates less are compiled. It is on by default because a fault that comes
//!   once a month can be found in no other way.
//! * `tools`: what the tool `m26` needs, for `cargo install --example m26 --features tools`.
//! * `unionpay`: UnionPay's open platform, in the module `gateway::unionpay`: calls, answers, keys and
//!   tokens, notifications and pages, for any HTTP client.
//!
//! Without any feature the rest of the crate remains, and neither serialport nor tokio is compiled.
//!
//! [`BringUp`]: flows::BringUp
//! [`Certainty`]: engine::Certainty
//! [`Command`]: at::command::Command
//! [`Configure`]: flows::Configure
//! [`Error`]: error::Error
//! [`Event`]: engine::Event
//! [`Profile`]: at::profile::Profile
//! [`Plan::keep_alive`]: session::Plan::keep_alive
//! [`Profile::line_limit`]: at::profile::Profile::line_limit
//! [`Profile::luat`]: at::profile::Profile::luat
//! [`Profile::quectel`]: at::profile::Profile::quectel
//! [`Raw`]: m26::Raw
//! [`Settings::answer_limit`]: engine::Settings::answer_limit
//! [`Settings::event_bytes`]: engine::Settings::event_bytes
//! [`Settings::event_limit`]: engine::Settings::event_limit
//! [`Settings::line_limit`]: engine::Settings::line_limit
//! [`Settings::queue_limit`]: engine::Settings::queue_limit
//! [`Synchronise`]: flows::Synchronise
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(any(feature = "async", feature = "blocking", feature = "campus-vendor")),
    forbid(unsafe_code)
)]
#![cfg_attr(
    not(feature = "tracing"),
    allow(dead_code, unused_variables, reason = "some things are there to be logged")
)]
#![warn(unreachable_pub)]

pub mod advice;
pub mod alipay;
pub mod amount;
pub mod argument;
#[cfg(feature = "async")]
pub mod asynch;
pub mod at;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "campus")]
pub mod campus;
#[cfg(doc)]
pub mod chapters;
pub mod engine;
pub mod error;
pub mod flows;
#[cfg(feature = "platform")]
pub mod gateway;
pub mod m26;
#[cfg(feature = "outbox")]
pub mod outbox;
pub mod secret;
#[cfg(any(feature = "async", feature = "blocking"))]
pub mod serial;
pub mod session;
#[cfg(feature = "sim")]
pub mod sim;
#[cfg(all(feature = "gateway", feature = "outbox", any(feature = "async", feature = "blocking")))]
pub mod till;
pub mod transcript;
pub mod unix_time;
pub mod urc;

#[doc(no_inline)]
pub use amount::Amount;
#[doc(no_inline)]
pub use at::profile::Profile;
#[cfg(feature = "blocking")]
#[doc(no_inline)]
pub use blocking::{Client, Session};
#[doc(no_inline)]
pub use engine::{Certainty, Settings};
#[doc(no_inline)]
pub use error::Error;

mod backoff;
mod codes;
mod log;
#[cfg(feature = "redis")]
mod redis_link;
#[cfg(feature = "outbox")]
mod sqlite;
#[cfg(test)]
mod testing;

#[cfg(all(not(unix), any(feature = "async", feature = "blocking")))]
compile_error!(
    "the features `async` and `blocking` of m26-pay open serial ports of Unix systems: on another \
     system set `default-features = false`, and choose neither"
);

// What they show needs these features.
#[cfg(all(doctest, feature = "campus", feature = "gateway", feature = "outbox", feature = "sim"))]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(all(doctest, feature = "campus", feature = "gateway", feature = "outbox", feature = "sim"))]
#[doc = include_str!("../README.zh-CN.md")]
mod readme_zh_cn {}
