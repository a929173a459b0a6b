//! What to do about errors of Alipay's open platform, and about the outcomes of its payments.

use crate::advice::advices;

advices! {
    GIVE_GOODS "give-goods":
        cashier "Paid. Give the goods.", "已付款。请交货。";
        technician "Alipay's verified answer has this order's number and amount.",
            "支付宝已验签的应答与本订单的单号和金额一致。";
    PAY_AGAIN "pay-again":
        cashier "Not paid. To pay, show a new code.", "未付款。如需付款，请出示新的付款码。";
        technician "The trade is closed at Alipay. Use a new out_trade_no for the next attempt.",
            "支付宝侧交易已关闭。下次收款请使用新的 out_trade_no。";
    OTHER_MEANS "other-means":
        cashier "Not paid: Alipay refused. Ask for a new code or another means of payment.",
            "未付款：支付宝拒绝。请顾客出示新的付款码，或换一种支付方式。";
        technician "The sub_code says why. Use a new out_trade_no for the next attempt.",
            "原因见 sub_code。下次收款请使用新的 out_trade_no。";
    CALL_TECHNICIAN "call-technician":
        cashier "Not paid: Alipay does not accept this till. Take cash and call the technician.",
            "未付款：支付宝不接受本收银台。请收现金并联系技术人员。";
        technician "Alipay refused the request itself: see code and sub_code. Check the app's contract, its keys, the store_id and the parameters.",
            "支付宝拒绝了请求本身：见 code 和 sub_code。请检查应用的签约、密钥、store_id 和参数。";
    CHECK_NETWORK "check-network":
        cashier "Not paid: there is no connection. Try again, or take cash.",
            "未付款：没有网络连接。请重试，或收现金。";
        technician "No byte of the request was sent. Check the network, the name server, the gateway's address and the clock (a certificate may not be valid yet).",
            "请求未发出任何字节。请检查网络、DNS、网关地址和时钟（证书可能尚未生效）。";
    CHECK_JOURNAL "check-journal":
        cashier "Do not give the goods: the till cannot write. Call the technician.",
            "请勿交货：收银台无法写入。请联系技术人员。";
        technician "The journal could not be written. Check its disk for room and for damage, then have open orders settled.",
            "日志无法写入。请检查磁盘空间和是否损坏，然后处理未结订单（settle）。";
    GIVEN_BACK "given-back":
        cashier "Not paid: the money was given back to the customer.",
            "未付款：款项已退还顾客。";
        technician "A cancel found the trade paid and refunded it.",
            "撤销时交易已付款，已退款。";
    WAIT "wait":
        cashier "Not known yet. Do not give the goods, and do not take the money again.",
            "结果未知。请勿交货，也不要重复收款。";
        technician "No verified answer proved an outcome. The order is open in the journal and is asked for again; see its evidence for the last code.",
            "没有已验签的应答证明结果。订单在日志中未结，会继续查询；最后的 code 见其证据。";
    WAIT_CANCELLING "wait-cancelling":
        cashier "Not known yet. Do not give the goods: what was paid is being given back.",
            "结果未知。请勿交货：已付款项正在退还。";
        technician "A cancel was sent and not confirmed. The order is open in the journal and is cancelled again.",
            "撤销已发出但未确认。订单在日志中未结，会再次撤销。";
    NUMBER_TAKEN "number-taken":
        cashier "Do not give the goods. Call the technician.", "请勿交货。请联系技术人员。";
        technician "Alipay has a trade of this out_trade_no with another amount, so it is not this order's. It was not cancelled. Find out who uses the same numbers.",
            "支付宝有同一 out_trade_no 但金额不同的交易，不属于本订单，未撤销。请查明谁在使用相同单号。";
    ASK_ELSEWHERE "ask-elsewhere":
        cashier "Another till works on this order. Ask there.", "另一收银台正在处理该订单。请到那里询问。";
        technician "Another program changed the order in the journal. See its owner.",
            "其他程序修改了日志中的该订单。请查看其持有者。";
    ASK_ALIPAY "ask-alipay":
        cashier "Not known. Ask the merchant's office before you take the money again.",
            "结果未知。重新收款前请先询问商户后台。";
        technician "A person gave this order up. Look for it in the merchant's Alipay account.",
            "该订单已被人工放弃。请到商户的支付宝账户中核对。";
    REFUNDED "refunded":
        cashier "The money goes back to the customer.", "款项已退还顾客。";
        technician "Alipay's verified answer says that this refund was made.",
            "支付宝已验签的应答表明退款成功。";
    REFUND_REFUSED "refund-refused":
        cashier "Not refunded: Alipay refused. Call the technician.",
            "未退款：支付宝拒绝。请联系技术人员。";
        technician "The sub_code says why. Once that is mended, ask for it again with the same out_request_no.",
            "原因见 sub_code。问题解决后，请用同一 out_request_no 再次申请退款。";
    REFUND_NOT_SENT "refund-not-sent":
        cashier "Not refunded: nothing was sent. Try again.", "未退款：请求未发出。请重试。";
        technician "The journal could not be written, or no byte reached the gateway. Ask for it again with the same out_request_no.",
            "日志无法写入，或请求未到达网关。请用同一 out_request_no 再次申请退款。";
    REFUND_UNKNOWN "refund-unknown":
        cashier "Not known yet whether the money went back. Do not give it back in another way.",
            "退款结果未知。请勿用其他方式退款。";
        technician "No verified answer proved an outcome. The refund is open in the journal and is asked about again. Asking for it with the same out_request_no gives it back once.",
            "没有已验签的应答证明结果。退款在日志中未结，会继续查询。用同一 out_request_no 再次申请只会退款一次。";
    HELD "order-held":
        cashier "Another till works on this order. Ask there, or wait a minute.",
            "另一收银台正在处理该订单。请到那里询问，或等一分钟。";
        technician "The order is leased to another program or thread; the message names it. Ask there, or wait until the lease ends.",
            "订单由其他程序或线程持有，错误信息中有其名称。请到那里查询，或等租约到期。";
    NUMBER_USED "order-number-used":
        cashier "This order number was used before. Begin a new sale.",
            "该单号已使用过。请新开一单。";
        technician "Every attempt to pay has an out_trade_no of its own. Nothing was sent. See the order in the journal.",
            "每次收款须使用新的 out_trade_no。尚未发送任何数据。请在日志中查看该订单。";
    THREAD "no-thread":
        cashier "Not known yet. Do not give the goods; call the technician.",
            "结果未知。请勿交货，联系技术人员。";
        technician "The system gave no thread. What was begun is open in the journal: settle it. Check the limits of the process.",
            "系统无法创建线程。已发起的订单在日志中未结：请执行 settle，并检查进程限制。";
    NOT_SIGNED_BY_MODULE "sale-not-signed":
        cashier "Not sold: no money was taken. Wait until the terminal is ready, and begin again.",
            "未成交：没有扣款。请等终端就绪后重新收款。";
        technician "The module did not sign, so no money was asked for. The source of the error says why.",
            "模块未签名，因此没有请求扣款。原因见错误来源。";
    ANOTHER_TRADE "answer-another-trade":
        cashier "Not known yet. Do not give the goods, and do not take the money again.",
            "结果未知。请勿交货，也不要重复收款。";
        technician "The verified answer speaks of another order, so it proves nothing of this one. Look for a proxy that mixes answers, and ask again.",
            "已验签的应答属于另一订单，不能证明本订单。请检查是否有代理混淆应答，然后重新查询。";
    OTHER_CERTIFICATE "answer-other-certificate":
        cashier "Not known yet. Do not give the goods; call the technician.",
            "结果未知。请勿交货，联系技术人员。";
        technician "Alipay signs with a newer certificate than the one here. Download it (支付宝公钥证书) from the developer centre and give it.",
            "支付宝已换用新证书。请从开放平台下载最新的支付宝公钥证书并配置。";
    UNSIGNED "answer-unsigned":
        cashier "Not known yet. Do not give the goods, and do not take the money again.",
            "结果未知。请勿交货，也不要重复收款。";
        technician "The answer has no signature, so it proves nothing. Check for a proxy in between, and the application's settings at Alipay.",
            "应答没有签名，不能证明任何结果。请检查中间代理和应用在支付宝的设置。";
    UNVERIFIED "answer-unverified":
        cashier "Not paid, as it seems: call the technician before you try again.",
            "看来未付款：重试前请联系技术人员。";
        technician "Alipay refuses without a signature: the code is likely true, and nothing is proven. Often the app_id, the key or the signature of the request is wrong.",
            "支付宝的拒绝没有签名：错误码多半属实，但不能证明。常见原因是 app_id、密钥或请求签名有误。";
    WRONG_SIGNATURE "answer-wrong-signature":
        cashier "Not known yet. Do not give the goods; call the technician.",
            "结果未知。请勿交货，联系技术人员。";
        technician "The answer does not verify: it was changed on its way, or the platform's public key (支付宝公钥) is not the one of this application.",
            "应答验签失败：途中被改动，或配置的支付宝公钥不属于本应用。";
    REFUSED "alipay-refused":
        cashier "Alipay refused. Try again; if it happens again, call the technician.",
            "支付宝拒绝了操作。请重试；若再次出现，请联系技术人员。";
        technician "See code and sub_code of the refusal, and what they mean for this call.",
            "请查看拒绝的 code 和 sub_code 及其在该接口中的含义。";
    APP_CERTIFICATE "app-certificate":
        cashier "The terminal has a wrong certificate. Call the technician.",
            "终端使用的证书不正确。请联系技术人员。";
        technician "The application's certificate (应用公钥证书) is not that of the private key. Give the pair that belongs together.",
            "应用公钥证书与私钥不匹配。请使用配套的证书和私钥。";
    OWN_KEY "own-key":
        cashier "The terminal has a wrong key. Call the technician.",
            "终端使用的密钥不正确。请联系技术人员。";
        technician "The application's own public key stands where Alipay's (支付宝公钥) belongs. Copy that one from the developer centre.",
            "此处误用了应用公钥，应填支付宝公钥。请从开放平台复制。";
    CHARSET "text-not-in-charset":
        cashier "A text holds a character that cannot be sent. Change it and try again.",
            "文字中有无法发送的字符。请修改后重试。";
        technician "The request's charset lacks a character; the message has its code point. Use UTF-8, or change the text. Nothing was sent.",
            "请求字符集中没有某个字符，错误信息中有其码位。请使用 UTF-8 或修改文字。尚未发送任何数据。";
    CERTIFICATE "certificate-invalid":
        cashier "The terminal has a wrong certificate. Call the technician.",
            "终端使用的证书不正确。请联系技术人员。";
        technician "A certificate cannot be used; the message says which file and why. Download it again from the developer centre.",
            "证书无法使用，错误信息中有文件和原因。请从开放平台重新下载。";
    CERTIFICATE_EXPIRED "certificate-expired":
        cashier "A certificate of the terminal has expired. Call the technician.",
            "终端证书已过期。请联系技术人员。";
        technician "A certificate is not valid at this host's time. Check the clock first; then download a new one from the developer centre.",
            "按本机时间证书无效。请先检查时钟，再从开放平台下载新证书。";
    NOTIFICATION_WRONG "notification-not-trusted":
        cashier "A message could not be trusted and was not used. Call the technician.",
            "收到的通知不可信，未被采用。请联系技术人员。";
        technician "The notification is not Alipay's, or was changed on its way; the message says what is wrong. Nothing was credited. Check the key and who can reach the address.",
            "通知不是支付宝发出的，或途中被改动，原因见错误信息。未入账。请检查公钥和谁能访问该地址。";
    NOTIFICATION_DIFFERS "notification-for-another":
        cashier "A message belongs to another order and was not used. Call the technician.",
            "收到的通知属于其他订单，未被采用。请联系技术人员。";
        technician "The notification is Alipay's, and about another application, seller or amount. Nothing was credited. Check which address is registered where.",
            "通知确由支付宝发出，但应用、收款方或金额不同。未入账。请检查通知地址的登记。";
    NOTIFICATION_FIELD "notification-unread":
        cashier "A message could not be read and was not used. Call the technician.",
            "收到的通知无法识别，未被采用。请联系技术人员。";
        technician "The notification is not as Alipay documents it; the message names the field. Hand over the bytes of the body as they came, and report the field.",
            "通知与支付宝文档不符，错误信息中有字段名。请传入原始报文，并上报该字段。";
}
