//! What a fuzzer begins with: the transcripts of the tests, as each target reads them, and what is
//! in no transcript.

use std::fs;
use std::path::Path;

use m26_pay::transcript::{Transcript, TranscriptStep};

use super::engine;
use support::any::Op;

/// Every seed: its target, its name there, and its bytes. `root` is the folder of the crate.
pub fn seeds(root: &Path) -> Vec<(&'static str, String, Vec<u8>)> {
    let mut seeds = Vec::new();
    for (name, text) in transcripts(&root.join("tests/transcripts")) {
        let transcript: Transcript = text.parse().unwrap_or_default();
        let came = came(&transcript);
        let lines = lines(&came);
        let mut add = |target, bytes| seeds.push((target, name.clone(), bytes));
        add("transcript", [b"\0", text.as_bytes()].concat());
        add("splitter", [b"\0\x05\0", &came[..]].concat());
        add("urc", lines.join(&b'\n'));
        add("answers", [b"\0", &lines.join(&b'\n')[..]].concat());
        add("engine", [&[8, 0, 0, 0, 0, 0][..], &operations(&transcript)].concat());
    }
    for (target, texts) in TEXTS {
        for (index, text) in texts.iter().enumerate() {
            seeds.push((target, format!("text-{index}"), text.to_vec()));
        }
    }
    seeds
}

/// The transcripts by name, in order.
fn transcripts(folder: &Path) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    found.sort();
    found
}

/// All that the module sent.
fn came(transcript: &Transcript) -> Vec<u8> {
    let bytes = |step: &TranscriptStep| match step {
        TranscriptStep::FromModule(bytes) => bytes.clone(),
        _ => Vec::new(),
    };
    transcript.steps.iter().flat_map(bytes).collect()
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty()).collect()
}

/// What passed, as operations: what the host sent is a command of one kind or another.
fn operations(transcript: &Transcript) -> Vec<u8> {
    let ops = transcript.steps.iter().flat_map(|step| match step {
        TranscriptStep::ToModule(bytes) => {
            vec![Op::Submit(engine::kind(bytes), None), Op::WriteAll]
        }
        TranscriptStep::FromModule(bytes) => vec![Op::Input(bytes.clone())],
        TranscriptStep::Pass(time) => vec![Op::Pass(time.as_millis() as u64)],
    });
    ops.flat_map(|op| engine::encode(&op)).collect()
}

