//! What an error means for the money, by how far the till was.

use crate::advice::advices;

advices! {
    PREPARING "money-not-begun":
        cashier "No payment was begun.", "尚未发起任何收款。";
        technician "Not sent: no payment was begun.", "未发送：尚未发起任何收款。";
    SIGN_NOT_SENT "money-sign-not-sent":
        cashier "No money was taken. Begin the payment again.", "没有扣款。请重新收款。";
        technician "Not sent: the payment was not signed.", "未发送：付款未签名。";
    SIGN_REFUSED "money-sign-refused":
        cashier "No money was taken. Begin the payment again.", "没有扣款。请重新收款。";
        technician "Refused: the module signed nothing.", "被拒绝：模块未签名。";
    SIGN_UNKNOWN "money-sign-unknown":
        cashier "No money was taken. Begin the payment again.", "没有扣款。请重新收款。";
        technician "Unknown whether the module signed: the till has no signature, so it has asked nobody for money.",
            "无法确定模块是否已签名：收银程序没有得到签名，因此没有向任何一方请求扣款。";
    REPORT_NOT_SENT "money-report-not-sent":
        cashier "The sale stands. Its report is sent later.", "交易有效。记录将稍后上报。";
        technician "Not sent: the trade stands, and is not reported yet.", "未发送：交易有效，尚未上报。";
    REPORT_REFUSED "money-report-refused":
        cashier "The sale stands. Its report is sent later.", "交易有效。记录将稍后上报。";
        technician "Refused: the trade stands, and is not reported yet.", "被拒绝：交易有效，尚未上报。";
    REPORT_UNKNOWN "money-report-unknown":
        cashier "The sale stands. Its report is sent again.", "交易有效。记录将再次上报。";
        technician "Unknown whether the module holds the report: the trade itself stands.",
            "无法确定模块是否已保存该记录：交易本身有效。";
    CLOSING "money-all-done":
        cashier "All sales are signed and reported.", "所有交易均已签名并上报。";
        technician "All trades are signed and reported: nothing is open.", "所有交易均已签名并上报，没有未结事项。";
    RUN_AGAIN "next-run-again":
        cashier "Then start the till again.", "然后重新启动收银程序。";
        technician "Then run the program again.", "然后重新运行程序。";
    PAY_AGAIN "next-pay-again":
        cashier "Then begin the payment again.", "然后重新收款。";
        technician "Then begin the payment anew; a late signature must be used for nothing.",
            "然后重新发起付款；迟到的签名不得使用。";
    SEND_AGAIN "next-send-again":
        cashier "Then go on: the report is sent again.", "然后继续收款：记录会再次上报。";
        technician "Then send the same record again, which a till keeps until the module holds it.",
            "然后重发同一条记录；在模块保存之前，收银程序应保留该记录。";
    SWITCH_OFF "next-switch-off":
        cashier "Then switch the terminal off.", "然后关闭终端。";
        technician "Then switch the module off by its power key.", "然后用电源键关闭模块。";
    ENTRY_OPENING "money-book-closed":
        cashier "No payment was begun.", "尚未发起任何收款。";
        technician "Not sent: no payment was begun.", "未发送：尚未发起任何收款。";
    ENTRY_ANNOUNCING "money-not-announced":
        cashier "No payment was begun, since the till could not write it down.",
            "收银程序无法写入记录，因此未发起收款。";
        technician "Not sent: no payment was begun, since the till could not keep it on disk.",
            "未发送：收银程序无法将付款写入磁盘，因此未发起收款。";
    ENTRY_OUTCOME "money-outcome-not-kept":
        cashier "The sale stands, but is NOT kept. Write it down by hand: its number, the amount, the outcome, the time.",
            "交易有效，但结果【未保存】。请手工记下：单号、金额、结果、时间。";
        technician "The trade stands, and its report is NOT safe: all that is on disk is that there was a trade, whose outcome could not be written. Have it written down by hand.",
            "交易有效，但上报记录【不安全】：磁盘上只有交易已发起的记录，没有结果。请手工登记。";
    ENTRY_TRADE "money-trade-not-kept":
        cashier "The sale stands, but is NOT kept. Write it down by hand: the amount, the outcome, the time.",
            "交易有效，但记录【未保存】。请手工记下：金额、结果、时间。";
        technician "The trade stands, and its report is NOT safe: nothing of it is on disk. Have it written down by hand, and report it with m26 report.",
            "交易有效，但上报记录【不安全】：磁盘上没有任何记录。请手工登记，并用 m26 report 上报。";
    ENTRY_SETTLING "money-maybe-twice":
        cashier "All sales are kept: none is lost.", "所有交易均已保存，没有丢失。";
        technician "All trades are on disk: none is lost, and some may be reported twice.",
            "所有交易均已写入磁盘：没有丢失，个别可能重复上报。";
}
