/* Everything that happens to a module, while it is kept ready, until it was ready once.
 *
 *     cc events.c $(pkg-config --cflags --libs m26pay) -o events
 *     ./events /dev/ttyUSB0
 *
 * The session works in a thread of its own. This thread polls a descriptor, as one does that has other
 * descriptors to look at. */
#include <m26pay.h>
#include <poll.h>
#include <stdio.h>

static int fail(const char *what) {
    m26pay_error error;
    if (m26pay_last_error(&error) == M26PAY_OK)
        fprintf(stderr, "%s: %s\n", what, error.message);
    return 1;
}

/* Prints what there is. Whether to go on: not once the module is ready, or given up. */
static int show(m26pay_module module) {
    m26pay_event event;
    int on = 1;
    while (m26pay_next_event(module, 0, &event) == M26PAY_OK) {
        printf("%.*s\n", (int)event.text.length, event.text.data);
        if (event.kind == M26PAY_EVENT_TRANSITION &&
            (event.to == M26PAY_STATE_READY || event.to == M26PAY_STATE_FAILED))
            on = 0;
        m26pay_memory_free(event.memory);
    }
    return on;
}

static int watch(m26pay_module module) {
    struct pollfd waiting = {-1, POLLIN, 0};
    m26pay_health health;
    if (m26pay_session_start(module) < 0 || m26pay_session_event_fd(module, &waiting.fd) < 0)
        return fail("the session");
    do {
        if (poll(&waiting, 1, -1) < 0) {
            perror("poll");
            return 1;
        }
    } while (show(module));
    if (m26pay_session_health(module, &health) < 0)
        return fail("the health");
    printf("%d dBm, %llu commands\n", (int)health.signal.dbm, (unsigned long long)health.counters.commands);
    m26pay_memory_free(health.memory);
    return m26pay_session_shut_down(module, M26PAY_SHUT_DOWN_SDK) < 0 ? fail("the shut-down") : 0;
}

int main(int argc, char **argv) {
    m26pay_session_options options;
    m26pay_config config;
    m26pay_module module;
    int status;
    if (argc < 2) {
        fputs("usage: events PORT\n", stderr);
        return 2;
    }
    m26pay_config_init(&config);
    config.device_supplier_no = m26pay_text("2018040500703640");
    config.merchant_user_id = m26pay_text("2018040500703640");
    config.item_id = m26pay_text("2018070401748657");
    config.product_key = m26pay_text("ALIPAY_BOX");
    config.terminal_id = m26pay_text("1234567890abcdef");
    m26pay_session_options_init(&options);
    options.port = m26pay_text(argv[1]);
    options.config = &config;
    if (m26pay_session_new(&options, &module) < 0)
        return fail("the session");
    status = watch(module);
    m26pay_module_free(module);
    return status;
}
