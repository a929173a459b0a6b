//! A page that uses UnionPay's script, and the server behind it.
//!
//! ```text
//! cargo run --example upsdk                                       # all of it simulated
//! cargo run --example upsdk -- --base https://open.95516.com/open/access/1.0 \
//!     --app-id a5949221 --secret-file secret --library https://shop.example/jquery.js
//! ```
//!
//! Open the address that it prints in a browser. The page asks the server for the argument of
//! `upsdk.config`, for its own address; the server has it signed with a front token, which it fetches
//! and keeps. UnionPay's script works inside UnionPay's app alone, so with `--base sim` there is a
//! stand-in, which shows what it was given. Ctrl-C ends it.

mod shop;
mod simulated;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::{fs, io};

use clap::Parser;
use m26_pay::gateway::Http;
use m26_pay::gateway::unionpay::token::MemoryTokens;
use m26_pay::gateway::unionpay::{App, AppId, AppSecret, BaseUrl, UnionPay};
use m26_pay::sim::gateway::http::Server;

use shop::{Page, Script, Shop};

/// A page that uses UnionPay's script, and the server behind it.
#[derive(Parser)]
struct Arguments {
    /// Listen here; port 0 takes one that is free.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Where the calls are, up to a call's name; or sim, a simulator in this program.
    #[arg(long, value_name = "URL|sim", default_value = SIMULATOR)]
    base: String,
    /// The application.
    #[arg(long, value_name = "N", requires = "secret_file")]
    app_id: Option<AppId>,
    /// The application's secret is in this file.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// UnionPay's script, or stand-in.
    #[arg(long, value_name = "URL|stand-in")]
    script: Option<Script>,
    /// jQuery 1.4 or Zepto 1.0, which UnionPay's script needs before it.
    #[arg(long, value_name = "URL")]
    library: Option<String>,
    /// Have UnionPay's script show what it does. A page for users must not.
    #[arg(long)]
    debug: bool,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("upsdk: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> Result<(), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let Arguments { listen, base, app_id, secret_file, script, library, debug } = arguments;
    let (app, _simulator) = match (base.as_str(), app_id, secret_file) {
        (SIMULATOR, None, None) => {
            let simulated = simulated::start()?;
            (simulated.app, Some(simulated.server))
        }
        (SIMULATOR, ..) => return Err("--base sim has an application of its own".to_owned()),
        (base, Some(app_id), Some(file)) => {
            let base = BaseUrl::new(base).map_err(|error| text(&error))?;
            (App::new(base, app_id, secret(&file)?), None)
        }
        _ => return Err("--base URL needs --app-id and --secret-file".to_owned()),
    };
    let script = script.unwrap_or(match base.as_str() {
        SIMULATOR => Script::StandIn,
        _ => Script::UnionPay(UNIONPAY_SCRIPT.to_owned()),
    });

    let server = Server::bind(&listen).map_err(|error| {
        format!(
            "--listen {listen}: {error}; give an address of this machine and a port that is free"
        )
    })?;
    let handle = server.handle();
    ctrlc::set_handler(move || handle.stop()).map_err(|error| text(&error))?;
    let origin = format!("http://{}", server.address());
    let unionpay = UnionPay::new(app, Http::new(), MemoryTokens::new());
    say(&format!("open {origin}/ in a browser; Ctrl-C ends this"));
    let shop = Shop::new(unionpay, Page { origin, script, library, debug });
    server.serve(&Mutex::new(shop), say).map_err(|error| format!("the server has failed: {error}"))
}

fn secret(file: &Path) -> Result<AppSecret, String> {
    let name = file.display();
    let secret = fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    AppSecret::new(secret.trim()).map_err(|error| format!("{name}: {error}"))
}

/// Whoever closes our output does not want to read it; the server goes on.
fn say(line: &str) {
    drop(writeln!(io::stdout(), "{line}"));
}

const SIMULATOR: &str = "sim";

/// 6.2.
const UNIONPAY_SCRIPT: &str = "https://open.95516.com/s/open/js/upsdk.js";
