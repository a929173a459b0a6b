//! What to do about errors that the module itself reports: result codes and `+CME ERROR`.

use crate::advice::{Advice, advices};

advices! {
    REFUSED "command-refused":
        cashier "The payment module refused. Try again; if it happens again, call the technician.",
            "支付模块拒绝了操作。请重试；若再次出现，请联系技术人员。";
        technician "The module ended the command with an error; the message has its number or text. Remove that cause, or restart the module.",
            "模块以错误结束命令，错误信息中有错误号或文字。请排除该原因，或重启模块。";
    SIM "sim-missing":
        cashier "The SIM card is not ready. Call the technician.",
            "SIM 卡未就绪。请联系技术人员。";
        technician "The module has no SIM that it can use. Switch off, check the SIM and its holder, and switch on.",
            "模块没有可用的 SIM 卡。请关机，检查 SIM 卡及卡座，然后开机。";
    PIN "sim-locked":
        cashier "The SIM card is locked. Call the technician.",
            "SIM 卡已锁定。请联系技术人员。";
        technician "The SIM wants its PIN or PUK. Switch the request for a PIN off in a phone; after three wrong ones it needs the PUK.",
            "SIM 卡要求输入 PIN 或 PUK。请在手机中关闭 PIN 验证；输错三次后需要 PUK。";
    NETWORK "network-refused":
        cashier "The mobile network refuses the terminal. Wait a minute; if it stays so, call the technician.",
            "移动网络拒绝了终端。请等一分钟；若仍如此，请联系技术人员。";
        technician "The network does not serve this SIM or module. Check the antenna, that the SIM is active, and its contract.",
            "网络不为该 SIM 卡或模块服务。请检查天线、SIM 卡是否已激活以及套餐。";
    NOT_SUPPORTED "command-unknown":
        cashier "The payment module cannot do this. Call the technician.",
            "支付模块不支持此操作。请联系技术人员。";
        technician "The module does not know the command. Check that its firmware contains the Alipay SDK (m26 info), and the profile.",
            "模块不认识该命令。请确认固件包含支付宝 SDK（m26 info），并检查 Profile。";
    OPEN "open-failed":
        cashier "Alipay cannot be started. Call the technician.",
            "支付宝无法启动。请联系技术人员。";
        technician "AT+ALIPAYOPEN failed. Check registration (m26 signal) and configuration (m26 config show), and restart the module before the next attempt.",
            "AT+ALIPAYOPEN 失败。请检查网络注册（m26 signal）和配置（m26 config show），重启模块后再试。";
    SIGN "sign-failed":
        cashier "The payment was not signed. Begin it again with a new code.",
            "付款未能签名。请让顾客出示新的付款码，重新收款。";
        technician "AT+ALIPAYSIGN failed. Signing needs an open SDK, a bizTid and data of the chosen mode. If it fails every time, restart the module.",
            "AT+ALIPAYSIGN 失败。签名需要已打开的 SDK、bizTid 以及与模式相符的数据。若总是失败，请重启模块。";
    DEVICE_ID "device-id-failed":
        cashier "The terminal is not ready yet. Wait a minute; if it stays so, call the technician.",
            "终端尚未就绪。请等一分钟；若仍如此，请联系技术人员。";
        technician "AT+ALIPAYDID failed. The SDK must be open and have packet data; ask again later.",
            "AT+ALIPAYDID 失败。SDK 须已打开并有数据连接；请稍后再查询。";
    REPORT_QUEUE "report-queue-full":
        cashier "Sales are kept in the terminal until there is network. Go on as usual.",
            "交易记录暂存于终端，待网络恢复后上报。请照常收款。";
        technician "The module's cache of reports is full (6). It sends them when it reaches Alipay: check registration and packet data. Keep the report and send it again.",
            "模块的上报缓存已满（6）。连上支付宝后会自动发送：请检查网络注册和数据业务。请保留该记录并重发。";
    NOT_OPEN "sdk-not-open":
        cashier "Alipay is not started. Wait a minute; if it stays so, call the technician.",
            "支付宝尚未启动。请等一分钟；若仍如此，请联系技术人员。";
        technician "The SDK is not initialised (2): open it once after each start of the module.",
            "SDK 未初始化（2）：模块每次启动后须打开一次 SDK。";
    REPORT "report-failed":
        cashier "The report was not taken yet; the sale stands. Go on, and call the technician if it stays so.",
            "上报暂未成功，交易仍然有效。请照常收款；若一直如此，请联系技术人员。";
        technician "The module did not take the record; the message has its result code. 1 is a wrong parameter, the others pass: keep the record and send it again.",
            "模块未接受该记录，错误信息中有结果码。1 表示参数错误，其余为暂时性错误：请保留记录并重发。";
}

/// What to do about the result `code` of `command`.
pub(crate) fn failed(command: &str, code: i32) -> Advice {
    match (command, code) {
        ("AT+ALIPAYOPEN", _) => OPEN,
        ("AT+ALIPAYSIGN", _) => SIGN,
        ("AT+ALIPAYDID", _) => DEVICE_ID,
        ("AT+ALIPAYREP" | "AT+ALIPAYPINFO" | "AT+ALIPAYACT", 2) => NOT_OPEN,
        ("AT+ALIPAYREP" | "AT+ALIPAYPINFO" | "AT+ALIPAYACT", 6) => REPORT_QUEUE,
        ("AT+ALIPAYREP" | "AT+ALIPAYPINFO" | "AT+ALIPAYACT", _) => REPORT,
        _ => REFUSED,
    }
}

/// What to do about a command that was refused with this number of `+CME ERROR` (Quectel M26
/// AT命令手册 V1.1, table 8), if there is one.
pub(crate) fn refused(cme: Option<u16>) -> Advice {
    match cme {
        Some(10 | 13..=15 | 3516 | 3517 | 3772) => SIM,
        Some(5 | 11 | 12 | 16..=18 | 40..=47) => PIN,
        Some(30..=32 | 103..=113 | 132..=134 | 148..=150) => NETWORK,
        Some(4 | 601 | 607) => NOT_SUPPORTED,
        _ => REFUSED,
    }
}
