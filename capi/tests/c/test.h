/* What the test programs share. */
#ifndef TEST_H
#define TEST_H
/* Every program begins with this file: pseudo-terminals, barriers and nanosleep are of X/Open 7. */
#define _XOPEN_SOURCE 700

#include <m26pay.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A call must return this. */
#define EXPECT(status, call) expect((status), (call), #call, __LINE__)

/* Something must be true. */
#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "line %d: not true: %s\n", __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

static inline void expect(m26pay_status expected, m26pay_status found, const char *call, int line) {
    if (expected == found)
        return;
    fprintf(stderr, "line %d: %s is %d, and not %d\n", line, call, (int)found, (int)expected);
    m26pay_error error;
    if (m26pay_last_error(&error) == M26PAY_OK)
        fprintf(stderr, "last error: %d %s: %s\n", (int)error.status, error.identifier, error.message);
    exit(1);
}

/* Between two tries. A loop that never rests keeps the other threads from running under valgrind, which runs one
 * thread at a time. */
static inline void rest(long milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static inline int is(m26pay_str text, const char *expected) {
    return text.length == strlen(expected) && memcmp(text.data, expected, text.length) == 0 &&
           text.data[text.length] == '\0';
}

/* The client of the tests. */
static inline m26pay_module open_client(const char *port) {
    m26pay_client_options options;
    EXPECT(M26PAY_OK, m26pay_client_options_init(&options));
    options.port = m26pay_text(port);
    options.earlier = M26PAY_EARLIER_ENDED;
    m26pay_module module = {0};
    EXPECT(M26PAY_OK, m26pay_client_open(&options, &module));
    CHECK(module.id != 0);
    return module;
}

/* The product in the spec's example. */
static inline m26pay_config product(void) {
    m26pay_config config;
    EXPECT(M26PAY_OK, m26pay_config_init(&config));
    config.device_supplier_no = m26pay_text("2018040500703640");
    config.merchant_user_id = m26pay_text("2018040500703640");
    config.item_id = m26pay_text("2018070401748657");
    config.product_key = m26pay_text("ALIPAY_BOX");
    config.terminal_id = m26pay_text("1234567890abcdef");
    return config;
}

/* A session that has not begun. */
static inline m26pay_module new_session(const char *port) {
    m26pay_config config = product();
    m26pay_session_options options;
    EXPECT(M26PAY_OK, m26pay_session_options_init(&options));
    options.port = m26pay_text(port);
    options.config = &config;
    options.apn = m26pay_text("CMNET");
    options.time_server = m26pay_text("ntp1.aliyun.com");
    options.earlier = M26PAY_EARLIER_ENDED;
    m26pay_module module = {0};
    EXPECT(M26PAY_OK, m26pay_session_new(&options, &module));
    return module;
}

/* An outbox in the folder of the test. */
static inline m26pay_outbox open_outbox(const char *folder) {
    char path[512];
    snprintf(path, sizeof path, "%s/till.db", folder);
    m26pay_outbox_options options;
    EXPECT(M26PAY_OK, m26pay_outbox_options_init(&options));
    options.path = m26pay_text(path);
    m26pay_outbox outbox = {0};
    EXPECT(M26PAY_OK, m26pay_outbox_open(&options, &outbox));
    return outbox;
}

/* A report of a trade that was paid in another way. */
static inline m26pay_report cash(void) {
    m26pay_report report;
    EXPECT(M26PAY_OK, m26pay_report_init(&report));
    report.amount = 1025;
    report.time_stamp = 1548811777;
    report.trade_result = M26PAY_TRADE_UNSUPPORTED;
    return report;
}

#endif
