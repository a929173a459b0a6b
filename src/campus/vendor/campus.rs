//! The generation for campus codes, behind the crate's own C interface.

use std::fmt;
use std::mem::size_of;
use std::path::Path;

use crate::campus::charset::Encoding;
use crate::campus::decoder::{
    Code, Decoded, Decoder, DecoderAnswer, DecoderError, FinalData, MisbehaviourError, Purpose,
    ResultCode,
};
use crate::campus::template::Template;
use crate::campus::vendor::ABI;
use crate::campus::vendor::clock::{self, ClockFunction};
use crate::campus::vendor::library::{Caller, LoadError, Opened};
use crate::campus::vendor::memory::{Memory, verdict};
use crate::secret::Secret;
use crate::unix_time::UnixMillis;

/// The vendor's decoder of campus codes, behind a library that was built from the template. See
/// the [module](super) for how it is built, and for what is made sure of.
///
/// Two of them on one library are one: calls take their turn, and the clock is registered once.
#[derive(Clone, Copy)]
pub struct CampusDecoder {
    caller: Caller,
    decode: DecodeFunction,
}

/// The functions of a library that was built from the template and linked into the program.
///
/// ```no_run
/// use m26_pay::campus::vendor::{CampusDecoder, CampusFunctions, ClockFunction, RawCampusAnswer, RawCampusRequest};
///
/// unsafe extern "C" {
///     fn m26_campus_abi(request_size: *mut u32, answer_size: *mut u32) -> u32;
///     fn m26_campus_register(clock: ClockFunction) -> i32;
///     fn m26_campus_decode(request: *const RawCampusRequest, answer: *mut RawCampusAnswer) -> i32;
/// }
///
/// let functions = CampusFunctions {
///     abi: m26_campus_abi,
///     register: m26_campus_register,
///     decode: m26_campus_decode,
/// };
/// // SAFETY: they were built from the crate's template against the header of the vendor's library.
/// let decoder = unsafe { CampusDecoder::from_functions(functions) }?;
/// # Ok::<(), m26_pay::campus::vendor::LoadError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CampusFunctions {
    /// `m26_campus_abi`.
    pub abi: AbiFunction,
    /// `m26_campus_register`.
    pub register: RegisterFunction,
    /// `m26_campus_decode`.
    pub decode: DecodeFunction,
}

/// `m26_campus_abi`.
pub type AbiFunction = unsafe extern "C" fn(request_size: *mut u32, answer_size: *mut u32) -> u32;

/// `m26_campus_register`.
pub type RegisterFunction = unsafe extern "C" fn(clock: ClockFunction) -> i32;

/// `m26_campus_decode`.
pub type DecodeFunction =
    unsafe extern "C" fn(request: *const RawCampusRequest, answer: *mut RawCampusAnswer) -> i32;

/// `struct m26_campus_request`; the [header](super::HEADER) says what is in it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(missing_docs, reason = "the C header is its documentation")]
pub struct RawCampusRequest {
    pub size: u32,
    pub abi: u32,
    pub code: *const u8,
    pub code_length: u32,
    pub priority: u32,
    pub pid: [u8; 8],
    pub pid_length: u32,
    pub reserved: u32,
}

/// `struct m26_campus_answer`; the [header](super::HEADER) says what is in it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(missing_docs, reason = "the C header is its documentation")]
pub struct RawCampusAnswer {
    pub size: u32,
    pub abi: u32,
    pub return_value: i32,
    pub data_encode_type: u32,
    pub data_formwork_id: [u8; 4],
    pub reserved: u32,
    pub in_use_time: [u8; 8],
    pub result: RawBytes,
    pub user_data: RawBytes,
    pub version: RawBytes,
    pub final_data: RawBytes,
}

/// `struct m26_campus_bytes`; the [header](super::HEADER) says what is in it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(missing_docs, reason = "the C header is its documentation")]
pub struct RawBytes {
    pub at: *mut u8,
    pub capacity: u32,
    pub length: u32,
}

