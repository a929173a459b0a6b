//! A canteen that takes campus codes: they are accepted offline, never twice, and uploaded later.
//!
//! ```text
//! cargo run --example canteen                                    # a story, in some seconds
//! cargo run --example canteen -- --redis redis://127.0.0.1/      # with a second terminal
//! cargo run --example canteen -- --make code.bin                 # a made-up code
//! cargo run --example canteen -- --db canteen --codes code.bin   # taken, as a scanner gives it
//! ```
//!
//! - `main.rs`: the options
//! - `story.rs`: what happens, chapter by chapter; start reading here
//! - `shop.rs`: a terminal: decoder, guard, outbox, and what its screen shows
//! - `codes.rs`: made-up codes
//!
//! Only the vendor's decoder and a server are replaced: the decoder is the crate's fake one, for
//! made-up codes, and the server is a file.
//!
//! Exit status: 0 if all went as it should (with `--codes`: all were accepted), 1 if it did not, 2
//! for wrong usage.

#[path = "../common/clock.rs"]
mod clock;
mod codes;
#[path = "../common/language.rs"]
mod language;
mod shop;
mod story;
#[path = "../common/wall.rs"]
mod wall;

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgGroup, CommandFactory as _, Parser};
use m26_pay::advice::Language;
use m26_pay::amount::Amount;
use m26_pay::campus::decoder::Code;
use m26_pay::campus::guard::{MemoryGuard, RedisGuard, RedisSettings, TimeRules, Unreachable};

use shop::Shop;

/// Why the canteen cannot go on.
pub type Trouble = Box<dyn std::error::Error>;

/// A canteen that takes campus codes, with a decoder of made-up ones.
///
/// Without --codes and --make it tells a story that shows what is accepted, what is refused and
/// why, and how the payments reach the server.
#[derive(Parser)]
#[command(name = "canteen")]
#[command(group = ArgGroup::new("job").args(["codes", "make"]))]
struct Options {
    /// The folder for guard.db, outbox.db and uploads.txt; by default one that is removed at the
    /// end.
    #[arg(long, value_name = "PATH")]
    db: Option<PathBuf>,
    /// A Redis server that other terminals share, redis://host:port/ or unix:///path. Without an
    /// answer from it every code is refused.
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
    /// Files with codes, each with the bytes of one as a scanner gives them. They are taken in
    /// this order, and what is pending is shown.
    #[arg(long, value_name = "FILE", num_args = 1.., value_parser = read)]
    codes: Vec<Scanned>,
    /// What each code pays, in yuan.
    #[arg(long, value_name = "YUAN", default_value = "10.25", requires = "codes")]
    #[arg(value_parser = price)]
    amount: Amount,
    /// The language of the advice: en or zh. Without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_name = "en|zh")]
    lang: Option<Language>,
    /// Write a made-up code, which is valid for two minutes, to this file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["db", "redis"])]
    make: Option<PathBuf>,
}

/// What the scanner reads from a file.
#[derive(Clone)]
struct Scanned {
    name: String,
    bytes: Vec<u8>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    language::choose(options.lang);
    clock::warn();
    if let Some(error) = options.redis.as_deref().and_then(wrong_redis) {
        // Not the parser's error, which repeats the address with the password in it.
        Options::command().error(ErrorKind::ValueValidation, error).exit();
    }
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(trouble) => {
            drop(writeln!(io::stderr(), "canteen: {trouble}"));
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<bool, Trouble> {
    if let Some(path) = &options.make {
        let code = codes::of_student(std::process::id(), codes::now()).encode()?;
        fs::write(path, code.expose()).map_err(|error| format!("{}: {error}", path.display()))?;
        return Ok(true);
    }
    let folder = match &options.db {
        Some(folder) => {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            shop::Folder::Kept(folder.clone())
        }
        None => shop::Folder::Removed(tempfile::tempdir()?),
    };
    if options.codes.is_empty() {
        return story::tell(&folder, options.redis.as_deref()).map(|()| true);
    }
    let shop = Shop::open(&folder, options.redis.as_deref())?;
    let mut all = true;
    for Scanned { name, bytes } in &options.codes {
        all &= shop.take(name, bytes, options.amount).is_ok();
    }
    shop.show_pending()?;
    Ok(all)
}

/// Files that cannot be read are found before anybody pays.
fn read(path: &str) -> Result<Scanned, String> {
    let mut bytes = Vec::new();
    // One byte more than a code can have, so that it is refused.
    let limit = Code::MAX_LENGTH as u64 + 1;
    let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    read.map_err(|error| error.to_string())?;
    Ok(Scanned { name: path.to_string(), bytes })
}

/// The amount to pay, above zero.
fn price(text: &str) -> Result<Amount, String> {
    let amount = text.parse::<Amount>().map_err(|error| error.to_string())?;
    if amount == Amount::default() {
        return Err("the amount must be above zero".into());
    }
    Ok(amount)
}

/// What is wrong with an address, if anything is.
fn wrong_redis(url: &str) -> Option<impl std::fmt::Display + use<>> {
    let local = MemoryGuard::new(1, TimeRules::default());
    RedisGuard::new(local, RedisSettings::new(url, Unreachable::Refuse)).err()
}

/// Prints a line. It is not an error if nobody reads it.
fn print(line: &str) {
    drop(writeln!(io::stdout(), "{line}"));
}
