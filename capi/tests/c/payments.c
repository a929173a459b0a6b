/* Payments with simulated gateways: every outcome, what the journal knows, and a till with a module. */
#include "payments.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *folder;

static m26pay_status pay(m26pay_payments payments, m26pay_purchase purchase, m26pay_receipt *receipt) {
    return m26pay_payments_pay(payments, &purchase, no_stop, NULL, NULL, receipt);
}

/* No secret of a purchase is in what can be shown. */
static void shows_no_secret(const m26pay_receipt *receipt) {
    const m26pay_str texts[] = {receipt->reason,     receipt->trouble, receipt->cashier,
                                receipt->technician, receipt->advice,  receipt->out_trade_no};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CHECK(texts[i].data == NULL || strstr(texts[i].data, CODE) == NULL);
}

static void paid_once(void) {
    m26pay_payments_options options = with_customers(folder, "pays");
    m26pay_payments payments = new_payments(&options);
    m26pay_receipt receipt;
    m26pay_str none = {NULL, 0};
    EXPECT(M26PAY_NOTHING, m26pay_payments_find(payments, m26pay_text("A1_0"), none, &receipt));
    EXPECT(M26PAY_OK, pay(payments, lunch("A1_0"), &receipt));
    CHECK(receipt.outcome == M26PAY_OK && !receipt.refund && !receipt.open && receipt.amount == 1025);
    CHECK(is(receipt.reason, "pay") && is(receipt.out_trade_no, "A1_0") && receipt.trade_no.length == 28);
    CHECK(is(receipt.advice, "give-goods") && is(receipt.cashier, "Paid. Give the goods."));
    CHECK(receipt.technician.length > 0 && receipt.trouble.data == NULL && receipt.qr_code.data == NULL);
    shows_no_secret(&receipt);
    freed(receipt);

    /* The number is one attempt: the journal answers, and another purchase with it is refused. */
    EXPECT(M26PAY_OK, pay(payments, lunch("A1_0"), &receipt));
    freed(receipt);
    m26pay_purchase other = lunch("A1_0");
    other.amount = 1026;
    EXPECT(M26PAY_WRONG_STATE, pay(payments, other, &receipt));
    m26pay_error error;
    EXPECT(M26PAY_OK, m26pay_last_error(&error));
    CHECK(error.certainty == M26PAY_CERTAINTY_NOT_SENT && strcmp(error.identifier, "order-number-used") == 0);
    EXPECT(M26PAY_OK, m26pay_payments_find(payments, m26pay_text("A1_0"), none, &receipt));
    freed(receipt);

    /* The money goes back once, however often it is asked for. */
    m26pay_refund refund;
    EXPECT(M26PAY_OK, m26pay_refund_init(&refund));
    refund.out_trade_no = m26pay_text("A1_0");
    refund.out_request_no = m26pay_text("R1");
    refund.amount = 25;
    for (int i = 0; i < 2; i++) {
        EXPECT(M26PAY_OK, m26pay_payments_refund(payments, &refund, no_stop, &receipt));
        CHECK(receipt.refund && is(receipt.out_request_no, "R1") && receipt.amount == 25);
        CHECK(is(receipt.reason, "refunded") && is(receipt.advice, "refunded"));
        freed(receipt);
    }
    EXPECT(M26PAY_OK, m26pay_payments_find(payments, m26pay_text("A1_0"), m26pay_text("R1"), &receipt));
    freed(receipt);
    refund.out_request_no = m26pay_text("R2");
    refund.amount = 1025;
    EXPECT(M26PAY_NOT_REFUNDED, m26pay_payments_refund(payments, &refund, no_stop, &receipt));
    CHECK(is(receipt.reason, "refused") && receipt.sub_code.length > 4);
    freed(receipt);
    EXPECT(M26PAY_OK, m26pay_payments_free(payments));
}

