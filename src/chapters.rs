//! Pages to read, from top to bottom. They are the files of `docs/`.
//!
//! | page | what it is about |
//! |---|---|
//! | [`guide`] | The guide: sessions and their states, the commands, certainty, features, profiles. |
//! | [`hardware`] | Real modules: the adapter, permission, what to look at first. |
//! | [`tools`] | Examples and tools, and a session for programs in any language. |
//! | [`outbox`] | Trades that must not be lost, and the life of a report. |
//! | [`campus_codes`] | Campus codes: canteens and gates, both sides offline. |
//! | [`gateways`] | The payment gateways of Alipay and UnionPay. |
//! | [`terminal`] | A payment terminal: one sale from the customer's code to the report in the cloud. |
//! | [`terminal_builder`] | Building a terminal: its port, its clock, its disk, and what a power cut can do. |
//! | [`back_office`] | A merchant's server: order strings, notifications, and orders that several hosts share. |
//! | [`journal`] | The journal of orders, for who administers the database. |
//! | [`unionpay`] | UnionPay's open platform: each call with its test, and what stays unknown. |
//! | [`machines`] | Other machines: how to build for them, what was tried, 2038. |
//! | [`unknowns`] | What is not known about the real module. |
//! | [`architecture`] | How the crate is built, which rules hold everywhere, and what its words mean. |

/// The guide: sessions and their states, the commands, certainty, features, profiles.
///
/// [architecture]: crate::chapters::architecture
///
#[doc = include_str!("../docs/guide.md")]
pub mod guide {}

/// Real modules: the adapter, permission, what to look at first.
///
#[doc = include_str!("../docs/hardware.md")]
pub mod hardware {}

/// Examples and tools, and a session for programs in any language.
///
#[doc = include_str!("../docs/tools.md")]
pub mod tools {}

/// Trades that must not be lost, and the life of a report.
///
#[doc = include_str!("../docs/outbox.md")]
pub mod outbox {}

/// Campus codes: canteens and gates, both sides offline.
///
#[doc = include_str!("../docs/campus-codes.md")]
pub mod campus_codes {}

/// The payment gateways of Alipay and UnionPay.
///
/// [back-office]: crate::chapters::back_office
/// [journal]: crate::chapters::journal
/// [terminal]: crate::chapters::terminal
/// [unionpay]: crate::chapters::unionpay
///
#[doc = include_str!("../docs/gateways.md")]
pub mod gateways {}

/// A payment terminal: one sale from the customer's code to the report in the cloud.
///
#[cfg(all(feature = "gateway", feature = "outbox", feature = "blocking"))]
#[doc = include_str!("../docs/terminal.md")]
pub mod terminal {}

/// Building a terminal: its port, its clock, its disk, and what a power cut can do.
///
#[doc = include_str!("../docs/terminal-builder.md")]
pub mod terminal_builder {}

/// A merchant's server: order strings, notifications, and orders that several hosts share.
///
#[cfg(all(feature = "gateway", feature = "outbox", feature = "blocking"))]
#[doc = include_str!("../docs/back-office.md")]
pub mod back_office {}

/// The journal of orders, for who administers the database.
///
#[doc = include_str!("../docs/journal.md")]
pub mod journal {}

/// UnionPay's open platform: each call with its test, and what stays unknown.
///
#[doc = include_str!("../docs/unionpay.md")]
pub mod unionpay {}

/// Other machines: how to build for them, what was tried on which, and what cannot be helped.
///
#[doc = include_str!("../docs/machines.md")]
pub mod machines {}

/// What is not known about the real module.
///
/// [architecture]: crate::chapters::architecture
///
#[doc = include_str!("../docs/unknowns.md")]
pub mod unknowns {}

/// How the crate is built, which rules hold everywhere, and what its words mean.
///
#[doc = include_str!("../docs/architecture.md")]
pub mod architecture {}
