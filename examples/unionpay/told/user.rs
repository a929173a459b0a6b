//! Tokens and users.

use m26_pay::gateway::Fields;
use m26_pay::gateway::unionpay::{
    AccessGranted, BackendTokenGiven, FrontTokenGiven, GetAccessToken, GetBackendToken,
    GetFrontToken, PwdSeqId, UserAuth, UserIdentity, UserMobile, UserMobileNumber, VerifyPwdSeqId,
};

use super::{Said, Told};

impl Told for GetBackendToken {
    const READS: bool = true;

    fn tell(answer: &BackendTokenGiven, _: &Fields) -> Said {
        Said::new()
            .with("backendToken", answer.token.expose())
            .with("expiresIn", answer.expires_in.as_secs())
    }
}

impl Told for GetFrontToken {
    const READS: bool = true;

    fn tell(answer: &FrontTokenGiven, _: &Fields) -> Said {
        Said::new()
            .with("frontToken", answer.token.expose())
            .with("expiresIn", answer.expires_in.as_secs())
    }
}

/// It uses the code up.
impl Told for GetAccessToken {
    const READS: bool = false;

    fn tell(answer: &AccessGranted, _: &Fields) -> Said {
        Said::new()
            .with("accessToken", answer.access_token.expose())
            .with("expiresIn", answer.expires_in.as_secs())
            .with("refreshToken", answer.refresh_token.as_ref().map(|it| it.expose().as_str()))
            .with("openId", answer.open_id.expose())
            .with("scope", answer.scope.as_ref().map(ToString::to_string))
    }
}

impl Told for UserMobile {
    const READS: bool = true;

    fn tell(answer: &UserMobileNumber, _: &Fields) -> Said {
        Said::new().with("mobile", answer.mobile.expose().as_str())
    }
}

impl Told for UserAuth {
    const READS: bool = true;

    fn tell(answer: &UserIdentity, _: &Fields) -> Said {
        Said::new()
            .with("realName", answer.real_name.as_ref().map(|it| it.expose().as_str()))
            .with("certTp", answer.cert_tp.as_ref().map(|it| it.as_str()))
            .with("certId", answer.cert_id.as_ref().map(|it| it.expose().as_str()))
    }
}

impl Told for VerifyPwdSeqId {
    const READS: bool = false;

    fn tell(answer: &PwdSeqId, _: &Fields) -> Said {
        Said::new().with("transNo", answer.trans_no.as_str())
    }
}
