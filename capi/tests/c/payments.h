/* What the test programs of payments share: the simulated gateways of tests/run, one for each kind of customer. */
#ifndef PAYMENTS_H
#define PAYMENTS_H

#include "test.h"

#include <m26pay_payments.h>
#include <stdatomic.h>

/* What a file in the folder of the test holds. It is never freed. */
static inline m26pay_str contents(const char *folder, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    static char room[64][4096];
    static int used;
    CHECK(used < 64);
    char *text = room[used++];
    m26pay_str found = {text, fread(text, 1, 4095, file)};
    fclose(file);
    return found;
}

/* Options for a gateway whose customers do this: "pays", "leaves", "refuses". Orders are in memory. Nobody waits as
 * long as in a shop. */
static inline m26pay_payments_options with_customers(const char *folder, const char *customers) {
    m26pay_payments_options options;
    EXPECT(M26PAY_OK, m26pay_payments_options_init(&options));
    options.gateway = contents(folder, customers);
    options.app_id = m26pay_text("2014072300007148");
    options.private_key = contents(folder, "app.pem");
    options.alipay_key = contents(folder, "alipay.pub");
    options.holder = m26pay_text("till 1");
    options.in_memory = 1;
    options.poll_every = 200;
    options.poll_for = 500;
    options.unknown_for = 500;
    options.cancel_every = 200;
    options.cancel_for = 500;
    return options;
}

static inline m26pay_payments new_payments(const m26pay_payments_options *options) {
    m26pay_payments payments = {0};
    EXPECT(M26PAY_OK, m26pay_payments_new(options, &payments));
    CHECK(payments.id != 0);
    return payments;
}

/* How a payment code begins here. */
#define CODE "2846123456789"

/* A customer who shows a payment code, which is another one each time. */
static inline m26pay_purchase lunch(const char *out_trade_no) {
    static char codes[64][32];
    static atomic_int shown;
    m26pay_purchase purchase;
    int number = atomic_fetch_add(&shown, 1);
    char *code = codes[number % 64];
    snprintf(code, sizeof *codes, CODE "%05d", number % 100000);
    EXPECT(M26PAY_OK, m26pay_purchase_init(&purchase));
    purchase.out_trade_no = m26pay_text(out_trade_no);
    purchase.amount = 1025;
    purchase.subject = m26pay_text("lunch");
    purchase.payer = M26PAY_PAYER_CODE;
    purchase.payer_code = m26pay_text(code);
    return purchase;
}

static const m26pay_stop no_stop = {0};

/* A receipt that the library gave. Its texts stay until it is freed. */
static inline m26pay_receipt freed(m26pay_receipt receipt) {
    EXPECT(M26PAY_OK, m26pay_memory_free(receipt.memory));
    return receipt;
}

#endif
