/*
 * Between the crate m26-pay and the vendor's decoder of campus codes. A template: as it stands it
 * compiles, and says M26_CAMPUS_NOT_IMPLEMENTED. Fill in what is marked 1, 2 and 3.
 *
 * Take the prototypes from YOUR header of the vendor's library, and not from a document: their
 * comments and their prototypes do not list the parameters in the same order, and a parameter in
 * the wrong place corrupts memory.
 *
 * Build a shared library from it and the vendor's static one:
 *
 *   cc -std=c99 -Wall -Wextra -Werror -O2 -fPIC -fvisibility=hidden -shared \
 *      -I vendor/include -o libm26_campus.so m26_campus_template.c vendor/lib/libvendor.a
 *
 * The vendor's static library must have been built with -fPIC. With it built otherwise, link this
 * file and the vendor's library into your program, and use `CampusDecoder::from_functions`.
 */
#include "m26_campus.h"

/* 1. The vendor's header. */
/* #include "vendor.h" */

int32_t m26_campus_register(m26_campus_clock clock)
{
    /*
     * 2. Register the clock. For os_adapter_layer_handler as it is documented:
     *
     *     static os_adapter_layer_handler handler;
     *     handler.alipay_get_sys_time = clock;
     *     alipay_adapter_register(&handler);
     *     return M26_CAMPUS_CALLED;
     *
     * `static`, because nothing says whether the library keeps the pointer. If your header has
     * more members, set them all.
     */
    (void)clock;
    return M26_CAMPUS_NOT_IMPLEMENTED;
}

static int32_t call_vendor(const struct m26_campus_request *in, struct m26_campus_answer *out)
{
    /*
     * 3. Call the vendor's function. What goes where:
     *
     *   code, len_code      in->code, in->code_length
     *   priority            in->priority
     *   pid                 in->pid, or what your header wants for "none" if in->pid_length is 0
     *   result, len_result  out->result.at; a variable set to out->result.capacity before the
     *                       call, and stored in out->result.length after it
     *   data_encode_type    a variable of the type in your header, stored in out->data_encode_type
     *   user_data, len_data out->user_data, in the same way as result
     *   data_formwork_id    out->data_formwork_id, if it is 4 bytes in your header
     *   in_use_time         out->in_use_time, if it is 8 bytes in your header
     *   version             a variable of the type in your header; then its bytes into
     *                       out->version.at, and their number into out->version.length
     *   final_data, its len out->final_data, in the same way as result
     *   what it returns     out->return_value
     *
     * Leave alone what the vendor's function has not. Copy nothing into final_data that it did not
     * write there, least of all the code. Then return M26_CAMPUS_CALLED, whatever it returned.
     */
    (void)in;
    (void)out;
    return M26_CAMPUS_NOT_IMPLEMENTED;
}

/* Nothing is to be changed from here on. */

uint32_t m26_campus_abi(uint32_t *request_size, uint32_t *answer_size)
{
    *request_size = (uint32_t)sizeof(struct m26_campus_request);
    *answer_size = (uint32_t)sizeof(struct m26_campus_answer);
    return M26_CAMPUS_ABI;
}

int32_t m26_campus_decode(const struct m26_campus_request *in, struct m26_campus_answer *out)
{
    if (in->abi != M26_CAMPUS_ABI || out->abi != M26_CAMPUS_ABI
        || in->size != sizeof(struct m26_campus_request)
        || out->size != sizeof(struct m26_campus_answer)) {
        return M26_CAMPUS_WRONG_INTERFACE;
    }
    return call_vendor(in, out);
}
