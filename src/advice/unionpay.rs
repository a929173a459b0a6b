//! What to do about errors of UnionPay's open platform.

use crate::advice::advices;

advices! {
    ASK "unionpay-ask":
        cashier "Not known yet. Do not repeat it; call the technician.",
            "结果未知。请勿重复操作，联系技术人员。";
        technician "Nothing is proven. Look with another call whether it was done, and do not repeat it under a new number.",
            "不能证明任何结果。请用其他接口查询是否已完成，不要换单号重发。";
    AUTHORISE "unionpay-authorise":
        cashier "Ask the customer to log in again.", "请顾客重新登录。";
        technician "The user has to authorise the application again: begin the login anew.",
            "用户需重新授权应用：请重新发起登录。";
    TOKEN "unionpay-token":
        cashier "Try again in a moment.", "请稍候重试。";
        technician "The token is not valid any more: fetch a new one and repeat the call or the page.",
            "令牌已失效：请获取新令牌后重发请求或页面。";
    LATER "unionpay-later":
        cashier "Try again in a moment.", "请稍候重试。";
        technician "The platform cannot do it now. Send the same again later.",
            "平台暂时无法处理。请稍后原样重发。";
    PLATFORM "unionpay-platform":
        cashier "This is not possible here. Call the technician.", "此处无法办理。请联系技术人员。";
        technician "The application has to settle something with UnionPay: a permission, a domain, a balance. The message has the code.",
            "应用需与银联处理：权限、域名或余额。错误信息中有错误码。";
    PROGRAM "unionpay-program":
        cashier "This is not possible here. Call the technician.", "此处无法办理。请联系技术人员。";
        technician "The program sent something that UnionPay finds wrong; the message has the code. Correct the request.",
            "程序发送的内容有误，错误信息中有错误码。请更正请求。";
    USER "unionpay-user":
        cashier "The customer has to do something in the UnionPay app.", "请顾客在云闪付中完成操作。";
        technician "The user has to do something in the app; the code says what.",
            "用户需在云闪付中操作，内容见错误码。";
    NO_KEY "unionpay-no-key":
        cashier "The terminal lacks a key. Call the technician.", "终端缺少密钥。请联系技术人员。";
        technician "A key that this needs was not given; the message names it (partnerKey, symmetricKey or upPublicKey). Nothing was sent.",
            "缺少所需密钥，错误信息中有名称（partnerKey、symmetricKey 或 upPublicKey）。尚未发送任何数据。";
    SIGN_TYPE "unionpay-sign-type":
        cashier "The terminal has a wrong key. Call the technician.", "终端使用的密钥不正确。请联系技术人员。";
        technician "UnionPay takes SHA256WithRSA alone. Give a key that signs so.",
            "银联只接受 SHA256WithRSA。请使用相应的密钥。";
    SYMMETRIC_KEY "unionpay-symmetric-key":
        cashier "A value cannot be read. Call the technician.", "数据无法解密。请联系技术人员。";
        technician "What came is no base64 of 3DES under this symmetric key. Check that the key is this application's.",
            "收到的内容不是该对称密钥的 3DES 密文。请确认密钥属于本应用。";
    RANDOM "no-random-numbers":
        cashier "Not done: the terminal has a fault. Call the technician.", "未完成：终端故障。请联系技术人员。";
        technician "The system gives no random numbers. Check the kernel's random device. Nothing was sent.",
            "系统无法提供随机数。请检查内核随机数设备。尚未发送任何数据。";
    PAUSED "unionpay-token-paused":
        cashier "Try again in a moment.", "请稍候重试。";
        technician "The last fetch of a token brought nothing, so none is tried for a while; the message has how long. See why the last one failed.",
            "上次获取令牌失败，暂停一段时间，时长见错误信息。请查看上次失败的原因。";
    STORE "unionpay-token-store":
        cashier "Try again in a moment; if it stays so, call the technician.", "请稍候重试；若仍如此，请联系技术人员。";
        technician "The store of tokens does not answer, or holds what is none, and no token is fetched without it. Check the Redis server and the network.",
            "令牌存储没有应答，或其中内容不是令牌；没有它不会获取令牌。请检查 Redis 服务器和网络。";
    TOO_LATE "unionpay-token-late":
        cashier "Try again in a moment.", "请稍候重试。";
        technician "Another thread or host fetches a token, and it did not come in time. Try again.",
            "其他线程或主机正在获取令牌，未及时得到。请重试。";
    TOO_MANY "unionpay-too-many":
        cashier "Too many requests at once. Try again in a moment.", "请求过多。请稍候重试。";
        technician "The limit of requests is reached; the message has how long to wait. Nothing was sent.",
            "已达请求频率上限，等待时长见错误信息。尚未发送任何数据。";
    NOTICE_WRONG "unionpay-notice-not-trusted":
        cashier "A message could not be trusted and was not used. Call the technician.",
            "收到的通知不可信，未被采用。请联系技术人员。";
        technician "The notification is not signed by UnionPay, or was changed. Nothing was credited. Check upPublicKey, and whether something decodes the request before it is read.",
            "通知没有银联签名，或被改动。未入账。请检查 upPublicKey，以及请求在读取前是否被解码。";
    NOTICE_OTHER "unionpay-notice-for-another":
        cashier "A message belongs to another application and was not used. Call the technician.",
            "收到的通知属于其他应用，未被采用。请联系技术人员。";
        technician "UnionPay has signed it for another application. Check which address is registered where.",
            "银联签名的通知属于其他应用。请检查通知地址的登记。";
    NOTICE_FIELD "unionpay-notice-unread":
        cashier "A message could not be read and was not used. Call the technician.",
            "收到的通知无法识别，未被采用。请联系技术人员。";
        technician "The notification is not as UnionPay documents it; the message says where. Report it.",
            "通知与银联文档不符，位置见错误信息。请上报。";
    DECLINED "unionpay-declined":
        cashier "The customer did not agree.", "顾客未同意授权。";
        technician "The user did not agree on the page (user0001). Nothing is wrong.",
            "用户在页面上未同意（user0001）。没有错误。";
    PAGE "unionpay-page":
        cashier "The login could not be finished. Begin it again.", "登录未完成。请重新登录。";
        technician "What came back is no answer of the page, or belongs to another session. Begin the login again.",
            "返回的内容不是页面的应答，或属于其他会话。请重新发起登录。";
}
