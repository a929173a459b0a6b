/* libm26pay with payments for C++17: classes over m26pay_payments.h, as m26pay.hpp has them for m26pay.h.
 *
 *     m26pay::Payments payments(options);      // options as in m26pay_payments.h
 *     payments.settle();
 *     const auto receipt = payments.pay(purchase);
 *     if (receipt.paid())
 *         give_goods(); */
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "m26pay.hpp"
#include "m26pay_payments.h"

namespace m26pay {

/* What a payment or a refund came to. A call that throws has none: it did not begin. */
class Receipt : public Kept<m26pay_receipt> {
public:
    using Kept::Kept;
    /* The merchant has the money, or the customer has it back. Only then. */
    bool paid() const noexcept { return (**this).outcome == M26PAY_OK; }
    /* It may be paid: do not give the goods, and do not take the money again. */
    bool unknown() const noexcept { return (**this).outcome == M26PAY_UNKNOWN; }
    std::string_view cashier() const noexcept { return view((**this).cashier); }
    std::string_view technician() const noexcept { return view((**this).technician); }
};

/* The cashier's stop: one for each sale, pressed from any thread. */
class Stop {
public:
    Stop() : stop_(make()) {}

    m26pay_stop get() const noexcept { return stop_.get(); }
    void press() { check(m26pay_stop_press(get())); }

private:
    static m26pay_stop make() {
        m26pay_stop stop;
        check(m26pay_stop_new(&stop));
        return stop;
    }

    Owned<m26pay_stop, m26pay_stop_free> stop_;
};

/* A till: it takes payments, and gives money back. */
class Payments {
public:
    /* Is told how far a payment is. It may not throw. */
    using Watch = std::function<void(const m26pay_payment_progress &)>;
    /* Is told what came of an order. It may not throw. */
    using Settled = std::function<void(const m26pay_receipt &)>;

    explicit Payments(const m26pay_payments_options &options) : payments_(make(options)) {}

    m26pay_payments get() const noexcept { return payments_.get(); }

    Receipt pay(const m26pay_purchase &purchase, const Watch &watch = {}) {
        return pay(purchase, m26pay_stop{0}, watch);
    }

    Receipt pay(const m26pay_purchase &purchase, const Stop &stop, const Watch &watch = {}) {
        return pay(purchase, stop.get(), watch);
    }

    /* A code that the customer scans: `watch` and the receipt have it. */
    Receipt precreate(const m26pay_purchase &purchase, bool wait, const Stop &stop, const Watch &watch = {}) {
        m26pay_receipt receipt;
        check(m26pay_payments_precreate(get(), &purchase, wait, stop.get(), watch ? tell : nullptr,
                                        const_cast<Watch *>(&watch), &receipt));
        return Receipt(receipt);
    }

    Receipt refund(const m26pay_refund &refund) {
        m26pay_receipt receipt;
        check(m26pay_payments_refund(get(), &refund, m26pay_stop{0}, &receipt));
        return Receipt(receipt);
    }

    /* Asks for what is open: before the first payment, and when next_settle says so. */
    m26pay_settlement settle(const Settled &settled = {}) {
        m26pay_settlement settlement;
        check(m26pay_payments_settle(get(), m26pay_stop{0}, settled ? tell_settled : nullptr,
                                     const_cast<Settled *>(&settled), &settlement));
        return settlement;
    }

    /* In how many milliseconds; nothing if no order is open. */
    std::optional<std::uint64_t> next_settle() {
        std::uint64_t milliseconds;
        if (!check(m26pay_payments_next_settle(get(), &milliseconds)))
            return std::nullopt;
        return milliseconds;
    }

    /* What the journal has of an order. Nothing is asked. */
    std::optional<Receipt> find(std::string_view out_trade_no) {
        m26pay_receipt receipt;
        const auto status = m26pay_payments_find(get(), str(out_trade_no), m26pay_str{nullptr, 0}, &receipt);
        check(status);
        if (status == M26PAY_NOTHING)
            return std::nullopt;
        return std::optional<Receipt>(std::in_place, receipt);
    }

    void give_up(std::string_view out_trade_no) { check(m26pay_payments_give_up(get(), str(out_trade_no))); }

private:
    static m26pay_payments make(const m26pay_payments_options &options) {
        m26pay_payments payments;
        check(m26pay_payments_new(&options, &payments));
        return payments;
    }

    static void tell(const m26pay_payment_progress *progress, void *watch) {
        (*static_cast<Watch *>(watch))(*progress);
    }

    static void tell_settled(const m26pay_receipt *receipt, void *settled) {
        (*static_cast<Settled *>(settled))(*receipt);
    }

    Receipt pay(const m26pay_purchase &purchase, m26pay_stop stop, const Watch &watch) {
        m26pay_receipt receipt;
        check(m26pay_payments_pay(get(), &purchase, stop, watch ? tell : nullptr,
                                  const_cast<Watch *>(&watch), &receipt));
        return Receipt(receipt);
    }

    Owned<m26pay_payments, m26pay_payments_free> payments_;
};

}  // namespace m26pay
