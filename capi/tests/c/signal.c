/* The shortest program: open, ask for the signal, free. */
#include "test.h"

int main(int argc, char **argv) {
    CHECK(argc >= 2);
    printf("libm26pay %s\n", m26pay_version());
    m26pay_module module = open_client(argv[1]);
    EXPECT(M26PAY_OK, m26pay_at(module));
    m26pay_signal signal;
    EXPECT(M26PAY_OK, m26pay_signal_quality(module, &signal));
    CHECK(signal.known && signal.rssi == 11 && signal.dbm == -91);

    /* The port is this program's alone. */
    m26pay_client_options options;
    EXPECT(M26PAY_OK, m26pay_client_options_init(&options));
    options.port = m26pay_text(argv[1]);
    m26pay_module second;
    EXPECT(M26PAY_IO, m26pay_client_open(&options, &second));
    m26pay_error error;
    EXPECT(M26PAY_OK, m26pay_last_error(&error));
    CHECK(error.status == M26PAY_IO && error.certainty == M26PAY_CERTAINTY_NOT_SENT);
    CHECK(strstr(error.message, "is in use") && error.message_length == strlen(error.message));

    CHECK(strcmp(error.identifier, "port-busy") == 0);
    m26pay_string advice;
    EXPECT(M26PAY_OK, m26pay_last_advice(M26PAY_FOR_CASHIER, M26PAY_CHINESE, &advice));
    CHECK(advice.text.length > 0);
    EXPECT(M26PAY_OK, m26pay_memory_free(advice.memory));
    EXPECT(M26PAY_UNKNOWN_VALUE, m26pay_last_advice(7, M26PAY_ENGLISH, &advice));
    /* What the program did wrong is for its author. */
    EXPECT(M26PAY_NOTHING, m26pay_last_advice(M26PAY_FOR_CASHIER, M26PAY_ENGLISH, &advice));

    EXPECT(M26PAY_OK, m26pay_module_free(module));
    EXPECT(M26PAY_STALE_HANDLE, m26pay_module_free(module));
    EXPECT(M26PAY_STALE_HANDLE, m26pay_signal_quality(module, &signal));
    return 0;
}
