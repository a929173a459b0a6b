/* Everything that a caller can do wrong and the library can check: every function with NULL, with handles
 * that were freed, that were never given and of another kind, from two threads, and after the port went.
 * tests/header.rs looks that no function is missing here. */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* What the functions are called with. */
struct wrong {
    m26pay_module module;
    m26pay_outbox outbox;
    m26pay_checkout checkout;
    m26pay_memory memory;
    int null;
};

/* What came of the last round of calls. */
static struct {
    const char *call;
    m26pay_status status;
} results[128];
static int count;

#define CALL(called) (results[count].call = #called, results[count].status = (called), count++)
#define P(thing) (wrong->null ? NULL : &(thing))

static void tell(const m26pay_event *event, void *user) {
    (void)event;
    (void)user;
}

/* Calls every function but those that free. */
static void call_all(const struct wrong *wrong) {
    m26pay_module m = wrong->module;
    m26pay_outbox o = wrong->outbox;
    m26pay_str none = {NULL, 0}, text = wrong->null ? none : m26pay_text("text");
    m26pay_client_options client;
    m26pay_session_options session;
    m26pay_bring_up_options bring_up;
    m26pay_outbox_options outbox;
    m26pay_checkout_options checkout;
    m26pay_config config = product();
    m26pay_sign_request request;
    m26pay_report report = cash();
    m26pay_module module;
    m26pay_outbox opened;
    m26pay_checkout made;
    m26pay_string string;
    m26pay_signal signal;
    m26pay_identity identity;
    m26pay_sim sim;
    m26pay_registration registration;
    m26pay_network_status network;
    m26pay_clock clock;
    m26pay_raw_answer raw;
    m26pay_stored_config stored;
    m26pay_event event;
    m26pay_health health;
    m26pay_summary summary;
    m26pay_stored_report item;
    m26pay_drained drained;
    m26pay_campus_payment payment;
    m26pay_paid paid;
    m26pay_error error;
    m26pay_brought_up found;
    int32_t number;
    int64_t long_number;
    uint32_t unsigned_number;
    bool flag;
    const uint8_t code[] = {1, 2, 3};
    count = 0;
    CHECK(m26pay_version() != NULL);

    /* These need no handle. */
    CALL(m26pay_last_error(P(error)));
    CALL(m26pay_last_advice(M26PAY_FOR_CASHIER, M26PAY_ENGLISH, P(string)));
    CALL(m26pay_client_options_init(P(client)));
    CALL(m26pay_session_options_init(P(session)));
    CALL(m26pay_bring_up_options_init(P(bring_up)));
    CALL(m26pay_outbox_options_init(P(outbox)));
    CALL(m26pay_checkout_options_init(P(checkout)));
    CALL(m26pay_config_init(P(config)));
    CALL(m26pay_sign_request_init(P(request)));
    CALL(m26pay_report_init(P(report)));
    m26pay_bring_up_options_init(&bring_up);
    m26pay_sign_request_init(&request);
    request.mode = M26PAY_SIGN_FACE;
    request.data = m26pay_text("1");
    config = product();
    report = cash();
    /* No port, no path. */
    CALL(m26pay_client_open(P(client), P(module)));
    CALL(m26pay_session_new(P(session), wrong->null ? NULL : &module));
    if (results[count - 1].status == M26PAY_OK)
        m26pay_module_free(module);
    CALL(m26pay_outbox_open(P(outbox), P(opened)));
    CALL(m26pay_checkout_new(P(checkout), P(made)));

    CALL(m26pay_module_set_timeout(m, 50));
    CALL(m26pay_at(m));
    CALL(m26pay_set_echo(m, 0));
    CALL(m26pay_reset_result_format(m));
    CALL(m26pay_set_error_format(m, 1));
    CALL(m26pay_get_error_format(m, P(number)));
    CALL(m26pay_set_baud(m, 115200));
    CALL(m26pay_get_baud(m, P(unsigned_number)));
    CALL(m26pay_save_profile(m));
    CALL(m26pay_signal_quality(m, P(signal)));
    CALL(m26pay_read_identity(m, P(identity)));
    CALL(m26pay_read_imei(m, P(string)));
    CALL(m26pay_read_imsi(m, P(string)));
    CALL(m26pay_read_iccid(m, P(string)));
    CALL(m26pay_read_sim(m, P(sim)));
    CALL(m26pay_read_registration(m, M26PAY_NETWORK_GSM, P(registration)));
    CALL(m26pay_read_network_status(m, P(network)));
    CALL(m26pay_read_clock(m, P(clock)));
    CALL(m26pay_sync_clock(m, text));
    CALL(m26pay_select_context(m, 0));
    CALL(m26pay_set_access_point(m, text, none, none));
    CALL(m26pay_power_off(m, 1));
    CALL(m26pay_reset(m));
    CALL(m26pay_send_raw(m, m26pay_text("AT"), P(raw)));
    CALL(m26pay_set_config(m, P(config)));
    CALL(m26pay_read_config(m, P(stored)));
    CALL(m26pay_config_differs(m, P(config), P(flag)));
    CALL(m26pay_open(m, P(flag)));
    CALL(m26pay_shut(m));
    CALL(m26pay_product_info(m, 1, P(number)));
    CALL(m26pay_device_id(m, P(string)));
    CALL(m26pay_sign(m, P(request), P(string)));
    CALL(m26pay_send_report(m, P(report), P(number)));
    CALL(m26pay_report_queue(m, P(unsigned_number)));
    CALL(m26pay_report_usage(m, 1, 1, P(number)));
    CALL(m26pay_test(m, M26PAY_VERB_OPEN));
    CALL(m26pay_bring_up(m, P(bring_up), P(found)));
    CALL(m26pay_configure(m, P(config), P(number)));
    CALL(m26pay_next_event(m, 0, P(event)));
    CALL(m26pay_session_start(m));
    CALL(m26pay_session_get_state(m, P(number)));
    CALL(m26pay_session_health(m, P(health)));
    CALL(m26pay_session_wait_ready(m, 1));
    CALL(m26pay_session_shut_down(m, M26PAY_SHUT_DOWN_SDK));
    CALL(m26pay_session_reconfigure(m, P(config), M26PAY_HELD_REPORTS_KEEP));
    CALL(m26pay_session_resume(m));
    CALL(m26pay_session_nudge(m));
    CALL(m26pay_session_on_event(m, wrong->null ? NULL : tell, NULL));
    CALL(m26pay_session_event_fd(m, P(number)));

    CALL(m26pay_outbox_append(o, P(report), P(long_number)));
    CALL(m26pay_outbox_announce(o, P(report), P(long_number)));
    CALL(m26pay_outbox_complete(o, -1, P(report)));
    CALL(m26pay_outbox_withdraw(o, -1));
    CALL(m26pay_outbox_count_usage(o, 1, 1));
    CALL(m26pay_outbox_summary(o, P(summary)));
    CALL(m26pay_outbox_next_report(o, M26PAY_ITEM_PARKED, 0, P(item)));
    CALL(m26pay_outbox_retry_report(o, -1));
    CALL(m26pay_outbox_remove_report(o, -1));
    CALL(m26pay_outbox_retry_payment(o, -1));
    CALL(m26pay_outbox_remove_payment(o, -1));
    CALL(m26pay_outbox_attach(o, m));
    CALL(m26pay_outbox_drain(o, m, 50, NULL, NULL, P(drained)));
    CALL(m26pay_outbox_notice(o, M26PAY_MODULE_CLOSED, NULL));
    CALL(m26pay_outbox_next_payment(o, P(payment), NULL));
    CALL(m26pay_outbox_settle_payment(o, 1, M26PAY_UPLOAD_DONE));
    CALL(m26pay_checkout_accept(wrong->checkout, wrong->null ? NULL : code, 3, 1, none, P(paid),
                                M26PAY_ENGLISH, NULL));
}

