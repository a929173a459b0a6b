//! Contracts.

use m26_pay::gateway::Fields;
use m26_pay::gateway::unionpay::{
    ContractApplied, ContractApply, ContractInfo, ContractRelation, ContractRelieve,
    ContractRelieved, ContractStatus, UnfinishedOrders,
};

use super::{Said, Told, beijing};

impl Told for ContractApply {
    const READS: bool = false;

    fn tell(answer: &ContractApplied, fields: &Fields) -> Said {
        named(fields)
            .with("operateTime", beijing(answer.operate_time))
            .with("contractId", answer.contract_id.expose())
    }
}

impl Told for ContractRelieve {
    const READS: bool = false;

    fn tell(answer: &ContractRelieved, fields: &Fields) -> Said {
        named(fields).with("operateTime", beijing(answer.operate_time))
    }
}

impl Told for ContractStatus {
    const READS: bool = true;

    fn tell(answer: &UnfinishedOrders, _: &Fields) -> Said {
        Said::new().with("enable", answer.enable)
    }
}

impl Told for ContractInfo {
    const READS: bool = true;

    fn tell(answer: &ContractRelation, _: &Fields) -> Said {
        Said::new()
            .with("contractId", answer.contract_id.as_ref().map(|it| it.expose()))
            .with("contractStatus", answer.status.as_str())
    }
}

/// What names the contract, as it came back.
fn named(fields: &Fields) -> Said {
    Said::new().copied(fields, "contractCode").copied(fields, "planId").copied(fields, "openId")
}
