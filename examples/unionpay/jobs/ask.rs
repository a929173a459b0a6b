//! One call: from the options to what its answer says.

use std::num::NonZeroU32;

use m26_pay::amount::Amount;
use m26_pay::gateway::unionpay::{
    ContractApply, ContractInfo, ContractRelieve, ContractStatus, GetAccessToken, GetBackendToken,
    Mobile, NewMsgPush, OpenId, Pan, PutIndustryCard, QualReduce, QualSelect, QualSend, Qualified,
    Receiver, RedPacketGive, RedPacketSelect, ReturnTax, TransTp, UserAuth, UserMobile,
    VerifyPwdSeqId,
};

use super::Outcome;
use crate::args::{
    Account, Apply, Card, Give, Info, Login, MaybeGiven as _, OfUser, Options, Push, QualType,
    Reduce, Refund, Relieve, Select, Send, Verify, Whose,
};
use crate::desk::Desk;
use crate::problem::Problem;
use crate::told::{Said, Told};
use crate::wall::wall;
use crate::{args, trouble};

/// Makes a call and tells what its answer says.
pub(super) fn ask<C: Told>(call: &C, options: &Options) -> Outcome {
    Ok(tell(call, &Desk::new(options)?)?.ended())
}

/// The same at a desk.
pub(super) fn tell<C: Told>(call: &C, desk: &Desk) -> Result<Said, Problem> {
    let answer = desk.ask(call)?;
    match answer.result {
        Ok(result) => Ok(C::tell(&result, &answer.fields)),
        Err(refusal) if C::READS => Err(trouble::refused(&refusal)),
        Err(refusal) => Err(refusal.into()),
    }
}

/// A new token; where tokens are shared, the one that all have, or the others would lose theirs.
pub(super) fn backend_token(options: &Options) -> Outcome {
    let desk = Desk::new(options)?;
    if desk.shares_tokens {
        let token = desk.backend_token()?;
        return Ok(Said::new().with("backendToken", token.expose()).ended());
    }
    Ok(tell(&GetBackendToken, &desk)?.ended())
}

pub(super) fn access_token(args: &Login) -> Result<GetAccessToken, Problem> {
    Ok(GetAccessToken::new(args.code.read()?))
}

pub(super) fn user_mobile(args: &OfUser) -> Result<UserMobile, Problem> {
    Ok(UserMobile::new(args.open_id.read()?, args.access_token.read()?))
}

pub(super) fn user_auth(args: &OfUser) -> Result<UserAuth, Problem> {
    Ok(UserAuth::new(args.open_id.read()?, args.access_token.read()?))
}

pub(super) fn verify_pwd_seq_id(args: &Verify) -> Result<VerifyPwdSeqId, Problem> {
    let call = VerifyPwdSeqId::new(
        args.user.open_id.read()?,
        args.user.access_token.read()?,
        args.biz_order_id.read()?,
        args.biz_type.read()?,
        args.merchant_id.read()?,
        args.notify_url.read()?,
    );
    Ok(args.client_ip.into_iter().fold(call, VerifyPwdSeqId::client_ip))
}

pub(super) fn contract_apply(args: &Apply) -> Result<ContractApply, Problem> {
    Ok(ContractApply::new(
        args.user.open_id.read()?,
        args.user.access_token.read()?,
        args.plan_id.read()?,
        args.contract_code.read()?,
    ))
}

pub(super) fn contract_relieve(args: &Relieve) -> Result<ContractRelieve, Problem> {
    Ok(ContractRelieve::new(
        args.open_id.read()?,
        args.contract_id.read()?,
        args.plan_id.read()?,
        args.contract_code.read()?,
    ))
}

pub(super) fn contract_status(args: &Whose) -> Result<ContractStatus, Problem> {
    Ok(ContractStatus::new(args.open_id.read()?))
}

pub(super) fn contract_info(args: &Info) -> Result<ContractInfo, Problem> {
    Ok(ContractInfo::new(args.open_id.read()?, args.plan_id.read()?))
}

pub(super) fn new_msg_push(args: &Push) -> Result<NewMsgPush, Problem> {
    Ok(NewMsgPush::new(args.open_id.read()?, args.content.read()?, args.url.read()?))
}

