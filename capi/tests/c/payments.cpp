// The classes of m26pay_payments.hpp.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <m26pay_payments.hpp>
#include <string>
#include <thread>

namespace {

void require(bool condition, const char *what) {
    if (condition)
        return;
    std::cerr << "not true: " << what << '\n';
    std::exit(1);
}

std::string contents(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    require(file.good(), path.c_str());
    return {std::istreambuf_iterator<char>(file), {}};
}

m26pay_purchase lunch(const char *number) {
    auto purchase = m26pay::defaults(m26pay_purchase_init);
    purchase.out_trade_no = m26pay::str(number);
    purchase.amount = 1025;
    purchase.subject = m26pay::str("lunch");
    purchase.payer = M26PAY_PAYER_CODE;
    purchase.payer_code = m26pay::str("284612345678901234");
    return purchase;
}

void pay(const std::string &folder) {
    const auto url = contents(folder + "/pays"), key = contents(folder + "/app.pem"),
               alipay = contents(folder + "/alipay.pub");
    auto options = m26pay::defaults(m26pay_payments_options_init);
    options.gateway = m26pay::str(url);
    options.app_id = m26pay::str("2014072300007148");
    options.private_key = m26pay::str(key);
    options.alipay_key = m26pay::str(alipay);
    options.holder = m26pay::str("till 1");
    options.in_memory = 1;
    m26pay::Payments payments(options);
    require(payments.settle().asked == 0 && !payments.next_settle(), "nothing is open");

    int steps = 0;
    const auto receipt = payments.pay(lunch("E1"), [&](const auto &) { ++steps; });
    require(receipt.paid() && !receipt.unknown() && steps > 1, "it is paid");
    require(receipt.cashier() == "Paid. Give the goods.", "the cashier knows it");
    const auto found = payments.find("E1");
    require(found && found->paid() && !payments.find("E2"), "the journal knows it");

    auto refund = m26pay::defaults(m26pay_refund_init);
    refund.out_trade_no = m26pay::str("E1");
    refund.out_request_no = m26pay::str("E1-1");
    refund.amount = 1025;
    require(payments.refund(refund).paid(), "the money went back");

    m26pay::Stop stop;
    std::thread([&] { stop.press(); }).join();
    const auto offered = payments.precreate(lunch("E3"), false, stop);
    require(!offered.paid(), "it was stopped");
    m26pay::Payments moved = std::move(payments);
    try {
        payments.give_up("E1");
        require(false, "it was moved away");
    } catch (const m26pay::Error &error) {
        require(error.status() == M26PAY_STALE_HANDLE, error.what());
    }
    try {
        moved.pay(lunch("no number"), stop);
        require(false, "it is no number");
    } catch (const m26pay::Error &error) {
        require(error.status() == M26PAY_INVALID && error.certainty() == M26PAY_CERTAINTY_NOT_SENT, error.what());
    }
}

}  // namespace

int main(int argc, char **argv) {
    require(argc >= 3, "PORT FOLDER");
    try {
        pay(argv[2]);
    } catch (const m26pay::Error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
