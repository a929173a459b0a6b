//! Whatever a library answers, there is a typed outcome: functions in Rust play the C library.
#![allow(unsafe_code, reason = "the functions of a C library are played")]

use std::sync::{Mutex, MutexGuard, PoisonError};

use m26_pay::campus::decoder::{
    Code, DecodeError, Decoder, Misbehaviour, Pid, Purpose, ResultCode, ReturnValue,
};
use m26_pay::sdk::{
    ABI, AdapterLayer, CampusDecoder, CampusFunctions, ClockFunction, GateDecoder, GateFunctions,
    RawAnswer, RawBytes, RawRequest,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// What the library is to do in the next call.
#[derive(Clone, Debug, Default)]
struct Script {
    status: i32,
    return_value: i32,
    data_encode_type: u32,
    template: [u8; 4],
    in_use_time: [u8; 8],
    /// What it writes, which fits, and what it says that it wrote.
    fields: Vec<(Vec<u8>, u32)>,
}

static SCRIPT: Mutex<Option<Script>> = Mutex::new(None);
/// One test at a time.
static TURN: Mutex<()> = Mutex::new(());

fn lock<T>(mutex: &'static Mutex<T>) -> MutexGuard<'static, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn script() -> Script {
    lock(&SCRIPT).clone().unwrap_or_default()
}

unsafe extern "C" fn abi(request_size: *mut u32, answer_size: *mut u32) -> u32 {
    // SAFETY: the header gives two places for a number.
    unsafe {
        *request_size = size_of::<RawRequest>() as u32;
        *answer_size = size_of::<RawAnswer>() as u32;
    }
    ABI
}

unsafe extern "C" fn register(_clock: ClockFunction) -> i32 {
    0
}

unsafe extern "C" fn campus(request: *const RawRequest, answer: *mut RawAnswer) -> i32 {
    let script = script();
    // SAFETY: the header says that both are there for the call.
    let (request, answer) = unsafe { (&*request, &mut *answer) };
    assert!(request.pid_length == 8 || request.pid == [0; 8]);
    answer.return_value = script.return_value;
    answer.data_encode_type = script.data_encode_type;
    answer.data_formwork_id = script.template;
    answer.in_use_time = script.in_use_time;
    let fields =
        [&mut answer.result, &mut answer.user_data, &mut answer.version, &mut answer.final_data];
    for (field, (bytes, length)) in fields.into_iter().zip(script.fields) {
        let fits = &bytes[..bytes.len().min(field.capacity as usize)];
        // SAFETY: as many bytes may be written.
        unsafe { field.at.copy_from_nonoverlapping(fits.as_ptr(), fits.len()) };
        *field = RawBytes { length, ..*field };
    }
    script.status
}

unsafe extern "C" fn adapter(layer: *mut AdapterLayer) {
    assert!(!layer.is_null());
}

unsafe extern "C" fn verify(
    _code: *const u8,
    _code_len: u32,
    result: *mut u8,
    result_len: *mut u32,
    data_encode_type: *mut u32,
    data_formwork_id: *mut u8,
    in_use_time: *mut u8,
    payload: *mut u8,
    payload_len: *mut u32,
) -> i32 {
    let script = script();
    // SAFETY: the header says how long each is.
    unsafe {
        let places = [(result, result_len), (payload, payload_len)];
        for ((at, said), (bytes, length)) in places.into_iter().zip(script.fields) {
            let fits = &bytes[..bytes.len().min(*said as usize)];
            at.copy_from_nonoverlapping(fits.as_ptr(), fits.len());
            *said = length;
        }
        *data_encode_type = script.data_encode_type;
        data_formwork_id.cast::<[u8; 4]>().write(script.template);
        in_use_time.cast::<[u8; 8]>().write(script.in_use_time);
    }
    script.return_value
}

fn length() -> impl Strategy<Value = u32> {
    prop_oneof![0..40_u32, 0..600_u32, any::<u32>(), Just(u32::MAX)]
}

fn result() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..40),
        Just(b"SUCCESS\0\0".to_vec()),
        Just(b"DES_ERROR\0".to_vec())
    ]
}

