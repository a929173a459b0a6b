/* libm26pay for C++17: what is freed by itself, and failures as exceptions. All of it is in this header, over
 * the functions of m26pay.h, which can be called beside it.
 *
 *     m26pay::Session session(options);        // options as in m26pay.h
 *     session.start();
 *     m26pay::String data = session.sign(request);
 *
 * A callback for the library may not throw. */
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "m26pay.h"

namespace m26pay {

/* A call failed. what() says what happened, what is known and what to do. It holds no secret. */
class Error : public std::runtime_error {
public:
    explicit Error(const m26pay_error &error) : std::runtime_error(error.message), error_(error) {}

    m26pay_status status() const noexcept { return error_.status; }
    /* What is known of the command: M26PAY_CERTAINTY_... */
    m26pay_certainty certainty() const noexcept { return error_.certainty; }
    /* What kind of failure it is, for programs. */
    const char *identifier() const noexcept { return error_.identifier; }
    std::optional<std::int32_t> code() const noexcept {
        return error_.has_code ? std::optional<std::int32_t>(error_.code) : std::nullopt;
    }

private:
    m26pay_error error_;
};

/* Whether there was something to give; throws if the call failed. */
inline bool check(m26pay_status status) {
    if (status >= 0)
        return status == M26PAY_OK;
    m26pay_error error{};
    m26pay_last_error(&error);
    throw Error(error);
}

/* A text for an argument, which lives as long as what it is made of. */
inline m26pay_str str(std::string_view text) noexcept { return {text.data(), text.size()}; }

inline std::string_view view(m26pay_str text) noexcept { return {text.data, text.length}; }

/* Options with their defaults: auto options = m26pay::defaults(m26pay_session_options_init); */
template <class Options> Options defaults(m26pay_status (*init)(Options *)) {
    Options options;
    check(init(&options));
    return options;
}

/* A handle that is freed by itself. It can be moved, and not copied. */
template <class Handle, m26pay_status (*Free)(Handle)> class Owned {
public:
    Owned() noexcept = default;
    explicit Owned(Handle handle) noexcept : handle_(handle) {}
    Owned(Owned &&other) noexcept : handle_(other.release()) {}
    Owned &operator=(Owned &&other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Owned() { Free(handle_); }

    Handle get() const noexcept { return handle_; }
    /* Gives it away, to be freed by somebody else. */
    Handle release() noexcept { return std::exchange(handle_, Handle{0}); }

private:
    Handle handle_{0};
};

using Memory = Owned<m26pay_memory, m26pay_memory_free>;

/* An answer with texts in it, which live as long as it does. */
template <class Answer> class Kept {
public:
    explicit Kept(const Answer &answer) noexcept : answer_(answer), memory_(answer.memory) {}
    const Answer *operator->() const noexcept { return &answer_; }
    const Answer &operator*() const noexcept { return answer_; }

private:
    Answer answer_;
    Memory memory_;
};

/* A text that the library gave. */
class String : public Kept<m26pay_string> {
public:
    using Kept::Kept;
    std::string_view view() const noexcept { return m26pay::view((**this).text); }
};

/* What to do about the last failure of this thread; empty if the program is at fault. */
inline std::string advice(m26pay_reader reader, m26pay_language language) {
    m26pay_string advice;
    return check(m26pay_last_advice(reader, language, &advice)) ? std::string(String(advice).view())
                                                                : std::string();
}

/* A module, as a client or a session reaches it. */
class Module {
public:
    m26pay_module get() const noexcept { return module_.get(); }

    /* How long a command may take, in milliseconds. */
    void set_timeout(std::uint64_t milliseconds) { check(m26pay_module_set_timeout(get(), milliseconds)); }

    m26pay_signal signal() { return answer(m26pay_signal_quality); }
    m26pay_clock clock() { return answer(m26pay_read_clock); }
    Kept<m26pay_identity> identity() { return Kept(answer(m26pay_read_identity)); }
    m26pay_network_status network_status() { return answer(m26pay_read_network_status); }
    Kept<m26pay_stored_config> config() { return Kept(answer(m26pay_read_config)); }

    /* The bizTid, once Alipay has given one. */
    std::optional<String> device_id() {
        m26pay_string biz_tid;
        if (!check(m26pay_device_id(get(), &biz_tid)))
            return std::nullopt;
        return std::optional<String>(std::in_place, biz_tid);
    }

    /* Has a payment signed: what Alipay's payment call takes. */
    String sign(const m26pay_sign_request &request) {
        m26pay_string signed_data;
        check(m26pay_sign(get(), &request, &signed_data));
        return String(signed_data);
    }

    m26pay_held report(const m26pay_report &report) {
        m26pay_held held;
        check(m26pay_send_report(get(), &report, &held));
        return held;
    }

    /* The next event, waiting at most so many milliseconds, or M26PAY_FOREVER. */
    std::optional<Kept<m26pay_event>> next_event(std::uint64_t milliseconds) {
        m26pay_event event;
        if (!check(m26pay_next_event(get(), milliseconds, &event)))
            return std::nullopt;
        return std::optional<Kept<m26pay_event>>(std::in_place, event);
    }

protected:
    explicit Module(m26pay_module module) noexcept : module_(module) {}

    template <class Answer> Answer answer(m26pay_status (*ask)(m26pay_module, Answer *)) {
        Answer answer;
        check(ask(get(), &answer));
        return answer;
    }

private:
    Owned<m26pay_module, m26pay_module_free> module_;
};

/* Commands, one after the other. */
class Client : public Module {
public:
    explicit Client(const m26pay_client_options &options) : Module(open(options)) {}

    Kept<m26pay_brought_up> bring_up(const m26pay_bring_up_options &options) {
        m26pay_brought_up found;
        check(m26pay_bring_up(get(), &options, &found));
        return Kept(found);
    }

    m26pay_configured configure(const m26pay_config &config) {
        m26pay_configured configured;
        check(m26pay_configure(get(), &config, &configured));
        return configured;
    }

    /* Opens the SDK. Whether it was open already. */
    bool open_sdk() { return answer(m26pay_open); }
    void shut() { check(m26pay_shut(get())); }
    void power_off() { check(m26pay_power_off(get(), 0)); }

private:
    static m26pay_module open(const m26pay_client_options &options) {
        m26pay_module module;
        check(m26pay_client_open(&options, &module));
        return module;
    }
};

/* A module that is brought up, kept up and brought up again. */
class Session : public Module {
public:
    explicit Session(const m26pay_session_options &options) : Module(make(options)) {}

    /* Gives it a thread of its own. */
    void start() { check(m26pay_session_start(get())); }
    void wait_ready(std::uint64_t milliseconds) { check(m26pay_session_wait_ready(get(), milliseconds)); }
    m26pay_session_state state() { return answer(m26pay_session_get_state); }
    Kept<m26pay_health> health() { return Kept(answer(m26pay_session_health)); }
    void shut_down(m26pay_shut_down how) { check(m26pay_session_shut_down(get(), how)); }
    void resume() { check(m26pay_session_resume(get())); }
    /* A descriptor that is readable while there are events. */
    int event_fd() { return answer(m26pay_session_event_fd); }

private:
    static m26pay_module make(const m26pay_session_options &options) {
        m26pay_module module;
        check(m26pay_session_new(&options, &module));
        return module;
    }
};

/* Reports and payments, on disk until they are delivered. */
class Outbox {
public:
    explicit Outbox(const m26pay_outbox_options &options) : outbox_(open(options)) {}

    m26pay_outbox get() const noexcept { return outbox_.get(); }

    /* The report is on disk when this returns. Its number. */
    std::int64_t append(const m26pay_report &report) {
        std::int64_t number;
        check(m26pay_outbox_append(get(), &report, &number));
        return number;
    }

    std::int64_t announce(const m26pay_report &report) {
        std::int64_t number;
        check(m26pay_outbox_announce(get(), &report, &number));
        return number;
    }

    void complete(std::int64_t number, const m26pay_report &report) {
        check(m26pay_outbox_complete(get(), number, &report));
    }

    void withdraw(std::int64_t number) { check(m26pay_outbox_withdraw(get(), number)); }

    m26pay_summary summary() const {
        m26pay_summary summary;
        check(m26pay_outbox_summary(get(), &summary));
        return summary;
    }

    /* Has a session send what is in it. */
    void attach(Session &session) { check(m26pay_outbox_attach(get(), session.get())); }

private:
    static m26pay_outbox open(const m26pay_outbox_options &options) {
        m26pay_outbox outbox;
        check(m26pay_outbox_open(&options, &outbox));
        return outbox;
    }

    Owned<m26pay_outbox, m26pay_outbox_free> outbox_;
};

}  // namespace m26pay
