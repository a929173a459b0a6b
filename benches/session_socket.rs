//! How long `m26 session --listen` takes to answer `status`, beside the same bytes over a bare Unix
//! socket, in one run. Both sides are asked in turns, so that what else the machine does meets both.
//!
//! ```text
//! cargo build --release --example m26
//! cargo bench -p m26-pay-benches --bench session_socket
//! ```
//!
//! It fails if the median is more than 1.5 times the bare one. `M26` is the tool, if it stands
//! elsewhere.
#![allow(missing_docs, reason = "a program has none")]
#![allow(clippy::expect_used, reason = "what cannot be set up is not measured")]
#![allow(clippy::panic, reason = "a limit that is not kept fails")]
#![allow(clippy::disallowed_methods, reason = "it measures time")]

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let mut arguments = env::args().skip(1);
    if let (Some("--bare"), Some(socket)) = (arguments.next().as_deref(), arguments.next()) {
        return bare(Path::new(&socket));
    }
    let folder = env::temp_dir().join(format!("m26-session-socket-{}", std::process::id()));
    fs::create_dir(&folder).expect("a folder of its own");
    let ratio = measure(&folder);
    drop(fs::remove_dir_all(&folder));
    assert!(ratio <= LIMIT, "more than {LIMIT} times");
}

fn measure(folder: &Path) -> f64 {
    let tool = env::var_os("M26").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/examples/m26"),
        PathBuf::from,
    );
    let (ours, theirs) = (folder.join("m26"), folder.join("bare"));
    let session = ["--port", "sim", "session", "--listen"];
    let _session = Server::start(Command::new(tool).args(session).arg(&ours));
    let this = env::current_exe().expect("this program");
    let _bare = Server::start(Command::new(this).arg("--bare").arg(&theirs));
    let mut ours = Client::connect(&ours);
    // Nobody has configured the module: the session has given up soon, and rests.
    ours.ask("wait-ready 60");
    thread::sleep(Duration::from_secs(1));
    let answer = ours.ask("status");
    let mut theirs = Client::connect(&theirs);
    // So many bytes are answered from now on.
    theirs.ask(&answer);

    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (client, times) in [(&mut ours, &mut our_times), (&mut theirs, &mut their_times)] {
            for _ in 0..BLOCK {
                let began = Instant::now();
                client.ask("status");
                times.push(began.elapsed());
            }
        }
    }
    let (our_median, their_median) = (median(our_times), median(their_times));
    let ratio = our_median.as_secs_f64() / their_median.as_secs_f64();
    println!("status      {our_median:>9.1?}  ({} bytes)", answer.len() + 1);
    println!("bare socket {their_median:>9.1?}");
    println!("ratio       {ratio:>9.2}  (at most {LIMIT})");
    ratio
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Answers every line with the first one.
fn bare(socket: &Path) {
    let listener = UnixListener::bind(socket).expect("a socket");
    for stream in listener.incoming() {
        let stream = stream.expect("a client");
        let mut answer = String::new();
        let mut line = String::new();
        let mut lines = BufReader::new(&stream);
        while lines.read_line(&mut line).expect("a line") > 0 {
            if answer.is_empty() {
                answer.clone_from(&line);
            }
            (&stream).write_all(answer.as_bytes()).expect("its client");
            line.clear();
        }
    }
}

/// Ended when it is dropped.
struct Server(Child);

impl Server {
    fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("the program, built with --release"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

struct Client(BufReader<UnixStream>);

impl Client {
    fn connect(socket: &Path) -> Self {
        for _ in 0..1000 {
            match UnixStream::connect(socket) {
                Ok(stream) => return Self(BufReader::new(stream)),
                Err(_) => thread::sleep(Duration::from_millis(10)),
            }
        }
        panic!("nobody listens at {}", socket.display());
    }

    /// The answer. Events come in between.
    fn ask(&mut self, line: &str) -> String {
        self.0.get_mut().write_all(format!("{line}\n").as_bytes()).expect("a server");
        loop {
            let mut answer = String::new();
            assert_ne!(self.0.read_line(&mut answer).expect("an answer"), 0, "the server has gone");
            if answer.starts_with("{\"command\":") {
                answer.pop();
                return answer;
            }
        }
    }
}

const LIMIT: f64 = 1.5;
const ROUNDS: usize = 200;
const BLOCK: usize = 100;
