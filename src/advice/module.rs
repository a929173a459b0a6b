//! What to do about errors of the module and of its commands.

pub(crate) mod results;

use crate::advice::{Advice, advices};

advices! {
    AMOUNT "amount-invalid":
        cashier "Enter the amount again, in yuan with at most two decimals.",
            "请重新输入金额，单位为元，最多两位小数。";
        technician "The amount is not one that can be paid. Correct what the program passes on. Nothing was sent.",
            "金额无效。请检查程序传入的金额。尚未发送任何数据。";
    ARGUMENT "argument-invalid":
        cashier "The entry is not valid. Check it and enter it again.",
            "输入无效。请核对后重新输入。";
        technician "A value breaks a rule of its document; the message names the field, the limit and the position. Correct the value. Nothing was sent.",
            "参数不符合文档规定，错误信息中有字段名、限制和位置。请更正该值。尚未发送任何数据。";
    COMMAND "command-invalid":
        cashier "The terminal cannot do this. Call the technician.",
            "终端无法执行此操作。请联系技术人员。";
        technician "The profile cannot carry the command on one line. Shorten the argument, or choose the profile and line limit of this firmware. Nothing was sent.",
            "当前 Profile 无法用一行发送该命令。请缩短参数，或选用与固件相符的 Profile 和行长限制。尚未发送任何数据。";
    ANSWER_MALFORMED "answer-malformed":
        cashier "The payment module gave an answer that cannot be read. Try again; if it happens again, call the technician.",
            "支付模块的应答无法识别。请重试；若再次出现，请联系技术人员。";
        technician "A line of the answer is not as its document says. Check the baud rate, the wiring and the profile. If it happens again, record the line (m26 --record FILE) and report it.",
            "应答行与文档不符。请检查波特率、接线和 Profile。若再次出现，请用 m26 --record FILE 录下通信并上报。";
    ANSWER_MISSING "answer-missing":
        cashier "The payment module gave no complete answer. Try again; if it happens again, call the technician.",
            "支付模块的应答不完整。请重试；若再次出现，请联系技术人员。";
        technician "A line of the answer that the document requires did not come. Check the wiring and that the profile is that of the firmware. If it happens again, record the line (m26 --record FILE).",
            "缺少文档规定的应答行。请检查接线，并确认 Profile 与固件相符。若再次出现，请用 m26 --record FILE 录下通信。";
    ANSWER_MISMATCH "answer-mismatch":
        cashier "The answer belongs to something else and was not used. Begin the payment again.",
            "应答与本次操作不符，未被采用。请重新发起收款。";
        technician "The answer does not belong to the request, so it was not credited to it. Look for another program on the port. If it happens again, record the line (m26 --record FILE).",
            "应答与请求不匹配，未记入该请求。请检查是否有其他程序占用串口。若再次出现，请用 m26 --record FILE 录下通信。";
    CONTRADICTED "answer-contradicted":
        cashier "The payment module contradicted itself. Wait a moment and try again; if it happens again, call the technician.",
            "支付模块的应答自相矛盾。请稍候重试；若再次出现，请联系技术人员。";
        technician "What came contradicts what was sent, so whether the command was carried out is not known. Ask the module for its state before you repeat it. Check the wiring, and for another program on the port.",
            "收到的内容与发送的命令矛盾，无法确定命令是否已执行。重发前请先查询模块状态。请检查接线，以及是否有其他程序占用串口。";
    MISHEARD "answer-misheard":
        cashier "The connection to the payment module is disturbed. Try again; if it happens again, call the technician.",
            "与支付模块的连接受到干扰。请重试；若再次出现，请联系技术人员。";
        technician "The echo is not the line that was sent: bytes were lost or changed. Check baud rate, ground and cable length, and for another program on the port.",
            "回显与发送的命令不一致，有字节丢失或改变。请检查波特率、地线和线长，以及是否有其他程序占用串口。";
    SESSION_NOT_READY "session-not-ready":
        cashier "The terminal is not ready yet. Wait a minute; if it stays so, call the technician.",
            "终端尚未就绪。请等一分钟；若仍如此，请联系技术人员。";
        technician "The session does not let the command through in its present state; the message says why. Wait until it is ready, or resume it. Nothing was sent.",
            "会话在当前状态下不放行该命令，原因见错误信息。请等待就绪，或恢复会话。尚未发送任何数据。";
    QUEUE_FULL "command-queue-full":
        cashier "The terminal is busy. Wait a moment and try again.",
            "终端忙，请稍候重试。";
        technician "Too many commands wait. Let some end first, or send fewer at once. Nothing was sent.",
            "等待的命令过多。请先等其中一些结束，或减少同时发送的命令。尚未发送任何数据。";
    OUTSTANDING "result-outstanding":
        cashier "An earlier step has not ended yet. Wait a minute and try again.",
            "上一步尚未结束。请等一分钟再试。";
        technician "The result of an earlier command may still come and would be taken for this one's. Wait for it, or restart the module. Nothing was sent.",
            "先前命令的结果可能仍会到达，会被误认为本命令的结果。请等待，或重启模块。尚未发送任何数据。";
    PORT_LOST "port-lost":
        cashier "The payment module is not connected. Check its cable, or call the technician.",
            "支付模块未连接。请检查连接线，或联系技术人员。";
        technician "The port went away. Check the cable, the adapter and the module's power, then connect again.",
            "串口已断开。请检查线缆、转接器和模块电源，然后重新连接。";
    PORT_PERMISSION "port-permission":
        cashier "The terminal may not use the payment module. Call the technician.",
            "终端无权使用支付模块。请联系技术人员。";
        technician "The system does not let this user open the port. Add the user to the port's group (dialout on Debian) and log in again.",
            "系统不允许当前用户打开串口。请将用户加入串口所属的组（Debian 为 dialout），然后重新登录。";
    PORT_MISSING "port-missing":
        cashier "The payment module is not connected. Check its cable, or call the technician.",
            "支付模块未连接。请检查连接线，或联系技术人员。";
        technician "There is no such port. Look in /dev/serial/by-id for its name, and check the adapter and its cable.",
            "没有该串口。请在 /dev/serial/by-id 中查看名称，并检查转接器和线缆。";
    PORT_BUSY "port-busy":
        cashier "Another program uses the payment module. Call the technician.",
            "支付模块正被其他程序使用。请联系技术人员。";
        technician "Another program has the port open. End it (fuser -v PORT shows it), and keep ModemManager away by the udev rule.",
            "串口已被其他程序打开。请结束该程序（用 fuser -v 端口 查看），并用 udev 规则排除 ModemManager。";
    PORT_HANGS "port-hangs":
        cashier "The payment module's adapter does not answer. Unplug it, plug it in again, or call the technician.",
            "支付模块的转接器无响应。请拔下后重新插入，或联系技术人员。";
        technician "The port does not open: the adapter or its driver hangs. Unplug the adapter and plug it in again; the kernel's log (dmesg) may name the fault.",
            "串口无法打开：转接器或其驱动程序已挂起。请重新插拔转接器，并查看内核日志（dmesg）。";
    PORT_UNREADABLE "port-unreadable":
        cashier "The terminal's settings name no adapter. Call the technician.",
            "终端设置中的转接器名称无效。请联系技术人员。";
        technician "A USB adapter is written as usb:VID:PID or usb:VID:PID:SERIAL, the numbers in hexadecimal, such as usb:067b:2303. `lsusb` shows them.",
            "USB 转接器的写法为 usb:VID:PID 或 usb:VID:PID:序列号，数字为十六进制，例如 usb:067b:2303，可用 lsusb 查看。";
    PORT_FAILED "port-failed":
        cashier "The connection to the payment module failed. Check its cable, or call the technician.",
            "与支付模块的连接失败。请检查连接线，或联系技术人员。";
        technician "The system reports an error of the port; the message has it. Check the adapter, the cable and the kernel's log (dmesg).",
            "系统报告串口错误，详见错误信息。请检查转接器、线缆和内核日志（dmesg）。";
    MODULE_RESET "module-reset":
        cashier "The payment module has restarted. Wait a minute, then begin again.",
            "支付模块已重启。请等一分钟，然后重新操作。";
        technician "The module was reset during the command. Bring it up again. If it happens again, check its power supply: GSM draws its current in short bursts.",
            "命令执行期间模块复位。请重新启动流程。若再次出现，请检查供电：GSM 发射时电流呈脉冲状。";
    MODULE_SILENT "module-silent":
        cashier "The payment module does not answer. Check that it is on, or call the technician.",
            "支付模块没有应答。请检查是否已开机，或联系技术人员。";
        technician "Nothing answers on the port. Check the module's power, TX and RX, the baud rate, and that this is its port. Nothing was sent.",
            "串口上没有任何应答。请检查模块电源、TX/RX 接线、波特率，并确认端口正确。命令尚未发送。";
    TIMED_OUT "answer-late":
        cashier "The payment module did not answer in time. Wait a moment and try again.",
            "支付模块未及时应答。请稍候重试。";
        technician "No answer came in time, and whether the command was carried out is what the error's certainty says. Check the module's power, the cable and its signal.",
            "未在时限内收到应答；命令是否已执行见错误的 certainty。请检查模块电源、线缆和信号。";
    STEP_FAILED "bring-up-failed":
        cashier "The payment module cannot be made ready. Call the technician.",
            "支付模块无法就绪。请联系技术人员。";
        technician "A step of the bring-up did not succeed; the message names it and what the module answered.",
            "启动流程的某一步未成功，错误信息中有步骤名和模块的应答。";
    CLOCK "clock-not-set":
        cashier "The payment module does not know the time. Wait a minute; if it stays so, call the technician.",
            "支付模块的时间未设置。请等一分钟；若仍如此，请联系技术人员。";
        technician "The module's clock could not be set. Check packet data (the access point) and the time server.",
            "模块时钟无法设置。请检查数据连接（APN）和时间服务器。";
    REGISTRATION "not-registered":
        cashier "There is no mobile network. Wait a minute; if it stays so, call the technician.",
            "没有移动网络。请等一分钟；若仍如此，请联系技术人员。";
        technician "The module is not registered in a GSM network. Check the antenna, that the SIM is active, and that there is a 2G network here.",
            "模块未注册到 GSM 网络。请检查天线、SIM 卡是否已激活，以及当地是否有 2G 网络。";
    PACKET_DATA "no-packet-data":
        cashier "There is no mobile data. Wait a minute; if it stays so, call the technician.",
            "没有移动数据。请等一分钟；若仍如此，请联系技术人员。";
        technician "The network gives no packet data. Check that the SIM's contract has GPRS, and the access point (APN).",
            "网络未提供数据业务。请检查 SIM 卡套餐是否包含 GPRS，以及 APN 设置。";
    SIGNAL "no-signal":
        cashier "There is no mobile signal. Move the terminal or its antenna; if it stays so, call the technician.",
            "没有移动信号。请移动终端或天线；若仍如此，请联系技术人员。";
        technician "The module receives no usable signal. Check the antenna and its connector, and the place.",
            "模块收不到可用信号。请检查天线及其接头和安装位置。";
    NO_BIZ_TID "no-biz-tid":
        cashier "The terminal is not known to Alipay yet. Wait a few minutes; if it stays so, call the technician.",
            "终端尚未在支付宝登记成功。请等几分钟；若仍如此，请联系技术人员。";
        technician "The SDK is open, and Alipay has given it no bizTid. Check that the SIM has packet data (APN), and that Ant knows the product and this terminal.",
            "SDK 已打开，但支付宝尚未分配 bizTid。请检查 SIM 卡数据业务（APN），并确认产品和本终端已在蚂蚁侧登记。";
    NOT_CONFIGURED "not-configured":
        cashier "The terminal is not set up for Alipay. Call the technician.",
            "终端尚未配置支付宝。请联系技术人员。";
        technician "The module has no Alipay configuration. Give it the values that Ant gave you (m26 config set).",
            "模块没有支付宝配置。请写入蚂蚁提供的参数（m26 config set）。";
    TRANSCRIPT "transcript-invalid":
        cashier "A file cannot be read. Call the technician.",
            "文件无法读取。请联系技术人员。";
        technician "The file is no transcript of a line; the message has the number of the first line that is wrong.",
            "该文件不是通信记录，错误信息中有第一处错误的行号。";
    RECORDING_IN_USE "recording-in-use":
        cashier "The terminal cannot record now. Call the technician.",
            "终端暂时无法录制。请联系技术人员。";
        technician "Another program, or another connection of this one, records to the file. Name another file.",
            "该文件正被其他程序或本程序的另一连接用于录制。请指定其他文件。";
    RECORDING_FAILED "recording-failed":
        cashier "The terminal cannot record. Call the technician.",
            "终端无法录制。请联系技术人员。";
        technician "The recording cannot be opened or written; the message has what the system says. Check the folder, its permissions and the disk.",
            "录制文件无法打开或写入，错误信息中有系统的说明。请检查目录、权限和磁盘。";
    RECORDING_OTHER "recording-not-ours":
        cashier "The terminal cannot record there. Call the technician.",
            "终端无法录制到该文件。请联系技术人员。";
        technician "There is something that is no recording, and it is left as it is. Name another file.",
            "该文件不是录制文件，未作改动。请指定其他文件。";
}

/// What to do if a step of the bring-up or another flow did not succeed.
pub(crate) fn step(name: &str) -> Advice {
    match name {
        "SIM" => results::SIM,
        "signal" => SIGNAL,
        "registration" => REGISTRATION,
        "GPRS registration" | "context" | "access point" => PACKET_DATA,
        "clock" => CLOCK,
        _ => STEP_FAILED,
    }
}
