/* Everything that a caller can do wrong with payments: NULL, handles that were freed, that were never given and of
 * another kind, two threads at once, from a callback, and a gateway that went. tests/header.rs looks that no function
 * is missing here; misuse.c is the same for the others. */
#include "payments.h"

#include <pthread.h>

static const char *folder;

/* What came of the last round of calls. */
static struct {
    const char *call;
    m26pay_status status;
} results[32];
static int count;

#define CALL(called) (results[count].call = #called, results[count].status = (called), count++)
#define P(thing) (null ? NULL : &(thing))

/* Calls every function but those that free, with good arguments or with NULL. */
static void call_all(m26pay_payments payments, m26pay_stop stop, int null) {
    m26pay_str none = {NULL, 0}, number = null ? none : m26pay_text("C1_0");
    m26pay_payments_options options = with_customers(folder, "pays");
    m26pay_purchase purchase = lunch("C1_0");
    m26pay_refund refund;
    m26pay_receipt receipt;
    m26pay_settlement settlement;
    m26pay_stop made;
    uint64_t milliseconds;
    count = 0;
    EXPECT(M26PAY_OK, m26pay_refund_init(&refund));
    refund.out_trade_no = refund.out_request_no = m26pay_text("C1_0");
    refund.amount = 1;
    CALL(m26pay_payments_pay(payments, P(purchase), stop, NULL, NULL, P(receipt)));
    CALL(m26pay_payments_precreate(payments, P(purchase), 1, stop, NULL, NULL, P(receipt)));
    CALL(m26pay_payments_refund(payments, P(refund), stop, P(receipt)));
    CALL(m26pay_payments_settle(payments, stop, NULL, NULL, P(settlement)));
    CALL(m26pay_payments_next_settle(payments, P(milliseconds)));
    CALL(m26pay_payments_find(payments, number, none, P(receipt)));
    CALL(m26pay_payments_give_up(payments, number));
    CALL(m26pay_stop_press(stop));
    if (!null)
        return;
    CALL(m26pay_payments_notified(payments, none, number));
    CALL(m26pay_payments_options_init(P(options)));
    CALL(m26pay_payments_new(P(options), (m26pay_payments *)NULL));
    CALL(m26pay_purchase_init(P(purchase)));
    CALL(m26pay_refund_init(P(refund)));
    CALL(m26pay_stop_new(P(made)));
}

/* 0: any failure. */
static void all_are(const char *what, m26pay_status status) {
    for (int i = 0; i < count; i++) {
        if (status != 0 ? results[i].status == status : results[i].status < 0)
            continue;
        fprintf(stderr, "%s: %s is %d\n", what, results[i].call, (int)results[i].status);
        exit(1);
    }
}

static void handles(void) {
    m26pay_payments_options options = with_customers(folder, "pays");
    m26pay_payments payments = new_payments(&options), no_payments = {0}, made_up = {~0ull};
    m26pay_stop stop, made_up_stop = {42};
    EXPECT(M26PAY_OK, m26pay_stop_new(&stop));
    call_all(no_payments, no_stop, 1);
    all_are("NULL and no handles", 0);
    call_all(no_payments, stop, 0);
    /* Only the last one was for a handle that is good. */
    EXPECT(M26PAY_OK, results[--count].status);
    all_are("no handles", M26PAY_STALE_HANDLE);
    call_all(made_up, made_up_stop, 0);
    all_are("made-up handles", M26PAY_STALE_HANDLE);
    m26pay_payments swapped = {stop.id};
    m26pay_stop swapped_stop = {payments.id};
    call_all(swapped, swapped_stop, 0);
    all_are("handles of another kind", M26PAY_WRONG_KIND);
    EXPECT(M26PAY_WRONG_KIND, m26pay_payments_free(swapped));
    EXPECT(M26PAY_WRONG_KIND, m26pay_stop_free(swapped_stop));
    EXPECT(M26PAY_OK, m26pay_payments_free(no_payments));
    EXPECT(M26PAY_OK, m26pay_stop_free(no_stop));

    EXPECT(M26PAY_OK, m26pay_payments_free(payments));
    EXPECT(M26PAY_OK, m26pay_stop_free(stop));
    m26pay_payments others = new_payments(&options);
    m26pay_stop other_stop;
    EXPECT(M26PAY_OK, m26pay_stop_new(&other_stop));
    call_all(payments, stop, 0);
    all_are("freed handles", M26PAY_STALE_HANDLE);
    EXPECT(M26PAY_STALE_HANDLE, m26pay_payments_free(payments));
    EXPECT(M26PAY_STALE_HANDLE, m26pay_stop_free(stop));
    EXPECT(M26PAY_OK, m26pay_payments_free(others));
    EXPECT(M26PAY_OK, m26pay_stop_free(other_stop));
}

