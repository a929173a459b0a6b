//! Which text is signed: verified by another library than the crate's.

use data_encoding::BASE64;
use m26_pay::gateway::unionpay::{
    App, AppError, AppId, AppSecret, BaseUrl, ContractStatus, Empties, GetBackendToken,
    RedPacketGive, Signing, VerifyPwdSeqId,
};
use m26_pay::gateway::{SignError, SignType, Signer};
use serde_json::Value;
use support::keys::Pair;

use super::{APP_ID, app, qual_reduce, qual_send, red_packet_give, sent, verify_pwd_seq_id};

#[track_caller]
fn signs(body: &Value, text: &str) {
    let signature = BASE64.decode(body["signature"].as_str().unwrap().as_bytes()).unwrap();
    assert!(Pair::app().verify(text.as_bytes(), &signature), "it is no signature of {text}");
}

/// 5.8.1 notes 3 and 4: in clear, empties included.
#[test]
fn a_red_packet_is_signed_in_clear_with_its_empties() {
    let (_, body) = sent(&app(), &red_packet_give());
    signs(
        &body,
        "appId=fb707efe000000000000000c3a9e06d8&insAcctId=T00T00000000888527&mobile=13800000000\
         &nonceStr=KFTrLiCknhMlKKuv&openId=&pan=&pointAt=150&remark=&timestamp=1764450007\
         &transNumber=20191029163610128532046164531",
    );
}

/// 7.5 leaves them out where it verifies.
#[test]
fn empties_can_be_left_out() {
    let app = app().signing::<RedPacketGive>(Signing::RSA.empties(Empties::LeftOut));
    let (_, body) = sent(&app, &red_packet_give());
    assert!(body.get("pan").is_none() && body.get("remark").is_none());
    signs(
        &body,
        "appId=fb707efe000000000000000c3a9e06d8&insAcctId=T00T00000000888527&mobile=13800000000\
         &nonceStr=KFTrLiCknhMlKKuv&pointAt=150&timestamp=1764450007\
         &transNumber=20191029163610128532046164531",
    );
    // Another call stays as it was.
    let (_, body) = sent(&app, &qual_reduce());
    assert_eq!(body["qrCode"], "");
}

#[test]
fn chances_and_draws_are_signed_in_clear() {
    let (_, body) = sent(&app(), &qual_send());
    signs(
        &body,
        "appId=fb707efe000000000000000c3a9e06d8&count=2&endDate=20261231\
         &nonceStr=KFTrLiCknhMlKKuv&qualNum=681ee844-40de-0376-1257-3ace7bc3a7c2&qualType=mobile\
         &qualValue=13800000000&startDate=20261129&timestamp=1764450007\
         &transNumber=20191029163610128532046164531",
    );
    let (_, body) = sent(&app(), &qual_reduce());
    signs(
        &body,
        "activityNumber=1320190910000374&appId=fb707efe000000000000000c3a9e06d8&certId=\
         &icTerminal=&nonceStr=KFTrLiCknhMlKKuv&orderAmount=&qrCode=\
         &qualNum=681ee844-40de-0376-1257-3ace7bc3a7c2&qualType=mobile&qualValue=13800000000\
         &timestamp=1764450007&transNumber=20191029163610128532046164531",
    );
}

/// Trap 55: by RSA, whatever the text of 5.3.1 says; the quirk is SHA-256.
#[test]
fn a_password_is_signed_by_rsa_or_by_the_quirk() {
    let text = "accessToken=APwY8AIr7URGk2FP+3==&appId=fb707efe000000000000000c3a9e06d8\
                &bizOrderId=711076926887122&bizType=4h&clientIp=&merchantId=474919534200503\
                &nonceStr=KFTrLiCknhMlKKuv&notifyUrl=https://notify.example/pay?a=b&c=d\
                &openId=42q4vi0Ae+8oe0R0dx0S/MSYF2HC==&timestamp=1764450007";
    let (_, body) = sent(&app(), &verify_pwd_seq_id());
    signs(&body, text);
    let quirk = app().signing::<VerifyPwdSeqId>(Signing::SHA256);
    let (_, body) = sent(&quirk, &verify_pwd_seq_id());
    assert_eq!(body["signature"], sha256(text));
    let quirk = quirk.signing::<VerifyPwdSeqId>(Signing::SHA256.empties(Empties::LeftOut));
    let (_, body) = sent(&quirk, &verify_pwd_seq_id());
    assert_eq!(body["signature"], sha256(&text.replace("&clientIp=", "")));
}

fn sha256(text: &str) -> String {
    use rsa::sha2::{Digest as _, Sha256};
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

/// What goes by a backend token is not signed, whatever is turned.
#[test]
fn a_call_by_token_has_no_signature() {
    let call = ContractStatus::new(super::open_id());
    let app = app().signing::<ContractStatus>(Signing::RSA);
    let (_, body) = sent(&app, &call);
    assert!(body.get("signature").is_none() && body.get("nonceStr").is_none(), "{body}");
    assert_eq!(body["backendToken"], "ip76w9FgSjaxuN0tajG4Rg==");
}

#[test]
fn the_applications_own_public_key_is_refused_as_unionpays() {
    let own = || Pair::app().public_key();
    assert_eq!(app().unionpay_key(own()).unwrap_err(), AppError::OwnKey);
    let bare = App::new(
        BaseUrl::live(),
        AppId::new(APP_ID).unwrap(),
        AppSecret::new("dev-secret").unwrap(),
    );
    let given = bare.unionpay_key(own()).unwrap();
    assert_eq!(given.partner_key(Pair::app().private_key()).unwrap_err(), AppError::OwnKey);
    assert!(app().unionpay_key(Pair::other().public_key()).is_ok());
}

#[test]
fn a_signer_by_sha_1_is_refused_and_one_that_fails_sends_nothing() {
    #[derive(Debug)]
    struct Odd(SignType);
    impl Signer for Odd {
        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
            Err(SignError { reason: "the module is locked".into() })
        }
        fn sign_type(&self) -> SignType {
            self.0
        }
    }
    assert_eq!(app().partner_key(Odd(SignType::Rsa)).unwrap_err(), AppError::SignType);
    let app = app().partner_key(Odd(SignType::Rsa2)).unwrap();
    let error = app.request(&red_packet_give(), None, super::AT).unwrap_err();
    assert!(error.to_string().contains("nothing was sent: the module is locked"), "{error}");
    assert!(app.request(&GetBackendToken, None, super::AT).is_ok());
}

/// Two applications in one process never share a key.
#[test]
fn two_applications_are_two() {
    let other = App::new(
        BaseUrl::live(),
        AppId::new("other").unwrap(),
        AppSecret::new("other-secret").unwrap(),
    );
    let other = other.partner_key(Pair::other().private_key()).unwrap();
    let (_, one) = sent(&app(), &GetBackendToken);
    let (_, two) = sent(&other, &GetBackendToken);
    assert_ne!(one["signature"], two["signature"]);
    let (_, body) = sent(&other.symmetric_key(super::symmetric_key()), &red_packet_give());
    let signature = BASE64.decode(body["signature"].as_str().unwrap().as_bytes()).unwrap();
    let text = "appId=other&insAcctId=T00T00000000888527&mobile=13800000000\
                &nonceStr=KFTrLiCknhMlKKuv&openId=&pan=&pointAt=150&remark=&timestamp=1764450007\
                &transNumber=20191029163610128532046164531";
    assert!(Pair::other().verify(text.as_bytes(), &signature));
}
