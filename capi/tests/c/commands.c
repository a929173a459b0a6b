/* Every command, from the bring-up to the power-off. */
#include "test.h"

static void count(const m26pay_str *text, void *user) {
    CHECK(text->length > 0 && text->data[text->length] == '\0');
    ++*(int *)user;
}

static void its_own(m26pay_module module) {
    m26pay_error_format format;
    EXPECT(M26PAY_OK, m26pay_set_echo(module, 0));
    EXPECT(M26PAY_OK, m26pay_reset_result_format(module));
    EXPECT(M26PAY_OK, m26pay_set_error_format(module, M26PAY_ERROR_FORMAT_NUMERIC));
    EXPECT(M26PAY_OK, m26pay_get_error_format(module, &format));
    CHECK(format == M26PAY_ERROR_FORMAT_NUMERIC);
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_set_error_format(module, 7));
    uint32_t baud;
    EXPECT(M26PAY_OK, m26pay_set_baud(module, 115200));
    EXPECT(M26PAY_OK, m26pay_get_baud(module, &baud));
    CHECK(baud == 115200);
    EXPECT(M26PAY_OK, m26pay_save_profile(module));

    m26pay_identity identity;
    EXPECT(M26PAY_OK, m26pay_read_identity(module, &identity));
    CHECK(is(identity.manufacturer, "Quectel_Ltd") && is(identity.model, "Quectel_M26"));
    EXPECT(M26PAY_OK, m26pay_memory_free(identity.memory));
    EXPECT(M26PAY_STALE_HANDLE, m26pay_memory_free(identity.memory));
    m26pay_string text;
    EXPECT(M26PAY_OK, m26pay_read_imei(module, &text));
    CHECK(text.text.length == 15);
    EXPECT(M26PAY_OK, m26pay_memory_free(text.memory));
    EXPECT(M26PAY_OK, m26pay_read_imsi(module, &text));
    CHECK(text.text.length >= 6);
    EXPECT(M26PAY_OK, m26pay_memory_free(text.memory));
    EXPECT(M26PAY_OK, m26pay_read_iccid(module, &text));
    CHECK(text.text.length >= 18);
    EXPECT(M26PAY_OK, m26pay_memory_free(text.memory));

    m26pay_sim sim;
    EXPECT(M26PAY_OK, m26pay_read_sim(module, &sim));
    CHECK(sim.state == M26PAY_SIM_READY && is(sim.text, "READY"));
    EXPECT(M26PAY_OK, m26pay_memory_free(sim.memory));
    m26pay_registration registration;
    EXPECT(M26PAY_OK, m26pay_read_registration(module, M26PAY_NETWORK_GPRS, &registration));
    CHECK(registration.registered);
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_read_registration(module, 9, &registration));
    m26pay_network_status status;
    EXPECT(M26PAY_OK, m26pay_read_network_status(module, &status));
    CHECK(status.gprs.registered && status.signal.known);
    EXPECT(M26PAY_OK, m26pay_select_context(module, 0));
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_select_context(module, 2));
    m26pay_str none = {0};
    EXPECT(M26PAY_OK, m26pay_set_access_point(module, m26pay_text("CMNET"), none, none));
    EXPECT(M26PAY_OK, m26pay_sync_clock(module, m26pay_text("ntp1.aliyun.com")));
    m26pay_clock clock;
    EXPECT(M26PAY_OK, m26pay_read_clock(module, &clock));
    CHECK(clock.has_zone && clock.zone == 32 && clock.unix_seconds > 1000000000);

    m26pay_raw_answer raw;
    EXPECT(M26PAY_OK, m26pay_send_raw(module, m26pay_text("AT+CSQ"), &raw));
    CHECK(raw.count == 1 && is(raw.lines, "+CSQ: 11,0\n"));
    EXPECT(M26PAY_OK, m26pay_memory_free(raw.memory));
    /* A line cannot smuggle in another one. */
    EXPECT(M26PAY_INVALID, m26pay_send_raw(module, m26pay_text("AT\rAT+QPOWD=0"), &raw));
}

