//! Whatever a library answers, there is a typed outcome: functions in Rust play the C library.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]
#![allow(unsafe_code, reason = "the functions of a C library are played")]

use std::sync::{Mutex, MutexGuard, PoisonError};

use m26_pay::campus::acceptance::{
    AcceptError, CampusPayment, Checkout, Gate, PaymentRecorder, RecordError, Sale,
};
use m26_pay::campus::charset::Encoding;
use m26_pay::campus::decoder::{
    Code, Decoder, DecoderError, FinalData, MisbehaviourError, Pid, Purpose, ResultCode,
    ReturnValue,
};
use m26_pay::campus::guard::{Fingerprint, MemoryGuard, Now, TimeError, TimeRules};
use m26_pay::campus::layout::{Card, Layout};
use m26_pay::campus::vendor::{
    ABI, AdapterLayer, CampusDecoder, CampusFunctions, ClockFunction, GateDecoder, GateFunctions,
    RawBytes, RawCampusAnswer, RawCampusRequest,
};
use m26_pay::unix_time::UnixMillis;
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

/// Has the library do this until what is returned is dropped.
fn play(script: &Script) -> MutexGuard<'static, ()> {
    let turn = lock(&TURN);
    *lock(&SCRIPT) = Some(script.clone());
    turn
}

fn campus_decoder_of_script() -> CampusDecoder {
    let functions = CampusFunctions { abi, register, decode: campus };
    // SAFETY: they keep to the header.
    unsafe { CampusDecoder::from_functions(functions) }.unwrap()
}

fn gate_decoder_of_script() -> GateDecoder {
    let functions = GateFunctions { register: adapter, verify };
    // SAFETY: they keep to the header.
    unsafe { GateDecoder::from_functions(functions) }
}

unsafe extern "C" fn abi(request_size: *mut u32, answer_size: *mut u32) -> u32 {
    // SAFETY: the header gives two places for a number.
    unsafe {
        *request_size = size_of::<RawCampusRequest>() as u32;
        *answer_size = size_of::<RawCampusAnswer>() as u32;
    }
    ABI
}

unsafe extern "C" fn register(_clock: ClockFunction) -> i32 {
    0
}

