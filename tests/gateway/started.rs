//! The example `gateway`, started as other people start it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use support::example_run::path;
use support::keys::Pair;
use support::sigint;
use tempfile::TempDir;

/// Key files of both sides.
pub struct Keys {
    folder: TempDir,
}

impl Keys {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, der) in [
            ("alipay.key", Pair::alipay().private_pkcs8()),
            ("alipay.pub", Pair::alipay().public_spki()),
            ("app.key", Pair::app().private_pkcs8()),
            ("app.pub", Pair::app().public_spki()),
        ] {
            fs::write(folder.path().join(name), der).unwrap();
        }
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The example, ended when the test is, however that ends.
pub struct Started {
    pub child: Child,
    out: BufReader<ChildStdout>,
}

impl Drop for Started {
    fn drop(&mut self) {
        // It has ended already, as a rule.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Started {
    pub fn new(keys: &Keys, more: &[&str]) -> Self {
        sigint::end_children();
        let mut command = Command::new(path("gateway"));
        command.args(["--listen", "127.0.0.1:0", "--alipay-key"]).arg(keys.path("alipay.key"));
        command.arg("--app-public-key").arg(keys.path("app.pub")).args(more);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}
