/*
 * The C interface between the Rust crate m26-pay (feature `campus-vendor`) and a decoder of campus codes.
 *
 * The crate defines it; it is not the vendor's. The vendor's function for campus codes is not
 * public, so a small library of yours implements this interface by calling it. Begin with
 * m26_campus_template.c. Needs C99, or C++.
 *
 * Rules:
 *  - All memory is the caller's. Write at most `capacity` bytes to any `at`; beyond lie bytes that
 *    the caller checks.
 *  - The caller makes one call at a time.
 *  - No C++ exception and no longjmp may leave these functions.
 */
#ifndef M26_CAMPUS_H
#define M26_CAMPUS_H

#include <stdint.h>

#if defined(__GNUC__)
#define M26_CAMPUS_EXPORT __attribute__((visibility("default")))
#elif defined(_WIN32)
#define M26_CAMPUS_EXPORT __declspec(dllexport)
#else
#define M26_CAMPUS_EXPORT
#endif

/* The version of this interface. */
#define M26_CAMPUS_ABI 1u

/* What m26_campus_register and m26_campus_decode return. It is not what the vendor's function
 * returns; that goes into `return_value`. */
#define M26_CAMPUS_CALLED 0            /* the vendor's function was called and `out` is filled */
#define M26_CAMPUS_NOT_IMPLEMENTED 1   /* the template was not filled in */
#define M26_CAMPUS_WRONG_INTERFACE 2   /* `size` or `abi` is another than this header's */

/* Gives the time in milliseconds since 1970-01-01T00:00:00Z. It may be called from any thread and
 * as long as the process lives. */
typedef void (*m26_campus_clock)(uint64_t *time_now);

struct m26_campus_request {
    uint32_t size;              /* sizeof(struct m26_campus_request) */
    uint32_t abi;               /* M26_CAMPUS_ABI */
    const uint8_t *code;        /* the code as it was scanned: bytes, never a string */
    uint32_t code_length;
    uint32_t priority;          /* 0: gate, no permission is checked; 1: payment by withholding */
    uint8_t pid[8];             /* who accepts the code */
    uint32_t pid_length;        /* 8, or 0: none, for a gate */
    uint32_t reserved;          /* 0 */
};

/* Memory of the caller to be written to. */
struct m26_campus_bytes {
    uint8_t *at;                /* zeroed */
    uint32_t capacity;          /* how many bytes may be written; leave it as it is */
    uint32_t length;            /* how many were written; 0 before the call */
};

struct m26_campus_answer {
    uint32_t size;              /* sizeof(struct m26_campus_answer) */
    uint32_t abi;               /* M26_CAMPUS_ABI */
    int32_t return_value;       /* what the vendor's function returned; INT32_MIN before the call */
    uint32_t data_encode_type;
    uint8_t data_formwork_id[4]; /* as the vendor's function wrote it */
    uint32_t reserved;          /* leave it */
    uint8_t in_use_time[8];     /* as the vendor's function wrote it: the greatest byte first */
    struct m26_campus_bytes result;     /* capacity 32 or more */
    struct m26_campus_bytes user_data;  /* capacity 255 or more */
    struct m26_campus_bytes version;    /* capacity 32 or more; length 0 if there is none */
    struct m26_campus_bytes final_data; /* capacity: the length of the code or more */
};

#ifdef __cplusplus
extern "C" {
#endif

/* Says which interface the library was built for: returns M26_CAMPUS_ABI and stores the sizes of
 * both structures. */
M26_CAMPUS_EXPORT uint32_t m26_campus_abi(uint32_t *request_size, uint32_t *answer_size);

/* Registers the clock with the vendor's library. Called once in a process, before any code. */
M26_CAMPUS_EXPORT int32_t m26_campus_register(m26_campus_clock clock);

/* Has the vendor's library decode a code. */
M26_CAMPUS_EXPORT int32_t m26_campus_decode(const struct m26_campus_request *in,
                                            struct m26_campus_answer *out);

#ifdef __cplusplus
}
#endif

#endif
