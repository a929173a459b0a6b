/* libm26pay with payments: takes the money that a module has signed for, from Alipay.
 *
 * Made from the sources of capi/src/payments by cbindgen: see capi/tests/header.rs. Do not edit it. What is said
 * in m26pay.h holds here too. Only a library that was built with the feature `payments` has these functions.
 *
 * For the money
 *
 * - M26PAY_OK from m26pay_payments_pay says that it is paid, and nothing else does. M26PAY_NOT_PAID is proven as
 *   well. M26PAY_UNKNOWN is neither: the order is in the journal, and m26pay_payments_settle asks for it.
 * - Every attempt has a new out_trade_no. One that the journal has is never paid a second time.
 * - After a start, m26pay_payments_settle comes before the first payment: it asks for what the last run left.
 */


#pragma once

#include "m26pay.h"

// Who takes payments, with which keys, and where orders are kept. Begin with `m26pay_payments_options_init`.
//
// Texts and keys are only read while `m26pay_payments_new` lasts.
typedef struct m26pay_payments_options {
  // The size of this structure, which `m26pay_payments_options_init` writes.
  size_t size;
  // Alipay's address: none, which is "https://openapi.alipay.com/gateway.do". `http` is taken for this
  // host alone, for a simulated one.
  m26pay_str gateway;
  // The application, as Alipay has given it out.
  m26pay_str app_id;
  // What the file of the application's private key holds: PKCS#1 or PKCS#8, PEM or DER. It is a secret.
  m26pay_str private_key;
  // What the file of Alipay's public key holds, from the developer centre. Either this or the three
  // certificates.
  m26pay_str alipay_key;
  // What the file of the application's certificate holds: none.
  m26pay_str app_certificate;
  // What the file of Alipay's certificate holds: none.
  m26pay_str alipay_certificate;
  // What the file of Alipay's root certificates holds: none.
  m26pay_str root_certificate;
  // Whose money it is, where the application acts for more than one: none.
  m26pay_str seller_id;
  // The token with which the application acts for another merchant: none. It is a secret.
  m26pay_str app_auth_token;
  // The name of this till in the journal. It stays the same over restarts, and no two programs that run at
  // the same time share one.
  m26pay_str holder;
  // Where orders are kept until their outcome is proven, with their reports.
  m26pay_outbox outbox;
  // Whether orders are kept in memory, without an outbox, 0 or 1: 0. Nobody asks then for what was under
  // way when the program ends.
  uint8_t in_memory;
  // The session that signs payments and sends reports: one that was started, and to which the outbox is not
  // attached yet. (0) is none: nothing is signed then.
  m26pay_module module;
  // The language of the sentences in a receipt: `M26PAY_ENGLISH`.
  m26pay_language language;
  // Whether the proxy that ALL_PROXY, HTTPS_PROXY or HTTP_PROXY names is used, 0 or 1: 0.
  uint8_t use_proxy;
  // How long a sale waits for the module's signature, in milliseconds: 30000.
  uint64_t sign_within;
  // How long Alipay may take to be reached, in milliseconds: 3000.
  uint64_t connect_within;
  // How long it may take to answer then, in milliseconds: 10000.
  uint64_t answer_within;
  // The wait between two questions for a payment, in milliseconds: 5000.
  uint64_t poll_every;
  // How long a customer may take to pay, in milliseconds: 30000. Then it is cancelled.
  uint64_t poll_for;
  // How long it is asked for a payment of which nothing is known, in milliseconds: 60000. Then it is
  // cancelled.
  uint64_t unknown_for;
  // How long a payment code is fresh, in milliseconds: 30000. Only then the same request is sent again, where
  // Alipay says that the trade is not there.
  uint64_t pay_again_for;
  // The wait between two cancels, in milliseconds: 2000.
  uint64_t cancel_every;
  // How long after the first cancel another one may be sent, in milliseconds: 8000.
  uint64_t cancel_for;
} m26pay_payments_options;

// A till: it takes payments, and gives money back.
//
// With a module it sells to one customer at a time: a call while another one is under way is
// `M26PAY_IN_USE`. Without one, any number of threads may use it at once; no two of them work on the same
// order.
typedef struct m26pay_payments {
  // For the library. 0 is no payments.
  uint64_t id;
} m26pay_payments;