static void alipay(m26pay_module module) {
    m26pay_config config = product();
    m26pay_configured configured;
    bool differs;
    EXPECT(M26PAY_OK, m26pay_config_differs(module, &config, &differs));
    CHECK(!differs);
    EXPECT(M26PAY_OK, m26pay_configure(module, &config, &configured));
    CHECK(configured == M26PAY_CONFIGURED_SET);
    EXPECT(M26PAY_OK, m26pay_configure(module, &config, &configured));
    CHECK(configured == M26PAY_CONFIGURED_UNCHANGED);
    EXPECT(M26PAY_OK, m26pay_set_config(module, &config));
    m26pay_stored_config stored;
    EXPECT(M26PAY_OK, m26pay_read_config(module, &stored));
    CHECK(is(stored.item_id, "2018070401748657") && stored.env == M26PAY_ENV_TEST);
    EXPECT(M26PAY_OK, m26pay_memory_free(stored.memory));

    config.item_id = m26pay_text("1");
    EXPECT(M26PAY_OK, m26pay_config_differs(module, &config, &differs));
    CHECK(differs);

    for (m26pay_verb verb = M26PAY_VERB_CONFIG; verb <= M26PAY_VERB_USAGE; verb++)
        EXPECT(M26PAY_OK, m26pay_test(module, verb));
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_test(module, 8));

    bool already;
    EXPECT(M26PAY_OK, m26pay_open(module, &already));
    CHECK(!already);
    EXPECT(M26PAY_OK, m26pay_open(module, &already));
    CHECK(already);
    m26pay_held held;
    EXPECT(M26PAY_OK, m26pay_product_info(module, M26PAY_VERIFY_QR_CODE, &held));
    CHECK(held == M26PAY_HELD_STORED);
    EXPECT(M26PAY_INVALID, m26pay_product_info(module, 0, &held));
    m26pay_string biz_tid;
    EXPECT(M26PAY_OK, m26pay_device_id(module, &biz_tid));
    CHECK(biz_tid.text.length > 0);

    m26pay_sign_request request;
    m26pay_string signed_data = {{NULL, 0}, {0}};
    EXPECT(M26PAY_OK, m26pay_sign_request_init(&request));
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_sign(module, &request, &signed_data));
    request.mode = M26PAY_SIGN_WITHHOLDING;
    EXPECT(M26PAY_INVALID, m26pay_sign(module, &request, &signed_data));
    request.data = m26pay_text("1234567890");
    request.amount = 1025;
    request.biz_tid = biz_tid.text;
    CHECK(signed_data.memory.id == 0);
    EXPECT(M26PAY_OK, m26pay_sign(module, &request, &signed_data));
    CHECK(signed_data.text.length == 369);
    EXPECT(M26PAY_OK, m26pay_memory_free(signed_data.memory));
    request.biz_tid = m26pay_text("somebody else's");
    EXPECT(M26PAY_MISMATCH, m26pay_sign(module, &request, &signed_data));
    m26pay_error error;
    EXPECT(M26PAY_OK, m26pay_last_error(&error));
    CHECK(error.certainty == M26PAY_CERTAINTY_UNKNOWN && !strstr(error.message, "1234567890"));
    EXPECT(M26PAY_OK, m26pay_memory_free(biz_tid.memory));

    m26pay_report report;
    EXPECT(M26PAY_OK, m26pay_report_init(&report));
    EXPECT(M26PAY_INVALID, m26pay_send_report(module, &report, &held));
    report.amount = 1025;
    report.time_stamp = 1548811777;
    report.trade_result = M26PAY_TRADE_UNSUPPORTED;
    EXPECT(M26PAY_OK, m26pay_send_report(module, &report, &held));
    CHECK(held == M26PAY_HELD_STORED);
    report.trade_result = 42;
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_send_report(module, &report, &held));
    uint32_t most;
    EXPECT(M26PAY_OK, m26pay_report_queue(module, &most));
    CHECK(most > 0);
    EXPECT(M26PAY_OK, m26pay_report_usage(module, 3, 5, NULL));
    EXPECT(M26PAY_OK, m26pay_shut(module));
}

int main(int argc, char **argv) {
    CHECK(argc >= 2);
    m26pay_module module = open_client(argv[1]);
    EXPECT(M26PAY_OK, m26pay_module_set_timeout(module, 30000));
    m26pay_bring_up_options options;
    EXPECT(M26PAY_OK, m26pay_bring_up_options_init(&options));
    options.apn = m26pay_text("CMNET");
    options.time_server = m26pay_text("ntp1.aliyun.com");
    int told = 0;
    options.progress = count;
    options.progress_user = &told;
    m26pay_brought_up found;
    EXPECT(M26PAY_OK, m26pay_bring_up(module, &options, &found));
    CHECK(is(found.model, "Quectel_M26") && found.gprs.registered && found.has_clock && told > 0);
    EXPECT(M26PAY_OK, m26pay_memory_free(found.memory));
    its_own(module);
    alipay(module);
    EXPECT(M26PAY_OK, m26pay_reset(module));
    EXPECT(M26PAY_OK, m26pay_bring_up(module, &options, NULL));
    EXPECT(M26PAY_OK, m26pay_power_off(module, 0));
    EXPECT(M26PAY_OK, m26pay_module_free(module));
    return 0;
}