unsafe extern "C" fn campus(request: *const RawCampusRequest, answer: *mut RawCampusAnswer) -> i32 {
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

/// What the memory of each field holds, as far as it does not depend on the code.
const CAPACITIES: [u32; 4] = [32, 512, 32, 512];

/// A library that accepts the code, with any fields that fit.
fn success() -> impl Strategy<Value = Script> {
    let field = |capacity: u32| (vec(any::<u8>(), 0..600), 0..=capacity);
    let fields = [field(CAPACITIES[1]), field(CAPACITIES[2]), field(CAPACITIES[3])];
    let result = (Just(b"SUCCESS".to_vec()), 7..=CAPACITIES[0]);
    (any_script(), result, fields).prop_map(|(script, result, fields)| {
        let fields = std::iter::once(result).chain(fields).collect();
        Script { status: 0, return_value: 0, fields, ..script }
    })
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
    /// A library that says anything, which is hardly ever that it accepts.
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

impl Script {
    /// What is in the memory of a field, up to the length that was said, if there is so much of it.
    fn held(&self, index: usize, capacity: u32) -> Option<Vec<u8>> {
        let (bytes, length) = &self.fields[index];
        let mut memory = bytes.clone();
        memory.resize(capacity as usize, 0);
        memory.get(..*length as usize).map(<[u8]>::to_vec)
    }

    /// When the code was made: one that is too late for a time is the last there is.
    fn made(&self) -> UnixMillis {
        let millis = u64::from_be_bytes(self.in_use_time);
        UnixMillis(if millis > i64::MAX as u64 { i64::MAX } else { millis as i64 })
    }
}

/// What a string in the result is, by the script.
fn said(script: &Script) -> Option<ResultCode> {
    script.held(0, CAPACITIES[0]).map(|text| ResultCode::new(&text))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn campus_decoder(
        script in prop_oneof![success(), any_script()],
        code in vec(any::<u8>(), 1..700),
        gate: bool,
    ) {
        let _turn = play(&script);
        let decoder = campus_decoder_of_script();
        let pid = Pid([5; 8]);
        let purpose = if gate { Purpose::Gate { pid: None } } else { Purpose::Withholding { pid } };
        let success = said(&script) == Some(ResultCode::SUCCESS) && script.return_value == 0;
        let [result, user_data, version, least] = CAPACITIES;
        let capacities = [result, user_data, version, least.max(code.len() as u32)];
        let all_fit = script.fields.iter().zip(capacities).all(|((_, length), most)| *length <= most);
        match decoder.decode(&Code::new(&code).unwrap(), purpose) {
            Ok(decoded) => {
                prop_assert!(success && all_fit && script.status == 0);
                let final_data = decoded.final_data.as_ref().map(FinalData::expose);
                let held = [1, 2, 3].map(|index| script.held(index, capacities[index]).unwrap());
                let [user_data, version, processed] = held;
                prop_assert_eq!(decoded.user_data.expose(), &user_data);
                prop_assert_eq!(&decoded.version, &version);
                prop_assert_eq!(final_data.unwrap_or_default(), processed);
                prop_assert_eq!(decoded.data_encode_type.0, script.data_encode_type);
                prop_assert_eq!(decoded.template.0.to_be_bytes(), script.template);
                prop_assert_eq!(decoded.in_use_time, script.made());
                prop_assert!(gate || final_data.is_some());
            }
            Err(DecoderError::Misbehaved(MisbehaviourError::NotCarriedOut { status, .. })) => {
                prop_assert!(status == script.status && status != 0);
            }
            Err(DecoderError::Misbehaved(MisbehaviourError::Length { length, capacity, .. })) => {
                prop_assert!(length > capacity && script.return_value == 0 && !all_fit);
            }
            Err(DecoderError::Contradicted { verdict }) => {
                let value = ReturnValue(script.return_value);
                prop_assert_eq!(verdict.return_value, Some(value));
                prop_assert!(!success);
            }
            Err(DecoderError::Refused { .. }) => prop_assert!(script.return_value != 0),
            Err(DecoderError::NoFinalData) => {
                prop_assert!(success && !gate && script.fields[3].1 == 0);
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn gate_decoder(
        script in prop_oneof![success(), any_script()],
        code in vec(any::<u8>(), 1..700),
    ) {
        let _turn = play(&script);
        let decoder = gate_decoder_of_script();
        let success = said(&script) == Some(ResultCode::SUCCESS) && script.return_value == 0;
        let [result, payload, ..] = CAPACITIES;
        let fits = script.fields[0].1 <= result && script.fields[1].1 <= payload;
        match decoder.decode(&Code::new(&code).unwrap(), Purpose::Gate { pid: None }) {
            Ok(decoded) => {
                prop_assert!(success && fits);
                prop_assert_eq!(decoded.user_data.expose(), &script.held(1, payload).unwrap());
                prop_assert_eq!(decoded.data_encode_type.0, script.data_encode_type);
                prop_assert_eq!(decoded.template.0.to_be_bytes(), script.template);
                prop_assert_eq!(decoded.in_use_time, script.made());
                prop_assert_eq!((&decoded.version[..], &decoded.final_data), (&[][..], &None));
            }
            Err(DecoderError::Misbehaved(MisbehaviourError::Length { length, capacity, .. })) => {
                prop_assert!(length > capacity && script.return_value == 0 && !fits);
            }
            Err(DecoderError::Contradicted { .. }) => prop_assert!(!success),
            Err(DecoderError::Refused { .. }) => prop_assert!(script.return_value != 0),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}

/// Where nothing may be recorded.
#[derive(Debug)]
struct Nothing;

impl PaymentRecorder for Nothing {
    type Receipt = ();

    fn record(&self, payment: &CampusPayment) -> Result<(), RecordError> {
        panic!("{payment:?}")
    }

    fn is_recorded(&self, _: &Fingerprint) -> Option<bool> {
        Some(false)
    }
}

/// A time of 8 bytes may be later than any that there is. It is the last one then, never one in the
/// past, so the code is ahead of every clock that a host can have.
#[test]
fn a_code_from_after_the_end_of_time_is_refused() {
    let pid = Pid([5; 8]);
    let user_data = Layout::TEMPLATE_5.encode(&Card::sample(), Encoding::GB2312).unwrap();
    let length = user_data.len() as u32;
    let fields =
        vec![(b"SUCCESS".to_vec(), 7), (user_data, length), (vec![1], 1), (b"sent".to_vec(), 4)];
    let good = Script { template: [0, 0, 0, 5], fields, ..Script::default() };
    let rules = TimeRules::default();
    let memory = || MemoryGuard::new(MemoryGuard::CAPACITY, rules);
    let last = i64::MAX as u64;
    for (millis, made) in [
        (last - 1, UnixMillis(i64::MAX - 1)),
        (last, UnixMillis::MAX),
        (last + 1, UnixMillis::MAX),
        (last + 2, UnixMillis::MAX),
        (u64::MAX - 1_589_760_000_000, UnixMillis::MAX),
        (u64::MAX, UnixMillis::MAX),
    ] {
        let _turn = play(&Script { in_use_time: millis.to_be_bytes(), ..good.clone() });
        let (campus, gate) = (campus_decoder_of_script(), gate_decoder_of_script());
        let code = Code::new(b"code").unwrap();
        let decoded = campus.decode(&code, Purpose::Withholding { pid }).unwrap();
        assert_eq!(decoded.in_use_time, made);
        let decoded = gate.decode(&code, Purpose::Gate { pid: None }).unwrap();
        assert_eq!(decoded.in_use_time, made);

        let till = Checkout::new(campus, memory(), Nothing, pid);
        let sale = Sale::new("10.25".parse().unwrap());
        let gates = Gate::new(gate, memory(), None);
        for wall in [rules.earliest, UnixMillis(1_589_760_000_000), UnixMillis(i64::MAX / 2)] {
            let now = Now { wall, ..Now::read() };
            let refusals = [
                till.accept(code.expose(), &sale, now).map(|_| ()).unwrap_err(),
                gates.accept(code.expose(), now).map(|_| ()).unwrap_err(),
            ];
            for refusal in refusals {
                let ahead = matches!(refusal, AcceptError::Time(TimeError::Ahead { .. }));
                assert!(ahead, "{millis} at {wall:?}: {refusal}");
            }
        }
        assert!(till.guard().is_empty() && gates.guard().is_empty(), "nothing was handed out");
    }

    // It is the time alone that is wrong with it.
    let now = Now { wall: UnixMillis(1_589_760_000_000), ..Now::read() };
    let in_use_time = now.wall.0.to_be_bytes();
    let _turn = play(&Script { in_use_time, ..good });
    Gate::new(gate_decoder_of_script(), memory(), None).accept(b"code", now).unwrap();
    Gate::new(campus_decoder_of_script(), memory(), None).accept(b"code", now).unwrap();
}
