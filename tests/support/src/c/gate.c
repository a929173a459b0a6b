/*
 * Plays the vendor's library whose header is public, and misbehaves as the first byte of the code
 * says; what follows it are parameters.
 */
#include <stdint.h>
#include <string.h>
#include <time.h>

typedef struct _os_adapter_layer_handler {
    void (*alipay_get_sys_time)(uint64_t *time_now);
} os_adapter_layer_handler;

typedef enum {
    ALIPAY_CODEVERIFY_OK = 0,
    ALIPAY_CODEVERIFY_FAILED_NORMAL = -1,
    ALIPAY_CODEVERIFY_FAILED_WRONG_PARAMS = -2,
    ALIPAY_CODEVERIFY_FAILED_WRONG_RESULT_PARAMS = -3,
    ALIPAY_CODEVERIFY_FAILED_ILLEGAL_CODE = -4,
    ALIPAY_CODEVERIFY_FAILED_UNREGISTERED = -5
} alipay_codeverify_result_e;

/* The caller's structure, kept. */
static os_adapter_layer_handler *adapter;
static uint32_t registrations;
static int inside;

#ifndef FAKE_MISSING
void alipay_adapter_register(os_adapter_layer_handler *handler)
{
    adapter = handler;
    registrations++;
}
#endif

alipay_codeverify_result_e alipay_verify_code_info(const uint8_t *code, uint32_t code_len,
    uint8_t *result, uint32_t *result_len, uint32_t *data_encode_type,
    uint8_t data_formwork_id[4], uint8_t in_use_time[8], uint8_t *payload, uint32_t *payload_len)
{
    static const struct timespec little = {0, 300000};
    uint32_t capacity = *payload_len;
    uint64_t now = 0;
    int at, others;

    if (adapter == NULL) {
        return ALIPAY_CODEVERIFY_FAILED_UNREGISTERED;
    }
    if (*result_len < 32 || capacity < 512) {
        return ALIPAY_CODEVERIFY_FAILED_WRONG_RESULT_PARAMS;
    }
    memset(result, 0, 32);
    strcpy((char *)result, "SUCCESS");
    *result_len = 7;
    *data_encode_type = 7;
    data_formwork_id[3] = 4;
    memcpy(payload, "who it is", 9);
    *payload_len = 9;
    adapter->alipay_get_sys_time(&now);
    for (at = 0; at < 8; at++) {
        in_use_time[at] = (uint8_t)(now >> (56 - 8 * at));
    }
    switch (code[0]) {
    case 'a': /* accepts */
        break;
    case '3': /* leaves the length of the result, as it pads it */
        *result_len = 32;
        break;
    case 'k': /* tells how often it was registered */
        memcpy(payload, &registrations, 4);
        *payload_len = 4;
        break;
    case 'r': /* says this string; success by the return value if the second byte says so */
        memset(result, 0, 32);
        memcpy(result, code + 2, code_len - 2);
        *result_len = code_len - 2;
        return (alipay_codeverify_result_e)(int8_t)code[1];
    case 'w': /* takes its payload to be a KB */
        memset(payload, 0, 1024);
        break;
    case 'y': /* takes a number to have 8 bytes */
        memset(data_encode_type, 0, 8);
        break;
    case 'o': /* writes one byte behind, or before, the memory with this number */
        {
            uint8_t *const places[] = {(uint8_t *)(uintptr_t)code, result, (uint8_t *)result_len,
                (uint8_t *)data_encode_type, data_formwork_id, in_use_time, payload,
                (uint8_t *)payload_len};
            const uint32_t sizes[] = {code_len, 32, 4, 4, 4, 8, 512, 4};
            places[code[1]][code[2] == 0 ? (int)sizes[code[1]] : -1] = 0;
        }
        break;
    case 'l': /* nonsense lengths */
        *(code[1] == 0 ? result_len : payload_len) = code[2] == 0 ? UINT32_MAX : 513;
        break;
    case 'x': /* does not stand another call beside this one */
        others = __atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST);
        nanosleep(&little, NULL);
        if (__atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST) != 0 || others != 0) {
            strcpy((char *)result, "CROWDED");
            return ALIPAY_CODEVERIFY_FAILED_NORMAL;
        }
        break;
    default:
        strcpy((char *)result, "DES_ERROR");
        *result_len = UINT32_MAX;
        return ALIPAY_CODEVERIFY_FAILED_NORMAL;
    }
    return ALIPAY_CODEVERIFY_OK;
}