/* Frees every handle. */
static void free_all(const struct wrong *wrong) {
    count = 0;
    CALL(m26pay_module_free(wrong->module));
    CALL(m26pay_outbox_free(wrong->outbox));
    CALL(m26pay_checkout_free(wrong->checkout));
    CALL(m26pay_memory_free(wrong->memory));
}

/* How many calls need no handle. */
#define WITHOUT_HANDLE 14

static void all_are(const char *what, int from, m26pay_status status) {
    for (int i = from; i < count; i++) {
        if (results[i].status == status)
            continue;
        fprintf(stderr, "%s: %s is %d, and not %d\n", what, results[i].call, (int)results[i].status,
                (int)status);
        exit(1);
    }
}

static void all_fail(const char *what, int from) {
    for (int i = from; i < count; i++) {
        if (results[i].status < 0)
            continue;
        fprintf(stderr, "%s: %s is %d, and not a failure\n", what, results[i].call,
                (int)results[i].status);
        exit(1);
    }
}

/* A serial port whose module this program is: its other end, and its path. */
static int new_port(char *path, size_t size) {
    int other = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(other >= 0 && grantpt(other) == 0 && unlockpt(other) == 0);
    snprintf(path, size, "%s", ptsname(other));
    return other;
}

static m26pay_module open_deaf(const char *path) {
    m26pay_client_options options;
    m26pay_module module;
    EXPECT(M26PAY_OK, m26pay_client_options_init(&options));
    options.port = m26pay_text(path);
    options.synchronise = 0;
    options.earlier = M26PAY_EARLIER_ENDED;
    EXPECT(M26PAY_OK, m26pay_client_open(&options, &module));
    return module;
}

