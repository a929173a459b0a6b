/* A till, from the first AT to the power-off: the story of chapter 4 of the spec (Quectel M26 Alipay SDK
 * 应用指导 V1.0), as the example `pos` tells it in Rust.
 *
 *     cc till.c $(pkg-config --cflags --libs m26pay) -o till
 *     ./till /dev/ttyUSB0 [FOLDER]
 *
 * Every trade is in FOLDER/till.db (here, if none is named) before the module has it, so that it is reported
 * whatever happens to the till:
 *
 * 1. Before the signature is asked for, the trade is announced: from then on there may be a trade.
 * 2. Once the outcome is known, it takes the place of the announcement.
 * 3. Only then it is sent.
 *
 * It sends the sample trades of the spec, for a module that is configured for tests.
 * Exit status: 0 if all was done, 1 if something failed, 2 for wrong usage. */
#include <m26pay.h>
#include <stdio.h>

/* What the till is made of. */
struct till {
    m26pay_outbox outbox;
    m26pay_module module;
    /* Whether the SDK is open, as far as is known. */
    int open;
};

/* Says why a step failed, what is known of it, and what to do. Whether it succeeded. */
static int done(const char *step, m26pay_status status) {
    static const char *const certainties[] = {
        "it was not sent", "the module says that it did not do it", "it may have been carried out"};
    m26pay_error error;
    m26pay_string advice;
    if (status >= 0)
        return 1;
    if (m26pay_last_error(&error) == M26PAY_OK)
        fprintf(stderr, "%s: %s [%s]\n%s\n", step, error.message, error.identifier,
                certainties[error.certainty]);
    if (m26pay_last_advice(M26PAY_FOR_TECHNICIAN, M26PAY_ENGLISH, &advice) == M26PAY_OK) {
        fprintf(stderr, "%s\n", advice.text.data);
        m26pay_memory_free(advice.memory);
    }
    return 0;
}

static int open_books(struct till *till, const char *folder) {
    char path[1024];
    m26pay_outbox_options options;
    m26pay_summary summary;
    snprintf(path, sizeof path, "%s/till.db", folder);
    m26pay_outbox_options_init(&options);
    options.path = m26pay_text(path);
    if (!done("the outbox", m26pay_outbox_open(&options, &till->outbox)) ||
        !done("the outbox", m26pay_outbox_summary(till->outbox, &summary)))
        return 0;
    printf("An earlier run has left %llu to report.\n", (unsigned long long)summary.due);
    return 1;
}

static int open_port(struct till *till, const char *port) {
    m26pay_client_options options;
    m26pay_client_options_init(&options);
    options.port = m26pay_text(port);
    return done("the port", m26pay_client_open(&options, &till->module));
}

static void say(const m26pay_str *text, void *user) {
    (void)user;
    printf("   %.*s\n", (int)text->length, text->data);
}

static int bring_up(struct till *till) {
    m26pay_bring_up_options options;
    m26pay_brought_up found;
    puts("Bringing the module up");
    m26pay_bring_up_options_init(&options);
    options.apn = m26pay_text("CMNET");
    options.time_server = m26pay_text("ntp1.aliyun.com");
    options.progress = say;
    if (!done("the bring-up", m26pay_bring_up(till->module, &options, &found)))
        return 0;
    printf("   %s, %d dBm\n", found.model.data, (int)found.signal.dbm);
    m26pay_memory_free(found.memory);
    return 1;
}

/* A change of the configuration has the SDK discard what it holds. The outbox is told before, so that a till
 * which dies meanwhile knows of it as well. */
static int configure(struct till *till) {
    m26pay_config config;
    bool differs;
    puts("Configuring the Alipay SDK");
    m26pay_config_init(&config);
    config.device_supplier_no = m26pay_text("2018040500703640");
    config.merchant_user_id = m26pay_text("2018040500703640");
    config.item_id = m26pay_text("2018070401748657");
    config.product_key = m26pay_text("ALIPAY_BOX");
    config.terminal_id = m26pay_text("1234567890abcdef");
    if (!done("the configuration", m26pay_config_differs(till->module, &config, &differs)))
        return 0;
    if (differs &&
        !done("the outbox", m26pay_outbox_notice(till->outbox, M26PAY_MODULE_CACHE_DISCARDED, NULL)))
        return 0;
    return done("the configuration", m26pay_configure(till->module, &config, NULL));
}

static int open_sdk(struct till *till) {
    bool already;
    puts("Opening the Alipay SDK");
    if (!done("opening", m26pay_open(till->module, &already)))
        return 0;
    till->open = 1;
    return done("the outbox",
                m26pay_outbox_notice(till->outbox,
                                     already ? M26PAY_MODULE_OPEN_ALREADY : M26PAY_MODULE_OPENED, NULL)) &&
           done("the product information",
                m26pay_product_info(till->module, M26PAY_VERIFY_QR_CODE, NULL));
}