const TEXTS: &[(&str, &[&[u8]])] = &[
    (
        // Three bytes a call: which, with which handle, with what.
        "capi",
        &[
            // A session: made, started, asked, freed, and used all the same.
            &[0, 0, 0, 1, 0, 0, 5, 0, 0, 3, 0, 0, 4, 0, 0, 6, 0, 0, 10, 0, 0, 8, 0, 0, 10, 0, 0],
            // An outbox: opened, filled, looked at, freed, and used all the same.
            &[18, 0, 0, 11, 0, 2, 11, 0, 5, 15, 0, 1, 19, 1, 0, 12, 0, 1, 16, 0, 1, 17, 0, 0, 11, 0, 2],
            // Both, and the outbox freed first.
            &[18, 1, 3, 0, 1, 0, 13, 1, 0, 1, 1, 0, 11, 1, 2, 14, 1, 7, 17, 1, 0, 7, 1, 0, 10, 1, 0],
            // Handles of another kind, and NULL.
            &[0, 2, 0, 20, 2, 0, 22, 2, 0, 21, 1, 0, 23, 3, 0, 4, 2, 7, 9, 2, 15, 2, 2, 1, 10, 2, 0],
        ],
    ),
    (
        "code",
        &[
            b"\0\0\x01\x72\x2f\x5d\xd4\0M26F\x01\0\x01\x18",
            b"\0\0\x01\x72\x2f\x5d\xd4\0\xc0\xee\xd0\xa1\xc3\xf7\x81\x30\x81\x30",
            b"\0\0\0\0\0\0\0\0SUCCESS\0\0",
            b"\xff\xff\xff\xff\xff\xff\xff\xffCODE_TIMROUT\x1a",
        ],
    ),
    (
        "config",
        &[
            b"\0\0\x01\xff\x10\x88\x0f\n2018\n2019\n2020\nkey\nterminal\n4\n",
            b"\0\n1\n2\n3\n4\n5\n-1\n",
            b"\x01\r\n\"env\": 4\r\n\"product_key\":\"\x1a\",\r\n\" item_id \" : x\r\n\"other\": \"\x1a\"",
        ],
    ),
    (
        "credit",
        &[
            &[0x20, 0, 10, 1, 10, 2, 10, 4, 10, 0, 1, 1],
            &[0x43, 2, 200, 3, 5, 3, 5, 4, 0, 2, 0, 0, 1, 2, 1, 0x0c, 40, 90, 0x40, 255, 255],
        ],
    ),
    (
        "gateway_answers",
        &[
            b"\0\x01\x01{\"code\":\"10000\",\"out_trade_no\":\"A1\",\"trade_no\":\"20261129\",\
              \"trade_status\":\"TRADE_SUCCESS\",\"total_amount\":10.2,\"buyer_logon_id\":\"\x1a\"}",
            b"\x01\x02\x01{\"code\":\"10000\",\"action\":\"close\",\"msg\":\"\xd5\x5c\",\"u\":\"a\\/b\"}",
            b"\x02\0\x02{\"code\":\"40004\",\"sub_code\":\"ACQ.\x1a\"}",
            b"\x03\0\x03{\"code\":20000,\"sub_code\":\"isp.unknow-error\",\"sub_msg\":\"\x1a\"}",
            b"\x03\x01\x01{\"code\":\"10000\",\"fund_change\":\"N\",\"refund_fee\":\"1.00\",\"code\":\"1\"}",
            b"\x04\x01\x01{\"code\":\"10000\",\"out_request_no\":\"R1\",\"refund_status\":\"REFUND_SUCCESS\"}",
            b"\0\x01\0{\"alipay_trade_query_response\":{\"n\":\"}{\\\"sign\\\":\"},\"sign\":\"AAAA\",\"sign\":\"\"}",
            b"\0\x01\0<html>\x1a",
        ],
    ),
    (
        "gateway_certificates",
        &[
            b"\x01\0\x01\x40\x02",
            b"\0\0\x00\x14\x02",
            b"\x02\0\x00\x20\x03",
            b"\x01\x01-----BEGIN CERTIFICATE-----\nMIIB\x1a\n-----END CERTIFICATE-----\n",
            b"\x02\x01-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----",
            b"\0\x01\x30\x82\x01\x00\x30\x82\x00\xf0\xa0\x03\x02\x01\x02",
        ],
    ),
    (
        "gateway_keys",
        &[
            b"\0-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\x1a\n-----END ENCRYPTED PRIVATE KEY-----\n",
            b"\0-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----",
            b"\0MAgGAyoDBAUA\n",
            b"\0\x30\x82\xff\xff\x02\x01\0",
            b"\0\x30\x15\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\0\x03\x04\0\x30\0\0",
            b"\x01\0\x04\x02",
        ],
    ),
    (
        "gateway_notifications",
        &[
            b"\x01\x01\0app_id=1\ncharset=utf-8\nnotify_time=2026-11-29 21:00:06\nout_trade_no=A1\n\
              trade_no=20261129\ntrade_status=TRADE_SUCCESS\ntotal_amount=10.25\nbuyer_logon_id=\x1a\n\
              subject=50%25 a+b\nsign_type=RSA2",
            b"\0\x02\x01app_id=1\nout_trade_no=A1\ntrade_no=20261129\ntrade_status=TRADE_FINISHED\n\
              total_amount=10.25\nsign_type=RSA2\nbody=",
            b"\x02\x01\x01app_id=1\ncharset=GBK\nout_trade_no=A1\ntrade_no=20261129\n\
              trade_status=TRADE_CLOSED\nrefund_fee=10.25\ntotal_amount=10.25\nsubject=\xb2\xe2\xca\xd4",
            b"\x01\x01\0app_id=1\nout_trade_no=A1\ntrade_no=20261129\ntrade_status=TRADE_SUCCESS\n\
              refund_fee=4.00\nout_biz_no=R1\ntotal_amount=10.25",
            b"\x01\x01\0app_id=1\nout_trade_no=A1\ntrade_no=20261129\ntrade_status=WAIT_BUYER_PAY",
            b"\x01\x02\0app_id=1\nnotify_type=dut_user_sign\nsign_type=RSA2\nstatus=NORMAL",
            b"\x01\x01\0app_id=1\nsubject=x\ntotal_amount=10.25\ntotal_amount_=y&total_amount=0.01",
            b"\0\0\0a=1&sign=AAAA&a=%31&b=%2&c=%zz&=\x1a&sign_type=RSA",
        ],
    ),
    (
        "gateway_order_string",
        &[
            b"\x04lunch\na+b 100% %2B\ntips\n\xe6\xb5\x8b\xe8\xaf\x95&=\n2088102147948060\n\
              https://shop.example/n?a=1&b=2\nhttps://shop.example/\n\
              {\"code\":\"10000\",\"out_trade_no\":\"A1\",\"trade_no\":\"20261129\",\"total_amount\":\"10.25\"}",
            b"\x06\xf0\x9f\x98\x80\n\x1a\nown\n\x1a\n\n\n\n{\"code\":\"40004\",\"sub_code\":\"ACQ.\x1a\"}",
            b"\x03s\nout_trade_no=1\nsubject\n1\n1\nhttps://s/?sign=1\n\n\
              {\"alipay_trade_app_pay_response\":{\"code\":\"10000\"},\"sign\":\"AAAA\"}",
            b"\x04s\n\n\n\n\n\n\n{\"code\":\"10000\",\"out_trade_no\":\"A1\",\"trade_no\":\"1\",\
              \"total_amount\":10.26,\"seller_id\":\"1\"}",
        ],
    ),
    (
        "layout",
        &[
            b"layout 1\ntemplate 5\nstanding proven\nenvelope template+length\nschool_no u64\n\
              identify_id vars\ncard_type high\ncard_status low\nstudent_no digits 10\n\
              student_name bytes 12\nreserved byte # so\nextinfos vars\n",
            b"\xef\xbb\xbf# a comment\r\n\r\n layout\t1\r\ntemplate 4\r\nenvelope bare\r\nschool_no   u64",
            b"layout 1\ntemplate 4294967295\nstanding provisional\nenvelope length\nreserved bytes 255\n",
        ],
    ),
    (
        "probe",
        &[
            b"\0\0\0\x03\x074151012212\n1234567890123456\n2020010203\n\xe6\x9d\x8e\n\n",
            b"\0\x01\x03\x01\x0f\x004151012212\n1\n2\nLi\n\n",
            b"\x01\xff\0\0\0\0\xf7\x6b\x6b\x74\x031.2\x03\x00\x0a2020010203\x04\xc0\xee\xc3\xf7\x00\n\
              \x02\0\0\0\0\xf7\x6b\x6b\x74\x031.2\x02\x00\0\n",
        ],
    ),
    (
        "record",
        &[
            b"\0\0\x01\x20\0\0\x04\x01\0\0\0\x02\x5c\x51\x01\x01\x02\x01\x03\
              2019012922001450181015731428\n281234567890123456\n",
            b"\0\x07\0\xe7\0\0\x04\x01\0\0\0\x02\x5c\x51\x01\x01\x02\x01\x03\n\n\x02\x43\0\0\0\x02\
              \0\0\0\x09\0\0\0\x09\x03\x04\x09\n\n",
            b"\x01\0\x05\x01\0\x001548811777000\t20190129\t\t1025\t2\t0\t1548811777\n\
              1548811777001\t\t28123\t7\t\t6\t1548811778\t3\t1\t1548811777500\t1548811779000\t0\t6",
            b"\x01\x02\x01\x01\x01\x031548811777000\t\t\t1025\t\t6\t1548811777",
            b"\x01\0\xff\x01\0\0!1\t\t\t1025\t\t6\t1\t00000000",
        ],
    ),
    (
        "script",
        &[
            b"split 0.5\nat 5s reset\nevery 1m urc \"+CREG: 0\"\non AT+ALIPAYSIGN late-result 20s\n\
              on 2 AT+ALIPAYREP missing-ok\non AT+ALIPAYREP after 50ms reset # in it\0AT\r\n\
              AT+ALIPAYOPEN\r\nAT+ALIPAYSIGN=4,\"1\",\"1.00\"\r\nAT+ALIPAYREP=,,1,,6,1\r",
            b"hang-up for 3s\nraw \"\\r\\n\\x00\\\"\"\nregistration lost\nsim pin\nsignal 99\nqueue-full\0\
              ATE0\r\nAT+CSQ;+CREG?\r\nAT+ALIPAYCFG?\r\nAT+CPIN?\r\nAT+QPOWD=1\r",
            b"result +ALIPAYREP -1\nrefuse 10\ndelay 0.5 20ms\nurcs 0.1 RDY\ncorrupt 0.01\ncalm\0AT+CFUN=1,1\r",
        ],
    ),
    (
        "session",
        &[
            b"\0\0\x03\x01\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            b"\0\x1f\x0b\x01\x02\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0b\x05\x0c\0\x01\x08\0",
            b"\x01\x01\x01\x01\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06\x06\0\0\x0a\0\0\0\0\x0d\x01\0\0",
        ],
    ),
    (
        "sign",
        &[
            b"\0\0\x05{\"time\":\"1546890790\",\"signedKeys\":\"totalAmount\"}",
            b"\x3f\0\0\x1d\"OK\"\x1dOK\x1d",
            b"\0\xc2\x10abc\"\x1dOK",
            b"\0\xe4\x10\x1bx\x3f",
        ],
    ),
    (
        "splitter",
        &[b"\0\x07\x01+ALIPAYSIGN: 0,2048,\"a\r\n+ALIPAYSIGN:\r\n0,3,\"b\nc\"\r\nRDY\r\n", b"\xc0\0\0\x1bx\xff\r\nOK\r\n"],
    ),
    (
        "syntax",
        &[
            b"\0\x01\x03\x06|+CSQ: 30 , -1,\"a,b\", bare text ",
            b"\x03\x04\x05\x06|+CME ERROR: SIM not inserted",
            b"\x02\x07|+CMS ERROR: 500",
        ],
    ),
    (
        "transcript",
        &[
            b"\x01\x03AT+ALIPAYSIGN=1,\"1\"\r\x1e\r\n+ALIPAYSIGN: 0,2,\"{}\"\r\n",
            b"\x02\x02\x01\x09\x02\0\x01\x03\x01\x08",
            b"\0> AT\\r\n# m26-pay recording 1\n# date: 2019-01-30T01:29:37.000Z\n# port: /dev/ttyUSB0\n\
              > ATI\\r\n# firmware: M26FBR03A03-TTS\n< OK\\r\\n\n# m26-pay recording 1\n< \\x",
        ],
    ),
    (
        "unionpay_answers",
        &[
            b"\0\0\x01{\"backendToken\":\"\x1a\",\"expiresIn\":7200}",
            b"\x01\0\0{\"accessToken\":\"\x1a \",\"expiresIn\":\"3600\",\"refreshToken\":\"\x1a\",\
              \"openId\":\"\x1a \",\"scope\":\" upapi_base \"}",
            b"\x02\0\x01{\"realName\":\"\x1e\x1a\x1e\",\"certTp\":\"\x1e\x1a\x1e\",\"certId\":\"\x1e1\x1e\"}",
            b"\x03\0\x01{\"contractCode\":\"1\",\"contractId\":\"\x1a\",\"operationTime\":\"20190324203725\"}",
            b"\x04\x03\x01{\"enable\":\"0\"}",
            b"\x05\0\x02{\"contractStatus\":\"\x1a\",\"contractId\":\"\x1a\"}",
            b"\x06\0\x02{\"openId\":\"o\",\"resultCd\":\"\x1a\"}",
            b"\x07\0\x02{\"cardNo\":\"\x1e\x1a\x1e\",\"cardTyoe\":\"\x1a\",\"resp\":\"00\"}",
            b"\x08\x02\x03 a10\",\"msg\":\"\x1a",
            b"\x09\0\x01{\"qualMap\":{\"20171108_20171101\":3},\"respCode\":\"00\"}",
            b"\x0a\0\x01{\"resp\":\" AM03051\",\"awardInfo\":{}}",
            b"\x0a\0\x01{\"awardInfo\":{\"awardType\":\"06\",\"drawDesc\":\"\x1a\"},\"transNumber\":\"1\"}",
            b"\x05\0\0{\"result\":{{\"resp\":\"00\"}}}",
        ],
    ),
    (
        "unionpay_notifications",
        &[
            b"\0\0\x01appId=1&nonceStr=a&openId=A+/&timestamp=1764450007",
            b"\x03\x01\x01appId=1&bizOrderId=1&bizType=4h&merchantId=1&nonceStr=a&openId=\x1a\
              &timestamp=1764450007&transNo=1",
            b"\0\x02\x02appId=1&contractId=\x1a&nonceStr=a&openId=o&operateTime=2026-11-29 21:00:07\
              &timestamp=1764450007&trid=",
            b"\x02\x01\0{\"appId\":\"1\",\" transNo\":\"\x1a\",\"timestamp\":1764450007,\"signature\":\"\"}",
            b"\x01\0\0{\"openId\":\"\x1a\",\"openId\":null}",
            b"\0\0\x01appId=2&openId=a%26b&a=%ff",
        ],
    ),
    (
        "unionpay_pages",
        &[
            b"\0\0code=a%2Bb/c==&x=\x1a",
            b"\x01\x01code=\x1a",
            b"\x02\x01errmsg=\x1a&errorcode=user0001",
            b"\x01\0errmsg=\x1a&errorcode=N62132&state=a1",
            b"\0\0https://shop.example/back?a=1&b=2#/c",
            b"\0\0http://127.0.0.1:8080/%7E+",
            b"\x01\x01state=a1&code=1",
        ],
    ),
    (
        "unionpay_tdes",
        &[
            b"*\n6200000000000000",
            b"*\nt1K2uuCAGDIrGdo/gWjr\x1dEBwzT6ZcO8OE",
            b"1122334455667788AABBCCDDEEFF0011\n\xe5\xbc\xa0\xe4\xb8\x89",
            b"112233445566778\x1a\n",
        ],
    ),
    (
        "user_data",
        &[
            b"\0\x11\0\x01\0\0\0\0\xf7\x6b\x6b\x74\x031.2\x02\x00\x0a2020010203\x04\xc0\xee\xc3\xf7\x00",
            b"\x03\x11\0\0\x03\x074151012212\n1234567890123456\n2020010203\n\xe6\x9d\x8e\n\n",
            b"\x01\x03\x05\0\x30\x02\x10\x03\x20\x01\0\x0c\x034151012212\n\n\n\n\n",
            b"\0\x03\x05\0\xca\x04\xca\x05\x40\x01\x0141510122122020010203\x04Ming",
        ],
    ),
    (
        "values",
        &[
            b"\0\0\0\0\0\0\0\x04\x01" as &[u8],
            b"\0\x10\x10\0\x10\0\0\x08\x012018\n2019\n10.25\nkey\n0.07\n",
            b"\x01\xff\0\0\0\0\0\0\x09AT+CSQ\n10.2\n\xe6\x94\xaf,\n;\n",
        ],
    ),
];
