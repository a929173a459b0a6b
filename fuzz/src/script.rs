//! Scripts for the simulated line, and the simulated module.

use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings};
use m26_pay::sim::pace::Paced;
use m26_pay::sim::script::{Script, Scripted};
use m26_pay::sim::{Chunk, Device};

use super::source::{Source, assert_hidden, unfold};
use support::bench::epoch;

/// Every text is a script or says where it is none; every script runs, and no host can harm the
/// module, whose time never goes back.
///
/// Before the first NUL is the script, behind it what the host sends: bytes up to an LF, then the
/// next when all that they cause has happened, or much of it.
pub fn script(data: &[u8]) {
    let mut source = Source::new(data);
    let text = String::from_utf8_lossy(source.until(0)).into_owned();
    let script = match text.parse::<Script>() {
        Ok(script) => script,
        Err(error) => {
            assert!((1..=text.lines().count()).contains(&error.line), "{error}");
            Script::default()
        }
    };
    let settings =
        ModemSettings { config: Some(ModemConfig::sample()), ..ModemSettings::default() };
    let faulty = Faulty::new(Modem::new(settings), data.len() as u64);
    let mut line = Paced::new(Scripted::new(faulty, script), 115_200);
    let mut now = epoch();
    let began = now;
    let mut said = 0;
    loop {
        let bytes = unfold(source.until(b'\n'));
        line.receive(now, &bytes);
        for _ in 0..STEPS {
            while let Some(chunk) = line.poll_transmit(now) {
                assert_hidden(&format!("{chunk:?}"));
                if let Chunk::Bytes(bytes) = chunk {
                    assert!(!bytes.is_empty());
                    said += bytes.len();
                }
            }
            let Some(due) = line.next_deadline() else { break };
            assert!(due >= began);
            now = now.max(due);
        }
        if source.is_empty() {
            break;
        }
    }
    assert!(said <= MOST, "{said} bytes of {}", data.len());
}

/// How much happens before the host goes on. A script may have orders without end.
const STEPS: usize = 64;

/// More than a module says in so little time.
const MOST: usize = 16 << 20;
