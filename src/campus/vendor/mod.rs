//! The binding to the vendor's decoder of campus codes, a C library.
//!
//! "The spec" is Alipay's 校园码解码集成 (2020-05-18).
//!
//! # What is public about the vendor's library, and what is not
//!
//! * The generation that the spec describes, for campus codes, takes a priority and a pid and
//!   gives a version and final_data. The spec comments its parameters one by one; **its prototype
//!   and its name are not public**. The comments of the generation whose prototype is public do
//!   not list the parameters in the order of the prototype, so nobody can infer this one, and a
//!   call by guess corrupts memory. Therefore this crate defines a small C interface of its own,
//!   one structure in and one out ([`HEADER`]), and a person with the vendor's header fills in a
//!   template ([`TEMPLATE`]) of a hundred lines: [`CampusDecoder`].
//! * The generation before it, `alipay_verify_code_info`, has a public header, and its binding is
//!   ready: [`GateDecoder`]. It knows neither priority nor pid and gives no final_data, so it
//!   opens gates and takes no payments.
//! * The clock is registered by `alipay_adapter_register`, once in a process (spec, 6).
//! * Whether the library may be called from several threads is not documented: calls are
//!   serialised, all of one process. One that does not return holds up all others.
//! * It allocates no memory for results, all is the caller's (spec, 6).
//!
//! The libraries are closed and come from Alipay to those who integrate them. None is part of this
//! crate, and none was at hand when it was written: the binding is tested against libraries that
//! were written for the tests from the same documents.
//!
//! # Building the library for [`CampusDecoder`]
//!
//! Write [`HEADER`] to `m26_campus.h` and [`TEMPLATE`] to `m26_campus_template.c`, or take both
//! from `src/campus/vendor/c` of this package. Fill in what the template marks, against the vendor's header,
//! and link it with the vendor's static library:
//!
//! ```text
//! cc -std=c99 -Wall -Wextra -Werror -O2 -fPIC -fvisibility=hidden -shared \
//!    -I vendor/include -o libm26_campus.so m26_campus_template.c vendor/lib/libvendor.a
//! ```
//!
//! Then load it. With a vendor's library that cannot become part of a shared one, link both into
//! the program, and use [`CampusDecoder::from_functions`].
//!
//! ```no_run
//! use m26_pay::campus::decoder::{Code, Decoder, FinalData, Pid, Purpose};
//! use m26_pay::campus::vendor::CampusDecoder;
//!
//! // SAFETY: built from the crate's template against the header of the vendor's library.
//! let decoder = unsafe { CampusDecoder::load("/opt/canteen/libm26_campus.so") }?;
//! let scanned = [0x02, 0x01];
//! let canteen = Purpose::Withholding { pid: Pid::from_u64_be(2088000034052130) };
//! let decoded = decoder.decode(&Code::new(&scanned)?, canteen)?;
//! println!("{} bytes to send", decoded.final_data.as_ref().map_or(0, |data| data.expose().len()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is checked
//!
//! The library gets memory of its own for all that it reads and writes, zeroed, of the lengths that
//! the documents demand at least. Around each piece lie [`SLACK`] bytes of a pattern. Where the
//! pattern changed, the library wrote outside: that call fails with
//! [`MisbehaviourError::Overrun`], and every later one with [`MisbehaviourError::Retired`]. What is written
//! farther away is not found, and can do anything: that is C. A length beyond the memory is
//! [`MisbehaviourError::Length`]. Of a refused code nothing but the verdict is read.
//!
//! A library stays loaded as long as the process lives: nothing says that it keeps no thread and
//! no pointer.
//!
//! # When every code is refused
//!
//! The causes that the spec, 7, lists, in the order in which they are met:
//!
//! * The bytes passed through a string on their way from the scanner. See
//!   [`Code::suspicion`](crate::campus::decoder::Code::suspicion).
//! * The library is of the test environment and the code of production, or the reverse.
//! * The code has expired, or the terminal's clock is wrong.
//! * The pid is not the one with which the holder enabled the code, or is packed otherwise: see
//!   [`Pid`](crate::campus::decoder::Pid).
//! * The code decodes and the payment fails: the raw code was sent on instead of the final_data.
//!
//! [`MisbehaviourError::Length`]: crate::campus::decoder::MisbehaviourError::Length
//! [`MisbehaviourError::Overrun`]: crate::campus::decoder::MisbehaviourError::Overrun
//! [`MisbehaviourError::Retired`]: crate::campus::decoder::MisbehaviourError::Retired
#![allow(
    unsafe_code,
    reason = "a library in C cannot be called otherwise; nothing outside this module needs it"
)]

mod campus;
mod clock;
mod gate;
mod library;
mod memory;

pub use campus::{
    AbiFunction, CampusDecoder, CampusFunctions, DecodeFunction, RawBytes, RawCampusAnswer,
    RawCampusRequest, RegisterFunction,
};
pub use clock::{ClockError, ClockFunction, set_clock};
pub use gate::{AdapterLayer, AdapterRegisterFunction, GateDecoder, GateFunctions, VerifyFunction};
pub use library::LoadError;
pub use memory::SLACK;

/// The C header of the interface that [`CampusDecoder`] calls.
pub const HEADER: &str = include_str!("c/m26_campus.h");

/// The C file to be filled in for [`CampusDecoder`]. It includes [`HEADER`] as `m26_campus.h`.
pub const TEMPLATE: &str = include_str!("c/m26_campus_template.c");

/// The version of the interface in [`HEADER`].
pub const ABI: u32 = 1;
