//! Answers in JSON.

use std::fmt::{Display, Write as _};

use super::charset::Charset;
use super::params::Refusal;
use crate::sim::gateway::alipay::{Method, TradeAnswer, TradeView};
use crate::sim::gateway::beijing;

/// An answer, written: the node that is signed, and the member that it is the value of.
pub(super) struct Written {
    name: String,
    node: Vec<u8>,
}

impl Written {
    /// An answer of the trade machine.
    pub(super) fn answer(
        method: Option<Method>,
        answer: Option<&TradeAnswer>,
        charset: Charset,
    ) -> Self {
        let mut node = Node::new();
        if let Some(answer) = answer {
            node.answer(answer, method, charset);
        }
        Self { name: member(method), node: charset.encode(node.end()) }
    }

    /// A refusal at the door.
    pub(super) fn refusal(method: Option<Method>, refusal: &Refusal, charset: Charset) -> Self {
        let mut node = Node::new();
        node.text("code", refusal.code);
        node.text("msg", message(refusal.code, charset));
        node.text("sub_code", refusal.sub_code);
        node.text("sub_msg", &refusal.reason);
        Self { name: member(method), node: charset.encode(node.end()) }
    }

    /// What is signed.
    pub(super) fn node(&self) -> &[u8] {
        &self.node
    }

    /// The whole body. The number of the gateway's certificate is not signed.
    pub(super) fn body(&self, alipay_cert_sn: Option<&str>, sign: Option<&str>) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.node.len() + self.name.len() + 400);
        body.extend_from_slice(b"{\"");
        body.extend_from_slice(self.name.as_bytes());
        body.extend_from_slice(b"\":");
        body.extend_from_slice(&self.node);
        for (name, value) in [("alipay_cert_sn", alipay_cert_sn), ("sign", sign)] {
            if let Some(value) = value {
                body.extend_from_slice(format!(",\"{name}\":\"{value}\"").as_bytes());
            }
        }
        body.push(b'}');
        body
    }
}

/// The node: an object of texts, with code and message first.
struct Node(String);

impl Node {
    fn new() -> Self {
        Self("{".into())
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn answer(&mut self, answer: &TradeAnswer, method: Option<Method>, charset: Charset) {
        self.text("code", answer.code());
        self.text("msg", message(answer.code(), charset));
        match answer {
            TradeAnswer::Cancelled { out_trade_no, trade_no, action } => {
                self.maybe("action", action.map(|action| action.wire()));
                self.maybe("out_trade_no", out_trade_no.as_deref());
                self.text("retry_flag", "N");
                self.maybe("trade_no", *trade_no);
            }
            TradeAnswer::Closed(trade) | TradeAnswer::Waiting(trade) => self.numbers(trade),
            TradeAnswer::Found(trade) => {
                self.buyer(trade);
                self.maybe("send_pay_date", trade.paid_at.map(time));
                self.text("total_amount", trade.total);
                self.text("trade_status", trade.status.wire());
                self.numbers(trade);
            }
            TradeAnswer::Offered { out_trade_no, serial } => {
                self.text("out_trade_no", out_trade_no);
                self.text("qr_code", format_args!("https://qr.alipay.com/bax{serial:013}"));
            }
            TradeAnswer::Paid(trade) => {
                self.buyer(trade);
                self.maybe("gmt_payment", trade.paid_at.map(time));
                self.text("invoice_amount", trade.total);
                self.text("point_amount", "0.00");
                self.text("receipt_amount", trade.total);
                self.text("total_amount", trade.total);
                self.numbers(trade);
            }
            TradeAnswer::Refunded { trade, refunded, moved } => {
                self.text("buyer_logon_id", BUYER);
                self.text("fund_change", if *moved { "Y" } else { "N" });
                self.text("refund_fee", refunded);
                self.numbers(trade);
            }
            TradeAnswer::RefundFound { trade, refund } => {
                if let Some((out_request_no, amount)) = refund {
                    self.text("out_request_no", out_request_no);
                    self.text("refund_amount", amount);
                    self.text("refund_status", "REFUND_SUCCESS");
                    self.text("total_amount", trade.total);
                    self.numbers(trade);
                }
            }
            TradeAnswer::Refused { code, sub_code } => {
                self.text("sub_code", sub_code);
                self.text("sub_msg", if *code == 20000 { "系统繁忙" } else { "业务处理失败" });
                if method == Some(Method::Cancel) {
                    // Whether a cancel is to be tried again (facts 2.2).
                    let again = *code == 20000 || sub_code.ends_with("SYSTEM_ERROR");
                    self.text("retry_flag", if again { "Y" } else { "N" });
                }
            }
        }
    }

    fn buyer(&mut self, trade: &TradeView) {
        self.text("buyer_logon_id", BUYER);
        if trade.paid_at.is_some() {
            self.text("buyer_pay_amount", trade.total);
        }
    }

    fn numbers(&mut self, trade: &TradeView) {
        self.text("out_trade_no", &trade.out_trade_no);
        self.text("trade_no", trade.trade_no);
    }

    fn maybe(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A member; slashes are escaped, as the gateway does it (facts 1.3).
    fn text(&mut self, name: &str, value: impl Display) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":\"");
        // A `String` takes all that is written to it.
        let _ = write!(Escaped(&mut self.0), "{value}");
        self.0.push('"');
    }
}

/// Escapes what is written to it for the inside of a JSON text.
struct Escaped<'a>(&'a mut String);

impl std::fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for character in text.chars() {
            match character {
                '"' | '\\' | '/' => {
                    self.0.push('\\');
                    self.0.push(character);
                }
                '\u{0}'..='\u{1f}' => write!(self.0, "\\u{:04x}", u32::from(character))?,
                _ => self.0.push(character),
            }
        }
        Ok(())
    }
}

/// `alipay_trade_pay_response`; `error_response` where the method is not known (facts 1.3).
fn member(method: Option<Method>) -> String {
    let name = method.map_or_else(|| "error".into(), |method| method.wire().replace('.', "_"));
    name + "_response"
}

/// `msg` of a code (facts 2.3); in GBK in Chinese, so that its charset matters.
fn message(code: u16, charset: Charset) -> &'static str {
    match (code, charset) {
        (10000, Charset::Utf8) => "Success",
        (10000, Charset::Gbk) => "接口调用成功",
        (10003, _) => "order success pay inprocess",
        (20000, Charset::Utf8) => "Service Currently Unavailable",
        (20000, Charset::Gbk) => "系统繁忙",
        (40001, _) => "Missing Required Arguments",
        (40002, _) => "Invalid Arguments",
        (40004, _) => "Business Failed",
        (40005, _) => "Call Limited",
        _ => "Insufficient Permissions",
    }
}

fn time(unix: u64) -> impl Display {
    beijing::civil(unix).strftime("%Y-%m-%d %H:%M:%S")
}

/// Nobody's account.
const BUYER: &str = "sam***@example.com";