// What a payment or a refund came to. `memory` is to be freed by `m26pay_memory_free`; in a callback it is not,
// and the texts live as long as the call.
typedef struct m26pay_receipt {
  // `M26PAY_OK` if it is paid, or refunded; `M26PAY_NOT_PAID`, `M26PAY_NOT_REFUNDED` or `M26PAY_UNKNOWN`.
  m26pay_status outcome;
  // Whether it is a refund.
  bool refund;
  // Whether `m26pay_payments_settle` of these payments asks for it again.
  bool open;
  // The amount of the order or of the refund, in fen.
  m26pay_fen amount;
  // Why, in one word, for programs: what proves it, such as "query" and "cancelled", or why nothing does,
  // such as "no-proof".
  m26pay_str reason;
  // The merchant's number of the order.
  m26pay_str out_trade_no;
  // The merchant's number of the refund, or (NULL, 0).
  m26pay_str out_request_no;
  // Alipay's number of the trade, or (NULL, 0). It is personal data.
  m26pay_str trade_no;
  // The code with which Alipay refused, such as "ACQ.TRADE_NOT_EXIST", or (NULL, 0).
  m26pay_str sub_code;
  // What the customer scans, of `m26pay_payments_precreate`, or (NULL, 0). Who has it can pay.
  m26pay_str qr_code;
  // What to do, for programs, logs and manuals: an identifier that stays the same from version to version.
  m26pay_str advice;
  // What to do, for the cashier, in the language of the payments.
  m26pay_str cashier;
  // The cause and the remedy, for the technician.
  m26pay_str technician;
  // What went wrong last, for a log, or (NULL, 0) if nothing did. It holds no secret.
  m26pay_str trouble;
  // Where the texts live.
  m26pay_memory memory;
} m26pay_receipt;

// How a customer pays.
typedef int32_t m26pay_payer;

// What a customer buys, and how it is paid. Begin with `m26pay_purchase_init`.
typedef struct m26pay_purchase {
  // The size of this structure, which `m26pay_purchase_init` writes.
  size_t size;
  // The merchant's number of this attempt: 1 to 64 letters, digits, `_` or `-`. Each attempt has a new one.
  m26pay_str out_trade_no;
  // What it costs, in fen: `M26PAY_NO_AMOUNT`, which is refused.
  m26pay_fen amount;
  // What the customer reads about it, at most 256 characters.
  m26pay_str subject;
  // How the customer pays. There is no default, and `m26pay_payments_precreate` does not look at it.
  m26pay_payer payer;
  // The payment code, the token of the face, or the number of the agreement. It is a secret.
  m26pay_str payer_code;
  // What a module has signed, where the payments have none that signs: none. It is a secret.
  m26pay_str terminal_params;
  // A longer description: none.
  m26pay_str body;
  // The merchant's number of the store: none.
  m26pay_str store_id;
  // Who works at the till: none.
  m26pay_str operator_id;
  // The till: none.
  m26pay_str terminal_id;
  // Who receives the money, if not the application's own merchant: none.
  m26pay_str seller_id;
  // The number of who made this program (`sys_service_provider_id`): none.
  m26pay_str service_provider;
  // When Alipay closes an order that nobody paid, such as "90m": none, which is after two minutes.
  m26pay_str timeout_express;
  // Where Alipay shall say that the trade changed: none.
  m26pay_str notify_url;
} m26pay_purchase;

// The cashier's stop: given to a payment, and pressed from any other thread. It stays pressed, so each sale
// has a new one.
typedef struct m26pay_stop {
  // For the library. 0 is no stop.
  uint64_t id;
} m26pay_stop;

// What a payment waits for. Later versions may add some.
typedef int32_t m26pay_waits_for;

// How far a payment is, for a screen.
typedef struct m26pay_payment_progress {
  // What it waits for.
  m26pay_waits_for waits_for;
  // The longest that it may take until the outcome, in milliseconds; 0 if that is not known.
  uint64_t at_most;
  // What the customer scans, once Alipay has given it, or (NULL, 0). Who has it can pay.
  m26pay_str qr_code;
} m26pay_payment_progress;

// Is told how far a payment is, after each step. What it is given lives as long as the call. It may be NULL.
// The thread that called calls it. It may press a stop.
typedef void (*m26pay_payment_watch)(const struct m26pay_payment_progress *progress, void *user);

// A refund. Begin with `m26pay_refund_init`.
typedef struct m26pay_refund {
  // The size of this structure, which `m26pay_refund_init` writes.
  size_t size;
  // The merchant's number of the order that was paid.
  m26pay_str out_trade_no;
  // The merchant's number of this refund: 1 to 64 letters, digits, `_` or `-`. The same refund asked for again
  // has the same one, and the money goes back once.
  m26pay_str out_request_no;
  // How much goes back, in fen: `M26PAY_NO_AMOUNT`, which is refused.
  m26pay_fen amount;
  // Why: none.
  m26pay_str reason;
  // The merchant's number of the store: none.
  m26pay_str store_id;
  // Who works at the till: none.
  m26pay_str operator_id;
  // The till: none.
  m26pay_str terminal_id;
} m26pay_refund;

