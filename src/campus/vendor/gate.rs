//! [`GateDecoder`]: the generation whose prototype is public.

use std::convert::Infallible;
use std::ffi::c_int;
use std::fmt;
use std::path::Path;

use crate::campus::charset::Encoding;
use crate::campus::decoder::{
    Code, Decoded, Decoder, DecoderAnswer, DecoderError, MisbehaviourError, Purpose, ResultCode,
};
use crate::campus::template::Template;
use crate::campus::vendor::clock::{self, ClockFunction};
use crate::campus::vendor::library::{Caller, LoadError, Opened};
use crate::campus::vendor::memory::{Memory, verdict};
use crate::secret::Secret;
use crate::unix_time::UnixMillis;

/// The vendor's decoder of the generation before: `alipay_verify_code_info`. It opens gates.
///
/// ```text
/// alipay_codeverify_result_e alipay_verify_code_info(      the vendor's public header
///     const uint8_t *code, uint32_t code_len,
///     uint8_t *result, uint32_t *result_len,               in: at least 32
///     uint32_t *data_encode_type, uint8_t data_formwork_id[4], uint8_t in_use_time[8],
///     uint8_t *payload, uint32_t *payload_len);            in: at least 512
/// void alipay_adapter_register(os_adapter_layer_handler *handler);
/// ```
///
/// It cannot be told a priority or a pid, so whether a holder enabled a payment is not checked, and
/// it gives no final_data, so there is nothing to send: [`Purpose::Withholding`] is refused before
/// it is asked. The pid of a gate is left out, as the spec allows. That its codes are campus
/// codes, and its payload their user data, is not documented: try it with a code of your own.
///
/// ```no_run
/// use m26_pay::campus::decoder::{Code, Decoder, Purpose};
/// use m26_pay::campus::vendor::GateDecoder;
///
/// // SAFETY: the vendor's library, whose header has the two prototypes above.
/// let decoder = unsafe { GateDecoder::load("/opt/gate/libalipay.so") }?;
/// let decoded = decoder.decode(&Code::new(&[0x02, 0x01])?, Purpose::Gate { pid: None })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct GateDecoder {
    caller: Caller,
    verify: VerifyFunction,
}

/// The functions of the vendor's library, linked into the program.
#[derive(Clone, Copy, Debug)]
pub struct GateFunctions {
    /// `alipay_adapter_register`.
    pub register: AdapterRegisterFunction,
    /// `alipay_verify_code_info`.
    pub verify: VerifyFunction,
}

/// `alipay_verify_code_info`. An enum of C is an `int`.
pub type VerifyFunction = unsafe extern "C" fn(
    code: *const u8,
    code_len: u32,
    result: *mut u8,
    result_len: *mut u32,
    data_encode_type: *mut u32,
    data_formwork_id: *mut u8,
    in_use_time: *mut u8,
    payload: *mut u8,
    payload_len: *mut u32,
) -> c_int;

/// `alipay_adapter_register`.
pub type AdapterRegisterFunction = unsafe extern "C" fn(handler: *mut AdapterLayer);

/// `os_adapter_layer_handler` (spec, 6).
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct AdapterLayer {
    /// 获取系统时间, 单位ms.
    pub alipay_get_sys_time: ClockFunction,
}

