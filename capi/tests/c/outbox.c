/* An outbox that a client drains, and then a session by itself. */
#include "test.h"

static m26pay_summary summary(m26pay_outbox outbox) {
    m26pay_summary summary;
    EXPECT(M26PAY_OK, m26pay_outbox_summary(outbox, &summary));
    return summary;
}

static void kept(const char *folder) {
    m26pay_outbox outbox = open_outbox(folder);
    m26pay_outbox_options options;
    m26pay_outbox second;
    char path[512];
    snprintf(path, sizeof path, "%s/till.db", folder);
    EXPECT(M26PAY_OK, m26pay_outbox_options_init(&options));
    options.path = m26pay_text(path);
    EXPECT(M26PAY_FILE_IN_USE, m26pay_outbox_open(&options, &second));
    options.resend = 77;
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_outbox_open(&options, &second));

    m26pay_report report = cash();
    int64_t number = 0, announced = 0;
    EXPECT(M26PAY_OK, m26pay_outbox_append(outbox, &report, &number));
    EXPECT(M26PAY_OK, m26pay_outbox_append(outbox, &report, NULL));
    CHECK(summary(outbox).reports.pending == 2 && summary(outbox).due == 2);
    report.trade_result = M26PAY_TRADE_UNAVAILABLE;
    report.business_no = m26pay_text("2019012922001450181015731428");
    report.time_consuming = 2;
    EXPECT(M26PAY_OK, m26pay_outbox_announce(outbox, &report, &announced));
    CHECK(summary(outbox).reports.announced == 1);
    report.trade_result = M26PAY_TRADE_SUCCESS;
    EXPECT(M26PAY_OK, m26pay_outbox_complete(outbox, announced, &report));
    EXPECT(M26PAY_OK, m26pay_outbox_announce(outbox, &report, &announced));
    EXPECT(M26PAY_OK, m26pay_outbox_withdraw(outbox, announced));
    EXPECT(M26PAY_MISSING, m26pay_outbox_withdraw(outbox, announced));
    EXPECT(M26PAY_WRONG_STATE, m26pay_outbox_retry_report(outbox, number));
    EXPECT(M26PAY_WRONG_STATE, m26pay_outbox_remove_report(outbox, number));
    EXPECT(M26PAY_OK, m26pay_outbox_count_usage(outbox, 3, 5));
    CHECK(summary(outbox).broadcasts == 3 && summary(outbox).scans == 5);

    m26pay_stored_report stored;
    int found = 0;
    int64_t after = 0;
    while (m26pay_outbox_next_report(outbox, M26PAY_ITEM_PENDING, after, &stored) == M26PAY_OK) {
        found++;
        after = stored.number;
        CHECK(stored.amount == 1025 && stored.state == M26PAY_ITEM_PENDING && stored.attempts == 0);
        if (stored.trade_result == M26PAY_TRADE_SUCCESS)
            CHECK(is(stored.business_no, "2019012922001450181015731428") && stored.time_consuming == 2);
        else
            CHECK(stored.business_no.data == NULL);
        EXPECT(M26PAY_OK, m26pay_memory_free(stored.memory));
    }
    CHECK(found == 3);
    EXPECT(M26PAY_NOTHING, m26pay_outbox_next_report(outbox, M26PAY_ITEM_PARKED, 0, &stored));
    EXPECT(M26PAY_OK, m26pay_outbox_free(outbox));
    EXPECT(M26PAY_STALE_HANDLE, m26pay_outbox_append(outbox, &report, NULL));
}

static void count(const m26pay_str *text, void *user) {
    CHECK(text->length > 0);
    ++*(int *)user;
}

static void drained_by_a_client(const char *port, const char *folder) {
    m26pay_outbox outbox = open_outbox(folder);
    CHECK(summary(outbox).due == 3);
    m26pay_module module = open_client(port);
    m26pay_bring_up_options options;
    EXPECT(M26PAY_OK, m26pay_bring_up_options_init(&options));
    EXPECT(M26PAY_OK, m26pay_bring_up(module, &options, NULL));
    m26pay_config config = product();
    EXPECT(M26PAY_OK, m26pay_configure(module, &config, NULL));
    m26pay_drained drained;
    int told = 0;
    EXPECT(M26PAY_OK, m26pay_outbox_drain(outbox, module, 30000, count, &told, &drained));
    CHECK(drained.end == M26PAY_DRAIN_NOT_INITIALISED && drained.left == 3);
    bool already;
    uint64_t again;
    EXPECT(M26PAY_OK, m26pay_open(module, &already));
    CHECK(!already);
    EXPECT(M26PAY_OK, m26pay_outbox_notice(outbox, M26PAY_MODULE_OPENED, &again));
    CHECK(again == 0);
    EXPECT(M26PAY_OK, m26pay_outbox_drain(outbox, module, M26PAY_FOREVER, NULL, NULL, &drained));
    CHECK(drained.end == M26PAY_DRAIN_EMPTY && drained.held == 3 && drained.left == 0);
    EXPECT(M26PAY_OK, m26pay_shut(module));
    EXPECT(M26PAY_OK, m26pay_outbox_notice(outbox, M26PAY_MODULE_CLOSED, NULL));
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_outbox_notice(outbox, 9, NULL));
    EXPECT(M26PAY_WRONG_KIND, m26pay_outbox_attach(outbox, module));
    EXPECT(M26PAY_OK, m26pay_module_free(module));
    EXPECT(M26PAY_OK, m26pay_outbox_free(outbox));
}

static void wait_until_sent(m26pay_outbox outbox, m26pay_module module) {
    for (int events = 0; summary(outbox).due > 0; events++) {
        CHECK(events < 1000);
        m26pay_event event;
        if (m26pay_next_event(module, 1000, &event) == M26PAY_OK)
            EXPECT(M26PAY_OK, m26pay_memory_free(event.memory));
    }
}

static void sent_by_a_session(const char *port, const char *folder) {
    m26pay_outbox outbox = open_outbox(folder);
    m26pay_module module = new_session(port);
    EXPECT(M26PAY_OK, m26pay_outbox_attach(outbox, module));
    m26pay_report report = cash();
    EXPECT(M26PAY_OK, m26pay_outbox_append(outbox, &report, NULL));
    EXPECT(M26PAY_OK, m26pay_session_wait_ready(module, 60000));
    wait_until_sent(outbox, module);
    /* Once it has a thread of its own, an append is all. */
    EXPECT(M26PAY_OK, m26pay_session_start(module));
    EXPECT(M26PAY_OK, m26pay_outbox_append(outbox, &report, NULL));
    wait_until_sent(outbox, module);
    CHECK(summary(outbox).reports.held == 5);
    /* The usage is reported three times a day. */
    CHECK(summary(outbox).scans == 5);
    /* The other way round than they were made. */
    EXPECT(M26PAY_OK, m26pay_module_free(module));
    EXPECT(M26PAY_OK, m26pay_outbox_append(outbox, &report, NULL));
    EXPECT(M26PAY_OK, m26pay_outbox_free(outbox));
    outbox = open_outbox(folder);
    CHECK(summary(outbox).due == 1);
    EXPECT(M26PAY_OK, m26pay_outbox_free(outbox));
}

int main(int argc, char **argv) {
    CHECK(argc >= 3);
    kept(argv[2]);
    drained_by_a_client(argv[1], argv[2]);
    sent_by_a_session(argv[1], argv[2]);
    return 0;
}
