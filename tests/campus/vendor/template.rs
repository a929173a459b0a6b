//! The C file that an integrator fills in.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]
#![allow(unsafe_code, reason = "a C library is loaded")]

use m26_pay::campus::charset::Encoding;
use m26_pay::campus::decoder::{FinalData, Pid, Purpose, ResultCode, ReturnValue};
use m26_pay::campus::template::Template;
use m26_pay::campus::vendor::{CampusDecoder, LoadError, TEMPLATE};
use m26_pay::unix_time::UnixMillis;
use support::workshop::{CANTEEN, GATE, Workshop, decode, refusal};

#[test]
fn it_compiles_as_it_stands_and_says_that_it_is_empty() {
    let Some(workshop) = Workshop::open() else { return };
    for standard in ["-std=c99", "-std=c11"] {
        workshop.compile(&[standard, "-pedantic", "-c", "m26_campus_template.c"]);
    }
    let path = workshop.library("m26_campus_template.c", &["-fvisibility=hidden"]);
    // SAFETY: it is the crate's own template.
    let error = unsafe { CampusDecoder::load(path) }.unwrap_err();
    let LoadError::NotRegistered { status: 1, advice } = error else { panic!("{error}") };
    assert_eq!(advice, "fill in the template, as it says");
}

/// A vendor that does not exist, with the parameters of the spec in an order of its own.
const VENDOR_H: &str = r"
#include <stdint.h>
typedef struct { void (*alipay_get_sys_time)(uint64_t *time_now); } os_adapter_layer_handler;
void alipay_adapter_register(os_adapter_layer_handler *handler);
int vendor_decode(uint8_t priority, const uint8_t *pid, const uint8_t *code, uint32_t len_code,
                  uint8_t *final_data, uint32_t *len_final, uint8_t *user_data, uint8_t *len_data,
                  uint8_t *data_encode_type, uint8_t *data_formwork_id, uint8_t *in_use_time,
                  uint16_t *version, uint8_t *result, uint32_t *len_result);
";

const VENDOR_C: &str = r#"
#include <string.h>
#include "vendor.h"
static os_adapter_layer_handler *kept;
void alipay_adapter_register(os_adapter_layer_handler *handler) { kept = handler; }
int vendor_decode(uint8_t priority, const uint8_t *pid, const uint8_t *code, uint32_t len_code,
                  uint8_t *final_data, uint32_t *len_final, uint8_t *user_data, uint8_t *len_data,
                  uint8_t *data_encode_type, uint8_t *data_formwork_id, uint8_t *in_use_time,
                  uint16_t *version, uint8_t *result, uint32_t *len_result)
{
    uint64_t now;
    kept->alipay_get_sys_time(&now);
    if (*len_result < 32 || *len_data < 255 || *len_final < len_code || now == 0) return -2;
    memset(result, 0, 32);
    *len_result = 32;
    if (priority == 1 && pid[0] != 0x20) {
        strcpy((char *)result, "USER_AUTH_FAILED");
        return -1;
    }
    strcpy((char *)result, "SUCCESS");
    memcpy(final_data, "final", *len_final = 5);
    memcpy(user_data, code + len_code - 3, *len_data = 3);
    *data_encode_type = 0;
    memcpy(data_formwork_id, "\0\0\0\4", 4);
    memcpy(in_use_time, "\0\0\0\0\0\0\1\2", 8);
    *version = 0x0102;
    return 0;
}
"#;

/// What stands in the place of the three marks, for that vendor.
const REGISTER: &str = r"
    static os_adapter_layer_handler handler;
    handler.alipay_get_sys_time = clock;
    alipay_adapter_register(&handler);
    return M26_CAMPUS_CALLED;
";

const CALL: &str = r"
    uint8_t encoding = 0, user_length = 255;
    uint16_t version = 0;
    out->result.length = out->result.capacity;
    out->final_data.length = out->final_data.capacity;
    out->return_value = vendor_decode((uint8_t)in->priority, in->pid, in->code, in->code_length,
        out->final_data.at, &out->final_data.length, out->user_data.at, &user_length, &encoding,
        out->data_formwork_id, out->in_use_time, &version, out->result.at, &out->result.length);
    out->user_data.length = user_length;
    out->data_encode_type = encoding;
    out->version.at[0] = (uint8_t)(version >> 8);
    out->version.at[1] = (uint8_t)version;
    out->version.length = 2;
    return M26_CAMPUS_CALLED;
";

#[test]
fn filled_in_it_decodes() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.write("vendor.h", VENDOR_H);
    workshop.write("vendor.c", VENDOR_C);
    let mark = "return M26_CAMPUS_NOT_IMPLEMENTED;\n";
    let [before, between, after] = TEMPLATE.split(mark).collect::<Vec<_>>()[..] else {
        panic!("the template has other marks than this test knows");
    };
    let filled = [before, REGISTER, between, CALL, after].concat();
    assert!(filled.contains("/* #include \"vendor.h\" */"));
    workshop
        .write("filled.c", &filled.replace("/* #include \"vendor.h\" */", "#include \"vendor.h\""));
    let path = workshop.library("filled.c", &["vendor.c", "-fvisibility=hidden"]);

    // SAFETY: it was filled in above, against the header of its vendor.
    let decoder = unsafe { CampusDecoder::load(path) }.unwrap();
    for purpose in [GATE, CANTEEN] {
        let decoded = decode(&decoder, b"code of one", purpose).unwrap();
        assert_eq!(decoded.template, Template::FOUR);
        assert_eq!(decoded.data_encode_type, Encoding::GB2312);
        assert_eq!(decoded.in_use_time, UnixMillis(0x0102));
        assert_eq!(decoded.version, [1, 2]);
        assert_eq!(decoded.user_data.expose(), b"one");
        assert_eq!(decoded.final_data.as_ref().map(FinalData::expose), Some(&b"final"[..]));
    }
    let stranger = Purpose::Withholding { pid: Pid([9; 8]) };
    let verdict = refusal(decode(&decoder, b"code of one", stranger));
    assert_eq!(verdict.result, Some(ResultCode::USER_AUTH_FAILED));
    assert_eq!(verdict.return_value, Some(ReturnValue::FAILED_NORMAL));
}
