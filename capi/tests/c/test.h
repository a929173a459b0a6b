/* What the test programs share. */
#ifndef TEST_H
#define TEST_H

#include <m26pay.h>
#include <stdio.h>
#include <stdlib.h>

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

/* The client of the tests. */
static inline m26pay_module open_client(const char *port) {
    m26pay_client_options options;
    EXPECT(M26PAY_OK, m26pay_client_options_init(&options));
    options.port = m26pay_text(port);
    m26pay_module module = {0};
    EXPECT(M26PAY_OK, m26pay_client_open(&options, &module));
    CHECK(module.id != 0);
    return module;
}

#endif
