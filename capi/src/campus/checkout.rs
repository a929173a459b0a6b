//! A checkout: codes become payments in an outbox.

use m26_pay::amount::Amount;
use m26_pay::campus::acceptance::{AmountLimit, Checkout, Paid, Reference, Sale};
use m26_pay::campus::decoder::Pid;
use m26_pay::campus::guard::SqliteGuard;
use m26_pay::campus::guard::{Now, TimeRules};
use m26_pay::campus::layouts::CodeContents;
use m26_pay::campus::vendor::CampusDecoder;
use m26_pay::outbox::{Id as ItemId, Outbox, Payment};

use super::decoder::{decoder, m26pay_campus_abi, m26pay_campus_decode, m26pay_campus_register};
use crate::alipay::{M26PAY_NO_AMOUNT, m26pay_fen};
use crate::boundary::enter;
use crate::failure::{self, Failure, m26pay_language};
use crate::memory::{m26pay_memory, m26pay_string};
use crate::outbox::{self, m26pay_outbox};
use crate::pointer::{self, Options, Out};
use crate::registry;
use crate::status::{M26PAY_INVALID, m26pay_status};
use crate::text::{self, m26pay_str};

/// A checkout for campus codes. Any number of threads may use it at once.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_checkout {
    /// For the library. 0 is no checkout.
    pub id: u64,
}

/// How a pid is packed into the eight bytes that the decoder is given, which is not public.
pub type m26pay_pid_form = i32;

/// As an unsigned integer of 64 bits, the greatest byte first.
pub const M26PAY_PID_U64: m26pay_pid_form = 0;
/// As 16 decimal digits of four bits each, the first digit first.
pub const M26PAY_PID_BCD: m26pay_pid_form = 1;

/// How a checkout is made. Begin with `m26pay_checkout_options_init`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_checkout_options {
    /// The size of this structure, which `m26pay_checkout_options_init` writes.
    pub size: usize,
    /// The path of a shared library that was built from the template beside `m26_campus.h`; without (NULL,
    /// 0), the three functions are called. It must keep to that header, and stays loaded.
    pub decoder_library: m26pay_str,
    /// `m26_campus_abi`, linked into the program: NULL.
    pub decoder_abi: m26pay_campus_abi,
    /// `m26_campus_register`: NULL.
    pub decoder_register: m26pay_campus_register,
    /// `m26_campus_decode`: NULL.
    pub decoder_decode: m26pay_campus_decode,
    /// Who accepts the codes.
    pub pid: u64,
    /// How that is packed: `M26PAY_PID_U64`.
    pub pid_form: m26pay_pid_form,
    /// The path of the file in which used codes are kept, which is made if it is not there. It is not that of
    /// the outbox.
    pub guard: m26pay_str,
    /// Where payments are recorded.
    pub outbox: m26pay_outbox,
    /// The greatest amount, in fen: `M26PAY_NO_AMOUNT`, which is no limit.
    pub limit: m26pay_fen,
}

/// A payment that was accepted and recorded: the till may say "paid". `memory` is to be freed by
/// `m26pay_memory_free`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_paid {
    /// Its number in the outbox.
    pub number: i64,
    /// Who has paid, for the screen, or (NULL, 0) if that cannot be read. It is personal data.
    pub name: m26pay_str,
    /// Where it lives.
    pub memory: m26pay_memory,
}

// SAFETY: it is repr(C), begins with `size`, and has numbers and pointers alone, and functions that may be
// NULL.
unsafe impl Options for m26pay_checkout_options {}

/// Writes the defaults: no decoder, no files, no limit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_checkout_options_init(
    options: *mut m26pay_checkout_options,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("options", options) }?;
        to.write(m26pay_checkout_options {
            size: size_of::<m26pay_checkout_options>(),
            decoder_library: m26pay_str::NONE,
            decoder_abi: None,
            decoder_register: None,
            decoder_decode: None,
            pid: 0,
            pid_form: M26PAY_PID_U64,
            guard: m26pay_str::NONE,
            outbox: m26pay_outbox { id: 0 },
            limit: M26PAY_NO_AMOUNT,
        });
        Ok(())
    })
}

