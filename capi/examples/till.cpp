/* A till in C++17, with a session that keeps the module ready and sends the reports by itself.
 *
 *     c++ -std=c++17 till.cpp $(pkg-config --cflags --libs m26pay) -o till
 *     ./till /dev/ttyUSB0 [FOLDER]
 *
 * till.c is the same day with a client, step by step. */
#include <cstdio>
#include <m26pay.hpp>

namespace {

m26pay_report trade(m26pay_trade_result outcome) {
    auto report = m26pay::defaults(m26pay_report_init);
    report.amount = 1025;
    report.trade_result = outcome;
    report.time_stamp = 1548811777;
    return report;
}

void sell(m26pay::Session &session, m26pay::Outbox &outbox) {
    auto report = trade(M26PAY_TRADE_UNAVAILABLE);
    report.business_no = m26pay::str("2019012922001450181015731428");
    report.time_consuming = 2;
    /* Should the till die from here on, the next run reports the trade. */
    const auto number = outbox.announce(report);
    auto request = m26pay::defaults(m26pay_sign_request_init);
    request.mode = M26PAY_SIGN_WITHHOLDING;
    request.data = m26pay::str("1234567890");
    request.amount = report.amount;
    try {
        const auto signed_data = session.sign(request);
        std::printf("the signature has %zu bytes\n", signed_data.view().size());
        /* Here the till's server would ask Alipay for the money, with the signature. */
    } catch (const m26pay::Error &) {
        /* Without a signature nobody was asked for the money. */
        outbox.withdraw(number);
        throw;
    }
    report.trade_result = M26PAY_TRADE_SUCCESS;
    outbox.complete(number, report);
}

void keep_shop(const char *port, const std::string &folder) {
    const std::string path = folder + "/till.db";
    auto books = m26pay::defaults(m26pay_outbox_options_init);
    books.path = m26pay::str(path);
    m26pay::Outbox outbox(books);

    auto config = m26pay::defaults(m26pay_config_init);
    config.device_supplier_no = m26pay::str("2018040500703640");
    config.merchant_user_id = m26pay::str("2018040500703640");
    config.item_id = m26pay::str("2018070401748657");
    config.product_key = m26pay::str("ALIPAY_BOX");
    config.terminal_id = m26pay::str("1234567890abcdef");
    auto plan = m26pay::defaults(m26pay_session_options_init);
    plan.port = m26pay::str(port);
    plan.config = &config;
    plan.apn = m26pay::str("CMNET");
    plan.time_server = m26pay::str("ntp1.aliyun.com");
    m26pay::Session session(plan);
    outbox.attach(session);
    session.start();
    session.wait_ready(120000);
    std::printf("%d dBm\n", static_cast<int>(session.signal().dbm));

    sell(session, outbox);
    outbox.append(trade(M26PAY_TRADE_UNSUPPORTED));
    /* The session sends them. A till would go on selling. */
    for (int waited = 0; outbox.summary().due > 0 && waited < 120; ++waited)
        while (const auto event = session.next_event(1000))
            std::printf("%s\n", (*event)->text.data);
    std::printf("%llu reports are left\n", static_cast<unsigned long long>(outbox.summary().due));
    session.shut_down(M26PAY_SHUT_DOWN_POWER_OFF);
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3) {
        std::fputs("usage: till PORT [FOLDER]\n", stderr);
        return 2;
    }
    try {
        keep_shop(argv[1], argc == 3 ? argv[2] : ".");
    } catch (const m26pay::Error &error) {
        std::fprintf(stderr, "%s [%s]\n%s\n", error.what(), error.identifier(),
                     m26pay::advice(M26PAY_FOR_TECHNICIAN, M26PAY_ENGLISH).c_str());
        return 1;
    }
    std::puts("Done.");
    return 0;
}
