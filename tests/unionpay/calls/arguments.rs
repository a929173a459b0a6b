//! What is no argument: refused before anything is sent, with field, limit and position.

use m26_pay::argument::InvalidArgument;
use m26_pay::gateway::unionpay::{
    AccessToken, AppId, AppSecret, AuthorisationCode, BackendToken, BaseUrl, BizOrderId, BizType,
    CertId, ContractCode, ContractId, InsAcctId, MerchantId, MessageContent, MessageUrl, Mobile,
    NotifyUrl, OpenId, OrderAmount, Pan, PersonName, PlanId, QualSend, RedPacketGive,
    RedPacketSelect, Remark, SymmetricKey, TransNumber,
};
use m26_pay::unix_time::UnixMillis;

use super::{account, mobile, number, pool};

#[track_caller]
fn refused<T: std::fmt::Debug>(made: Result<T, InvalidArgument>, says: &str) {
    let error = made.unwrap_err();
    assert_eq!(error.to_string(), says);
}

#[test]
fn field_limit_and_position_are_named() {
    refused(AppId::new(""), "appId is empty");
    refused(
        AppId::new("a".repeat(65)),
        "appId has 65 characters, at most 64 are allowed (position 64)",
    );
    refused(AppId::new("a&b"), "appId holds byte 0x26 at position 1, which is not allowed there");
    refused(
        AppSecret::new("two words"),
        "secret holds byte 0x20 at position 3, which is not allowed there",
    );
    refused(
        BackendToken::new("ip76w9FgSjaxuN0tajG4Rg==\n"),
        "backendToken holds byte 0x0a at position 24, which is not allowed there",
    );
    refused(
        AuthorisationCode::new("KFTr LiCknh"),
        "code holds byte 0x20 at position 4, which is not allowed there",
    );
    refused(AccessToken::new(""), "accessToken is empty");
    refused(OpenId::new("版"), "openId holds byte 0xe7 at position 0, which is not allowed there");
    refused(
        BaseUrl::new("http://open.95516.com/open"),
        "base must be an https URL: http is for a simulator on this host (127.0.0.1, localhost, \
         [::1])",
    );
    refused(
        BaseUrl::new("https://open.95516.com/a?b"),
        "base holds byte 0x3f at position 24, which is not allowed there",
    );
    refused(PlanId::new("a b"), "planId holds byte 0x20 at position 1, which is not allowed there");
    refused(ContractCode::new(""), "contractCode is empty");
    refused(ContractId::new(""), "contractId is empty");
    refused(BizOrderId::new(""), "bizOrderId is empty");
    refused(
        BizType::new("4-a"),
        "bizType holds byte 0x2d at position 1, which is not allowed there",
    );
    refused(
        MerchantId::new("4749.5"),
        "merchantId holds byte 0x2e at position 4, which is not allowed there",
    );
    refused(
        NotifyUrl::new("notify.example"),
        "notifyUrl must be a URL such as https://shop.example/notify",
    );
    refused(
        MessageUrl::new("https://mobile.example/消息"),
        "url holds byte 0xe6 at position 23, which is not allowed there",
    );
    refused(
        MessageContent::new("推".repeat(71)),
        "content has 142 characters, at most 140 are allowed (position 210)",
    );
    refused(
        PersonName::new("张\u{7}三"),
        "name holds byte 0x07 at position 3, which is not allowed there",
    );
    refused(CertId::new(""), "certId is empty");
    refused(
        Mobile::new("138 0000 0000"),
        "mobile holds byte 0x20 at position 3, which is not allowed there",
    );
    refused(Pan::new("62000000000"), "pan must have 12 to 19 digits");
    refused(
        InsAcctId::new("T00000000888527"),
        "insAcctId must have 18 letters and digits: T00 and the institution's code",
    );
    refused(TransNumber::new(""), "transNumber is empty");
    refused(
        Remark::new("x".repeat(257)),
        "remark has 257 characters, at most 256 are allowed (position 256)",
    );
    refused(
        OrderAmount::new("1,0"),
        "orderAmount holds byte 0x2c at position 1, which is not allowed there",
    );
    refused(SymmetricKey::new("12"), "symmetricKey must have 32 or 48 hex digits");
}

#[test]
fn rules_between_arguments() {
    let nothing = RedPacketGive::new(account(), number(), mobile(), "0.00".parse().unwrap());
    refused(nothing, "pointAt must be at least 1 fen (position 0)");
    let (first, last) = ("20261231".parse().unwrap(), "20261230".parse().unwrap());
    let backward = QualSend::new(pool(), mobile(), 1.try_into().unwrap(), number(), first, last);
    refused(backward, "endDate must not be before startDate");
    let unset = RedPacketSelect::new(account(), number(), UnixMillis(0));
    refused(unset, "transTm is no time of a clock that is set");
    assert!(RedPacketSelect::new(account(), number(), UnixMillis::MAX).is_err());
}

#[test]
fn an_error_shows_no_argument() {
    for error in [
        Mobile::new("13800000000x").unwrap_err(),
        Pan::new("6200000000000000x").unwrap_err(),
        AppSecret::new("dev-secret ").unwrap_err(),
        OpenId::new("42q4vi0Ae 8oe0R").unwrap_err(),
        SymmetricKey::new("11223344556677889").unwrap_err(),
    ] {
        let shown = format!("{error} {error:?}");
        for part in ["1380", "6200", "dev-", "42q4", "1122"] {
            assert!(!shown.contains(part), "{shown}");
        }
    }
}
