//! In which form an answer comes: as the tables have it, or as the samples do.

use serde_json::{Value, json};

use super::{CallName, UnionPayReply};

/// The tables and the samples of the document disagree about names, texts and envelopes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum AnswerForm {
    /// As the samples have it: 4.3 without an envelope and with blanks in values, `operationTime` in
    /// two forms, `result` around the envelope, `cardType`, numbers as texts.
    Samples,
    /// As the tables have it, in the envelope of 2.3.
    #[default]
    Tables,
}

impl UnionPayReply {
    /// The body of the answer.
    pub(super) fn body(&self, form: AnswerForm) -> Vec<u8> {
        let value = match form {
            AnswerForm::Samples => self.like_sample(),
            AnswerForm::Tables => self.envelope(self.code.resp, self.params.clone().into()),
        };
        value.to_string().into_bytes()
    }

    fn envelope(&self, resp: &str, params: Value) -> Value {
        json!({ "msg": self.code.msg, "params": params, "resp": resp })
    }

    fn like_sample(&self) -> Value {
        let mut params = self.params.clone();
        let mut rename = |from: &str, to: &str, change: fn(&str) -> String| {
            if let Some(Value::String(text)) = params.remove(from) {
                params.insert(to.into(), change(&text).into());
            }
        };
        match self.call {
            CallName::ContractApply => rename("operateTime", "operationTime", str::to_owned),
            CallName::ContractRelieve => rename("operateTime", "operationTime", punctuated),
            CallName::ReturnTax => rename("cardTyoe", "cardType", str::to_owned),
            CallName::Token => {
                for name in ["accessToken", "openId"] {
                    rename(name, name, |text| format!("{text} "));
                }
                rename("scope", "scope", |text| format!(" {text} "));
            }
            CallName::ContractStatus => {
                if let Some(enable) = params.get_mut("enable") {
                    *enable = enable.to_string().into();
                }
            }
            CallName::QualSelect if self.code.resp == "00" => {
                params.insert("respCode".into(), "00".into());
                params.insert("respMsg".into(), "成功".into());
            }
            _ => {}
        }
        // A resp in the parameters is empty there.
        if let Some(resp) = params.get_mut("resp") {
            *resp = "".into();
        }
        let refused = self.code.resp != "00";
        let params = Value::Object(params);
        match self.call {
            CallName::Token if !refused => params,
            CallName::ContractInfo | CallName::NewMsgPush | CallName::ReturnTax => {
                json!({ "result": self.envelope(self.code.resp, params) })
            }
            // 7.10 note 2 has a blank before the code.
            CallName::QualReduce if refused => {
                self.envelope(&format!(" {}", self.code.resp), params)
            }
            _ => self.envelope(self.code.resp, params),
        }
    }
}

/// `yyyy-MM-dd HH:mm:ss` of 14 digits.
pub(super) fn punctuated(digits: &str) -> String {
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let [date, time] = [
        [part(0, 4), part(4, 6), part(6, 8)].join("-"),
        [part(8, 10), part(10, 12), part(12, 14)].join(":"),
    ];
    format!("{date} {time}")
}