impl GateDecoder {
    /// Loads the library, and registers the clock with it.
    ///
    /// A name without a directory is looked for where the system keeps its libraries, and not in
    /// the current directory.
    ///
    /// # Safety
    /// The two functions must be those of the prototypes above, and what the library does when it
    /// is loaded must be sound. A C library cannot be asked for its prototypes: **one of another
    /// generation may have functions of these names and other parameters**. Compare its header.
    ///
    /// # Errors
    /// If the file cannot be loaded or lacks a function.
    pub unsafe fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        // SAFETY: the caller promises what is asked for.
        let library = unsafe { Opened::new(path.as_ref()) }?;
        // SAFETY: the caller promises that the functions have these types, and the same for what
        // is done with them.
        unsafe {
            let functions = GateFunctions {
                register: library
                    .function::<AdapterRegisterFunction>(c"alipay_adapter_register")?,
                verify: library.function::<VerifyFunction>(c"alipay_verify_code_info")?,
            };
            Ok(Self::from_functions(functions))
        }
    }

    /// A decoder with functions that are linked into the program.
    ///
    /// # Safety
    /// As for [`load`](Self::load). They must stay where they are as long as the process lives.
    #[must_use]
    pub unsafe fn from_functions(functions: GateFunctions) -> Self {
        let GateFunctions { register, verify } = functions;
        let Ok(caller) = Caller::admit(verify as usize, || {
            let layer = AdapterLayer { alipay_get_sys_time: clock::function() };
            // Never freed: no document says whether the library keeps the pointer.
            let layer = Box::into_raw(Box::new(layer));
            // SAFETY: it takes a structure whose clock may be called from any thread for ever, as
            // this one may; the structure is never freed.
            unsafe { register(layer) };
            Ok::<(), Infallible>(())
        });
        Self { caller, verify }
    }

    /// Calls the library.
    fn ask(&self, code: &Code) -> Result<DecoderAnswer, MisbehaviourError> {
        let mut code = Memory::holding("code", code.expose());
        let mut result = Memory::new("result", ResultCode::MAX_LENGTH);
        let mut result_len = Memory::holding("result_len", &result.capacity().to_ne_bytes());
        let mut data_encode_type = Memory::new("data_encode_type", 4);
        let mut data_formwork_id = Memory::new("data_formwork_id", 4);
        let mut in_use_time = Memory::new("in_use_time", 8);
        let mut payload = Memory::new("payload", PAYLOAD);
        let mut payload_len = Memory::holding("payload_len", &payload.capacity().to_ne_bytes());

        // SAFETY: all memory is aligned for what the prototype takes it for, as large as stated,
        // and lives until the end of this function. The function is that of the prototype, as was
        // promised to `from_functions`.
        let return_value = unsafe {
            (self.verify)(
                code.as_mut_ptr(),
                code.capacity(),
                result.as_mut_ptr(),
                result_len.as_mut_ptr().cast(),
                data_encode_type.as_mut_ptr().cast(),
                data_formwork_id.as_mut_ptr(),
                in_use_time.as_mut_ptr(),
                payload.as_mut_ptr(),
                payload_len.as_mut_ptr().cast(),
            )
        };
        let texts = [&code, &result, &payload];
        let lengths = [&result_len, &payload_len];
        let numbers = [&data_encode_type, &data_formwork_id, &in_use_time];
        for memory in texts.into_iter().chain(lengths).chain(numbers) {
            memory.check()?;
        }
        let verdict = verdict(return_value, &result, result_len.number())?;
        if !verdict.is_success() {
            return Ok(DecoderAnswer::empty(verdict));
        }
        Ok(DecoderAnswer {
            verdict,
            data_encode_type: Encoding(data_encode_type.number()),
            template: Template::from_be_bytes(data_formwork_id.array()),
            in_use_time: UnixMillis::from_unsigned(u64::from_be_bytes(in_use_time.array())),
            user_data: Secret::new(payload.first(payload_len.number())?.to_vec()),
            version: Vec::new(),
            final_data: None,
        })
    }
}

impl Decoder for GateDecoder {
    fn decode(&self, code: &Code, purpose: Purpose) -> Result<Decoded, DecoderError> {
        match purpose {
            Purpose::Gate { .. } => self.caller.call(|| self.ask(code))?.check(code, purpose),
            Purpose::Withholding { .. } => Err(DecoderError::Unsupported {
                reason: "alipay_verify_code_info takes no pid and gives no final_data, so it takes no payments: use the decoder for campus codes",
            }),
        }
    }
}

impl fmt::Debug for GateDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GateDecoder").finish_non_exhaustive()
    }
}

/// The memory for the payload, in bytes: the least that the header allows.
const PAYLOAD: usize = 512;
