//! What to do about errors that both payment platforms share: keys, connections, the journal.

use crate::advice::advices;

advices! {
    KEY_DAMAGED "key-damaged":
        cashier "The terminal's keys are damaged. Call the technician.",
            "终端的密钥已损坏。请联系技术人员。";
        technician "The key's numbers do not belong together: the file was cut or changed. Get it again from where it was made.",
            "密钥内容不一致：文件被截断或改动。请从生成处重新获取。";
    KEY_MISPLACED "key-misplaced":
        cashier "The terminal has a wrong key. Call the technician.",
            "终端使用的密钥不正确。请联系技术人员。";
        technician "Another kind of key belongs there; the message says which was found and which is needed.",
            "此处应使用另一种密钥，错误信息中有实际的和需要的类型。";
    KEY_SIZE "key-size":
        cashier "The terminal has a wrong key. Call the technician.",
            "终端使用的密钥不正确。请联系技术人员。";
        technician "The key has too few bits, or too many. RSA2 needs 2048 bits.",
            "密钥位数不符。RSA2 需要 2048 位。";
    SIGNER "signer-failed":
        cashier "Not paid: the terminal cannot sign. Call the technician.",
            "未付款：终端无法签名。请联系技术人员。";
        technician "The signer failed; the message has its reason. Nothing was sent. See to the key, or to the device that holds it.",
            "签名程序失败，原因见错误信息。尚未发送任何数据。请检查密钥或保存密钥的设备。";
    ADDRESS "gateway-address":
        cashier "The terminal is set up with a wrong address. Call the technician.",
            "终端配置的网关地址不正确。请联系技术人员。";
        technician "The gateway's address cannot be used: it must be an https URL. Nothing was sent.",
            "网关地址无效：必须是 https URL。尚未发送任何数据。";
    UNREACHABLE "gateway-unreachable":
        cashier "There is no connection. Try again in a moment.",
            "没有网络连接。请稍候重试。";
        technician "No connection to the gateway. Check the network, the firewall and the address. Nothing was sent.",
            "无法连接网关。请检查网络、防火墙和地址。尚未发送任何数据。";
    NAME "gateway-name":
        cashier "There is no connection. Try again in a moment.",
            "没有网络连接。请稍候重试。";
        technician "The gateway's name was not found. Check the network and its name server. Nothing was sent.",
            "无法解析网关域名。请检查网络和 DNS。尚未发送任何数据。";
    TLS "gateway-tls":
        cashier "There is no safe connection. Call the technician.",
            "没有安全连接。请联系技术人员。";
        technician "No TLS with the gateway that can be trusted: something may be in between. Check for a proxy and the root certificates. Nothing was sent.",
            "与网关之间没有可信的 TLS：中间可能有其他设备。请检查代理和根证书。尚未发送任何数据。";
    CERTIFICATE_TIME "gateway-clock":
        cashier "The terminal's clock is wrong. Call the technician.",
            "终端时钟不正确。请联系技术人员。";
        technician "The gateway's certificate is not valid at the time of this host. Set its clock. Nothing was sent.",
            "按本机时间，网关证书无效。请校正本机时钟。尚未发送任何数据。";
    NO_REPLY "gateway-no-reply":
        cashier "Not known yet. Do not give the goods, and do not take the money again.",
            "结果未知。请勿交货，也不要重复收款。";
        technician "The request may have arrived, and no answer came that can be read. Ask for the order's state (settle); do not repeat it under a new number.",
            "请求可能已到达，但没有可用的应答。请查询订单状态（settle），不要换单号重发。";
    NO_ANSWER "gateway-no-answer":
        cashier "Not known yet. Do not give the goods, and do not take the money again.",
            "结果未知。请勿交货，也不要重复收款。";
        technician "What came is no answer of the platform to this call: often a proxy or another server answered. Check the gateway's address. Nothing is proven.",
            "收到的不是平台对本次调用的应答，多为代理或其他服务器所答。请检查网关地址。不能证明任何结果。";
    FIELD "gateway-field":
        cashier "Not known yet. Do not give the goods, and do not take the money again.",
            "结果未知。请勿交货，也不要重复收款。";
        technician "A field of the answer is not as the platform documents it; the message names it. Ask for the order's state, and report the field.",
            "应答中某字段与平台文档不符，错误信息中有字段名。请查询订单状态，并上报该字段。";
    CLOCK "host-clock":
        cashier "Not paid: the terminal's clock is not set. Call the technician.",
            "未付款：终端时钟未设置。请联系技术人员。";
        technician "This host's clock was never set, so the platform would refuse. Set it (NTP). Nothing was sent.",
            "本机时钟从未设置，平台会拒绝请求。请校时（NTP）。尚未发送任何数据。";
    CONFLICT "journal-conflict":
        cashier "Another terminal works on this order. Ask there.",
            "另一台终端正在处理该订单。请到那里询问。";
        technician "Another program changed the order in the journal meanwhile. Read it again.",
            "其他程序同时修改了日志中的该订单。请重新读取。";
    ORDER_MISSING "journal-no-such-order":
        cashier "There is no such order. Check the number.",
            "没有该订单。请核对单号。";
        technician "The journal has no such order: check the number, and that this is the journal it was paid with.",
            "日志中没有该订单：请核对单号，并确认使用的是收款时的日志。";
    JOURNAL_FULL "journal-full":
        cashier "The terminal's disk is full. Do not sell; call the technician.",
            "终端磁盘已满。请停止收款，联系技术人员。";
        technician "The journal cannot be written: make room on its disk. Nothing is paid until it can.",
            "日志无法写入：请腾出磁盘空间。在此之前不会收款。";
    JOURNAL_LOCKED "journal-in-use":
        cashier "Another program has the terminal's journal. Call the technician.",
            "日志正被其他程序使用。请联系技术人员。";
        technician "Another program has the journal. End it, or use another journal.",
            "日志正被其他程序使用。请结束该程序，或使用其他日志。";
    JOURNAL_NEWER "journal-newer":
        cashier "The terminal's program is too old. Call the technician.",
            "终端程序版本过旧。请联系技术人员。";
        technician "A newer program wrote the journal. Use that one; the journal was left as it is.",
            "日志由更新版本的程序写入。请使用新版本；日志未作改动。";
    JOURNAL_DAMAGED "journal-damaged":
        cashier "The terminal's journal is damaged. Do not sell; call the technician.",
            "终端日志已损坏。请停止收款，联系技术人员。";
        technician "The journal cannot be understood and was left as it is. Keep it, and look its open orders up at the platform.",
            "日志无法识别，未作改动。请保留该文件，并到平台核对未结订单。";
    JOURNAL_UNREACHABLE "journal-unreachable":
        cashier "Not paid: the terminal cannot write. Try again in a moment.",
            "未付款：终端无法写入。请稍候重试。";
        technician "The journal's server cannot be used now, and nothing was written. Check the server and the network.",
            "日志服务器目前不可用，未写入任何内容。请检查服务器和网络。";
    JOURNAL_LOST "journal-connection-lost":
        cashier "Not known yet. Do not give the goods, and do not take the money again.",
            "结果未知。请勿交货，也不要重复收款。";
        technician "The connection to the journal's server broke, so what was to be written may be written or not. Read it again.",
            "与日志服务器的连接中断，内容可能已写入，也可能没有。请重新读取。";
    JOURNAL_FAILED "journal-failed":
        cashier "The terminal cannot write. Do not sell; call the technician.",
            "终端无法写入。请停止收款，联系技术人员。";
        technician "The journal failed; the source of the error says how. Check its disk or its server.",
            "日志出错，详情见错误来源。请检查磁盘或服务器。";
    JOURNAL_RULE "journal-breaks-rule":
        cashier "The terminal must not be used for payments. Call the technician.",
            "该终端不得用于收款。请联系技术人员。";
        technician "This implementation of a journal breaks a rule that payments rely on; the message names it. Correct it before it is used.",
            "该日志实现违反了收款所依赖的规则，错误信息中有规则名。使用前请修正。";
    POSTGRES "journal-settings":
        cashier "The terminal is set up with a wrong address. Call the technician.",
            "终端配置的地址不正确。请联系技术人员。";
        technician "The address of the PostgreSQL server or its root certificates cannot be read. Correct them.",
            "PostgreSQL 服务器地址或根证书无法识别。请更正。";
    REDIS "redis-address":
        cashier "The terminal is set up with a wrong address. Call the technician.",
            "终端配置的地址不正确。请联系技术人员。";
        technician "The address of the Redis server cannot be read. Correct it; TLS is not supported.",
            "Redis 服务器地址无法识别。请更正；不支持 TLS。";
}
