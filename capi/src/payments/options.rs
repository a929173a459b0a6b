//! How payments are made: the merchant, its keys, the journal and the waits.

use std::time::Duration;

use m26_pay::gateway::Deadlines;
use m26_pay::gateway::alipay::payment::Policy;
use m26_pay::till::PATIENCE;

use crate::boundary::enter;
use crate::failure::{M26PAY_ENGLISH, m26pay_language};
use crate::module::m26pay_module;
use crate::outbox::m26pay_outbox;
use crate::pointer::{Options, Out};
use crate::status::m26pay_status;
use crate::text::m26pay_str;

/// Who takes payments, with which keys, and where orders are kept. Begin with `m26pay_payments_options_init`.
///
/// Texts and keys are only read while `m26pay_payments_new` lasts.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_payments_options {
    /// The size of this structure, which `m26pay_payments_options_init` writes.
    pub size: usize,
    /// Alipay's address: none, which is "https://openapi.alipay.com/gateway.do". `http` is taken for this
    /// host alone, for a simulated one.
    pub gateway: m26pay_str,
    /// The application, as Alipay has given it out.
    pub app_id: m26pay_str,
    /// What the file of the application's private key holds: PKCS#1 or PKCS#8, PEM or DER. It is a secret.
    pub private_key: m26pay_str,
    /// What the file of Alipay's public key holds, from the developer centre. Either this or the three
    /// certificates.
    pub alipay_key: m26pay_str,
    /// What the file of the application's certificate holds: none.
    pub app_certificate: m26pay_str,
    /// What the file of Alipay's certificate holds: none.
    pub alipay_certificate: m26pay_str,
    /// What the file of Alipay's root certificates holds: none.
    pub root_certificate: m26pay_str,
    /// Whose money it is, where the application acts for more than one: none.
    pub seller_id: m26pay_str,
    /// The token with which the application acts for another merchant: none. It is a secret.
    pub app_auth_token: m26pay_str,
    /// The name of this till in the journal. It stays the same over restarts, and no two programs that run at
    /// the same time share one.
    pub holder: m26pay_str,
    /// Where orders are kept until their outcome is proven, with their reports.
    pub outbox: m26pay_outbox,
    /// Whether orders are kept in memory, without an outbox, 0 or 1: 0. Nobody asks then for what was under
    /// way when the program ends.
    pub in_memory: u8,
    /// The session that signs payments and sends reports: one that was started, and to which the outbox is not
    /// attached yet. (0) is none: nothing is signed then.
    pub module: m26pay_module,
    /// The language of the sentences in a receipt: `M26PAY_ENGLISH`.
    pub language: m26pay_language,
    /// Whether the proxy that ALL_PROXY, HTTPS_PROXY or HTTP_PROXY names is used, 0 or 1: 0.
    pub use_proxy: u8,
    /// How long a sale waits for the module's signature, in milliseconds: 30000.
    pub sign_within: u64,
    /// How long Alipay may take to be reached, in milliseconds: 3000.
    pub connect_within: u64,
    /// How long it may take to answer then, in milliseconds: 10000.
    pub answer_within: u64,
    /// The wait between two questions for a payment, in milliseconds: 5000.
    pub poll_every: u64,
    /// How long a customer may take to pay, in milliseconds: 30000. Then it is cancelled.
    pub poll_for: u64,
    /// How long it is asked for a payment of which nothing is known, in milliseconds: 60000. Then it is
    /// cancelled.
    pub unknown_for: u64,
    /// How long a payment code is fresh, in milliseconds: 30000. Only then the same request is sent again, where
    /// Alipay says that the trade is not there.
    pub pay_again_for: u64,
    /// The wait between two cancels, in milliseconds: 2000.
    pub cancel_every: u64,
    /// How long after the first cancel another one may be sent, in milliseconds: 8000.
    pub cancel_for: u64,
}

// SAFETY: it is repr(C), begins with `size`, and has numbers and pointers alone.
unsafe impl Options for m26pay_payments_options {}

/// Writes the defaults: no merchant, no keys, no journal.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_payments_options_init(
    options: *mut m26pay_payments_options,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("options", options) }?;
        let (policy, deadlines) = (Policy::default(), Deadlines::default());
        let milliseconds = |time: Duration| time.as_millis() as u64;
        to.write(m26pay_payments_options {
            size: size_of::<m26pay_payments_options>(),
            gateway: m26pay_str::NONE,
            app_id: m26pay_str::NONE,
            private_key: m26pay_str::NONE,
            alipay_key: m26pay_str::NONE,
            app_certificate: m26pay_str::NONE,
            alipay_certificate: m26pay_str::NONE,
            root_certificate: m26pay_str::NONE,
            seller_id: m26pay_str::NONE,
            app_auth_token: m26pay_str::NONE,
            holder: m26pay_str::NONE,
            outbox: m26pay_outbox { id: 0 },
            in_memory: 0,
            module: m26pay_module { id: 0 },
            language: M26PAY_ENGLISH,
            use_proxy: 0,
            sign_within: milliseconds(PATIENCE),
            connect_within: milliseconds(deadlines.connect),
            answer_within: milliseconds(deadlines.answer),
            poll_every: milliseconds(policy.poll_every),
            poll_for: milliseconds(policy.poll_for),
            unknown_for: milliseconds(policy.unknown_for),
            pay_again_for: milliseconds(policy.pay_again_for),
            cancel_every: milliseconds(policy.cancel_every),
            cancel_for: milliseconds(policy.cancel_for),
        });
        Ok(())
    })
}

impl m26pay_payments_options {
    pub(super) fn deadlines(&self) -> Deadlines {
        let time = Duration::from_millis;
        Deadlines::new(time(self.connect_within), time(self.answer_within))
    }

    pub(super) fn policy(&self) -> Policy {
        let time = Duration::from_millis;
        Policy {
            poll_every: time(self.poll_every),
            poll_for: time(self.poll_for),
            unknown_for: time(self.unknown_for),
            pay_again_for: time(self.pay_again_for),
            cancel_every: time(self.cancel_every),
            cancel_for: time(self.cancel_for),
            answer_within: time(self.connect_within.saturating_add(self.answer_within)),
        }
    }
}
