//! A PostgreSQL server of the test's own.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::real_time::pause;
use tempfile::TempDir;

/// A server with a folder of its own, on a Unix socket and a free port of this host. It ends when it
/// is dropped.
pub struct Server {
    child: Mutex<Child>,
    folder: TempDir,
    port: u16,
    programs: PathBuf,
    user: Option<User>,
    options: Vec<String>,
    databases: AtomicUsize,
}

/// Who runs the server: it refuses to run as root.
#[derive(Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

impl Server {
    /// The server that all tests of this program share at the moment, or `None` where none is
    /// installed, which is said. With `M26_REQUIRE_POSTGRES` set there must be one.
    pub fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Self::start(&["fsync=off"])?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// A server with these settings, which nobody else uses.
    pub fn start(settings: &[&str]) -> Option<Self> {
        let Some(programs) = programs() else {
            let required = std::env::var_os("M26_REQUIRE_POSTGRES").is_some();
            assert!(!required, "M26_REQUIRE_POSTGRES is set, and there is no PostgreSQL server");
            println!("PostgreSQL is not installed: the journal on it is NOT tested");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let user = unprivileged();
        if let Some(User { uid, gid }) = user {
            chown(folder.path(), Some(uid), Some(gid)).unwrap();
        }
        // A till of another user may use the socket.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let data = folder.path().join("data");
        let mut initdb = command(&programs, "initdb", user);
        initdb.args(["--no-sync", "--auth=trust", "--username=till", "--encoding=UTF8"]);
        initdb.args(["--locale=C", "--pgdata"]).arg(&data);
        let made = initdb.output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        // Nobody has this port by then but for who is very quick.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let options = settings.iter().map(ToString::to_string).collect::<Vec<_>>();
        let child = spawn(&programs, user, folder.path(), port, &options);
        let (child, databases) = (Mutex::new(child), AtomicUsize::new(0));
        let server = Self { child, folder, port, programs, user, options, databases };
        server.await_ready();
        Some(server)
    }

    /// The address of a new database, over TCP.
    pub fn new_database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("shop{number}");
        self.psql("postgres", &format!("CREATE DATABASE {name}"));
        format!("postgres://till@127.0.0.1:{}/{name}", self.port)
    }

    /// This database, by the server's Unix socket.
    pub fn by_socket(&self, url: &str) -> String {
        let name = url.rsplit_once('/').unwrap().1;
        format!("postgres://till@/{name}?host={}&port={}", self.folder.path().display(), self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What `psql` answers to a statement, its columns parted by `|`.
    pub fn psql(&self, database: &str, statement: &str) -> String {
        self.try_psql(database, statement).unwrap_or_else(|error| panic!("psql: {error}"))
    }

    /// As above, if the server may be away; `Err` is the message of `psql`.
    pub fn try_psql(&self, database: &str, statement: &str) -> Result<String, String> {
        let name = database.rsplit_once('/').map_or(database, |(_, name)| name);
        let mut psql = command(&self.programs, "psql", self.user);
        psql.args(["--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
        psql.args(["--username=till", "--dbname", name, "--port", &self.port.to_string()]);
        psql.arg("--host").arg(self.folder.path()).args(["--command", statement]);
        let done = psql.output().unwrap();
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into_owned());
        }
        Ok(String::from_utf8(done.stdout).unwrap().trim_end().to_owned())
    }

    /// What PostgreSQL's own benchmark says, run on a database with these arguments.
    pub fn pgbench(&self, database: &str, arguments: &[&str]) -> String {
        let mut pgbench = command(&self.programs, "pgbench", self.user);
        pgbench.args(["--username=till", "--port", &self.port.to_string(), "--host"]);
        pgbench.arg(self.folder.path()).args(arguments);
        pgbench.arg(database.rsplit_once('/').map_or(database, |(_, name)| name));
        let done = pgbench.output().unwrap();
        assert!(done.status.success(), "pgbench: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    /// Ends it at once, as a crash does.
    pub fn kill(&self) {
        self.stop("QUIT");
    }

    /// Ends it in order, without waiting for its clients.
    pub fn shut_down(&self) {
        self.stop("INT");
    }

    /// Starts it anew, at the same place.
    pub fn restart(&self) {
        let child = spawn(&self.programs, self.user, self.folder.path(), self.port, &self.options);
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = child;
        self.await_ready();
    }

    /// Has it and its children stand still (`STOP`) or go on (`CONT`), those that serve `database`.
    pub fn signal_backends(&self, database: &str, name: &str) {
        let name_of = database.rsplit_once('/').map_or(database, |(_, name)| name);
        let pids = format!("SELECT pid FROM pg_stat_activity WHERE datname = '{name_of}'");
        for pid in self.try_psql("postgres", &pids).unwrap_or_default().lines() {
            signal(pid, name);
        }
    }

    fn stop(&self, name: &str) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        signal(&child.id().to_string(), name);
        child.wait().unwrap();
    }

    fn await_ready(&self) {
        let mut ready = command(&self.programs, "pg_isready", self.user);
        ready.args(["--quiet", "--port", &self.port.to_string(), "--host"]).arg(self.folder.path());
        for _ in 0..600 {
            if ready.status().unwrap().success() {
                return;
            }
            pause(Duration::from_millis(100));
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("the PostgreSQL server is not ready: {log}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(
    programs: &Path,
    user: Option<User>,
    folder: &Path,
    port: u16,
    settings: &[String],
) -> Child {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap();
    let mut server = command(programs, "postgres", user);
    server.arg("-D").arg(folder.join("data")).args(["-p", &port.to_string(), "-k"]).arg(folder);
    server.args(["-c", "listen_addresses=127.0.0.1"]);
    for setting in settings {
        server.args(["-c", setting]);
    }
    server.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
}

/// The folder with the server's programs: that of the PATH, or the newest one of Debian's.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut debian: Vec<PathBuf> = match fs::read_dir("/usr/lib/postgresql") {
        Ok(versions) => versions.map(|version| version.unwrap().path().join("bin")).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => panic!("/usr/lib/postgresql: {error}"),
    };
    debian.sort();
    folders.extend(debian.into_iter().rev());
    let needed = ["initdb", "pg_isready", "postgres", "psql"];
    folders.into_iter().find(|folder| needed.iter().all(|name| folder.join(name).exists()))
}

fn command(programs: &Path, name: &str, user: Option<User>) -> Command {
    let mut command = Command::new(programs.join(name));
    // Nothing of the user's own, and a folder that everybody may enter.
    command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin").current_dir("/");
    if let Some(User { uid, gid }) = user {
        command.uid(uid).gid(gid);
    }
    command
}

/// Who runs the server, if this is root.
fn unprivileged() -> Option<User> {
    let id = |arguments: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse().ok()
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    let user = ["postgres", "nobody"].into_iter().find(|user| id(&["-u", user]).is_some());
    let user = user.unwrap();
    Some(User { uid: id(&["-u", user])?, gid: id(&["-g", user])? })
}

fn signal(pid: &str, name: &str) {
    // One that has ended already is as wanted.
    Command::new("kill").args(["-s", name, pid]).stderr(Stdio::null()).status().unwrap();
}
