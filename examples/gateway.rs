//! A simulated Alipay gateway on loopback TCP, for any client.
//!
//! ```text
//! openssl genrsa -out alipay.pem 2048                  # Alipay's pair: the gateway signs with it
//! openssl pkey -in alipay.pem -pubout -out alipay.pub  # for the client: it verifies with it
//! openssl genrsa -out app.pem 2048                     # the app's pair: the client signs with it
//! openssl pkey -in app.pem -pubout -out app.pub        # for the gateway: it verifies with it
//! cargo run --example gateway -- --listen 127.0.0.1:8080 \
//!     --alipay-key alipay.pem --app-public-key app.pub --customer thinks --fault closed:query:1
//! ```
//!
//! What happens is printed, without any payment code. Ctrl-C ends it, with a line on the money.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use std::{fs, io};

use clap::Parser;
use m26_pay::sim::gateway::alipay::{
    AlipaySettings, CertificateNumbers, Customer, Gateway, Planned,
};
use m26_pay::sim::gateway::http::Server;
use m26_pay::sim::gateway::{KeyFileError, Signing, SigningKey, VerifyingKey};

/// A simulated Alipay gateway on loopback TCP, for any client of the open platform's version 2.
#[derive(Parser)]
#[command(after_help = HELP)]
struct Arguments {
    /// Listen here; port 0 takes one that is free.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: String,
    /// Alipay's private key: it signs the answers. PKCS#1 or PKCS#8, PEM or DER.
    #[arg(long, value_name = "FILE")]
    alipay_key: PathBuf,
    /// The app's public key: it verifies the requests. SPKI or PKCS#1, PEM or DER.
    #[arg(long, value_name = "FILE")]
    app_public_key: PathBuf,
    /// The app's certificate: with the two others the gateway is in certificate mode.
    #[arg(long, value_name = "FILE", requires_all = ["alipay_cert", "root_cert"])]
    app_cert: Option<PathBuf>,
    /// Alipay's certificate.
    #[arg(long, value_name = "FILE", requires_all = ["app_cert", "root_cert"])]
    alipay_cert: Option<PathBuf>,
    /// Alipay's root certificates.
    #[arg(long, value_name = "FILE", requires_all = ["app_cert", "alipay_cert"])]
    root_cert: Option<PathBuf>,
    /// What the customers do: pays, thinks, refuses, leaves or pays-late.
    #[arg(long, default_value = "pays")]
    customer: Customer,
    /// What goes wrong: NAME for the first pay, NAME:METHOD:N for another call. May be repeated.
    #[arg(long, value_name = "NAME[:METHOD:N]", value_parser = fault)]
    fault: Vec<Planned>,
    /// Decides what a fault leaves open: whether a call that was not answered was carried out.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("gateway: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let signing = signing(arguments)?;
    let settings = AlipaySettings {
        clock: unix_time(),
        customer: arguments.customer,
        ..AlipaySettings::default()
    };
    let mut gateway = Gateway::new(settings, signing, arguments.seed);
    if let Some(certificates) = certificates(arguments)? {
        gateway = gateway.with_certificates(certificates);
    }
    for planned in &arguments.fault {
        gateway.plan(*planned);
    }
    let server = Server::bind(&arguments.listen).map_err(|error| {
        format!(
            "--listen {}: {error}; give an address of this machine and a port that is free, or \
             port 0",
            arguments.listen
        )
    })?;
    let handle = server.handle();
    ctrlc::set_handler(move || handle.stop()).map_err(|error| error.to_string())?;

    say(&format!("listening on http://{}/gateway.do", server.address()));
    let gateway = Mutex::new(gateway);
    server.serve(&gateway, say).map_err(|error| format!("the server has failed: {error}"))?;

    let mut gateway = gateway.into_inner().map_err(|error| error.to_string())?;
    let truth = gateway.alipay_mut().truth_of_all(now());
    say(&format!(
        "customers were charged {} times, {} yuan; the merchant has {} yuan",
        truth.charges, truth.charged, truth.kept
    ));
    Ok(())
}

fn signing(arguments: &Arguments) -> Result<Signing, String> {
    let Arguments { alipay_key, app_public_key, .. } = arguments;
    let private = "Alipay's private key belongs here, which signs the answers; clients get its \
                   public half";
    let public = "the app's public key belongs here, which verifies the requests: openssl pkey \
                  -in FILE -pubout makes it from the app's private key";
    let alipay = read("--alipay-key", alipay_key, SigningKey::read, private)?;
    let app = read("--app-public-key", app_public_key, VerifyingKey::read, public)?;
    if alipay.public() == app {
        return Err(format!(
            "--app-public-key {} is the public half of --alipay-key {}: Alipay and the app have a \
             pair each; give the app's",
            app_public_key.display(),
            alipay_key.display()
        ));
    }
    Ok(Signing::Rsa2 { gateway: Box::new(alipay), app })
}

/// The certificates, if they are given.
fn certificates(arguments: &Arguments) -> Result<Option<CertificateNumbers>, String> {
    let Arguments { app_cert: Some(app), alipay_cert: Some(alipay), root_cert: Some(root), .. } =
        arguments
    else {
        return Ok(None);
    };
    let file =
        |path: &PathBuf| fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let numbers = CertificateNumbers::read(&file(app)?, &file(alipay)?, &file(root)?);
    numbers.map(Some).map_err(|error| error.to_string())
}

fn read<K>(
    option: &str,
    path: &Path,
    read: impl Fn(&[u8]) -> Result<K, KeyFileError>,
    belongs: &str,
) -> Result<K, String> {
    let name = path.display();
    let file = fs::read(path).map_err(|error| format!("{option} {name}: {error}"))?;
    read(&file).map_err(|error| format!("{option} {name}: {error}; {belongs}"))
}

fn fault(text: &str) -> Result<Planned, String> {
    if text == "power-cut" {
        return Err("a power cut is the till's, not the gateway's: the example till has it".into());
    }
    text.parse().map_err(|error: m26_pay::sim::gateway::alipay::FaultError| error.to_string())
}

/// Whoever closes our output does not want to read it; the simulation goes on.
fn say(line: &str) {
    drop(writeln!(io::stdout(), "{line}"));
}

#[allow(clippy::disallowed_methods, reason = "the last look at the trades has to be at a time")]
fn now() -> Instant {
    Instant::now()
}

#[allow(clippy::disallowed_methods, reason = "the simulated gateway has the real time")]
fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

const HELP: &str = "\
Customers:
  pays       at once
  thinks     the pay answers 10003; pays after 8 s
  refuses    the pay answers 40004
  leaves     the pay answers 10003; never pays
  pays-late  the pay answers 10003; pays just before a cancel arrives, or after 120 s

Faults:
  lost             the request or its answer never arrives
  late             answered after 15 s
  half-done        20000 at once; the request takes effect 4 s later
  system-error     20000, done or not done
  closed           the connection closes unanswered
  cut-off          the connection closes in the middle of the answer
  502, html        a page instead of the answer
  redirect         302 to somewhere else; nothing is done
  gbk              the answer is in GBK
  unsigned         the answer has no signature
  wrong-signature  the signature is of another text
  wrong-amount     the answer has another amount, and is signed so

Methods: pay, query, cancel, close, refund, refund-query, precreate";
