//! The codes of 7.7, and the one of 7.10 note 2.

use super::{Meaning, Remedy};
use crate::gateway::Effect;

/// What the spec says of a code.
pub(super) fn find(code: &str) -> Option<Meaning> {
    all().find(|(known, _)| *known == code).map(|(_, meaning)| meaning)
}

/// All that the spec lists.
pub(super) fn all() -> impl Iterator<Item = (&'static str, Meaning)> {
    TABLE.iter().copied()
}

macro_rules! rows {
    ($($code:literal, $effect:ident, $remedy:ident, $description:literal;)*) => {
        &[$((
            $code,
            Meaning {
                effect: Effect::$effect,
                remedy: Remedy::$remedy,
                description: $description,
            },
        )),*]
    };
}

/// A refusal of what was sent is *not done*: it is refused before it is worked on. An *exception*
/// (异常) of UnionPay's own may come at any time, so it proves nothing.
const TABLE: &[(&str, Meaning)] = rows! {
    "94", NotDone, User, "the face was not recognised, the user may try again tomorrow";
    "95", NotDone, User, "the face was not recognised";
    "96", NotDone, User, "the user has not set up recognition by photo";
    "a10", NotDone, FetchBackendToken, "the backend token is not valid, or not any more";
    "a20", NotDone, FetchFrontToken, "the front token is not valid, or not any more";
    "a31", NotDone, Authorise, "the authorisation code is not valid, or not any more: it lives five minutes and is used once";
    "BC2126", NotDone, Platform, "UnionPay does not know this appId";
    "BC2127", NotDone, FetchBackendToken, "UnionPay does not know this backend token";
    "BC2133", Unknown, Later, "UnionPay failed to look up the application";
    "N60005", NotDone, Program, "cdhdUsrId is empty";
    "N62100", NotDone, Program, "appId is empty";
    "N62101", NotDone, Program, "backendToken is empty";
    "N62102", NotDone, Program, "frontToken is empty";
    "N62103", NotDone, Program, "scope is empty";
    "N62104", NotDone, Program, "the signature is empty";
    "N62105", NotDone, Program, "responseType must be code";
    "N62106", NotDone, Program, "grantType must be authorization_code";
    "N62107", NotDone, Program, "nonceStr is empty";
    "N62108", NotDone, Program, "timestamp is empty";
    "N62109", NotDone, Program, "accessToken is empty";
    "N62110", NotDone, Program, "openId is empty";
    "N62111", NotDone, Program, "url is empty";
    "N62112", NotDone, Program, "code is empty";
    "N62113", NotDone, Program, "contractCode is empty";
    "N62114", NotDone, Program, "planId is empty";
    "N62115", NotDone, Program, "contractId is empty";
    "N62116", NotDone, Program, "content is empty";
    "N62117", NotDone, Program, "secret is empty";
    "N62118", NotDone, Program, "actionType is empty";
    "N62119", NotDone, Program, "channelNo is empty";
    "N62120", NotDone, Program, "region is empty";
    "N62121", NotDone, Program, "result is empty";
    "N62122", NotDone, Program, "bizOrderId is empty";
    "N62123", NotDone, Program, "bizType is empty";
    "N62124", NotDone, Program, "merchantId is empty";
    "N62125", NotDone, Program, "notifyUrl is empty";
    "N62126", NotDone, Platform, "UnionPay does not know this appId";
    "N62127", NotDone, FetchBackendToken, "UnionPay does not know this backend token";
    "N62128", NotDone, Program, "the name of the call is empty";
    "N62129", NotDone, Program, "relateId is empty";
    "N62130", NotDone, Program, "trId is empty";
    "N62131", NotDone, Platform, "the application may not do this: check the scope of the login, and ask UnionPay for the permission";
    "N62132", NotDone, Platform, "the domain is not the one that was applied for: compare it with redirectUri";
    "N62133", Unknown, Later, "UnionPay failed to look up the application";
    "N62134", NotDone, Program, "refundNo is empty";
    "N62135", NotDone, Authorise, "the user did not give the phone number when authorising";
    "N62136", NotDone, User, "the user has no phone number";
    "N62137", Unknown, Later, "UnionPay failed to look up the merchant of the contract";
    "N62138", Unknown, Ask, "UnionPay failed to verify the payment password";
    "N62142", NotDone, Program, "the key to be renewed is empty";
    "N62143", NotDone, Program, "the expiry to be renewed is empty";
    "S52131", NotDone, Platform, "the application may not do this: check the scope of the login, and ask UnionPay for the permission";
    "S52136", NotDone, User, "the user has no phone number";
    // 7.10 note 2.
    "AM03051", NotDone, Platform, "the account of the draw has not enough in it: nothing was given";
};
