//! What each command does. Keys are read before anything is sent.

mod ask;
mod callback;
mod cipher;
mod page;
mod story;

use m26_pay::gateway::unionpay::GetFrontToken;

use crate::args::{Command, Options};
use crate::problem::Problem;
use crate::screen::Ended;

pub(crate) type Outcome = Result<Ended, Problem>;

/// Carries out a command.
pub(crate) fn run(command: Command, options: &Options) -> Outcome {
    match command {
        Command::BackendToken => ask::backend_token(options),
        Command::Callback(event) => callback::callback(&event, options),
        Command::Config(args) => page::config(&args, options),
        Command::ContractApply(args) => ask::ask(&ask::contract_apply(&args)?, options),
        Command::ContractInfo(args) => ask::ask(&ask::contract_info(&args)?, options),
        Command::ContractRelieve(args) => ask::ask(&ask::contract_relieve(&args)?, options),
        Command::ContractStatus(args) => ask::ask(&ask::contract_status(&args)?, options),
        Command::Decrypt(text) => cipher::decrypt(&text, options),
        Command::Encrypt(text) => cipher::encrypt(&text, options),
        Command::FrontToken => ask::ask(&GetFrontToken, options),
        Command::NewMsgPush(args) => ask::ask(&ask::new_msg_push(&args)?, options),
        Command::Page(args) => page::address(&args, options),
        Command::PutIndustryCard(args) => ask::ask(&ask::put_industry_card(&args)?, options),
        Command::QualReduce(args) => ask::ask(&ask::qual_reduce(&args)?, options),
        Command::QualSelect(args) => ask::ask(&ask::qual_select(&args)?, options),
        Command::QualSend(args) => ask::ask(&ask::qual_send(&args)?, options),
        Command::RedPacketGive(args) => ask::ask(&ask::red_packet_give(&args)?, options),
        Command::RedPacketSelect(args) => ask::ask(&ask::red_packet_select(&args)?, options),
        Command::ReturnTax(args) => ask::ask(&ask::return_tax(&args)?, options),
        Command::Returned(args) => page::back(&args),
        Command::Story => story::story(options),
        Command::Token(args) => ask::ask(&ask::access_token(&args)?, options),
        Command::UserAuth(args) => ask::ask(&ask::user_auth(&args)?, options),
        Command::UserMobile(args) => ask::ask(&ask::user_mobile(&args)?, options),
        Command::VerifyPwdSeqId(args) => ask::ask(&ask::verify_pwd_seq_id(&args)?, options),
    }
}