prop_compose! {
    fn any_script()(
        status in prop_oneof![9 => Just(0), 1 => any::<i32>()],
        return_value in prop_oneof![Just(0), -6..2, any::<i32>()],
        data_encode_type: u32,
        template: [u8; 4],
        in_use_time: [u8; 8],
        result in (result(), length()),
        fields in vec((vec(any::<u8>(), 0..600), length()), 3),
    ) -> Script {
        let fields = std::iter::once(result).chain(fields).collect();
        Script { status, return_value, data_encode_type, template, in_use_time, fields }
    }
}

/// What a string in the result is, by the script.
fn said(script: &Script) -> Option<ResultCode> {
    let (bytes, length) = &script.fields[0];
    let mut memory = [0; 32];
    let fits = bytes.len().min(32);
    memory[..fits].copy_from_slice(&bytes[..fits]);
    memory.get(..*length as usize).map(ResultCode::new)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn campus_decoder(script in any_script(), code in vec(any::<u8>(), 1..700), gate: bool) {
        let _turn = lock(&TURN);
        *lock(&SCRIPT) = Some(script.clone());
        let functions = CampusFunctions { abi, register, decode: campus };
        // SAFETY: they keep to the header.
        let decoder = unsafe { CampusDecoder::from_functions(functions) }.unwrap();
        let pid = Pid([5; 8]);
        let purpose = if gate { Purpose::Gate { pid: None } } else { Purpose::Withholding { pid } };
        let success = said(&script) == Some(ResultCode::SUCCESS) && script.return_value == 0;
        let capacities = [32, 512, 32, code.len().max(512) as u32];
        let all_fit = script.fields.iter().zip(capacities).all(|((_, length), most)| *length <= most);
        match decoder.decode(&Code::new(&code).unwrap(), purpose) {
            Ok(decoded) => {
                prop_assert!(success && all_fit && script.status == 0);
                prop_assert_eq!(decoded.user_data.expose().len(), script.fields[1].1 as usize);
                prop_assert_eq!(decoded.template.0.to_be_bytes(), script.template);
                prop_assert_eq!(decoded.in_use_time.0.to_be_bytes(), script.in_use_time);
                prop_assert!(gate || decoded.final_data.is_some());
            }
            Err(DecodeError::Misbehaved(Misbehaviour::NotCarriedOut { status, .. })) => {
                prop_assert!(status == script.status && status != 0);
            }
            Err(DecodeError::Misbehaved(Misbehaviour::Length { length, capacity, .. })) => {
                prop_assert!(length > capacity && script.return_value == 0 && !all_fit);
            }
            Err(DecodeError::Contradicted { verdict }) => {
                let value = ReturnValue(script.return_value);
                prop_assert_eq!(verdict.return_value, Some(value));
                prop_assert!(!success);
            }
            Err(DecodeError::Refused { .. }) => prop_assert!(script.return_value != 0),
            Err(DecodeError::NoFinalData) => {
                prop_assert!(success && !gate && script.fields[3].1 == 0);
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn gate_decoder(script in any_script(), code in vec(any::<u8>(), 1..700)) {
        let _turn = lock(&TURN);
        *lock(&SCRIPT) = Some(script.clone());
        let functions = GateFunctions { register: adapter, verify };
        // SAFETY: they keep to the header.
        let decoder = unsafe { GateDecoder::from_functions(functions) };
        let success = said(&script) == Some(ResultCode::SUCCESS) && script.return_value == 0;
        let fits = script.fields[0].1 <= 32 && script.fields[1].1 <= 512;
        match decoder.decode(&Code::new(&code).unwrap(), Purpose::Gate { pid: None }) {
            Ok(decoded) => {
                prop_assert!(success && fits);
                prop_assert_eq!(decoded.user_data.expose().len(), script.fields[1].1 as usize);
            }
            Err(DecodeError::Misbehaved(Misbehaviour::Length { length, capacity, .. })) => {
                prop_assert!(length > capacity && script.return_value == 0 && !fits);
            }
            Err(DecodeError::Contradicted { .. }) => prop_assert!(!success),
            Err(DecodeError::Refused { .. }) => prop_assert!(script.return_value != 0),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
