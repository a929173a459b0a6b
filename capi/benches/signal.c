/* What benches/footprint/src/blocking_client.rs does, in C: asks for the signal so many times. */
#include <m26pay.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    m26pay_client_options options;
    m26pay_module module;
    m26pay_signal signal = {0};
    char line[256];
    if (argc < 3)
        return 2;
    m26pay_client_options_init(&options);
    options.port = m26pay_text(argv[1]);
    if (m26pay_client_open(&options, &module) < 0)
        return 1;
    for (int i = atoi(argv[2]); i > 0; i--)
        if (m26pay_signal_quality(module, &signal) < 0)
            return 1;
    FILE *status = fopen("/proc/self/status", "r");
    unsigned long peak = 0;
    while (status && fgets(line, sizeof line, status))
        sscanf(line, "VmHWM: %lu kB", &peak);
    printf("rssi %d peak %lu\n", signal.rssi, peak);
    return 0;
}
