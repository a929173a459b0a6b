/* Campus codes: a decoder that is linked into the program, a checkout, and a server that takes payments. */
#include "test.h"

#include <m26_campus.h>

/* A made-up decoder: it takes codes that begin with 'A', and says who it is of. */
static m26_campus_clock clock_of_host;

static uint32_t decoder_abi(uint32_t *request_size, uint32_t *answer_size) {
    *request_size = sizeof(struct m26_campus_request);
    *answer_size = sizeof(struct m26_campus_answer);
    return M26_CAMPUS_ABI;
}

static int32_t decoder_register(m26_campus_clock clock) {
    clock_of_host = clock;
    return M26_CAMPUS_CALLED;
}

static void put(struct m26_campus_bytes *to, const void *bytes, uint32_t length) {
    memcpy(to->at, bytes, length);
    to->length = length;
}

static int32_t decoder_decode(const struct m26_campus_request *in, struct m26_campus_answer *out) {
    int good = in->code[0] == 'A';
    out->return_value = good ? 0 : -1;
    put(&out->result, good ? "SUCCESS" : "DES_ERROR", good ? 7 : 9);
    /* All codes of a run were made at the same time. */
    static uint64_t now;
    if (now == 0)
        clock_of_host(&now);
    for (int i = 0; i < 8; i++)
        out->in_use_time[i] = (uint8_t)(now >> (56 - 8 * i));
    put(&out->user_data, in->code, in->code_length);
    put(&out->final_data, in->code, in->code_length);
    return M26_CAMPUS_CALLED;
}

int main(int argc, char **argv) {
    CHECK(argc >= 3);
    m26pay_outbox outbox = open_outbox(argv[2]);
    char guard[512];
    snprintf(guard, sizeof guard, "%s/guard.db", argv[2]);
    m26pay_checkout_options options;
    m26pay_checkout checkout;
    EXPECT(M26PAY_OK, m26pay_checkout_options_init(&options));
    EXPECT(M26PAY_STALE_HANDLE, m26pay_checkout_new(&options, &checkout));
    options.outbox = outbox;
    options.pid = 2088000034052130;
    options.guard = m26pay_text(guard);
    options.limit = 5000;
    EXPECT(M26PAY_NULL_POINTER, m26pay_checkout_new(&options, &checkout));
    options.decoder_library = m26pay_text("/there/is/no/such/library.so");
    EXPECT(M26PAY_DECODER, m26pay_checkout_new(&options, &checkout));
    options.decoder_library = m26pay_text(NULL);
    options.decoder_abi = decoder_abi;
    options.decoder_register = decoder_register;
    options.decoder_decode = decoder_decode;
    EXPECT(M26PAY_OK, m26pay_checkout_new(&options, &checkout));

    const uint8_t code[] = {'A', 0, 0xff, 1, 2}, other[] = {'B', 1}, dear[] = {'A', 9};
    m26pay_paid paid;
    m26pay_string cashier;
    m26pay_str lunch = m26pay_text("lunch"), none = m26pay_text(NULL);
    EXPECT(M26PAY_OK, m26pay_checkout_accept(checkout, code, sizeof code, 1025, lunch, &paid, M26PAY_ENGLISH, NULL));
    EXPECT(M26PAY_OK, m26pay_memory_free(paid.memory));
    EXPECT(M26PAY_CODE_USED,
           m26pay_checkout_accept(checkout, code, sizeof code, 1025, lunch, &paid, M26PAY_ENGLISH, &cashier));
    CHECK(strstr(cashier.text.data, "Already paid"));
    EXPECT(M26PAY_OK, m26pay_memory_free(cashier.memory));
    EXPECT(M26PAY_CODE_REFUSED,
           m26pay_checkout_accept(checkout, other, sizeof other, 1025, none, &paid, M26PAY_ENGLISH, NULL));
    EXPECT(M26PAY_CODE_REFUSED,
           m26pay_checkout_accept(checkout, dear, sizeof dear, 5001, none, &paid, M26PAY_ENGLISH, NULL));
    EXPECT(M26PAY_CODE_REFUSED, m26pay_checkout_accept(checkout, code, 0, 1, none, &paid, M26PAY_ENGLISH, NULL));
    EXPECT(M26PAY_NULL_POINTER, m26pay_checkout_accept(checkout, NULL, 3, 1, none, &paid, M26PAY_ENGLISH, NULL));
    EXPECT(M26PAY_WRONG_LENGTH,
           m26pay_checkout_accept(checkout, code, SIZE_MAX, 1, none, &paid, M26PAY_ENGLISH, NULL));

    m26pay_campus_payment payment;
    uint64_t wait;
    EXPECT(M26PAY_OK, m26pay_outbox_next_payment(outbox, &payment, NULL));
    CHECK(payment.number == paid.number && payment.amount == 1025 && is(payment.reference, "lunch"));
    CHECK(payment.final_data.length == sizeof code && !memcmp(payment.final_data.data, code, sizeof code));
    CHECK(is(payment.final_data_hex, "4100ff0102") && is(payment.final_data_base64, "QQD/AQI="));
    EXPECT(M26PAY_OK, m26pay_memory_free(payment.memory));
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_outbox_settle_payment(outbox, payment.number, 8));
    EXPECT(M26PAY_OK, m26pay_outbox_settle_payment(outbox, payment.number, M26PAY_UPLOAD_UNREACHABLE));
    EXPECT(M26PAY_NOTHING, m26pay_outbox_next_payment(outbox, &payment, &wait));
    CHECK(wait > 0 && wait <= 10000);
    rest((long)wait + 1);
    EXPECT(M26PAY_OK, m26pay_outbox_next_payment(outbox, &payment, &wait));
    EXPECT(M26PAY_OK, m26pay_memory_free(payment.memory));
    EXPECT(M26PAY_OK, m26pay_outbox_settle_payment(outbox, payment.number, M26PAY_UPLOAD_DONE));
    EXPECT(M26PAY_NOTHING, m26pay_outbox_next_payment(outbox, &payment, &wait));
    CHECK(wait == M26PAY_FOREVER);
    EXPECT(M26PAY_WRONG_STATE, m26pay_outbox_retry_payment(outbox, payment.number));
    EXPECT(M26PAY_WRONG_STATE, m26pay_outbox_remove_payment(outbox, payment.number));

    EXPECT(M26PAY_OK, m26pay_outbox_free(outbox));
    EXPECT(M26PAY_OK, m26pay_checkout_free(checkout));
    EXPECT(M26PAY_STALE_HANDLE, m26pay_checkout_free(checkout));
    return 0;
}