impl CampusDecoder {
    /// Loads the library, and registers the clock with it.
    ///
    /// A name without a directory is looked for where the system keeps its libraries, and not in
    /// the current directory.
    ///
    /// # Safety
    /// The library must keep to the rules of the [header](super::HEADER), and what it does when it
    /// is loaded must be sound. That it was written for this interface is checked as far as it
    /// tells; that the vendor's function is called with the parameters of its prototype, only who
    /// filled in the template can know.
    ///
    /// # Errors
    /// If the file cannot be loaded, if it lacks a function or was built for another interface, or
    /// if it does not take the clock, as a template that was not filled in.
    pub unsafe fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        // SAFETY: the caller promises what is asked for.
        let library = unsafe { Opened::new(path.as_ref()) }?;
        // SAFETY: these are the types of the functions in the header, to which the library keeps,
        // as the caller promises. The same promise covers what is done with them.
        unsafe {
            let functions = CampusFunctions {
                abi: library.function::<AbiFunction>(c"m26_campus_abi")?,
                register: library.function::<RegisterFunction>(c"m26_campus_register")?,
                decode: library.function::<DecodeFunction>(c"m26_campus_decode")?,
            };
            Self::from_functions(functions)
        }
    }

    /// A decoder with functions that are linked into the program.
    ///
    /// # Safety
    /// As for [`load`](Self::load). They must stay where they are as long as the process lives.
    ///
    /// # Errors
    /// If they were built for another interface or do not take the clock.
    pub unsafe fn from_functions(functions: CampusFunctions) -> Result<Self, LoadError> {
        let CampusFunctions { abi, register, decode } = functions;
        let caller = Caller::admit(decode as usize, || {
            let mut sizes = (0, 0);
            // SAFETY: it stores two numbers (header, m26_campus_abi); they are there for the call.
            let found = unsafe { abi(&mut sizes.0, &mut sizes.1) };
            if (found, sizes) != (ABI, SIZES) {
                let (expected, expected_sizes, found_sizes) = (ABI, SIZES, sizes);
                return Err(LoadError::Interface { expected, found, expected_sizes, found_sizes });
            }
            // SAFETY: it takes a clock that may be called from any thread for ever (header,
            // m26_campus_clock), as this one may.
            match unsafe { register(clock::function()) } {
                CALLED => Ok(()),
                status => Err(LoadError::NotRegistered { status, advice: advice(status) }),
            }
        })?;
        Ok(Self { caller, decode })
    }

    /// Calls the library.
    fn ask(&self, code: &Code, purpose: Purpose) -> Result<DecoderAnswer, MisbehaviourError> {
        let final_length = code.expose().len().max(USER_DATA);
        let mut code = Memory::holding("code", code.expose());
        let mut result = Memory::new("result", ResultCode::MAX_LENGTH);
        let mut user_data = Memory::new("user_data", USER_DATA);
        let mut version = Memory::new("version", VERSION);
        let mut final_data = Memory::new("final_data", final_length);
        let mut structure = Memory::new("m26_campus_answer", size_of::<RawCampusAnswer>());

        let pid = purpose.pid();
        let request = RawCampusRequest {
            size: SIZES.0,
            abi: ABI,
            code: code.as_mut_ptr(),
            code_length: code.capacity(),
            priority: purpose.priority() as u32,
            pid: pid.map_or([0; 8], |pid| pid.0),
            pid_length: if pid.is_some() { 8 } else { 0 },
            reserved: 0,
        };
        let answer = RawCampusAnswer {
            size: SIZES.1,
            abi: ABI,
            // What no decoder says, so that one that says nothing is not taken to say OK.
            return_value: i32::MIN,
            data_encode_type: 0,
            data_formwork_id: [0; 4],
            reserved: 0,
            in_use_time: [0; 8],
            result: RawBytes::of(&mut result),
            user_data: RawBytes::of(&mut user_data),
            version: RawBytes::of(&mut version),
            final_data: RawBytes::of(&mut final_data),
        };
        let out = structure.as_mut_ptr().cast::<RawCampusAnswer>();
        // SAFETY: `out` is aligned and as large as the structure, and lives until the end of this
        // function, as does all that either structure points to, with the lengths that they state.
        // The function is that of the header, as was promised to `from_functions`. Any bits that
        // it left in the structure are a RawCampusAnswer: its pointers are not followed.
        let (status, answer) = unsafe {
            out.write(answer);
            let status = (self.decode)(&raw const request, out);
            (status, out.read())
        };
        for memory in [&code, &result, &user_data, &version, &final_data, &structure] {
            memory.check()?;
        }
        if status != CALLED {
            return Err(MisbehaviourError::NotCarriedOut { status, advice: advice(status) });
        }
        let verdict = verdict(answer.return_value, &result, answer.result.length)?;
        if !verdict.is_success() {
            return Ok(DecoderAnswer::empty(verdict));
        }
        let final_data = final_data.first(answer.final_data.length)?;
        Ok(DecoderAnswer {
            verdict,
            data_encode_type: Encoding(answer.data_encode_type),
            template: Template::from_be_bytes(answer.data_formwork_id),
            in_use_time: UnixMillis::from_unsigned(u64::from_be_bytes(answer.in_use_time)),
            user_data: Secret::new(user_data.first(answer.user_data.length)?.to_vec()),
            version: version.first(answer.version.length)?.to_vec(),
            final_data: (!final_data.is_empty()).then(|| FinalData::new(final_data.to_vec())),
        })
    }
}

impl Decoder for CampusDecoder {
    fn decode(&self, code: &Code, purpose: Purpose) -> Result<Decoded, DecoderError> {
        self.caller.call(|| self.ask(code, purpose))?.check(code, purpose)
    }
}

impl fmt::Debug for CampusDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CampusDecoder").finish_non_exhaustive()
    }
}

impl RawBytes {
    fn of(memory: &mut Memory) -> Self {
        Self { at: memory.as_mut_ptr(), capacity: memory.capacity(), length: 0 }
    }
}

/// What to do about a status of the header.
fn advice(status: i32) -> &'static str {
    match status {
        NOT_IMPLEMENTED => "fill in the template, as it says",
        WRONG_INTERFACE => {
            "build the library again, with the header of this version of the crate and for this processor"
        }
        _ => "the header does not list it: ask who filled in the template",
    }
}

/// The sizes of request and answer.
const SIZES: (u32, u32) =
    (size_of::<RawCampusRequest>() as u32, size_of::<RawCampusAnswer>() as u32);

/// `M26_CAMPUS_CALLED`.
const CALLED: i32 = 0;
/// `M26_CAMPUS_NOT_IMPLEMENTED`.
const NOT_IMPLEMENTED: i32 = 1;
/// `M26_CAMPUS_WRONG_INTERFACE`.
const WRONG_INTERFACE: i32 = 2;

/// The memory for the user data, and the least for final_data, in bytes. The spec, 6, wants 255
/// and the length of the code; chosen as what the generation before wants for its payload.
const USER_DATA: usize = 512;
/// The memory for the version, in bytes. Not specified; chosen as that for the result string.
const VERSION: usize = 32;