static void not_paid(void) {
    m26pay_receipt receipt;
    m26pay_payments_options options = with_customers(folder, "refuses");
    options.language = M26PAY_CHINESE;
    m26pay_payments payments = new_payments(&options);
    EXPECT(M26PAY_NOT_PAID, pay(payments, lunch("A2_0"), &receipt));
    CHECK(is(receipt.reason, "refused") && strncmp(receipt.sub_code.data, "ACQ.", 4) == 0);
    CHECK(strstr(receipt.cashier.data, "未付款") != NULL);
    shows_no_secret(&receipt);
    freed(receipt);
    EXPECT(M26PAY_OK, m26pay_payments_free(payments));

    options = with_customers(folder, "leaves");
    payments = new_payments(&options);
    EXPECT(M26PAY_NOT_PAID, pay(payments, lunch("A3_0"), &receipt));
    CHECK(is(receipt.reason, "cancelled") && is(receipt.advice, "pay-again") && !receipt.open);
    freed(receipt);
    EXPECT(M26PAY_OK, m26pay_payments_free(payments));

    /* Nobody is there. */
    options = with_customers(folder, "pays");
    options.gateway = m26pay_text("http://127.0.0.1:1/gateway.do");
    payments = new_payments(&options);
    EXPECT(M26PAY_NOT_PAID, pay(payments, lunch("A4_0"), &receipt));
    CHECK(is(receipt.reason, "not-sent") && is(receipt.advice, "check-network") && receipt.trouble.length > 0);
    shows_no_secret(&receipt);
    freed(receipt);
    EXPECT(M26PAY_OK, m26pay_payments_free(payments));
}

static void *press_soon(void *stop) {
    rest(300); /* while it polls */
    EXPECT(M26PAY_OK, m26pay_stop_press(*(m26pay_stop *)stop));
    return NULL;
}

static void stopped(void) {
    m26pay_payments_options options = with_customers(folder, "leaves");
    options.poll_for = 60000;
    m26pay_payments payments = new_payments(&options);
    m26pay_stop stop;
    EXPECT(M26PAY_OK, m26pay_stop_new(&stop));
    pthread_t presser;
    CHECK(pthread_create(&presser, NULL, press_soon, &stop) == 0);
    m26pay_purchase purchase = lunch("A5_0");
    m26pay_receipt receipt;
    EXPECT(M26PAY_NOT_PAID, m26pay_payments_pay(payments, &purchase, stop, NULL, NULL, &receipt));
    CHECK(is(receipt.reason, "cancelled"));
    freed(receipt);
    CHECK(pthread_join(presser, NULL) == 0);
    /* It stays pressed: nothing is sent for the next one. */
    purchase.out_trade_no = m26pay_text("A5_1");
    EXPECT(M26PAY_NOT_PAID, m26pay_payments_pay(payments, &purchase, stop, NULL, NULL, &receipt));
    CHECK(is(receipt.reason, "stopped"));
    freed(receipt);
    EXPECT(M26PAY_OK, m26pay_stop_free(stop));
    EXPECT(M26PAY_STALE_HANDLE, m26pay_payments_pay(payments, &purchase, stop, NULL, NULL, &receipt));
    EXPECT(M26PAY_OK, m26pay_payments_free(payments));
}

/* A port of this host at which nobody answers. */
static int deaf_gateway(char *url, size_t size) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 64) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    snprintf(url, size, "http://127.0.0.1:%d/gateway.do", ntohs(address.sin_port));
    return listener;
}

static void count(const m26pay_receipt *receipt, void *user) {
    CHECK(receipt->outcome == M26PAY_UNKNOWN && receipt->open && is(receipt->out_trade_no, "A6_0"));
    ++*(int *)user;
}