static void *listen(void *module) {
    m26pay_event event;
    EXPECT(M26PAY_NOTHING, m26pay_next_event(*(m26pay_module *)module, 3000, &event));
    return NULL;
}

static void from_two_threads(void) {
    char path[128];
    int other = new_port(path, sizeof path);
    m26pay_module module = open_deaf(path);
    pthread_t listener;
    CHECK(pthread_create(&listener, NULL, listen, &module) == 0);
    rest(1000);
    m26pay_signal signal;
    EXPECT(M26PAY_IN_USE, m26pay_at(module));
    EXPECT(M26PAY_IN_USE, m26pay_signal_quality(module, &signal));
    EXPECT(M26PAY_IN_USE, m26pay_module_set_timeout(module, 1));
    EXPECT(M26PAY_IN_USE, m26pay_module_free(module));
    CHECK(pthread_join(listener, NULL) == 0);
    EXPECT(M26PAY_OK, m26pay_module_free(module));
    close(other);
}

/* What a thread has may be freed when it ends, by a destructor of the thread: the library has then forgotten what it
 * kept for the thread. */
struct leaving {
    m26pay_module session;
    int freed;
};

static void leave(void *user) {
    struct leaving *leaving = user;
    m26pay_module never = {42};
    m26pay_signal signal;
    m26pay_error error;
    EXPECT(M26PAY_STALE_HANDLE, m26pay_signal_quality(never, &signal));
    EXPECT(M26PAY_NOTHING, m26pay_last_error(&error));
    EXPECT(M26PAY_OK, m26pay_module_free(leaving->session));
    leaving->freed = 1;
}

static pthread_key_t leaver;

static void *fail_and_leave(void *user) {
    m26pay_module never = {42};
    CHECK(pthread_setspecific(leaver, user) == 0);
    EXPECT(M26PAY_STALE_HANDLE, m26pay_at(never));
    return NULL;
}

