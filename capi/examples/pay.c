/* A till that takes the money: the module signs, Alipay is asked, and the report goes out by itself.
 *
 *     cc pay.c $(pkg-config --cflags --libs m26pay) -o pay        # a library with FEATURES=payments
 *     ./pay /dev/ttyUSB0 FOLDER [GATEWAY]
 *
 * FOLDER has the application's private key, app.pem, and Alipay's public key, alipay.pub; orders and reports are
 * written to till.db in it. GATEWAY is Alipay's address, if not the live one: the simulator is started by
 * `cargo run --example gateway`.
 *
 * A program that sells in a shop takes care of three outcomes and not of two: see sell(). */
#define _DEFAULT_SOURCE
#include <m26pay_payments.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct till {
    m26pay_outbox outbox;
    m26pay_module module;
    m26pay_payments payments;
};

/* Whether a call went well. If not, says why. */
static int done(const char *step, m26pay_status status) {
    m26pay_error error;
    m26pay_string advice;
    if (status >= 0)
        return 1;
    if (m26pay_last_error(&error) == M26PAY_OK)
        fprintf(stderr, "%s: %s [%s]\n", step, error.message, error.identifier);
    if (m26pay_last_advice(M26PAY_FOR_TECHNICIAN, M26PAY_ENGLISH, &advice) == M26PAY_OK) {
        fprintf(stderr, "%s\n", advice.text.data);
        m26pay_memory_free(advice.memory);
    }
    return 0;
}

/* A key of the folder. It is overwritten once the library has it. */
static int read_key(const char *folder, const char *name, char *key, size_t size) {
    char path[1024];
    FILE *file;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 0;
    }
    key[fread(key, 1, size - 1, file)] = '\0';
    return fclose(file) == 0;
}

/* What must not be lost comes first: without it nothing is sold. */
static int open_books(struct till *till, const char *folder) {
    char path[1024];
    m26pay_outbox_options options;
    snprintf(path, sizeof path, "%s/till.db", folder);
    m26pay_outbox_options_init(&options);
    options.path = m26pay_text(path);
    return done("the outbox", m26pay_outbox_open(&options, &till->outbox));
}

/* The session keeps the module ready, in a thread of its own. */
static int start_module(struct till *till, const char *port) {
    m26pay_config config;
    m26pay_session_options options;
    m26pay_config_init(&config);
    config.device_supplier_no = m26pay_text("2018040500703640");
    config.merchant_user_id = m26pay_text("2018040500703640");
    config.item_id = m26pay_text("2018070401748657");
    config.product_key = m26pay_text("ALIPAY_BOX");
    config.terminal_id = m26pay_text("1234567890abcdef");
    m26pay_session_options_init(&options);
    options.port = m26pay_text(port);
    options.config = &config;
    options.apn = m26pay_text("CMNET");
    return done("the session", m26pay_session_new(&options, &till->module)) &&
           done("the session", m26pay_session_start(till->module));
}

static int open_till(struct till *till, const char *folder, const char *gateway) {
    char own[8192], alipay[8192];
    m26pay_payments_options options;
    int good = read_key(folder, "app.pem", own, sizeof own) && read_key(folder, "alipay.pub", alipay, sizeof alipay);
    m26pay_payments_options_init(&options);
    if (gateway != NULL)
        options.gateway = m26pay_text(gateway);
    options.app_id = m26pay_text("2014072300007148");
    options.private_key = m26pay_text(own);
    options.alipay_key = m26pay_text(alipay);
    options.holder = m26pay_text("till 1");
    options.outbox = till->outbox;
    options.module = till->module;
    good = good && done("the payments", m26pay_payments_new(&options, &till->payments));
    explicit_bzero(own, sizeof own);
    return good;
}

static void tell_settled(const m26pay_receipt *receipt, void *user) {
    (void)user;
    printf("   %s was open: %s\n", receipt->out_trade_no.data, receipt->cashier.data);
}

/* What the last run left, perhaps by a power cut, before anything is sold. */
static int settle(struct till *till) {
    m26pay_stop none = {0};
    m26pay_settlement settlement;
    puts("Asking for open orders");
    if (!done("the open orders", m26pay_payments_settle(till->payments, none, tell_settled, NULL, &settlement)))
        return 0;
    printf("   %llu asked for, %llu still open\n", (unsigned long long)settlement.asked,
           (unsigned long long)settlement.open);
    return 1;
}