static void unknown(void) {
    char url[128];
    int listener = deaf_gateway(url, sizeof url), told = 0;
    m26pay_payments_options options = with_customers(folder, "pays");
    options.gateway = m26pay_text(url);
    options.answer_within = 100;
    m26pay_payments payments = new_payments(&options);
    m26pay_receipt receipt;
    uint64_t milliseconds;
    m26pay_str none = {NULL, 0};
    EXPECT(M26PAY_NOTHING, m26pay_payments_next_settle(payments, &milliseconds));
    EXPECT(M26PAY_UNKNOWN, pay(payments, lunch("A6_0"), &receipt));
    CHECK(receipt.outcome == M26PAY_UNKNOWN && receipt.open && is(receipt.reason, "no-proof"));
    CHECK(is(receipt.advice, "wait-cancelling") && receipt.trouble.length > 0);
    shows_no_secret(&receipt);
    freed(receipt);
    /* Whoever asks when to settle is told of it. */
    EXPECT(M26PAY_OK, m26pay_payments_next_settle(payments, &milliseconds));
    CHECK(milliseconds > 10000 && milliseconds <= 30000);
    EXPECT(M26PAY_UNKNOWN, m26pay_payments_find(payments, m26pay_text("A6_0"), none, &receipt));
    CHECK(is(receipt.reason, "open") && receipt.open);
    freed(receipt);
    m26pay_settlement settlement;
    EXPECT(M26PAY_OK, m26pay_payments_settle(payments, no_stop, count, &told, &settlement));
    CHECK(told == 1 && settlement.asked == 1 && settlement.open == 1 && settlement.elsewhere == 0);
    EXPECT(M26PAY_OK, m26pay_payments_next_settle(payments, &milliseconds));
    CHECK(milliseconds > 10000 && milliseconds <= 30000);
    m26pay_refund refund;
    EXPECT(M26PAY_OK, m26pay_refund_init(&refund));
    refund.out_trade_no = m26pay_text("A6_0");
    refund.out_request_no = m26pay_text("R1");
    refund.amount = 1;
    EXPECT(M26PAY_UNKNOWN, m26pay_payments_refund(payments, &refund, no_stop, &receipt));
    freed(receipt);
    /* A person looked after both. The money may have gone back. */
    EXPECT(M26PAY_OK, m26pay_payments_give_up(payments, m26pay_text("A6_0")));
    EXPECT(M26PAY_WRONG_STATE, m26pay_payments_refund(payments, &refund, no_stop, &receipt));
    m26pay_error error;
    EXPECT(M26PAY_OK, m26pay_last_error(&error));
    CHECK(error.certainty == M26PAY_CERTAINTY_UNKNOWN);
    EXPECT(M26PAY_MISSING, m26pay_payments_give_up(payments, m26pay_text("A6_0")));
    EXPECT(M26PAY_UNKNOWN, m26pay_payments_find(payments, m26pay_text("A6_0"), none, &receipt));
    CHECK(is(receipt.reason, "given-up") && !receipt.open);
    freed(receipt);
    EXPECT(M26PAY_OK, m26pay_payments_free(payments));
    close(listener);
}

static void count_foreign(const m26pay_receipt *receipt, void *user) {
    CHECK(receipt->outcome == M26PAY_UNKNOWN && is(receipt->reason, "not-ours") && !receipt->open);
    ++*(int *)user;
}

/* One journal for two shops: what is open of one is not asked for by the other, which has not its keys. */
static void of_another_shop(void) {
    char url[128], own[512];
    snprintf(own, sizeof own, "%s/two-shops", folder);
    CHECK(mkdir(own, 0700) == 0);
    int listener = deaf_gateway(url, sizeof url), told = 0;
    m26pay_outbox outbox = open_outbox(own);
    m26pay_payments_options options = with_customers(folder, "pays");
    options.in_memory = 0;
    options.outbox = outbox;
    options.gateway = m26pay_text(url);
    options.answer_within = 100;
    m26pay_payments first = new_payments(&options);
    m26pay_receipt receipt;
    EXPECT(M26PAY_UNKNOWN, pay(first, lunch("A8_0"), &receipt));
    freed(receipt);
    options.app_id = m26pay_text("2014072300007149");
    m26pay_payments second = new_payments(&options);
    m26pay_settlement settlement;
    EXPECT(M26PAY_OK, m26pay_payments_settle(second, no_stop, count_foreign, &told, &settlement));
    CHECK(told == 1 && settlement.asked == 0 && settlement.open == 0 && settlement.elsewhere == 1);
    EXPECT(M26PAY_OK, m26pay_payments_settle(first, no_stop, NULL, NULL, &settlement));
    CHECK(settlement.asked == 1 && settlement.elsewhere == 0);
    EXPECT(M26PAY_OK, m26pay_payments_free(second));
    EXPECT(M26PAY_OK, m26pay_payments_free(first));
    EXPECT(M26PAY_OK, m26pay_outbox_free(outbox));
    close(listener);
}