static void from_a_thread_that_ends(void) {
    struct leaving leaving = {new_session("/dev/there-is-no-such-port"), 0};
    pthread_t thread;
    EXPECT(M26PAY_OK, m26pay_session_start(leaving.session));
    EXPECT(M26PAY_OK, m26pay_session_on_event(leaving.session, tell, NULL));
    CHECK(pthread_key_create(&leaver, leave) == 0);
    CHECK(pthread_create(&thread, NULL, fail_and_leave, &leaving) == 0);
    CHECK(pthread_join(thread, NULL) == 0 && leaving.freed);
    CHECK(pthread_key_delete(leaver) == 0);
}

/* Several threads start, use and free one session: it is started once, and freed once. */
struct crowd {
    m26pay_module module;
    pthread_barrier_t begin;
    atomic_int started, freed;
};

static void *start_use_and_free(void *user) {
    struct crowd *crowd = user;
    m26pay_session_state state;
    pthread_barrier_wait(&crowd->begin);
    m26pay_status status = m26pay_session_start(crowd->module);
    CHECK(status == M26PAY_OK || status == M26PAY_IN_USE || status == M26PAY_WRONG_KIND ||
          status == M26PAY_STALE_HANDLE);
    if (status == M26PAY_OK)
        atomic_fetch_add(&crowd->started, 1);
    status = m26pay_session_get_state(crowd->module, &state);
    CHECK(status == M26PAY_OK || status == M26PAY_IN_USE || status == M26PAY_STALE_HANDLE);
    m26pay_session_nudge(crowd->module);
    while ((status = m26pay_module_free(crowd->module)) == M26PAY_IN_USE)
        rest(1);
    CHECK(status == M26PAY_OK || status == M26PAY_STALE_HANDLE);
    if (status == M26PAY_OK)
        atomic_fetch_add(&crowd->freed, 1);
    return NULL;
}

static void in_a_crowd(void) {
    for (int round = 0; round < 50; round++) {
        pthread_t threads[4];
        struct crowd crowd = {.module = new_session("/dev/there-is-no-such-port")};
        CHECK(pthread_barrier_init(&crowd.begin, NULL, 4) == 0);
        for (int i = 0; i < 4; i++)
            CHECK(pthread_create(&threads[i], NULL, start_use_and_free, &crowd) == 0);
        for (int i = 0; i < 4; i++)
            CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(atomic_load(&crowd.started) <= 1 && atomic_load(&crowd.freed) == 1);
        CHECK(pthread_barrier_destroy(&crowd.begin) == 0);
    }
}