// Is told what came of an order or a refund, which lives as long as the call. It may be NULL. The thread that
// called calls it, once all was asked for.
typedef void (*m26pay_settled)(const struct m26pay_receipt *receipt, void *user);

// What asking for the open orders came to.
typedef struct m26pay_settlement {
  // How many orders and refunds were asked for.
  uint64_t asked;
  // How many of this merchant's are still open.
  uint64_t open;
  // How many are open of another gateway, application or merchant. They were not asked for.
  uint64_t elsewhere;
} m26pay_settlement;

// For something that this version has no number for.
#define M26PAY_WAITS_FOR_OTHER 0

// For Alipay, which is asked for open orders first.
#define M26PAY_WAITS_FOR_SETTLING 1

// For the module's signature.
#define M26PAY_WAITS_FOR_SIGNATURE 2

// For the journal, which is being written.
#define M26PAY_WAITS_FOR_JOURNAL 3

// For Alipay's answer to the request for the money.
#define M26PAY_WAITS_FOR_ALIPAY 4

// For the customer, who has yet to pay.
#define M26PAY_WAITS_FOR_CUSTOMER 5

// Nobody knows what became of it; Alipay is asked.
#define M26PAY_WAITS_FOR_PROOF 6

// For the confirmation of a cancel.
#define M26PAY_WAITS_FOR_CANCEL 7

// For nothing: it is over.
#define M26PAY_WAITS_FOR_NOTHING 8

// The customer shows a payment code (`bar_code`; the module signs in its mode 1).
#define M26PAY_PAYER_CODE 1

// The customer shows the face (`security_code`; mode 2).
#define M26PAY_PAYER_FACE 2

// By an agreement that the customer made before (`GENERAL_WITHHOLDING`; mode 4).
#define M26PAY_PAYER_AGREEMENT 3

// It is proven that no money stays with the merchant. A receipt was written.
#define M26PAY_NOT_PAID 2

// It is proven that the refund was not made. A receipt was written.
#define M26PAY_NOT_REFUNDED 3

// Neither is proven: it may be paid, or become so. A receipt was written; the journal has the order, and
// `m26pay_payments_settle` asks for it. Do not give the goods, and do not take the money again.
#define M26PAY_UNKNOWN 4

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Makes payments. Nothing is sent. `payments` is to be freed by `m26pay_payments_free`.
//
// With a module its session gets the outbox: `m26pay_outbox_attach` is not called for it.
m26pay_status m26pay_payments_new(const struct m26pay_payments_options *options,
                                  struct m26pay_payments *payments);

// Frees payments. A call that is under way goes on to its end. What is open stays in the journal, for the next
// run. No payments (`id` 0) are freed as NULL is by `free`: nothing happens.
m26pay_status m26pay_payments_free(struct m26pay_payments payments);

// What the journal has of an order, or of the refund `out_request_no` of it, unless that is (NULL, 0). Nothing is
// asked. It returns what the payment or the refund would have returned; `M26PAY_UNKNOWN`, for the reason "open", if
// it has no outcome yet; `M26PAY_NOTHING`, and no receipt is written, if the journal has no such number.
// `receipt->memory` is to be freed.
m26pay_status m26pay_payments_find(struct m26pay_payments payments,
                                   m26pay_str out_trade_no,
                                   m26pay_str out_request_no,
                                   struct m26pay_receipt *receipt);

// A person looked after the open order of this number, and its open refunds: nothing asks for them any more, and what
// became of the money is not known here. `M26PAY_MISSING` if none is open.
m26pay_status m26pay_payments_give_up(struct m26pay_payments payments,
                                      m26pay_str out_trade_no);

// Takes the body of a notification of Alipay's, and ends the open orders whose end it proves. `content_type` is that of
// the request, or (NULL, 0).
//
// `M26PAY_OK`: answer it with "success". `M26PAY_NOTHING`, which is a number that the journal does not have (yet), or a
// failure: answer it with "fail", and Alipay sends it again.
m26pay_status m26pay_payments_notified(struct m26pay_payments payments,
                                       m26pay_str content_type,
                                       m26pay_str body);

