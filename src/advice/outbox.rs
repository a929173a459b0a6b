//! What to do about errors of the outbox and of files that must survive a power cut.

use crate::advice::advices;

advices! {
    DRAINING "outbox-in-use-here":
        cashier "The terminal is sending its reports already. Go on as usual.",
            "终端正在上报交易记录。请照常收款。";
        technician "Another flow or session of this program drains the outbox. Only one can at a time: let the session do it.",
            "本程序的另一个流程或会话正在上报。同一时刻只能有一个：请交由会话处理。";
    LIMIT_COUNT "outbox-full":
        cashier "The terminal cannot keep more sales. Do not sell; call the technician.",
            "终端无法再保存交易。请停止收款，联系技术人员。";
        technician "As many records wait as the limit allows, and what was to be kept is NOT safe. See with m26 outbox list why the module takes nothing.",
            "待上报记录已达上限，本条【未保存】。请用 m26 outbox list 查看模块为何不接收。";
    LIMIT_AGE "outbox-too-old":
        cashier "The terminal has not reported its sales for too long. Do not sell; call the technician.",
            "终端过久未能上报交易。请停止收款，联系技术人员。";
        technician "The oldest record has waited longer than the limit allows, and what was to be kept is NOT safe. See with m26 outbox list why the module takes nothing.",
            "最早的记录等待时间已超过上限，本条【未保存】。请用 m26 outbox list 查看模块为何不接收。";
    MISSING "outbox-no-such-record":
        cashier "There is no such record. Check the number.",
            "没有该记录。请核对编号。";
        technician "The outbox has no record of this number: it was delivered and removed, or the number is another file's. See m26 outbox list.",
            "待发箱中没有该编号的记录：可能已送达并清除，或属于另一个文件。请查看 m26 outbox list。";
    WRONG_STATE "outbox-wrong-state":
        cashier "This cannot be done with this record now.",
            "该记录目前不能执行此操作。";
        technician "The record is in a state in which this cannot be done; the message names the state. See m26 outbox list.",
            "记录所处状态不允许此操作，错误信息中有状态名。请查看 m26 outbox list。";
    REPORTS_WAIT "outbox-reports-wait":
        cashier "Sales are kept in the terminal and reported later. Go on as usual.",
            "交易已保存在终端，稍后上报。请照常收款。";
        technician "Reports are on disk, and the module takes none at present. Check the port, the module's power and its network; they are sent by the next run or as soon as it is ready.",
            "上报记录在磁盘上，模块暂不接收。请检查串口、模块电源和网络；模块就绪或下次运行时会发送。";
    STORE_DAMAGED "store-damaged":
        cashier "The terminal's records are damaged. Do not sell; call the technician.",
            "终端的记录文件已损坏。请停止收款，联系技术人员。";
        technician "The file is damaged and was left as it is. Set it aside (m26 outbox set-aside), keep it for support, and begin a new one.",
            "文件已损坏，未作改动。请将其移出（m26 outbox set-aside）并保留给技术支持，然后新建文件。";
    STORE_FILE_TIME "store-file-time":
        cashier "The terminal's clock is or was wrong, and its records cannot be opened. Do not sell; call the technician.",
            "终端时钟有误或曾经有误，记录文件无法打开。请停止收款，联系技术人员。";
        technician "The file's time is after 2038-01-19, which this 32-bit program does not know. Set the clock right and open the file again; a program that must run after 2038 is compiled with 64-bit times (LIBSQLITE3_FLAGS, docs/machines.md).",
            "文件时间晚于 2038-01-19，本 32 位程序无法识别。请校正时钟后重新打开；需在 2038 年后运行的程序须以 64 位时间编译（LIBSQLITE3_FLAGS，见 docs/machines.md）。";
    STORE_FULL "store-full":
        cashier "The terminal's disk is full. Do not sell; call the technician.",
            "终端磁盘已满。请停止收款，联系技术人员。";
        technician "The disk is full, or the file may not grow. What was stored before is safe. Make room.",
            "磁盘已满，或文件不能增大。此前保存的数据是安全的。请腾出空间。";
    STORE_IN_USE "store-in-use":
        cashier "Another program has the terminal's records. Call the technician.",
            "终端的记录文件正被其他程序使用。请联系技术人员。";
        technician "Another program, or this one a second time, has the file open. Only one can at a time: end the other.",
            "该文件已被其他程序（或本程序再次）打开。同一时刻只能有一个：请结束另一个。";
    STORE_IO "store-failed":
        cashier "The terminal cannot keep records. Do not sell; call the technician.",
            "终端无法保存记录。请停止收款，联系技术人员。";
        technician "The file could not be read or written; the message has what the system says. Check the disk, the folder's permissions and the mount.",
            "文件无法读写，错误信息中有系统的说明。请检查磁盘、目录权限和挂载方式。";
    STORE_NEWER "store-newer":
        cashier "The terminal's program is too old. Call the technician.",
            "终端程序版本过旧。请联系技术人员。";
        technician "A newer program wrote the file. Use that one; the file was left as it is.",
            "该文件由更新版本的程序写入。请使用新版本；文件未作改动。";
    STORE_NOT_OURS "store-not-ours":
        cashier "The terminal is set up with a wrong file. Call the technician.",
            "终端配置的文件不正确。请联系技术人员。";
        technician "The file is of another kind. Nothing was changed: name another file.",
            "该文件属于其他类型，未作改动。请指定其他文件。";
}
