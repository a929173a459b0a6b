//! What to do about errors of campus codes.

use crate::advice::advices;

advices! {
    NOT_A_CODE "code-not-a-code":
        cashier "Not a campus code. Scan the campus code again.", "不是校园码。请重新扫描校园码。";
        technician "What was scanned is empty or too long for one code. Check the scanner's suffix and that it does not join scans.",
            "扫描内容为空，或长于一个码。请检查扫码器的结束符，以及是否把多次扫描连在一起。";
    DECODER_FAILED "decoder-failed":
        cashier "The terminal cannot read codes. Call the technician.", "终端无法读码。请联系技术人员。";
        technician "The decoder could not be asked, or did what it must not do; the message says what. Compare the binding with the vendor's header, and restart the program.",
            "无法调用解码库，或其行为异常，详见错误信息。请将绑定与厂商头文件核对，并重启程序。";
    DECODER_PURPOSE "decoder-wrong-purpose":
        cashier "The terminal cannot read such codes. Call the technician.", "终端无法读取此类码。请联系技术人员。";
        technician "The decoder cannot be asked for this purpose, or gives no final_data. Check that it is a decoder for payments.",
            "解码库不支持该用途，或未返回 final_data。请确认它是用于支付的解码库。";
    CODE_REFUSED "code-refused":
        cashier "Not a valid campus code. Scan it again, or ask for a new code.", "校园码无效。请重新扫描，或请顾客刷新。";
        technician "The decoder refused the code; the message has its result. Check that decoder and code are of the same environment, and that the code's bytes never passed through a string.",
            "解码库拒绝了该码，结果见错误信息。请确认解码库与码属于同一环境，且码的字节未经过字符串转换。";
    CODE_EXPIRED "code-expired":
        cashier "The code has expired. Ask for a new code.", "码已过期。请顾客刷新。";
        technician "The code is older than the two minutes for which it is good. If new ones are refused too, set the terminal's clock.",
            "码已超过两分钟有效期。若新码也被拒绝，请校正终端时钟。";
    NOT_ENABLED "code-not-enabled":
        cashier "The customer has not enabled this service. Take another means of payment.", "顾客未开通该服务。请换一种支付方式。";
        technician "USER_AUTH_FAILED: check the pid and how it is written into 8 bytes; if it is right, this holder has to enable the service.",
            "USER_AUTH_FAILED：请检查 pid 及其 8 字节写法；若无误，该用户需开通服务。";
    AUTHORISATION_ENDED "code-authorisation-ended":
        cashier "The customer's authorisation has run out. The customer has to renew it, online.", "顾客的授权已过期，需联网更新。";
        technician "USER_AUTH_TIMEOUT: the holder has to renew the authorisation, online.",
            "USER_AUTH_TIMEOUT：用户需联网更新授权。";
    DECODER_BUSY "decoder-exception":
        cashier "The terminal cannot read codes at present. Try again.", "终端暂时无法读码。请重试。";
        technician "RUN_EXCEPTION: the decoder met an exception. If it stays so, restart the terminal.",
            "RUN_EXCEPTION：解码库运行异常。若持续出现，请重启终端。";
    GUARD_FULL "guard-full":
        cashier "Too many codes at once. Wait a minute, then scan again.", "码过多。请等一分钟再扫。";
        technician "The guard holds as many codes as it may. Give it a greater capacity.",
            "防重放记录已满。请增大容量。";
    CODE_OUTDATED "code-outdated":
        cashier "Old code. Ask for a new code.", "旧码。请顾客刷新。";
        technician "The code is older than what the guard remembers: this terminal's clock has gone back. Check what sets it.",
            "码早于防重放记录：终端时钟曾被调回。请检查校时来源。";
    GUARD_FAILED "guard-failed":
        cashier "The terminal cannot store codes. Call the technician.", "终端无法保存码记录。请联系技术人员。";
        technician "The guard's store failed, so nothing is known of the code. Check the disk.",
            "防重放存储出错，无法判断该码。请检查磁盘。";
    GUARD_UNREACHABLE "guard-unreachable":
        cashier "No connection to the other terminals. Take another means of payment, or try again.", "无法连接其他终端。请换一种支付方式，或重试。";
        technician "The Redis server that the terminals share cannot be asked, and the policy is to refuse then. Check the server and the network.",
            "无法访问终端共用的 Redis 服务器，按策略拒绝。请检查服务器和网络。";
    NOT_RECORDED "payment-not-recorded":
        cashier "NOT paid: the terminal cannot store payments. Call the technician.", "【未付款】：终端无法保存付款。请联系技术人员。";
        technician "The payment could not be kept on disk, so it was not accepted. Check the disk and the outbox (m26 outbox list).",
            "付款无法写入磁盘，因此未受理。请检查磁盘和待发箱（m26 outbox list）。";
    ABOVE_LIMIT "payment-above-limit":
        cashier "Above the limit. Split the sale, or take another means of payment.", "超过限额。请分笔，或换一种支付方式。";
        technician "The amount is above the limit of the policy; the message has both.",
            "金额超过策略限额，两者见错误信息。";
    POLICY "payment-policy":
        cashier "Not accepted here. Take another means of payment.", "此处不受理。请换一种支付方式。";
        technician "The terminal's own policy refused; the message has its reason.",
            "终端策略拒绝，原因见错误信息。";
    CLOCK_AHEAD "code-from-the-future":
        cashier "The terminal's clock or the phone's is wrong. Ask for a new code, and have the clock set.", "终端或手机的时钟不正确。请顾客刷新，并校正时钟。";
        technician "The code was made after what this terminal's clock shows. Set the clock (NTP).",
            "码的生成时间晚于终端时钟。请校时（NTP）。";
    CLOCK_NOT_SET "terminal-clock-not-set":
        cashier "The terminal's clock is not set. Call the technician.", "终端时钟未设置。请联系技术人员。";
        technician "The terminal's clock was never set, so no code can be judged. Set it (NTP).",
            "终端时钟从未设置，无法判断任何码。请校时（NTP）。";
    CODE_PAID "code-paid":
        cashier "Already paid with this code. For another sale ask for a new code.", "该码已付款。另一笔请顾客刷新。";
        technician "A payment with this code is recorded here. Nothing is wrong.",
            "本机已记录该码的付款。没有错误。";
    CODE_USED "code-used":
        cashier "This code was used already. Ask for a new code.", "该码已使用。请顾客刷新。";
        technician "The code was used, and no payment of it is known here: at another terminal, or the power was cut before it was recorded.",
            "该码已使用，但本机没有其付款记录：在其他终端使用，或记录前断电。";
    UNREADABLE "code-user-data":
        cashier "The code cannot be read here. Call the technician.", "此处无法识别该码。请联系技术人员。";
        technician "There is no layout for the template, or it does not fit the user data; the message says where. Find the layout with m26 campus probe.",
            "没有该模板的布局，或布局与用户数据不符，位置见错误信息。请用 m26 campus probe 查找布局。";
    LAYOUT "layout-invalid":
        cashier "The terminal is set up wrongly. Call the technician.", "终端配置有误。请联系技术人员。";
        technician "The layout or a field for it cannot be used; the message says which and why. Correct it.",
            "布局或其字段无效，错误信息中有名称和原因。请更正。";
    LIBRARY "decoder-not-loaded":
        cashier "The terminal cannot read codes. Call the technician.", "终端无法读码。请联系技术人员。";
        technician "The decoder's library cannot be used; the message has the file and the reason. Check that it is there, for this processor and interface.",
            "解码库无法使用，错误信息中有文件和原因。请检查文件是否存在、处理器架构和接口版本是否相符。";
    CLOCK_REGISTERED "decoder-clock-late":
        cashier "The terminal cannot read codes. Call the technician.", "终端无法读码。请联系技术人员。";
        technician "The decoders' clock is registered once for the process. Set it before the first decoder is loaded.",
            "解码库时钟每个进程只能注册一次。请在加载第一个解码库之前设置。";
    PAYLOAD "payment-unreadable":
        cashier "A kept payment cannot be read. Call the technician.", "已保存的付款无法读取。请联系技术人员。";
        technician "The record of a payment is of another format or damaged. Keep the file, and use the program that wrote it.",
            "付款记录格式不同或已损坏。请保留文件，并使用写入它的程序版本。";
}
