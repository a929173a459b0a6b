//! Sequences of C calls, from bytes: the target `capi` of the fuzzer, and a property test.

use std::ptr::{null, null_mut};

use m26pay::*;

/// What the calls work with. Handles stay here after they were freed, so that they are used again.
struct State {
    modules: [m26pay_module; 4],
    outboxes: [m26pay_outbox; 2],
    memories: [m26pay_memory; 4],
    /// Of which handles it is known that they were freed.
    freed: Vec<u64>,
    folder: tempfile::TempDir,
}

/// Makes the calls that the bytes stand for, three bytes a call: which, with which handle, with what. Whatever
/// they are, nothing crashes, a freed handle is stale, and every failure has a reason.
pub fn calls(data: &[u8]) {
    let Ok(folder) = tempfile::tempdir() else { return };
    let mut state = State {
        modules: [m26pay_module { id: 0 }; 4],
        outboxes: [m26pay_outbox { id: 0 }; 2],
        memories: [m26pay_memory { id: 0 }; 4],
        freed: Vec::new(),
        folder,
    };
    for call in data.chunks_exact(3).take(CALLS) {
        state.make(call[0], usize::from(call[1]), call[2]);
    }
    for module in state.modules {
        m26pay_module_free(module);
    }
    for outbox in state.outboxes {
        m26pay_outbox_free(outbox);
    }
    for memory in state.memories {
        m26pay_memory_free(memory);
    }
}

impl State {
    fn make(&mut self, which: u8, handle: usize, with: u8) {
        let module = &mut self.modules[handle % 4];
        let outbox = &mut self.outboxes[handle % 2];
        let id = match which % 24 {
            0..=10 => module.id,
            11..=17 => outbox.id,
            _ => 0,
        };
        // SAFETY: what is handed in is NULL, or lives in this function and is of the type of the pointer.
        let status = unsafe {
            match which % 24 {
                0 => new_session(module, with),
                1 => m26pay_session_start(*module),
                2 => m26pay_session_wait_ready(*module, u64::from(with % 4)),
                3 => next_event(*module, &mut self.memories[usize::from(with % 4)]),
                4 => m26pay_session_get_state(*module, pointer(&mut 0, with)),
                5 => m26pay_session_event_fd(*module, pointer(&mut 0, with)),
                6 => m26pay_session_nudge(*module),
                7 => m26pay_session_resume(*module),
                8 => m26pay_at(*module),
                9 => m26pay_get_baud(*module, pointer(&mut 0, with)),
                10 => m26pay_module_free(*module),
                11 => append(*outbox, with),
                12 => m26pay_outbox_withdraw(*outbox, i64::from(with)),
                13 => m26pay_outbox_attach(*outbox, *module),
                14 => m26pay_outbox_count_usage(*outbox, with.into(), 1),
                15 => next_report(*outbox, with, &mut self.memories[usize::from(with % 4)]),
                16 => m26pay_outbox_remove_report(*outbox, with.into()),
                17 => m26pay_outbox_free(*outbox),
                18 => open_outbox(&self.folder, outbox, with),
                19 => m26pay_memory_free(self.memories[handle % 4]),
                20 => m26pay_memory_free(m26pay_memory { id: module.id }),
                21 => {
                    m26pay_module_free(m26pay_module { id: u64::from(with) << 32 | handle as u64 })
                }
                22 => m26pay_outbox_free(m26pay_outbox { id: module.id }),
                _ => m26pay_client_open(null(), module),
            }
        };
        if matches!(which % 24, 10 | 17) && status == M26PAY_OK && id != 0 {
            self.freed.push(id);
        } else if self.freed.contains(&id) && !matches!(which % 24, 0 | 4 | 5 | 9 | 11 | 15) {
            assert_eq!(status, M26PAY_STALE_HANDLE, "call {}", which % 24);
        }
        if status < 0 {
            explained(status);
        }
    }
}

/// NULL now and then.
fn pointer<T>(to: &mut T, with: u8) -> *mut T {
    if with % 8 == 7 { null_mut() } else { to }
}

