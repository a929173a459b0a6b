//! A Redis server of the test's own.

use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A server on a socket in a folder of its own. It ends when it is dropped.
pub struct Server {
    child: Child,
    folder: TempDir,
    options: Vec<&'static str>,
}

impl Server {
    /// A server, or `None` where none is installed, which is said. With `M26_REQUIRE_REDIS` set
    /// there must be one.
    pub fn start(options: &[&'static str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        match spawn(&folder, options) {
            Ok(child) => Some(Self { child, folder, options: options.to_vec() }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let required = std::env::var_os("M26_REQUIRE_REDIS").is_some();
                assert!(!required, "M26_REQUIRE_REDIS is set, and there is no redis-server");
                println!("redis-server is not installed: the shared guard is NOT tested");
                None
            }
            Err(error) => panic!("redis-server: {error}"),
        }
    }

    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// Kills it, as a power cut does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it anew after [`kill`](Self::kill), at the same place and with nothing in it.
    pub fn restart(&mut self) {
        self.child = spawn(&self.folder, &self.options).unwrap();
    }

    /// Has it stand still, or go on.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// The first line of the answer to a command.
    pub fn ask(&self, command: &str) -> String {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        stream.write_all(format!("{command}\r\n").as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line.trim_end().to_string()
    }

    /// The keys in it.
    pub fn keys(&self) -> Vec<String> {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        stream.write_all(b"KEYS *\r\n").unwrap();
        let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
        let count: usize = lines.next().unwrap()[1..].parse().unwrap();
        lines.filter(|line| !line.starts_with('$')).take(count).collect()
    }
}

fn spawn(folder: &TempDir, options: &[&str]) -> std::io::Result<Child> {
    let socket = folder.path().join("redis.sock");
    let mut command = Command::new("redis-server");
    command
        .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
        .arg(&socket)
        .args(options)
        .current_dir(folder.path())
        .stdout(Stdio::piped());
    let mut child = command.spawn()?;
    // It says when it listens; a killed one leaves its socket behind, so that shows nothing.
    let mut log = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = log.any(|line| line.unwrap().contains("eady to accept connections"));
    assert!(ready, "redis-server did not start");
    // It goes on writing, and must not find the pipe closed.
    std::thread::spawn(move || log.for_each(drop));
    Ok(child)
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