static void scan(const m26pay_payment_progress *progress, void *user) {
    if (progress->qr_code.data != NULL)
        CHECK(strlen(progress->qr_code.data) == progress->qr_code.length && progress->qr_code.length > 10);
    *(int *)user |= 1 << progress->waits_for;
}

static void scanned(void) {
    m26pay_payments_options options = with_customers(folder, "pays");
    options.poll_for = 30000;
    m26pay_payments payments = new_payments(&options);
    m26pay_purchase purchase = lunch("A7_0");
    m26pay_receipt receipt;
    m26pay_settlement settlement;
    int seen = 0;
    purchase.payer = 0;
    EXPECT(M26PAY_UNKNOWN,
           m26pay_payments_precreate(payments, &purchase, 0, no_stop, scan, &seen, &receipt));
    CHECK(is(receipt.reason, "offered") && receipt.open && receipt.qr_code.length > 10);
    freed(receipt);
    /* It is asked for when its code expires, and not while a customer may scan it. */
    uint64_t milliseconds;
    EXPECT(M26PAY_OK, m26pay_payments_next_settle(payments, &milliseconds));
    CHECK(milliseconds > 60000);
    EXPECT(M26PAY_OK, m26pay_payments_settle(payments, no_stop, NULL, NULL, &settlement));
    CHECK(settlement.asked == 1);
    purchase.out_trade_no = m26pay_text("A7_1");
    seen = 0;
    EXPECT(M26PAY_OK, m26pay_payments_precreate(payments, &purchase, 1, no_stop, scan, &seen, &receipt));
    CHECK(receipt.qr_code.length > 10);
    CHECK((seen & 1 << M26PAY_WAITS_FOR_JOURNAL) && (seen & 1 << M26PAY_WAITS_FOR_CUSTOMER));
    freed(receipt);
    EXPECT(M26PAY_OK, m26pay_payments_free(payments));
}

/* A signature, orders, reports and the money, as in a shop. */
struct shop {
    m26pay_payments payments;
    int seen;
    m26pay_status again;
    m26pay_error error;
};

static void sell_again(const m26pay_payment_progress *progress, void *user) {
    struct shop *shop = user;
    m26pay_receipt receipt;
    shop->seen |= 1 << progress->waits_for;
    shop->again = pay(shop->payments, lunch("B1_0"), &receipt);
    EXPECT(M26PAY_OK, m26pay_last_error(&shop->error));
}

static m26pay_summary summary(m26pay_outbox outbox) {
    m26pay_summary summary;
    EXPECT(M26PAY_OK, m26pay_outbox_summary(outbox, &summary));
    return summary;
}