static void show(const m26pay_payment_progress *progress, void *user) {
    static const char *const waits_for[] = {
        "something",           "open orders",          "the module's signature",       "the journal", "Alipay",
        "the customer",        "proof of the payment", "the confirmation of a cancel", NULL};
    (void)user;
    if (progress->waits_for < 0 || progress->waits_for >= M26PAY_WAITS_FOR_NOTHING)
        return;
    printf("   waiting for %s", waits_for[progress->waits_for]);
    if (progress->at_most > 0)
        printf(", at most %llu s", (unsigned long long)progress->at_most / 1000);
    puts("");
}

/* A customer who shows a payment code. Every attempt has a number of its own. */
static int sell(struct till *till, const char *number) {
    m26pay_purchase purchase;
    m26pay_receipt receipt;
    m26pay_stop none = {0};
    m26pay_status status;
    m26pay_purchase_init(&purchase);
    purchase.out_trade_no = m26pay_text(number);
    purchase.amount = 1025;
    purchase.subject = m26pay_text("lunch");
    purchase.payer = M26PAY_PAYER_CODE;
    purchase.payer_code = m26pay_text("284612345678901234");
    printf("Selling for 10.25 yuan, as %s\n", number);
    status = m26pay_payments_pay(till->payments, &purchase, none, show, NULL, &receipt);
    if (!done("not sold", status))
        return 0;
    printf("   for the cashier: %s\n", receipt.cashier.data);
    printf("   for the technician: %s\n", receipt.technician.data);
    switch (status) {
    case M26PAY_OK:
        puts("   the goods are given");
        break;
    case M26PAY_NOT_PAID:
        puts("   no goods; the next attempt has another number");
        break;
    default:
        /* It may be paid. Nobody is asked for the money again before it is known. */
        puts("   no goods yet; it is asked for later");
    }
    m26pay_memory_free(receipt.memory);
    return 1;
}

/* The customer brings it back. Asked for again with the same number, the money goes back once. */
static int give_back(struct till *till, const char *number) {
    m26pay_refund refund;
    m26pay_receipt receipt;
    m26pay_stop none = {0};
    m26pay_status status;
    m26pay_refund_init(&refund);
    refund.out_trade_no = m26pay_text(number);
    refund.out_request_no = m26pay_text("R1");
    refund.amount = 1025;
    puts("Giving it back");
    status = m26pay_payments_refund(till->payments, &refund, none, &receipt);
    if (!done("not refunded", status))
        return 0;
    printf("   for the cashier: %s\n", receipt.cashier.data);
    m26pay_memory_free(receipt.memory);
    return status == M26PAY_OK;
}

/* The session sends the report when the module takes it. A till would go on selling. */
static int wait_for_reports(struct till *till) {
    m26pay_summary summary;
    int seconds;
    for (seconds = 0; seconds < 60; seconds++) {
        m26pay_event event;
        if (!done("the outbox", m26pay_outbox_summary(till->outbox, &summary)))
            return 0;
        if (summary.due == 0)
            break;
        if (m26pay_next_event(till->module, 1000, &event) == M26PAY_OK)
            m26pay_memory_free(event.memory);
    }
    printf("%llu reports are left\n", (unsigned long long)summary.due);
    return done("closing", m26pay_session_shut_down(till->module, M26PAY_SHUT_DOWN_SDK));
}

int main(int argc, char **argv) {
    struct till till = {{0}, {0}, {0}};
    char number[32];
    int good;
    if (argc < 3 || argc > 4) {
        fputs("usage: pay PORT FOLDER [GATEWAY]\n", stderr);
        return 2;
    }
    snprintf(number, sizeof number, "A%lld_0", (long long)time(NULL));
    good = open_books(&till, argv[2]) && start_module(&till, argv[1]) &&
           open_till(&till, argv[2], argc == 4 ? argv[3] : NULL) && settle(&till) && sell(&till, number) &&
           give_back(&till, number) && wait_for_reports(&till);
    m26pay_payments_free(till.payments);
    m26pay_module_free(till.module);
    m26pay_outbox_free(till.outbox);
    puts(good ? "Done." : "Not done.");
    return good ? 0 : 1;
}