/// Why the last call failed is that status, and has a message.
fn explained(status: m26pay_status) {
    let mut error = std::mem::MaybeUninit::uninit();
    // SAFETY: it may be written.
    assert_eq!(unsafe { m26pay_last_error(error.as_mut_ptr()) }, M26PAY_OK);
    // SAFETY: it was.
    let error: m26pay_error = unsafe { error.assume_init() };
    assert_eq!(error.status, status);
    assert!(error.message_length > 0 && error.message[0] != 0);
}

fn str(text: &str) -> m26pay_str {
    m26pay_str { data: text.as_ptr().cast(), length: text.len() }
}

fn new_session(module: &mut m26pay_module, with: u8) -> m26pay_status {
    let mut options = std::mem::MaybeUninit::uninit();
    // SAFETY: it may be written, and is.
    let mut options: m26pay_session_options = unsafe {
        m26pay_session_options_init(options.as_mut_ptr());
        options.assume_init()
    };
    // Nobody opens it: the session tries again and again.
    options.port = str("/dev/there-is-no-such-port");
    match with % 8 {
        1 => options.size = usize::from(with),
        2 => options.restart = with.into(),
        3 => options.name = str("a name\n\0"),
        4 => options.port = str("usb:1:2"),
        5 => options.profile = 9,
        _ => {}
    }
    if module.id != 0 {
        m26pay_module_free(*module);
    }
    // SAFETY: both live here.
    unsafe { m26pay_session_new(&options, module) }
}

fn next_event(module: m26pay_module, memory: &mut m26pay_memory) -> m26pay_status {
    let mut event = std::mem::MaybeUninit::uninit();
    // SAFETY: it may be written.
    let status = unsafe { m26pay_next_event(module, 0, event.as_mut_ptr()) };
    if status == M26PAY_OK {
        // SAFETY: it was written.
        let event: m26pay_event = unsafe { event.assume_init() };
        read(event.text);
        m26pay_memory_free(std::mem::replace(memory, event.memory));
    }
    status
}

fn next_report(outbox: m26pay_outbox, with: u8, memory: &mut m26pay_memory) -> m26pay_status {
    let mut report = std::mem::MaybeUninit::uninit();
    // SAFETY: it may be written.
    let status = unsafe { m26pay_outbox_next_report(outbox, with.into(), 0, report.as_mut_ptr()) };
    if status == M26PAY_OK {
        // SAFETY: it was written.
        let report: m26pay_stored_report = unsafe { report.assume_init() };
        m26pay_memory_free(std::mem::replace(memory, report.memory));
    }
    status
}

fn append(outbox: m26pay_outbox, with: u8) -> m26pay_status {
    let mut report = std::mem::MaybeUninit::uninit();
    // SAFETY: it may be written, and is.
    let mut report: m26pay_report = unsafe {
        m26pay_report_init(report.as_mut_ptr());
        report.assume_init()
    };
    report.amount = with.into();
    report.time_stamp = 1_548_811_777;
    report.trade_result = i32::from(with % 10) - 2;
    let code = [with; 3];
    if with % 3 == 0 {
        report.qr_code = m26pay_str { data: code.as_ptr().cast(), length: 3 };
    }
    // SAFETY: it lives here, as do its texts; a number is not wanted.
    unsafe { m26pay_outbox_append(outbox, &report, null_mut()) }
}

fn open_outbox(folder: &tempfile::TempDir, outbox: &mut m26pay_outbox, with: u8) -> m26pay_status {
    let mut options = std::mem::MaybeUninit::uninit();
    // SAFETY: it may be written, and is.
    let mut options: m26pay_outbox_options = unsafe {
        m26pay_outbox_options_init(options.as_mut_ptr());
        options.assume_init()
    };
    let path = folder.path().join("till.db").display().to_string();
    options.path = str(&path);
    options.waiting_limit = u64::from(with % 4);
    options.drop_oldest = with;
    // Who opens a second one over the first has lost its handle, and so its file.
    m26pay_outbox_free(*outbox);
    // SAFETY: both live here.
    unsafe { m26pay_outbox_open(&options, outbox) }
}

/// Every byte of a text can be read, and the NUL behind it.
fn read(text: m26pay_str) {
    // SAFETY: the library says that it is there, with a NUL behind it.
    let bytes = unsafe { std::slice::from_raw_parts(text.data.cast::<u8>(), text.length + 1) };
    assert_eq!(bytes.last(), Some(&0));
}

/// What is longer finds nothing that is new.
const CALLS: usize = 100;