static void sold(const char *port) {
    m26pay_outbox outbox = open_outbox(folder);
    m26pay_module module = new_session(port);
    struct shop shop = {.again = 0};
    m26pay_payments_options options = with_customers(folder, "pays");
    options.in_memory = 0;
    options.outbox = outbox;
    options.module = module;
    options.sign_within = 60000;
    EXPECT(M26PAY_WRONG_KIND, m26pay_payments_new(&options, &shop.payments));
    EXPECT(M26PAY_OK, m26pay_session_start(module));
    shop.payments = new_payments(&options);

    m26pay_purchase purchase = lunch("B1_0");
    m26pay_receipt receipt;
    purchase.terminal_params = m26pay_text("{}");
    EXPECT(M26PAY_INVALID, pay(shop.payments, purchase, &receipt));
    purchase.terminal_params.data = NULL;
    purchase.terminal_params.length = 0;
    EXPECT(M26PAY_OK, m26pay_payments_pay(shop.payments, &purchase, no_stop, sell_again, &shop, &receipt));
    /* The order that is being paid. */
    CHECK(shop.again == M26PAY_IN_USE && shop.error.certainty == M26PAY_CERTAINTY_UNKNOWN);
    CHECK(receipt.trade_no.length == 28);
    CHECK((shop.seen & 1 << M26PAY_WAITS_FOR_SETTLING) && (shop.seen & 1 << M26PAY_WAITS_FOR_SIGNATURE));
    freed(receipt);
    purchase = lunch("B3_0");
    purchase.payer = M26PAY_PAYER_AGREEMENT;
    purchase.payer_code = m26pay_text("20181110000000000001");
    EXPECT(M26PAY_OK, pay(shop.payments, purchase, &receipt));
    freed(receipt);
    /* The session sends both reports by itself. */
    for (int waited = 0; summary(outbox).due > 0 && waited < 60; waited++) {
        m26pay_event event;
        if (m26pay_next_event(module, 1000, &event) == M26PAY_OK)
            m26pay_memory_free(event.memory);
    }
    CHECK(summary(outbox).reports.held + summary(outbox).reports.ram_only == 2);

    /* The module is gone: nobody is asked for money. What was sold is known all the same. */
    EXPECT(M26PAY_OK, m26pay_module_free(module));
    m26pay_status status = pay(shop.payments, lunch("B4_0"), &receipt);
    m26pay_error error;
    EXPECT(M26PAY_OK, m26pay_last_error(&error));
    CHECK(status < 0 && error.certainty == M26PAY_CERTAINTY_NOT_SENT);
    CHECK(strstr(error.message, "no money was asked for") != NULL);
    EXPECT(M26PAY_OK, pay(shop.payments, lunch("B1_0"), &receipt));
    freed(receipt);
    EXPECT(M26PAY_OK, m26pay_payments_free(shop.payments));

    /* The next run has the orders in the file, and needs no module for them. */
    options.module.id = 0;
    shop.payments = new_payments(&options);
    m26pay_str none = {NULL, 0};
    EXPECT(M26PAY_OK, m26pay_payments_find(shop.payments, m26pay_text("B1_0"), none, &receipt));
    freed(receipt);
    EXPECT(M26PAY_OK, m26pay_payments_free(shop.payments));
    EXPECT(M26PAY_OK, m26pay_outbox_free(outbox));
}

static void keys(void) {
    m26pay_payments_options options = with_customers(folder, "pays");
    m26pay_payments payments;
    m26pay_error error;
    options.private_key = m26pay_text("SECRET-AND-NO-KEY");
    EXPECT(M26PAY_INVALID, m26pay_payments_new(&options, &payments));
    EXPECT(M26PAY_OK, m26pay_last_error(&error));
    CHECK(strstr(error.message, "private_key") != NULL && strstr(error.message, "SECRET") == NULL);
    options = with_customers(folder, "pays");
    options.alipay_key = contents(folder, "app.pub");
    EXPECT(M26PAY_INVALID, m26pay_payments_new(&options, &payments));
    EXPECT(M26PAY_OK, m26pay_last_error(&error));
    CHECK(strcmp(error.identifier, "own-key") == 0);
    options = with_customers(folder, "pays");
    options.app_certificate = options.alipay_key;
    EXPECT(M26PAY_INVALID, m26pay_payments_new(&options, &payments));
    options = with_customers(folder, "pays");
    options.holder.data = NULL;
    options.holder.length = 0;
    EXPECT(M26PAY_INVALID, m26pay_payments_new(&options, &payments));
    options = with_customers(folder, "pays");
    options.in_memory = 0;
    EXPECT(M26PAY_STALE_HANDLE, m26pay_payments_new(&options, &payments));
    m26pay_str none = {NULL, 0};
    options = with_customers(folder, "pays");
    payments = new_payments(&options);
    EXPECT(M26PAY_MALFORMED, m26pay_payments_notified(payments, none, m26pay_text("sign=AA&sign_type=RSA2")));
    EXPECT(M26PAY_OK, m26pay_payments_free(payments));
}

int main(int argc, char **argv) {
    CHECK(argc >= 3);
    folder = argv[2];
    keys();
    paid_once();
    not_paid();
    stopped();
    unknown();
    of_another_shop();
    scanned();
    sold(argv[1]);
    return 0;
}
