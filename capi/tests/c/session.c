/* A session: alone, in a thread of its own, with a callback, and with a descriptor to poll. */
#include "test.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>

static void pay(m26pay_module module) {
    m26pay_sign_request request;
    m26pay_string signed_data;
    EXPECT(M26PAY_OK, m26pay_sign_request_init(&request));
    request.mode = M26PAY_SIGN_WITHHOLDING;
    request.data = m26pay_text("1234567890");
    request.amount = 1025;
    EXPECT(M26PAY_OK, m26pay_sign(module, &request, &signed_data));
    CHECK(signed_data.text.length == 369);
    EXPECT(M26PAY_OK, m26pay_memory_free(signed_data.memory));
}

/* The session works while a call waits. */
static void alone(const char *port) {
    m26pay_module module = new_session(port);
    m26pay_session_state state;
    EXPECT(M26PAY_OK, m26pay_session_get_state(module, &state));
    CHECK(state == M26PAY_STATE_DISCONNECTED);
    m26pay_signal signal;
    EXPECT(M26PAY_BUSY, m26pay_signal_quality(module, &signal));
    EXPECT(M26PAY_OK, m26pay_session_wait_ready(module, 60000));
    EXPECT(M26PAY_OK, m26pay_session_get_state(module, &state));
    CHECK(state == M26PAY_STATE_READY);
    EXPECT(M26PAY_OK, m26pay_signal_quality(module, &signal));
    EXPECT(M26PAY_OK, m26pay_module_set_timeout(module, 20000));
    pay(module);
    m26pay_event event;
    int transitions = 0, ready = 0;
    while (m26pay_next_event(module, 0, &event) == M26PAY_OK) {
        CHECK(event.text.length > 0 && event.text.data[event.text.length] == '\0');
        if (event.kind == M26PAY_EVENT_TRANSITION) {
            transitions++;
            ready += event.to == M26PAY_STATE_READY;
        }
        EXPECT(M26PAY_OK, m26pay_memory_free(event.memory));
    }
    CHECK(transitions >= 6 && ready == 1);
    /* What needs a thread of its own says so. */
    int fd;
    EXPECT(M26PAY_WRONG_KIND, m26pay_session_event_fd(module, &fd));
    m26pay_config config = product();
    EXPECT(M26PAY_OK, m26pay_session_reconfigure(module, &config, M26PAY_HELD_REPORTS_DISCARD));
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_session_reconfigure(module, &config, 5));
    EXPECT(M26PAY_OK, m26pay_session_wait_ready(module, 60000));
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_session_shut_down(module, 9));
    EXPECT(M26PAY_OK, m26pay_session_shut_down(module, M26PAY_SHUT_DOWN_SDK));
    EXPECT(M26PAY_BUSY, m26pay_device_id(module, &(m26pay_string){0}));
    EXPECT(M26PAY_OK, m26pay_session_resume(module));
    EXPECT(M26PAY_OK, m26pay_session_wait_ready(module, 60000));
    m26pay_health health;
    EXPECT(M26PAY_OK, m26pay_session_health(module, &health));
    CHECK(health.state == M26PAY_STATE_READY && health.identified && health.counters.ready >= 2);
    CHECK(strstr(health.module.data, "M26"));
    EXPECT(M26PAY_OK, m26pay_memory_free(health.memory));
    EXPECT(M26PAY_OK, m26pay_module_free(module));
}

static void *sign_five_times(void *module) {
    for (int i = 0; i < 5; i++)
        pay(*(m26pay_module *)module);
    return NULL;
}

