//! The decoder whose prototype is public, on a library in C that keeps to it or does not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]
#![allow(unsafe_code, reason = "a C library is loaded")]

use m26_pay::campus::charset::Encoding;
use m26_pay::campus::decoder::{
    DecoderError, MisbehaviourError, Pid, Purpose, ResultCode, ReturnValue,
};
use m26_pay::campus::template::Template;
use m26_pay::campus::vendor::{GateDecoder, LoadError};
use support::workshop::{CANTEEN, GATE, Workshop, decode, nowhere, refusal};

fn load(workshop: &Workshop, defines: &[&str]) -> Result<GateDecoder, LoadError> {
    let path = workshop.library("gate.c", defines);
    // SAFETY: the library was written for this, and what it writes outside its memory stays
    // within the slack.
    unsafe { GateDecoder::load(path) }
}

fn with_library(test: impl FnOnce(GateDecoder)) {
    if let Some(workshop) = Workshop::open() {
        test(load(&workshop, &[]).unwrap());
    }
}

#[track_caller]
fn misbehaviour(decoder: &GateDecoder, code: &[u8]) -> MisbehaviourError {
    match decode(decoder, code, GATE) {
        Err(DecoderError::Misbehaved(misbehaviour)) => misbehaviour,
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_fields_arrive() {
    with_library(|decoder| {
        for code in [&b"a"[..], b"3"] {
            let decoded = decode(&decoder, code, GATE).unwrap();
            assert_eq!(decoded.data_encode_type, Encoding(7));
            assert_eq!(decoded.template, Template::FOUR);
            assert_eq!(decoded.user_data.expose(), b"who it is");
            assert_eq!((&decoded.version[..], &decoded.final_data), (&[][..], &None));
            // The library tells the clock's time here.
            assert!((1_577_836_800_000..4_102_444_800_000).contains(&decoded.in_use_time.0));
        }
    });
}

#[test]
fn it_takes_no_payments() {
    with_library(|decoder| {
        let error = decode(&decoder, b"a", CANTEEN).unwrap_err();
        assert!(matches!(error, DecoderError::Unsupported { .. }), "{error}");
        assert!(decode(&decoder, b"a", Purpose::Gate { pid: Some(Pid([1; 8])) }).is_ok());
    });
}

#[test]
fn refusals_keep_what_was_said_and_both_must_say_success() {
    with_library(|decoder| {
        let verdict = refusal(decode(&decoder, b"r\xffUSER_AUTH_TIMEOUT", GATE));
        assert_eq!(verdict.result, Some(ResultCode::USER_AUTH_TIMEOUT));
        assert_eq!(verdict.return_value, Some(ReturnValue::FAILED_NORMAL));
        // A length that says nothing, where the string ends with a NUL.
        let verdict = refusal(decode(&decoder, b"?", GATE));
        assert_eq!(verdict.result, Some(ResultCode::DES_ERROR));
        for code in [&b"r\0DES_ERROR"[..], b"r\xffSUCCESS", b"r\0"] {
            let error = decode(&decoder, code, GATE).unwrap_err();
            assert!(matches!(error, DecoderError::Contradicted { .. }), "{error}");
        }
    });
}

#[test]
fn lengths_beyond_the_memory_are_told() {
    with_library(|decoder| {
        for (number, field, capacity) in [(0, "result", 32), (1, "payload", 512)] {
            for (kind, length) in [(0, u32::MAX), (1, 513)] {
                let told = misbehaviour(&decoder, &[b'l', number, kind]);
                assert_eq!(told, MisbehaviourError::Length { field, length, capacity });
            }
        }
    });
}

#[test]
fn one_that_writes_outside_is_never_asked_again() {
    let Some(workshop) = Workshop::open() else { return };
    let library = workshop.library("gate.c", &[]);
    let far: [(&[u8], &str, u32); 2] = [(b"w", "payload", 512), (b"y", "data_encode_type", 4)];
    let near = [
        ("code", 3),
        ("result", 32),
        ("result_len", 4),
        ("data_encode_type", 4),
        ("data_formwork_id", 4),
        ("in_use_time", 8),
        ("payload", 512),
        ("payload_len", 4),
    ];
    let near = (0_u8..).zip(near).flat_map(|(number, (field, capacity))| {
        [0, 1].map(|before| (vec![b'o', number, before], field, capacity))
    });
    let far = far.map(|(code, field, capacity)| (code.to_vec(), field, capacity));
    for (code, field, capacity) in far.into_iter().chain(near) {
        // SAFETY: as above.
        let decoder = unsafe { GateDecoder::load(workshop.copy(&library)) }.unwrap();
        assert_eq!(misbehaviour(&decoder, &code), MisbehaviourError::Overrun { field, capacity });
        assert_eq!(misbehaviour(&decoder, b"a"), MisbehaviourError::Retired);
    }
}

#[test]
fn one_call_at_a_time() {
    with_library(|decoder| {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        decode(&decoder, b"x", GATE).unwrap();
                    }
                });
            }
        });
    });
}

#[test]
fn the_clock_is_registered_once() {
    let Some(workshop) = Workshop::open() else { return };
    let path = workshop.library("gate.c", &[]);
    for _ in 0..3 {
        // SAFETY: as above.
        let decoder = unsafe { GateDecoder::load(&path) }.unwrap();
        let decoded = decode(&decoder, b"k", GATE).unwrap();
        assert_eq!(decoded.user_data.expose()[..], 1_u32.to_ne_bytes());
    }
}

#[test]
fn what_cannot_be_loaded_says_why() {
    // SAFETY: there is nothing to load.
    let error = unsafe { GateDecoder::load(nowhere()) }.unwrap_err();
    assert!(matches!(error, LoadError::Open { .. }), "{error}");
    let Some(workshop) = Workshop::open() else { return };
    let error = load(&workshop, &["-DFAKE_MISSING"]).unwrap_err();
    assert!(error.to_string().contains("has no function alipay_adapter_register"), "{error}");
}