pub(super) fn return_tax(args: &Refund) -> Result<ReturnTax, Problem> {
    Ok(ReturnTax::new(args.refund_no.read()?))
}

pub(super) fn put_industry_card(args: &Card) -> Result<PutIndustryCard, Problem> {
    let trans_tp = match args.trans_tp {
        args::TransTp::Add => TransTp::Add,
        args::TransTp::Update => TransTp::Update,
        args::TransTp::Delete => TransTp::Delete,
    };
    let call = PutIndustryCard::new(
        trans_tp,
        args.open_id.read()?,
        args.card_module_id.read()?,
        args.buss_card_no.read()?,
        args.card_sub_tp.read()?,
    );
    let call = args.region.read()?.into_iter().fold(call, PutIndustryCard::region);
    let call = args.channel_no.read()?.into_iter().fold(call, PutIndustryCard::channel_no);
    let call = args.name.read()?.into_iter().fold(call, PutIndustryCard::name);
    let call = args.cert_id.read()?.into_iter().fold(call, PutIndustryCard::cert_id);
    Ok(args.mobile_no.read()?.into_iter().fold(call, PutIndustryCard::mobile_no))
}

pub(super) fn red_packet_give(args: &Give) -> Result<RedPacketGive, Problem> {
    let receiver = receiver(args.open_id.read()?, args.mobile.read()?, args.pan.read()?);
    let receiver = receiver.ok_or_else(|| Problem::usage(NOBODY))?;
    let point_at = Amount::from_fen(args.point_at.read()?).map_err(Problem::usage)?;
    let call = RedPacketGive::new(
        args.ins_acct_id.read()?,
        args.trans_number.read()?,
        receiver,
        point_at,
    )?;
    Ok(args.remark.read()?.into_iter().fold(call, RedPacketGive::remark))
}

fn receiver(open_id: Option<OpenId>, mobile: Option<Mobile>, pan: Option<Pan>) -> Option<Receiver> {
    let receiver = match (open_id, mobile) {
        (Some(open_id), Some(mobile)) => Some(Receiver::from(open_id).mobile(mobile)),
        (Some(open_id), None) => Some(open_id.into()),
        (None, mobile) => mobile.map(Into::into),
    };
    match (receiver, pan) {
        (Some(receiver), Some(pan)) => Some(receiver.pan(pan)),
        (receiver, pan) => receiver.or(pan.map(Into::into)),
    }
}

pub(super) fn red_packet_select(args: &Account) -> Result<RedPacketSelect, Problem> {
    Ok(RedPacketSelect::new(args.ins_acct_id.read()?, args.trans_number.read()?, wall())?)
}

pub(super) fn qual_select(args: &Select) -> Result<QualSelect, Problem> {
    Ok(QualSelect::new(args.user.qual_num.read()?, qualified(&args.user)?))
}

pub(super) fn qual_send(args: &Send) -> Result<QualSend, Problem> {
    let count: NonZeroU32 = args.count.read()?;
    Ok(QualSend::new(
        args.user.qual_num.read()?,
        qualified(&args.user)?,
        count,
        args.trans_number.read()?,
        args.start_date.read()?,
        args.end_date.read()?,
    )?)
}

pub(super) fn qual_reduce(args: &Reduce) -> Result<QualReduce, Problem> {
    let call = QualReduce::new(
        args.activity_number.read()?,
        args.user.qual_num.read()?,
        qualified(&args.user)?,
        args.trans_number.read()?,
    );
    let call = args.order_amount.read()?.into_iter().fold(call, QualReduce::order_amount);
    let call = args.cert_id.read()?.into_iter().fold(call, QualReduce::cert_id);
    let call = args.ic_terminal.read()?.into_iter().fold(call, QualReduce::ic_terminal);
    Ok(args.qr_code.read()?.into_iter().fold(call, QualReduce::qr_code))
}

fn qualified(args: &args::Qualified) -> Result<Qualified, Problem> {
    Ok(match args.qual_type {
        QualType::CardNo => args.qual_value.read::<Pan>()?.into(),
        QualType::Mobile => args.qual_value.read::<Mobile>()?.into(),
        QualType::OpenId => args.qual_value.read::<OpenId>()?.into(),
    })
}

const NOBODY: &str = "who gets it? give --open-id, --mobile or --pan";