/* Two threads pay, and a third one polls for events. */
static void polled(const char *port) {
    m26pay_module module = new_session(port);
    EXPECT(M26PAY_OK, m26pay_session_start(module));
    EXPECT(M26PAY_WRONG_KIND, m26pay_session_start(module));
    int fd = -1, second;
    EXPECT(M26PAY_OK, m26pay_session_event_fd(module, &fd));
    EXPECT(M26PAY_WRONG_KIND, m26pay_session_event_fd(module, &second));
    m26pay_event event;
    int ready = 0;
    while (!ready) {
        struct pollfd waiting = {fd, POLLIN, 0};
        CHECK(poll(&waiting, 1, 60000) == 1);
        m26pay_status status;
        while ((status = m26pay_next_event(module, 0, &event)) == M26PAY_OK) {
            ready |= event.kind == M26PAY_EVENT_TRANSITION && event.to == M26PAY_STATE_READY;
            EXPECT(M26PAY_OK, m26pay_memory_free(event.memory));
        }
        CHECK(status == M26PAY_NOTHING);
    }
    struct pollfd quiet = {fd, POLLIN, 0};
    CHECK(poll(&quiet, 1, 0) == 0);
    EXPECT(M26PAY_OK, m26pay_module_set_timeout(module, 60000));
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, sign_five_times, &module) == 0);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    EXPECT(M26PAY_OK, m26pay_session_nudge(module));
    EXPECT(M26PAY_OK, m26pay_module_free(module));
    EXPECT(M26PAY_STALE_HANDLE, m26pay_next_event(module, 0, &event));
}

struct seen {
    pthread_mutex_t lock;
    m26pay_module module;
    int ready;
    int refused;
};

static void note(const m26pay_event *event, void *user) {
    struct seen *seen = user;
    pthread_mutex_lock(&seen->lock);
    seen->refused += m26pay_module_free(seen->module) == M26PAY_WRONG_THREAD;
    seen->refused += m26pay_session_on_event(seen->module, note, user) == M26PAY_WRONG_THREAD;
    m26pay_session_state state;
    EXPECT(M26PAY_OK, m26pay_session_get_state(seen->module, &state));
    CHECK(event->text.length > 0 && event->memory.id == 0);
    seen->ready += event->kind == M26PAY_EVENT_TRANSITION && event->to == M26PAY_STATE_READY;
    pthread_mutex_unlock(&seen->lock);
}

static void called(const char *port) {
    m26pay_module module = new_session(port);
    struct seen seen = {PTHREAD_MUTEX_INITIALIZER, module, 0, 0};
    EXPECT(M26PAY_WRONG_KIND, m26pay_session_on_event(module, note, &seen));
    EXPECT(M26PAY_OK, m26pay_session_start(module));
    EXPECT(M26PAY_NULL_POINTER, m26pay_session_on_event(module, NULL, &seen));
    EXPECT(M26PAY_OK, m26pay_session_on_event(module, note, &seen));
    EXPECT(M26PAY_OK, m26pay_session_wait_ready(module, 60000));
    EXPECT(M26PAY_OK, m26pay_session_shut_down(module, M26PAY_SHUT_DOWN_POWER_OFF));
    EXPECT(M26PAY_OK, m26pay_module_free(module));
    CHECK(seen.ready == 1 && seen.refused >= 2);
}

struct stubborn {
    m26pay_module module;
    sem_t tries;
};

/* Tries to free the module until another thread does. */
static void free_it(const m26pay_event *event, void *user) {
    (void)event;
    struct stubborn *stubborn = user;
    sem_post(&stubborn->tries);
    m26pay_status status;
    do {
        status = m26pay_module_free(stubborn->module);
    } while (status == M26PAY_WRONG_THREAD);
    CHECK(status == M26PAY_STALE_HANDLE);
}

static void freed_beside_a_callback_that_tries(const char *port) {
    struct stubborn stubborn = {.module = new_session(port)};
    CHECK(sem_init(&stubborn.tries, 0, 0) == 0);
    EXPECT(M26PAY_OK, m26pay_session_start(stubborn.module));
    EXPECT(M26PAY_OK, m26pay_session_on_event(stubborn.module, free_it, &stubborn));
    CHECK(sem_wait(&stubborn.tries) == 0);
    EXPECT(M26PAY_OK, m26pay_module_free(stubborn.module));
}

int main(int argc, char **argv) {
    CHECK(argc >= 2);
    alone(argv[1]);
    polled(argv[1]);
    freed_beside_a_callback_that_tries(argv[1]);
    called(argv[1]);
    return 0;
}