// Writes the defaults: no merchant, no keys, no journal.
m26pay_status m26pay_payments_options_init(struct m26pay_payments_options *options);

// Takes a payment, and returns when its outcome is known, or when no more can be known now: see `at_most` of the
// progress. With a module that signs, open orders are asked for before the first payment, unless
// `m26pay_payments_settle` was called, which tells what came of each. The report of the trade goes to the outbox by
// itself.
//
// **Give the goods if it returns `M26PAY_OK`, and only then.** `M26PAY_NOT_PAID`: no money stays with the
// merchant. `M26PAY_UNKNOWN`: it may be paid. A receipt was written in all three cases, and
// `receipt->memory` is to be freed. A failure: it did not begin now; `certainty` is `M26PAY_CERTAINTY_UNKNOWN` if
// an earlier call may have begun it.
//
// One number is one attempt: a number that the journal has is never paid again. If its outcome is proven, that is
// given; if not, it is asked for. `stop` (id 0: none) is the cashier's; `watch` may be NULL.
m26pay_status m26pay_payments_pay(struct m26pay_payments payments,
                                  const struct m26pay_purchase *purchase,
                                  struct m26pay_stop stop,
                                  m26pay_payment_watch watch,
                                  void *watch_user,
                                  struct m26pay_receipt *receipt);

// Takes a payment by a code that the customer scans: `watch` finds it, and so does the receipt. The payer of the
// purchase is not looked at.
//
// With `wait` 1 it is as `m26pay_payments_pay`. With `wait` 0 it returns as soon as there is a code:
// `M26PAY_UNKNOWN`, for the reason "offered". `m26pay_payments_settle` asks for it later, and cancels what was
// scanned and not paid by then.
m26pay_status m26pay_payments_precreate(struct m26pay_payments payments,
                                        const struct m26pay_purchase *purchase,
                                        uint8_t wait,
                                        struct m26pay_stop stop,
                                        m26pay_payment_watch watch,
                                        void *watch_user,
                                        struct m26pay_receipt *receipt);

// Writes the defaults. Number, amount, subject and payer have to be given.
m26pay_status m26pay_purchase_init(struct m26pay_purchase *purchase);

// Writes the defaults. Both numbers and the amount have to be given.
m26pay_status m26pay_refund_init(struct m26pay_refund *refund);

// Gives money back: `M26PAY_OK` if it went back, and only then. `M26PAY_NOT_REFUNDED`: it did not.
// `M26PAY_UNKNOWN`: ask for the same refund again, with the same number. A receipt was written in all three cases,
// and `receipt->memory` is to be freed. A failure is as that of `m26pay_payments_pay`.
//
// `stop` (id 0: none) ends the waiting, and leaves the refund open.
m26pay_status m26pay_payments_refund(struct m26pay_payments payments,
                                     const struct m26pay_refund *refund,
                                     struct m26pay_stop stop,
                                     struct m26pay_receipt *receipt);

// Asks for every open order and refund of the journal that is due: after a start all of them, later those whose
// wait is over. It is called before the first payment, and whenever `m26pay_payments_next_settle` says so.
//
// `settled` is told each one, for the reason "held" if another program works on it, and "not-ours" if it is not
// this merchant's at this gateway: whoever has its keys asks for it. After the `stop` (id 0: none) nothing new is
// asked for. `settlement` may be NULL.
m26pay_status m26pay_payments_settle(struct m26pay_payments payments,
                                     struct m26pay_stop stop,
                                     m26pay_settled settled,
                                     void *settled_user,
                                     struct m26pay_settlement *settlement);

// In how many milliseconds `m26pay_payments_settle` should be called again, 0 if at once. `M26PAY_NOTHING` if no
// order or refund is known to be open. A code that was offered is named when it expires: until then a customer may
// scan it, and whoever waits for the money looks earlier.
m26pay_status m26pay_payments_next_settle(struct m26pay_payments payments,
                                          uint64_t *milliseconds);

// Makes one that is not pressed. `stop` is to be freed by `m26pay_stop_free`.
m26pay_status m26pay_stop_new(struct m26pay_stop *stop);

// Gives up: a payment that is not paid yet is cancelled, and for a refund nobody waits any more. What came of
// it is in the receipt all the same. From any thread, a callback's too; not from a signal handler.
m26pay_status m26pay_stop_press(struct m26pay_stop stop);

// Frees a stop. What it was given to goes on. No stop (`id` 0) is freed as NULL is by `free`: nothing happens.
m26pay_status m26pay_stop_free(struct m26pay_stop stop);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
