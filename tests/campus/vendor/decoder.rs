//! The decoder for campus codes, on libraries in C that keep to the interface or do not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]
#![allow(unsafe_code, reason = "a C library is loaded")]

use m26_pay::campus::charset::Encoding;
use m26_pay::campus::decoder::{
    Code, Decoder, DecoderError, FinalData, MisbehaviourError, Pid, Purpose, ResultCode,
    ReturnValue,
};
use m26_pay::campus::template::Template;
use m26_pay::campus::vendor::{ABI, CampusDecoder, LoadError};
use m26_pay::unix_time::UnixMillis;
use support::workshop::{CANTEEN, GATE, Workshop, decode, nowhere, refusal};

fn load(workshop: &Workshop, defines: &[&str]) -> Result<CampusDecoder, LoadError> {
    let path = workshop.library("campus.c", defines);
    // SAFETY: the library was written for this, and what it writes outside its memory stays
    // within the slack.
    unsafe { CampusDecoder::load(path) }
}

/// The test, where there is a compiler.
fn with_library(test: impl FnOnce(CampusDecoder)) {
    if let Some(workshop) = Workshop::open() {
        test(load(&workshop, &[]).unwrap());
    }
}

#[track_caller]
fn misbehaviour(decoder: &CampusDecoder, code: &[u8]) -> MisbehaviourError {
    match decode(decoder, code, CANTEEN) {
        Err(DecoderError::Misbehaved(misbehaviour)) => misbehaviour,
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_fields_arrive() {
    with_library(|decoder| {
        let long: Vec<u8> =
            b"a".iter().copied().chain((0..Code::MAX_LENGTH - 1).map(|at| at as u8)).collect();
        for code in [&b"a"[..], b"a\0\xff", &long] {
            let decoded = decode(&decoder, code, CANTEEN).unwrap();
            assert_eq!(decoded.data_encode_type, Encoding::UTF_8);
            assert_eq!(decoded.template, Template::FIVE);
            assert_eq!(decoded.in_use_time, UnixMillis(0x0000_0102_0304_0506));
            assert_eq!(decoded.user_data.expose(), b"who it is");
            assert_eq!(decoded.version, [2, 1]);
            let processed: Vec<u8> = code.iter().map(|byte| byte ^ 0xff).collect();
            assert_eq!(decoded.final_data, Some(FinalData::new(processed)));
        }
    });
}

#[test]
fn the_purpose_arrives() {
    with_library(|decoder| {
        let told = |purpose| decode(&decoder, b"p", purpose).unwrap().user_data.expose().clone();
        assert_eq!(told(GATE), [0; 10]);
        assert_eq!(told(Purpose::Gate { pid: Some(Pid([3; 8])) })[..3], [0, 8, 3]);
        assert_eq!(told(CANTEEN), [1, 8, 0x20, 0x88, 0, 0x03, 0x40, 0x52, 0x13, 0x30]);
    });
}

#[test]
fn refusals_keep_what_was_said() {
    with_library(|decoder| {
        let said = |code: &[u8]| refusal(decode(&decoder, code, CANTEEN));
        assert_eq!(said(b"r\xffCODE_TIMROUT").result, Some(ResultCode::CODE_TIMROUT));
        assert!(said(b"r\xffCODE_TIMEOUT").is_expiry());
        let unknown = said(b"r\xf7CARD_LOST");
        assert_eq!(unknown.return_value, Some(ReturnValue(-9)));
        assert_eq!(
            unknown.to_string(),
            "CARD_LOST (unknown result), return value -9 (unknown code)"
        );
        let binary = said(b"r\xfc\xd5\xc5\xff");
        assert_eq!(binary.result.unwrap().expose(), b"\xd5\xc5\xff");
        assert_eq!(said(b"z").return_value, Some(ReturnValue(i32::MIN)));
    });
}

#[test]
fn both_must_say_success() {
    with_library(|decoder| {
        for code in
            [&b"r\0DES_ERROR"[..], b"r\0", b"r\0\xff\xff", b"r\xffSUCCESS", b"r\x01SUCCESS", b"n"]
        {
            let error = decode(&decoder, code, GATE).unwrap_err();
            assert!(matches!(error, DecoderError::Contradicted { .. }), "{error}");
        }
        // All of the 32 bytes, and not one more.
        let Err(DecoderError::Contradicted { verdict }) = decode(&decoder, b"n", GATE) else {
            panic!()
        };
        assert_eq!(verdict.result.unwrap().expose(), [b'A'; 32]);
    });
}

#[test]
fn a_payment_needs_final_data() {
    with_library(|decoder| {
        assert!(matches!(decode(&decoder, b"f", CANTEEN), Err(DecoderError::NoFinalData)));
        assert_eq!(decode(&decoder, b"f", GATE).unwrap().final_data, None);
    });
}

#[test]
fn lengths_beyond_the_memory_are_told() {
    with_library(|decoder| {
        for (number, field, capacity) in
            [(0, "result", 32), (1, "user_data", 512), (2, "version", 32), (3, "final_data", 512)]
        {
            for (kind, length) in [(0, u32::MAX), (1, capacity + 1), (2, 0x8000_0000)] {
                let told = misbehaviour(&decoder, &[b'l', number, kind, 0]);
                assert_eq!(told, MisbehaviourError::Length { field, length, capacity });
            }
        }
        // It wrote nowhere else, so it may be asked again; and of a refusal only the verdict counts.
        assert!(decode(&decoder, b"a", CANTEEN).is_ok());
        for number in 1..4 {
            let error = decode(&decoder, &[b'l', number, 0, 0xff], CANTEEN).unwrap_err();
            assert!(matches!(error, DecoderError::Contradicted { .. }), "{error}");
        }
    });
}

#[test]
fn one_that_writes_outside_is_never_asked_again() {
    let Some(workshop) = Workshop::open() else { return };
    let overruns: [(&[u8], &str, u32); 9] = [
        (b"w\0\0", "result", 32),
        (b"w\x01\xff", "user_data", 512),
        (b"w\x02\x10", "version", 32),
        (b"w\x03\xfe", "final_data", 512),
        (b"b\0", "result", 32),
        (b"b\x01", "user_data", 512),
        (b"b\x03", "final_data", 512),
        (b"s", "m26_campus_answer", 96),
        (b"c", "code", 1),
    ];
    let library = workshop.library("campus.c", &[]);
    for (code, field, capacity) in overruns {
        // The structure has this size where a pointer has 64 bits.
        if field == "m26_campus_answer" && cfg!(not(target_pointer_width = "64")) {
            continue;
        }
        let path = workshop.copy(&library);
        // SAFETY: as above.
        let [decoder, twin] = [(), ()].map(|()| unsafe { CampusDecoder::load(&path) }.unwrap());
        assert!(decode(&decoder, b"a", CANTEEN).is_ok());
        assert_eq!(misbehaviour(&decoder, code), MisbehaviourError::Overrun { field, capacity });
        for decoder in [decoder, twin] {
            assert_eq!(misbehaviour(&decoder, b"a"), MisbehaviourError::Retired);
        }
        // SAFETY: as above.
        let again = unsafe { CampusDecoder::load(&path) }.unwrap();
        assert_eq!(misbehaviour(&again, b"a"), MisbehaviourError::Retired);
    }
    // SAFETY: as above.
    let another = unsafe { CampusDecoder::load(&library) }.unwrap();
    assert!(decode(&another, b"a", CANTEEN).is_ok(), "others are");
}

#[test]
fn nothing_of_the_structure_is_believed_that_is_not_an_answer() {
    with_library(|decoder| {
        let decoded = decode(&decoder, b"m", CANTEEN).unwrap();
        assert_eq!(decoded.user_data.expose(), b"who it is");
    });
}

#[test]
fn a_call_that_was_not_carried_out_is_no_refusal() {
    with_library(|decoder| {
        for status in [1_i8, 2, 99, -1] {
            let told = misbehaviour(&decoder, &[b'i', status as u8]);
            let MisbehaviourError::NotCarriedOut { status: found, .. } = told else {
                panic!("{told}")
            };
            assert_eq!(found, i32::from(status));
        }
    });
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
fn the_clock_is_registered_once_and_shows_the_time() {
    let Some(workshop) = Workshop::open() else { return };
    let path = workshop.library("campus.c", &[]);
    for _ in 0..3 {
        // SAFETY: as above.
        let decoder = unsafe { CampusDecoder::load(&path) }.unwrap();
        let decoded = decode(&decoder, b"t", CANTEEN).unwrap();
        assert_eq!(decoded.version, 1_u32.to_ne_bytes());
        // From 2020 to 2100: milliseconds of the host's clock, and nothing else.
        assert!((1_577_836_800_000..4_102_444_800_000).contains(&decoded.in_use_time.0));
    }
}

#[test]
fn a_library_of_another_interface_is_not_loaded() {
    let Some(workshop) = Workshop::open() else { return };
    let error = load(&workshop, &["-DFAKE_ABI=2"]).unwrap_err();
    let LoadError::Interface { expected, found, .. } = error else { panic!("{error}") };
    assert_eq!((expected, found), (ABI, 2));
    let error = load(&workshop, &["-DFAKE_GROWTH=8"]).unwrap_err();
    let LoadError::Interface { expected_sizes, found_sizes, .. } = error else { panic!("{error}") };
    assert_eq!(found_sizes, (expected_sizes.0, expected_sizes.1 + 8));
}

#[test]
fn what_cannot_be_loaded_says_why() {
    // SAFETY: there is nothing to load.
    let error = unsafe { CampusDecoder::load(nowhere()) }.unwrap_err();
    assert!(matches!(error, LoadError::Open { .. }));
    assert!(
        error.to_string().starts_with("/nonexistent/libm26_campus.so cannot be loaded"),
        "{error}"
    );

    let Some(workshop) = Workshop::open() else { return };
    workshop.write("text.so", "no library");
    // SAFETY: as above.
    let error = unsafe { CampusDecoder::load(workshop.path("text.so")) }.unwrap_err();
    assert!(matches!(error, LoadError::Open { .. }), "{error}");

    let error = load(&workshop, &["-DFAKE_MISSING"]).unwrap_err();
    let LoadError::Symbol { symbol, .. } = &error else { panic!("{error}") };
    assert_eq!(symbol, "m26_campus_decode");

    let error = load(&workshop, &["-DFAKE_STATUS=5"]).unwrap_err();
    assert!(matches!(error, LoadError::NotRegistered { status: 5, .. }), "{error}");

    // Without the vendor's part it fails here, and not with the first code.
    let error = load(&workshop, &["-DFAKE_UNLINKED", "-Wno-unused-function"]).unwrap_err();
    assert!(error.to_string().contains("vendors_function_that_was_not_linked"), "{error}");
}

#[test]
fn nothing_shows_the_code_or_what_is_in_it() {
    with_library(|decoder| {
        let codes: [&[u8]; 5] = [
            b"r\xffSECRET 20200518",
            b"l\x01\0\0 20200518",
            b"i\x01 20200518",
            b"? 20200518",
            b"f 20200518",
        ];
        for code in codes {
            let error = decode(&decoder, code, CANTEEN).unwrap_err();
            let shown = format!("{error} {error:?} {decoder:?}");
            assert!(!shown.contains("20200518") && !shown.contains("who"), "{shown}");
        }
        let shown = format!("{:?}", decoder.decode(&Code::new(b"a").unwrap(), CANTEEN).unwrap());
        assert!(!shown.contains("who") && !shown.contains("119, 104, 111"), "{shown}");
    });
}