static void arguments(void) {
    m26pay_payments_options options = with_customers(folder, "pays");
    m26pay_payments payments = new_payments(&options);
    m26pay_receipt receipt;
    m26pay_purchase purchase = lunch("C2_0");
    m26pay_error error;
    purchase.size--;
    EXPECT(M26PAY_WRONG_LENGTH, m26pay_payments_pay(payments, &purchase, no_stop, NULL, NULL, &receipt));
    purchase = lunch("C2_0");
    purchase.payer = 9;
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_payments_pay(payments, &purchase, no_stop, NULL, NULL, &receipt));
    purchase = lunch("C2_0");
    purchase.payer_code = m26pay_text(CODE " \n");
    EXPECT(M26PAY_INVALID, m26pay_payments_pay(payments, &purchase, no_stop, NULL, NULL, &receipt));
    EXPECT(M26PAY_OK, m26pay_last_error(&error));
    CHECK(strstr(error.message, "auth_code") && !strstr(error.message, CODE));
    CHECK(error.certainty == M26PAY_CERTAINTY_NOT_SENT);
    purchase = lunch("no number");
    EXPECT(M26PAY_INVALID, m26pay_payments_pay(payments, &purchase, no_stop, NULL, NULL, &receipt));
    purchase = lunch("C2_0");
    purchase.amount = 0;
    EXPECT(M26PAY_INVALID, m26pay_payments_pay(payments, &purchase, no_stop, NULL, NULL, &receipt));
    purchase = lunch("C2_0");
    purchase.timeout_express = m26pay_text("soon");
    EXPECT(M26PAY_INVALID, m26pay_payments_pay(payments, &purchase, no_stop, NULL, NULL, &receipt));
    EXPECT(M26PAY_OK, m26pay_payments_free(payments));

    options.language = 5;
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_payments_new(&options, &payments));
    options = with_customers(folder, "pays");
    options.gateway = m26pay_text("http://203.0.113.1/gateway.do");
    EXPECT(M26PAY_INVALID, m26pay_payments_new(&options, &payments));
    /* Waits that no clock holds. */
    options = with_customers(folder, "leaves");
    options.sign_within = options.unknown_for = options.pay_again_for = options.cancel_for = UINT64_MAX;
    options.poll_every = options.connect_within = options.answer_within = UINT64_MAX;
    payments = new_payments(&options);
    purchase = lunch("C3_0");
    m26pay_stop stop;
    EXPECT(M26PAY_OK, m26pay_stop_new(&stop));
    EXPECT(M26PAY_OK, m26pay_stop_press(stop));
    EXPECT(M26PAY_NOT_PAID, m26pay_payments_pay(payments, &purchase, stop, NULL, NULL, &receipt));
    freed(receipt);
    EXPECT(M26PAY_OK, m26pay_stop_free(stop));
    EXPECT(M26PAY_OK, m26pay_payments_free(payments));
}

/* What a payment of another thread, and its callback, try. */
struct trial {
    m26pay_payments payments;
    m26pay_stop stop;
    int tried;
};

