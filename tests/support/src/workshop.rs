//! Libraries in C that play the vendor's, compiled by the test that loads them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use m26_pay::campus::decoder::{Code, Decoded, Decoder, DecoderError, Pid, Purpose, Verdict};
use m26_pay::campus::vendor::{HEADER, TEMPLATE};
use tempfile::TempDir;

pub const GATE: Purpose = Purpose::Gate { pid: None };
pub const CANTEEN: Purpose =
    Purpose::Withholding { pid: Pid([0x20, 0x88, 0, 0x03, 0x40, 0x52, 0x13, 0x30]) };

/// A folder with the crate's C files and the test's own, and a compiler.
pub struct Workshop {
    folder: TempDir,
    compiler: String,
}

impl Workshop {
    /// `None` where there is no C compiler: then the test has nothing to load, and says so.
    pub fn open() -> Option<Self> {
        let asked = std::env::var("CC").ok();
        let found = |compiler: &String| {
            let version = Command::new(compiler).arg("--version").stdout(Stdio::null()).status();
            version.is_ok_and(|status| status.success())
        };
        let known = ["cc", "gcc", "clang"].map(String::from);
        let Some(compiler) = asked.into_iter().chain(known).find(found) else {
            println!("there is no C compiler, so nothing was tested: install cc, or name it in CC");
            return None;
        };
        let workshop = Self { folder: tempfile::tempdir().unwrap(), compiler };
        workshop.write("m26_campus.h", HEADER);
        workshop.write("m26_campus_template.c", TEMPLATE);
        workshop.write("campus.c", include_str!("c/campus.c"));
        workshop.write("gate.c", include_str!("c/gate.c"));
        Some(workshop)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Runs the compiler, with every warning an error.
    pub fn compile(&self, arguments: &[&str]) {
        let output = Command::new(&self.compiler)
            .args(["-std=gnu99", "-Wall", "-Wextra", "-Werror", "-O1", "-fPIC"])
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A library from this source.
    pub fn library(&self, source: &str, defines: &[&str]) -> PathBuf {
        let name = self.new_name();
        self.compile(&[&["-shared", "-o", &name, source][..], defines].concat());
        self.path(&name)
    }

    /// A copy of the library in another file, which loads as another library.
    pub fn copy(&self, library: &Path) -> PathBuf {
        let copy = self.path(&self.new_name());
        std::fs::copy(library, &copy).unwrap();
        copy
    }

    fn new_name(&self) -> String {
        format!("lib{}.so", std::fs::read_dir(self.folder.path()).unwrap().count())
    }
}

/// What the decoder makes of these bytes.
pub fn decode(
    decoder: &dyn Decoder,
    bytes: &[u8],
    purpose: Purpose,
) -> Result<Decoded, DecoderError> {
    decoder.decode(&Code::new(bytes).unwrap(), purpose)
}

/// What it said when it refused.
#[track_caller]
pub fn refusal(outcome: Result<Decoded, DecoderError>) -> Verdict {
    match outcome {
        Err(DecoderError::Refused { verdict, .. }) => verdict,
        other => panic!("{other:?}"),
    }
}

/// The name of a path that is not there.
pub fn nowhere() -> &'static Path {
    Path::new("/nonexistent/libm26_campus.so")
}
