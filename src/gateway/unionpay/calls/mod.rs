//! The calls, one file each.

mod access_token;
mod backend_token;
mod contract_apply;
mod contract_info;
mod contract_relieve;
mod contract_status;
mod front_token;
mod new_msg_push;
mod put_industry_card;
mod qual_reduce;
mod qual_select;
mod qual_send;
mod red_packet_give;
mod red_packet_select;
mod return_tax;
mod user_auth;
mod user_mobile;
mod verify_pwd_seq_id;

pub use access_token::{AccessGranted, GetAccessToken};
pub use backend_token::{BackendTokenGiven, GetBackendToken};
pub use contract_apply::{ContractApplied, ContractApply};
pub use contract_info::{ContractInfo, ContractRelation, ContractState};
pub use contract_relieve::{ContractRelieve, ContractRelieved};
pub use contract_status::{ContractStatus, UnfinishedOrders};
pub use front_token::{FrontTokenGiven, GetFrontToken};
pub use new_msg_push::{MessageAccepted, NewMsgPush};
pub use put_industry_card::{IndustryCardPut, PutIndustryCard, TransTp};
pub use qual_reduce::{Draw, QualReduce};
pub use qual_select::{Chance, Chances, QualSelect};
pub use qual_send::{ChancesAccepted, QualSend};
pub use red_packet_give::{Receiver, RedPacketAccepted, RedPacketGive};
pub use red_packet_select::{RedPacketAccount, RedPacketSelect};
pub use return_tax::{CardType, ReturnTax, TaxRefundCard};
pub use user_auth::{CertTp, UserAuth, UserIdentity};
pub use user_mobile::{UserMobile, UserMobileNumber};
pub use verify_pwd_seq_id::{PwdSeqId, VerifyPwdSeqId};
