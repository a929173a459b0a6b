//! The vendor's decoder, behind the interface of `m26_campus.h`.

use m26_pay::campus::vendor::{
    AbiFunction, CampusDecoder, CampusFunctions, ClockFunction, DecodeFunction, LoadError,
    RegisterFunction,
};

use super::m26pay_checkout_options;
use crate::failure::Failure;
use crate::status::{M26PAY_DECODER, M26PAY_NULL_POINTER};
use crate::text;

/// What `m26_campus.h` defines.
#[derive(Debug)]
pub struct m26_campus_request {
    _opaque: [u8; 0],
}

/// What `m26_campus.h` defines.
#[derive(Debug)]
pub struct m26_campus_answer {
    _opaque: [u8; 0],
}

/// `m26_campus_abi` of `m26_campus.h`.
pub type m26pay_campus_abi =
    Option<unsafe extern "C" fn(request_size: *mut u32, answer_size: *mut u32) -> u32>;

/// `m26_campus_register` of `m26_campus.h`.
pub type m26pay_campus_register =
    Option<unsafe extern "C" fn(clock: Option<unsafe extern "C" fn(time_now: *mut u64)>) -> i32>;

/// `m26_campus_decode` of `m26_campus.h`.
pub type m26pay_campus_decode = Option<
    unsafe extern "C" fn(request: *const m26_campus_request, answer: *mut m26_campus_answer) -> i32,
>;

/// The decoder of the options: functions that are linked into the program, or a shared library.
///
/// # Safety
/// As [`CampusDecoder::load`] and [`CampusDecoder::from_functions`], and as [`text::text`].
pub(super) unsafe fn decoder(options: &m26pay_checkout_options) -> Result<CampusDecoder, Failure> {
    let refused = |error: LoadError| Failure::advised(M26PAY_DECODER, error.advice(), &error);
    // SAFETY: as the caller promises.
    if let Some(path) = unsafe { text::optional("decoder_library", options.decoder_library) }? {
        // SAFETY: as the caller promises.
        return unsafe { CampusDecoder::load(path) }.map_err(refused);
    }
    let (Some(abi), Some(register), Some(decode)) =
        (options.decoder_abi, options.decoder_register, options.decoder_decode)
    else {
        return Err(Failure::misuse(
            M26PAY_NULL_POINTER,
            "there is no decoder: give decoder_library, or the three functions",
        ));
    };
    let abi: AbiFunction = abi;
    // SAFETY: both are pointers to a function that takes a pointer to a function, which is never NULL here.
    let register = unsafe {
        std::mem::transmute::<
            unsafe extern "C" fn(Option<unsafe extern "C" fn(*mut u64)>) -> i32,
            RegisterFunction,
        >(register)
    };
    // SAFETY: both are pointers to a function of two pointers, to what m26_campus.h defines.
    let decode = unsafe {
        std::mem::transmute::<
            unsafe extern "C" fn(*const m26_campus_request, *mut m26_campus_answer) -> i32,
            DecodeFunction,
        >(decode)
    };
    // SAFETY: as the caller promises.
    unsafe { CampusDecoder::from_functions(CampusFunctions { abi, register, decode }) }
        .map_err(refused)
}

/// The clock that the vendor's library is given has the type that the header says.
const _: fn(ClockFunction) -> unsafe extern "C" fn(*mut u64) = |clock| clock;