/* The SDK asks Alipay for the identity by itself, which takes a while. */
static int identify(struct till *till, m26pay_string *biz_tid) {
    puts("Asking for the identity that Alipay gave this device");
    for (int attempt = 0; attempt < 30; attempt++) {
        m26pay_event event;
        m26pay_status status = m26pay_device_id(till->module, biz_tid);
        if (!done("the identity", status))
            return 0;
        if (status == M26PAY_OK) {
            printf("   bizTid %s\n", biz_tid->text.data);
            return 1;
        }
        /* The client listens while it waits. */
        status = m26pay_next_event(till->module, 2000, &event);
        if (!done("the port", status))
            return 0;
        if (status == M26PAY_OK)
            m26pay_memory_free(event.memory);
    }
    fputs("Alipay has given this device no identity: look at network and configuration\n", stderr);
    return 0;
}

/* What is pending goes to the module. What it does not take stays on disk, for the next run. */
static int drain(struct till *till) {
    m26pay_drained drained;
    if (!done("the reports",
              m26pay_outbox_drain(till->outbox, till->module, 120000, say, NULL, &drained)))
        return 0;
    printf("   the module holds %llu more, %llu are left on disk\n", (unsigned long long)drained.held,
           (unsigned long long)drained.left);
    return drained.end == M26PAY_DRAIN_EMPTY || drained.end == M26PAY_DRAIN_OUT_OF_PATIENCE;
}

static m26pay_report trade(m26pay_trade_result outcome) {
    m26pay_report report;
    m26pay_report_init(&report);
    report.amount = 1025;
    report.trade_result = outcome;
    report.time_stamp = 1548811777;
    return report;
}

/* A customer who pays with Alipay. */
static int sell(struct till *till, m26pay_str biz_tid) {
    int64_t number;
    m26pay_sign_request request;
    m26pay_string signed_data;
    m26pay_report report = trade(M26PAY_TRADE_UNAVAILABLE);
    report.business_no = m26pay_text("2019012922001450181015731428");
    report.time_consuming = 2;
    puts("Having a payment of 10.25 yuan signed");
    if (!done("NOT sold", m26pay_outbox_announce(till->outbox, &report, &number)))
        return 0;
    m26pay_sign_request_init(&request);
    request.mode = M26PAY_SIGN_WITHHOLDING;
    request.data = m26pay_text("1234567890");
    request.amount = report.amount;
    request.biz_tid = biz_tid;
    if (!done("NOT sold", m26pay_sign(till->module, &request, &signed_data))) {
        /* Without a signature nobody was asked for the money. */
        done("the announcement stays", m26pay_outbox_withdraw(till->outbox, number));
        return 0;
    }
    printf("   the signature has %zu bytes\n", signed_data.text.length);
    /* Here the till's server would ask Alipay for the money, with the signature. */
    m26pay_memory_free(signed_data.memory);
    puts("Reporting the trade");
    report.trade_result = M26PAY_TRADE_SUCCESS;
    return done("the trade is NOT kept", m26pay_outbox_complete(till->outbox, number, &report)) &&
           drain(till);
}

/* A customer who pays otherwise: the outcome is known at once. */
static int sell_for_cash(struct till *till) {
    m26pay_report report = trade(M26PAY_TRADE_UNSUPPORTED);
    puts("Reporting a trade that was paid in cash");
    return done("the trade is NOT kept", m26pay_outbox_append(till->outbox, &report, NULL)) && drain(till);
}

/* Also after a failure: what the SDK holds is saved when it is closed. */
static int close_shop(struct till *till) {
    int good = 1;
    puts("Closing");
    if (till->open)
        good = done("closing", m26pay_shut(till->module)) &&
               done("the outbox", m26pay_outbox_notice(till->outbox, M26PAY_MODULE_CLOSED, NULL));
    return good && done("switching off", m26pay_power_off(till->module, 0));
}

int main(int argc, char **argv) {
    struct till till = {{0}, {0}, 0};
    m26pay_string biz_tid = {{NULL, 0}, {0}};
    int good;
    if (argc < 2 || argc > 3) {
        fputs("usage: till PORT [FOLDER]\n", stderr);
        return 2;
    }
    /* Before anything else: a till that cannot keep its trades sells nothing. */
    good = open_books(&till, argc == 3 ? argv[2] : ".") && open_port(&till, argv[1]);
    if (good) {
        good = bring_up(&till) && configure(&till) && open_sdk(&till) && identify(&till, &biz_tid) &&
               drain(&till) && sell(&till, biz_tid.text) && sell_for_cash(&till);
        good = close_shop(&till) && good;
    }
    m26pay_memory_free(biz_tid.memory);
    m26pay_module_free(till.module);
    m26pay_outbox_free(till.outbox);
    puts(good ? "Done." : "Not done.");
    return good ? 0 : 1;
}