/* While it is under way: the same order again, and everything is freed. */
static void try_all(const m26pay_payment_progress *progress, void *user) {
    struct trial *trial = user;
    m26pay_receipt receipt;
    if (progress->waits_for != M26PAY_WAITS_FOR_CUSTOMER || trial->tried)
        return;
    m26pay_purchase purchase = lunch("C4_0");
    m26pay_error error;
    EXPECT(M26PAY_IN_USE, m26pay_payments_pay(trial->payments, &purchase, no_stop, NULL, NULL, &receipt));
    EXPECT(M26PAY_OK, m26pay_last_error(&error));
    /* It may become paid by the call that has it. */
    CHECK(error.certainty == M26PAY_CERTAINTY_UNKNOWN);
    EXPECT(M26PAY_IN_USE, m26pay_payments_give_up(trial->payments, m26pay_text("C4_0")));
    EXPECT(M26PAY_OK, m26pay_payments_free(trial->payments));
    EXPECT(M26PAY_STALE_HANDLE,
           m26pay_payments_pay(trial->payments, &purchase, no_stop, NULL, NULL, &receipt));
    EXPECT(M26PAY_OK, m26pay_stop_press(trial->stop));
    EXPECT(M26PAY_OK, m26pay_stop_free(trial->stop));
    trial->tried = 1;
}

static void from_a_callback(void) {
    m26pay_payments_options options = with_customers(folder, "leaves");
    options.poll_for = 60000;
    struct trial trial = {new_payments(&options), {0}, 0};
    m26pay_purchase purchase = lunch("C4_0");
    m26pay_receipt receipt;
    EXPECT(M26PAY_OK, m26pay_stop_new(&trial.stop));
    EXPECT(M26PAY_NOT_PAID,
           m26pay_payments_pay(trial.payments, &purchase, trial.stop, try_all, &trial, &receipt));
    CHECK(trial.tried && is(receipt.reason, "cancelled"));
    freed(receipt);
}

static void *pay_some(void *user) {
    struct trial *trial = user;
    for (int i = 0; i < 20; i++) {
        char number[16];
        m26pay_receipt receipt;
        snprintf(number, sizeof number, "D%d", i);
        m26pay_purchase purchase = lunch(number);
        m26pay_status status =
            m26pay_payments_pay(trial->payments, &purchase, trial->stop, NULL, NULL, &receipt);
        if (status >= 0) {
            CHECK(status == receipt.outcome);
            freed(receipt);
        } else {
            CHECK(status == M26PAY_IN_USE || status == M26PAY_STALE_HANDLE);
        }
    }
    return NULL;
}

/* Two threads use the same handles and numbers, and a third one frees them meanwhile. */
static void from_three_threads(void) {
    m26pay_payments_options options = with_customers(folder, "pays");
    struct trial trial = {new_payments(&options), {0}, 0};
    pthread_t payers[2];
    EXPECT(M26PAY_OK, m26pay_stop_new(&trial.stop));
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&payers[i], NULL, pay_some, &trial) == 0);
    m26pay_receipt receipt;
    m26pay_str none = {NULL, 0};
    while (m26pay_payments_find(trial.payments, m26pay_text("D3"), none, &receipt) == M26PAY_NOTHING)
        rest(1);
    freed(receipt);
    EXPECT(M26PAY_OK, m26pay_payments_free(trial.payments));
    EXPECT(M26PAY_OK, m26pay_stop_free(trial.stop));
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(payers[i], NULL) == 0);
}

/* The gateway went: nothing is paid, nothing hangs. */
static void after_the_gateway_went(void) {
    m26pay_payments_options options = with_customers(folder, "pays");
    options.gateway = m26pay_text("http://127.0.0.1:1/gateway.do");
    m26pay_payments payments = new_payments(&options);
    call_all(payments, no_stop, 0);
    CHECK(results[0].status == M26PAY_NOT_PAID && results[2].status == M26PAY_NOT_REFUNDED);
    for (int i = 0; i < count; i++)
        CHECK(results[i].status != M26PAY_PANIC);
    EXPECT(M26PAY_OK, m26pay_payments_free(payments));
}

int main(int argc, char **argv) {
    CHECK(argc >= 3);
    folder = argv[2];
    handles();
    arguments();
    from_a_callback();
    from_three_threads();
    after_the_gateway_went();
    return 0;
}
