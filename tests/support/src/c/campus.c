/*
 * Plays a library that was built from the template, and misbehaves as the first byte of the code
 * says; what follows it are parameters. What is built in by -D is at the end.
 */
#include <string.h>
#include <time.h>

#include "m26_campus.h"

static m26_campus_clock clock_now;
static uint32_t registrations;
static int inside;

static void fill(struct m26_campus_bytes *field, const void *bytes, uint32_t length)
{
    memcpy(field->at, bytes, length);
    field->length = length;
}

static void say(struct m26_campus_answer *out, const char *result, int32_t return_value)
{
    memset(out->result.at, 0, out->result.capacity);
    fill(&out->result, result, (uint32_t)strlen(result));
    out->return_value = return_value;
}

/* What a decoder does that accepts the code. */
static void accept(const struct m26_campus_request *in, struct m26_campus_answer *out)
{
    static const uint8_t template_5[4] = {0, 0, 0, 5};
    static const uint8_t made[8] = {0, 0, 1, 2, 3, 4, 5, 6};
    uint32_t at;

    say(out, "SUCCESS", 0);
    out->data_encode_type = 1;
    memcpy(out->data_formwork_id, template_5, sizeof template_5);
    memcpy(out->in_use_time, made, sizeof made);
    fill(&out->user_data, "who it is", 9);
    fill(&out->version, "\x02\x01", 2);
    for (at = 0; at < in->code_length; at++) {
        out->final_data.at[at] = (uint8_t)(in->code[at] ^ 0xff);
    }
    out->final_data.length = in->code_length;
}

static struct m26_campus_bytes *field(struct m26_campus_answer *out, uint8_t number)
{
    struct m26_campus_bytes *fields[4];
    fields[0] = &out->result;
    fields[1] = &out->user_data;
    fields[2] = &out->version;
    fields[3] = &out->final_data;
    return fields[number % 4];
}

/* Whether another call was under way at any time of this one, which lasts a little. */
static int crowded(void)
{
    static const struct timespec little = {0, 300000};
    int others = __atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST);
    nanosleep(&little, NULL);
    return __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST) != 0 || others != 0;
}

static int32_t play(const struct m26_campus_request *in, struct m26_campus_answer *out)
{
    const uint8_t *code = in->code;
    uint64_t now = 0;
    uint32_t at;

    accept(in, out);
    switch (code[0]) {
    case 'a': /* accepts */
        break;
    case 'p': /* tells what it was told */
        out->user_data.at[0] = (uint8_t)in->priority;
        out->user_data.at[1] = (uint8_t)in->pid_length;
        memcpy(out->user_data.at + 2, in->pid, 8);
        out->user_data.length = 10;
        break;
    case 'r': /* says this string; success by the return value if the second byte says so */
        memset(out->result.at, 0, out->result.capacity);
        out->return_value = (int8_t)code[1];
        fill(&out->result, code + 2, in->code_length - 2);
        break;
    case 'n': /* fills all of the result, without a NUL */
        memset(out->result.at, 'A', out->result.capacity);
        out->result.length = out->result.capacity;
        break;
    case 'z': /* leaves all as it was */
        memset(out->result.at, 0, out->result.capacity);
        out->result.length = 0;
        out->return_value = INT32_MIN;
        break;
    case 'f': /* gives no final_data */
        out->final_data.length = 0;
        break;
    case 'w': /* writes so many bytes behind the memory of a field */
        memset(field(out, code[1])->at + field(out, code[1])->capacity, 0, code[2] * 16u + 1u);
        break;
    case 'b': /* writes one byte before it */
        field(out, code[1])->at[-1] = 0;
        break;
    case 's': /* writes behind the structure */
        memset(out + 1, 0, 4);
        break;
    case 'c': /* writes behind the code */
        memset((uint8_t *)(uintptr_t)in->code + in->code_length, 0, 1);
        break;
    case 'l': /* says that a field is 0xffffffff, or one too long, or bigger than any code */
        field(out, code[1])->length = code[2] == 0   ? UINT32_MAX
                                      : code[2] == 1 ? field(out, code[1])->capacity + 1
                                                     : 0x80000000u;
        out->return_value = (int8_t)code[3];
        break;
    case 'm': /* changes what is not its own in the structure */
        for (at = 0; at < 4; at++) {
            field(out, (uint8_t)at)->at = (uint8_t *)16;
            field(out, (uint8_t)at)->capacity = UINT32_MAX;
        }
        out->size = 0;
        break;
    case 't': /* tells the time and how often the clock was registered */
        clock_now(&now);
        for (at = 0; at < 8; at++) {
            out->in_use_time[at] = (uint8_t)(now >> (56 - 8 * at));
        }
        clock_now(NULL);
        memcpy(out->version.at, &registrations, 4);
        out->version.length = 4;
        break;
    case 'x': /* does not stand another call beside this one */
        if (crowded()) {
            say(out, "CROWDED", -1);
        }
        break;
    case 'i': /* was not carried out */
        return (int8_t)code[1];
    default:
        say(out, "DES_ERROR", -1);
    }
    return M26_CAMPUS_CALLED;
}

#ifndef FAKE_ABI
#define FAKE_ABI M26_CAMPUS_ABI
#endif
#ifndef FAKE_GROWTH
#define FAKE_GROWTH 0
#endif
#ifndef FAKE_STATUS
#define FAKE_STATUS M26_CAMPUS_CALLED
#endif

uint32_t m26_campus_abi(uint32_t *request_size, uint32_t *answer_size)
{
    *request_size = (uint32_t)sizeof(struct m26_campus_request);
    *answer_size = (uint32_t)sizeof(struct m26_campus_answer) + FAKE_GROWTH;
    return FAKE_ABI;
}

int32_t m26_campus_register(m26_campus_clock clock)
{
    clock_now = clock;
    registrations++;
    return FAKE_STATUS;
}

#ifdef FAKE_MISSING
#define m26_campus_decode another_name
int32_t another_name(const struct m26_campus_request *in, struct m26_campus_answer *out);
#endif
#ifdef FAKE_UNLINKED
int32_t vendors_function_that_was_not_linked(void);
#endif

int32_t m26_campus_decode(const struct m26_campus_request *in, struct m26_campus_answer *out)
{
#ifdef FAKE_UNLINKED
    return vendors_function_that_was_not_linked();
#endif
    if (in->abi != M26_CAMPUS_ABI || in->size != sizeof *in || out->size != sizeof *out) {
        return M26_CAMPUS_WRONG_INTERFACE;
    }
    return play(in, out);
}