/* While a step of a flow is told, its module is in use, and stays valid. */
static void try_all(const m26pay_str *text, void *user) {
    m26pay_module module = *(m26pay_module *)user;
    m26pay_event event;
    CHECK(text->length > 0 && text->data[text->length] == '\0');
    EXPECT(M26PAY_IN_USE, m26pay_at(module));
    EXPECT(M26PAY_IN_USE, m26pay_next_event(module, 0, &event));
    EXPECT(M26PAY_IN_USE, m26pay_module_set_timeout(module, 1));
    EXPECT(M26PAY_IN_USE, m26pay_bring_up(module, &(m26pay_bring_up_options){sizeof(m26pay_bring_up_options),
                                          {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, NULL, NULL}, NULL));
    EXPECT(M26PAY_IN_USE, m26pay_module_free(module));
}

static void from_a_callback(const char *port) {
    m26pay_module module = open_client(port);
    m26pay_bring_up_options options;
    EXPECT(M26PAY_OK, m26pay_bring_up_options_init(&options));
    options.progress = try_all;
    options.progress_user = &module;
    EXPECT(M26PAY_OK, m26pay_bring_up(module, &options, NULL));
    EXPECT(M26PAY_OK, m26pay_module_free(module));
}

static void *wait_long(void *module) {
    return (void *)(intptr_t)m26pay_session_wait_ready(*(m26pay_module *)module, UINT64_MAX - 1);
}

/* Times that no clock holds, and texts with a NUL in them. */
static void odd_arguments(const char *folder) {
    char path[128];
    int other = new_port(path, sizeof path);
    m26pay_module module = open_deaf(path);
    m26pay_event event;
    EXPECT(M26PAY_OK, m26pay_module_set_timeout(module, UINT64_MAX));
    EXPECT(M26PAY_OK, m26pay_module_set_timeout(module, UINT64_MAX - 1));
    EXPECT(M26PAY_NOTHING, m26pay_next_event(module, 0, &event));
    close(other);
    EXPECT(M26PAY_DISCONNECTED, m26pay_next_event(module, UINT64_MAX - 1, &event));
    EXPECT(M26PAY_OK, m26pay_module_free(module));

    m26pay_session_options options;
    EXPECT(M26PAY_OK, m26pay_session_options_init(&options));
    options.port = m26pay_text("/dev/there-is-no-such-port");
    options.keep_alive = UINT64_MAX;
    options.restart_limit = UINT32_MAX;
    EXPECT(M26PAY_OK, m26pay_session_new(&options, &module));
    EXPECT(M26PAY_OK, m26pay_module_set_timeout(module, UINT64_MAX));
    EXPECT(M26PAY_OK, m26pay_session_start(module));
    pthread_t waiter;
    void *waited;
    CHECK(pthread_create(&waiter, NULL, wait_long, &module) == 0);
    rest(200);
    EXPECT(M26PAY_OK, m26pay_module_free(module));
    CHECK(pthread_join(waiter, &waited) == 0);
    CHECK((intptr_t)waited < 0 && (intptr_t)waited != M26PAY_PANIC);

    m26pay_str nul = {"a\0b", 3};
    options.port = nul;
    m26pay_status status = m26pay_session_new(&options, &module);
    if (status == M26PAY_OK)
        EXPECT(M26PAY_OK, m26pay_module_free(module));
    CHECK(status != M26PAY_PANIC);
    m26pay_client_options client;
    EXPECT(M26PAY_OK, m26pay_client_options_init(&client));
    client.port = nul;
    status = m26pay_client_open(&client, &module);
    CHECK(status < 0 && status != M26PAY_PANIC);
    m26pay_outbox_options books;
    m26pay_outbox outbox;
    EXPECT(M26PAY_OK, m26pay_outbox_options_init(&books));
    books.path = nul;
    status = m26pay_outbox_open(&books, &outbox);
    CHECK(status < 0 && status != M26PAY_PANIC);
    m26pay_checkout_options checkout;
    m26pay_checkout made;
    outbox = open_outbox(folder);
    EXPECT(M26PAY_OK, m26pay_checkout_options_init(&checkout));
    checkout.outbox = outbox;
    checkout.guard = m26pay_text("/dev/null/guard.db");
    checkout.decoder_library = nul;
    status = m26pay_checkout_new(&checkout, &made);
    CHECK(status < 0 && status != M26PAY_PANIC);
    uint64_t milliseconds;
    m26pay_campus_payment payment;
    EXPECT(M26PAY_NOTHING, m26pay_outbox_next_payment(outbox, &payment, &milliseconds));
    CHECK(milliseconds == M26PAY_FOREVER);
    m26pay_stored_report report;
    EXPECT(M26PAY_NOTHING, m26pay_outbox_next_report(outbox, ~0u, INT64_MAX, &report));
    EXPECT(M26PAY_NOTHING, m26pay_outbox_next_report(outbox, 0, INT64_MIN, &report));
    EXPECT(M26PAY_OK, m26pay_outbox_free(outbox));
}

static void after_the_port_went(m26pay_outbox outbox) {
    char path[128];
    int other = new_port(path, sizeof path);
    struct wrong gone = {open_deaf(path), outbox, {0}, {0}, 0};
    close(other);
    m26pay_signal signal;
    EXPECT(M26PAY_DISCONNECTED, m26pay_signal_quality(gone.module, &signal));
    m26pay_error error;
    EXPECT(M26PAY_OK, m26pay_last_error(&error));
    CHECK(error.certainty == M26PAY_CERTAINTY_NOT_SENT);
    call_all(&gone);
    gone.null = 1;
    call_all(&gone);
    EXPECT(M26PAY_OK, m26pay_module_free(gone.module));

    /* A session whose port is not there tries again and again. */
    struct wrong never = {new_session("/dev/there-is-no-such-port"), outbox, {0}, {0}, 0};
    EXPECT(M26PAY_OK, m26pay_module_set_timeout(never.module, 50));
    call_all(&never);
    never.null = 1;
    call_all(&never);
    EXPECT(M26PAY_OK, m26pay_module_free(never.module));
}

int main(int argc, char **argv) {
    CHECK(argc >= 3);
    /* No handles. */
    struct wrong wrong = {{0}, {0}, {0}, {0}, 1};
    call_all(&wrong);
    all_fail("NULL and no handles", 2);
    free_all(&wrong);
    all_are("no handles", 0, M26PAY_OK);
    wrong.null = 0;
    call_all(&wrong);
    all_are("no handles", WITHOUT_HANDLE, M26PAY_STALE_HANDLE);

    /* Handles that nobody was given. */
    struct wrong made_up = {{~0ull}, {0x100000001}, {42}, {1ull << 63}, 0};
    call_all(&made_up);
    all_are("made-up handles", WITHOUT_HANDLE, M26PAY_STALE_HANDLE);
    free_all(&made_up);
    all_are("made-up handles", 0, M26PAY_STALE_HANDLE);

    /* Handles of another kind. */
    m26pay_outbox outbox = open_outbox(argv[2]);
    char path[128];
    int other = new_port(path, sizeof path);
    m26pay_module module = open_deaf(path);
    struct wrong swapped = {{outbox.id}, {module.id}, {module.id}, {outbox.id}, 0};
    call_all(&swapped);
    all_are("handles of another kind", WITHOUT_HANDLE, M26PAY_WRONG_KIND);
    free_all(&swapped);
    all_are("handles of another kind", 0, M26PAY_WRONG_KIND);

    /* Handles that were freed, and whose places others have now. */
    EXPECT(M26PAY_OK, m26pay_module_free(module));
    EXPECT(M26PAY_OK, m26pay_outbox_free(outbox));
    struct wrong freed = {module, outbox, {module.id}, {outbox.id}, 0};
    outbox = open_outbox(argv[2]);
    module = open_deaf(path);
    call_all(&freed);
    all_are("freed handles", WITHOUT_HANDLE, M26PAY_STALE_HANDLE);
    free_all(&freed);
    all_are("freed handles", 0, M26PAY_STALE_HANDLE);
    EXPECT(M26PAY_OK, m26pay_module_free(module));
    close(other);

    /* Structures of another size, texts that are none, addresses that cannot be. */
    m26pay_report report = cash();
    report.size -= 8;
    EXPECT(M26PAY_WRONG_LENGTH, m26pay_outbox_append(outbox, &report, NULL));
    report = cash();
    report.qr_code.data = "\xff\xfe";
    report.qr_code.length = 2;
    EXPECT(M26PAY_NOT_UTF8, m26pay_outbox_append(outbox, &report, NULL));
    report.qr_code.length = SIZE_MAX;
    EXPECT(M26PAY_WRONG_LENGTH, m26pay_outbox_append(outbox, &report, NULL));
    report.qr_code.data = NULL;
    report.qr_code.length = 3;
    EXPECT(M26PAY_NULL_POINTER, m26pay_outbox_append(outbox, &report, NULL));
    report = cash();
    int64_t numbers[2];
    EXPECT(M26PAY_MISALIGNED,
           m26pay_outbox_append(outbox, &report, (int64_t *)(void *)((char *)numbers + 1)));

    from_two_threads();
    from_a_thread_that_ends();
    in_a_crowd();
    from_a_callback(argv[1]);
    after_the_port_went(outbox);
    EXPECT(M26PAY_OK, m26pay_outbox_free(outbox));
    odd_arguments(argv[2]);
    return 0;
}