/// Makes a checkout. `checkout` is to be freed by `m26pay_checkout_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_checkout_new(
    options: *const m26pay_checkout_options,
    checkout: *mut m26pay_checkout,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("checkout", checkout) }?;
        // SAFETY: the header asks it of the caller.
        let options = unsafe { pointer::options("options", options) }?;
        let outbox = outbox::get(options.outbox)?;
        // SAFETY: the header asks it of the caller.
        let guard = unsafe { text::text("guard", options.guard) }?;
        let pid = match options.pid_form {
            M26PAY_PID_U64 => Pid::from_u64_be(options.pid),
            M26PAY_PID_BCD => Pid::from_bcd(options.pid)
                .map_err(|error| Failure::misuse(M26PAY_INVALID, error))?,
            other => return Err(Failure::unknown_value("m26pay_pid_form", other)),
        };
        let limit = match options.limit {
            M26PAY_NO_AMOUNT => None,
            limit => Some(Amount::from_fen(limit)?),
        };
        // SAFETY: the header asks it of the caller.
        let decoder = unsafe { decoder(&options) }?;
        let guard = SqliteGuard::open(guard, SqliteGuard::CAPACITY, TimeRules::default())?;
        let mut made = Checkout::new(decoder, guard, outbox, pid);
        if let Some(limit) = limit {
            made = made.policy(AmountLimit(limit));
        }
        to.write(m26pay_checkout { id: registry::add(Kept(made)).get() });
        Ok(())
    })
}

/// Takes the bytes of a scanned code, which are never a text, for a sale. It is accepted and recorded when
/// this returns `M26PAY_OK`, and only then. `reference` is the till's own name for the sale, at most 64
/// bytes, or (NULL, 0). `paid->memory` is to be freed.
///
/// If it is not accepted, `cashier` is a sentence or two for the screen in the `language`, and
/// `cashier->memory` is to be freed; it may be NULL. `M26PAY_CODE_USED` if the code was used already; no money is taken either way.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_checkout_accept(
    checkout: m26pay_checkout,
    code: *const u8,
    length: usize,
    amount: m26pay_fen,
    reference: m26pay_str,
    paid: *mut m26pay_paid,
    language: m26pay_language,
    cashier: *mut m26pay_string,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("paid", paid) }?;
        // SAFETY: the header asks it of the caller.
        let cashier = unsafe { Out::optional("cashier", cashier) }?;
        let language = failure::language(language)?;
        // SAFETY: the header asks it of the caller.
        let code = unsafe { pointer::slice("code", code, length, LONGEST) }?;
        // SAFETY: the header asks it of the caller.
        let reference = unsafe { text::optional("reference", reference) }?;
        let mut sale = Sale::new(Amount::from_fen(amount)?);
        if let Some(reference) = reference {
            sale = sale.reference(Reference::new(reference)?);
        }
        let checkout = registry::get::<Kept>(checkout.id)?;
        match checkout.0.accept(code, &sale, Now::read()) {
            Ok(paid) => {
                to.write(m26pay_paid::from(&paid));
                Ok(())
            }
            Err(refused) => {
                if let Some(cashier) = cashier {
                    cashier.write(m26pay_string::new(&refused.for_cashier(language)));
                }
                Err(refused.into())
            }
        }
    })
}

/// Frees a checkout. No checkout (`id` 0) is freed as NULL is by `free`: nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_checkout_free(checkout: m26pay_checkout) -> m26pay_status {
    enter(|| registry::free::<Kept>(checkout.id))
}

/// What the registry keeps for a checkout.
struct Kept(Checkout<CampusDecoder, SqliteGuard, Outbox>);

impl From<&Paid<ItemId<Payment>>> for m26pay_paid {
    fn from(paid: &Paid<ItemId<Payment>>) -> Self {
        let name = match paid.contents() {
            Ok(CodeContents::Known(user_data)) => user_data.student_name().ok().flatten(),
            _ => None,
        };
        let name = name.as_ref().and_then(|name| name.text()).map(m26pay_string::new);
        Self {
            number: paid.receipt.get(),
            name: name.map_or(m26pay_str::NONE, |name| name.text),
            memory: name.map_or(m26pay_memory { id: 0 }, |name| name.memory),
        }
    }
}

/// Far more than a code has, so that what is too long for one is told by the decoder's own error.
const LONGEST: usize = 1 << 20;
