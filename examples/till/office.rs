//! Alipay: the built-in gateway, or another.

use std::fmt::Display;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use m26_pay::gateway::alipay::{GatewayUrl, Merchant};
use m26_pay::gateway::{PrivateKey, PublicKey};
use m26_pay::sim::gateway::alipay::{AlipaySettings, Gateway};
use m26_pay::sim::gateway::http::{Server, ServerHandle};
use m26_pay::sim::gateway::{Signing, SigningKey, VerifyingKey};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use rsa::rand_core::OsRng;
use tempfile::NamedTempFile;

use crate::screen::say;
use crate::{Fault, Options, Trouble};

/// Alipay, as the till knows it.
pub struct Office {
    pub merchant: Merchant,
    pub name: String,
    /// It ends when this is dropped.
    built_in: Option<BuiltIn>,
}

/// A gateway in a thread of this program.
struct BuiltIn {
    gateway: Arc<Mutex<Gateway>>,
    server: ServerHandle,
    thread: Option<thread::JoinHandle<()>>,
}

impl Office {
    /// The gateway that the options name.
    pub fn open(options: &Options) -> Result<Self, Trouble> {
        match &options.gateway {
            Some(url) => Self::other(url, options),
            None => Self::built_in(options),
        }
    }

    fn other(url: &GatewayUrl, options: &Options) -> Result<Self, Trouble> {
        if options.fault.iter().any(|fault| matches!(fault, Fault::Gateway(_))) {
            return Err("this --fault is the gateway's own: give it to the example gateway".into());
        }
        let key = read("--key", options.key.as_deref(), PrivateKey::read)?;
        let alipay = read("--alipay-key", options.alipay_key.as_deref(), PublicKey::read)?;
        let merchant = Merchant::new(url.clone(), options.app_id.clone(), key, alipay)?;
        Ok(Self { merchant, name: format!("the gateway at {url}"), built_in: None })
    }

    /// A gateway behind HTTP.
    fn built_in(options: &Options) -> Result<Self, Trouble> {
        let pair = |name| pair(options.built_in_keys.as_deref(), name);
        let (app, alipay) = (pair("app.der")?, pair("alipay.der")?);
        let signing = Signing::Rsa2 {
            gateway: Box::new(SigningKey::read(alipay.to_pkcs8_der()?.as_bytes())?),
            app: VerifyingKey::read(app.to_public_key().to_public_key_der()?.as_bytes())?,
        };
        let settings = AlipaySettings {
            clock: unix_time(),
            customer: options.customer,
            ..AlipaySettings::default()
        };
        let mut gateway = Gateway::new(settings, signing, options.seed);
        for fault in &options.fault {
            if let Fault::Gateway(planned) = fault {
                gateway.plan(*planned);
            }
        }
        let server = Server::bind("127.0.0.1:0")?;
        let url = GatewayUrl::new(format!("http://{}/gateway.do", server.address()))?;
        let key = PrivateKey::read(app.to_pkcs8_der()?.as_bytes())?;
        let alipay = PublicKey::read(alipay.to_public_key().to_public_key_der()?.as_bytes())?;
        let merchant = Merchant::new(url.clone(), options.app_id.clone(), key, alipay)?;
        let name = format!("a simulated gateway at {url}");
        Ok(Self { merchant, name, built_in: Some(BuiltIn::serve(gateway, server)) })
    }

    /// Shows where the money is, if the gateway is the built-in one.
    pub fn say_truth(&self) {
        let Some(built_in) = &self.built_in else { return };
        let mut gateway = built_in.gateway.lock().unwrap_or_else(PoisonError::into_inner);
        let truth = gateway.alipay_mut().truth_of_all(now());
        say(&format!(
            "Alipay's books: charged {} times, {} yuan; the merchant has {} yuan.",
            truth.charges, truth.charged, truth.kept
        ));
    }
}

impl BuiltIn {
    fn serve(gateway: Gateway, server: Server) -> Self {
        let gateway = Arc::new(Mutex::new(gateway));
        let (served, handle) = (Arc::clone(&gateway), server.handle());
        let thread = thread::spawn(move || {
            // Requests fail then, and say why.
            drop(server.serve(&served, |note| say(&format!("  [gateway] {note}"))));
        });
        Self { gateway, server: handle, thread: Some(thread) }
    }
}

impl Drop for BuiltIn {
    fn drop(&mut self) {
        self.server.stop();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// A pair of keys, kept in this folder if there is one.
fn pair(folder: Option<&Path>, name: &str) -> Result<RsaPrivateKey, Trouble> {
    let make = || RsaPrivateKey::new(&mut OsRng, 2048);
    let Some(folder) = folder else { return Ok(make()?) };
    let path = folder.join(name);
    if path.exists() {
        return read("--built-in-keys", Some(&path), RsaPrivateKey::from_pkcs8_der);
    }
    let key = make()?;
    keep(key.to_pkcs8_der()?.as_bytes(), folder, &path)
        .map_err(|error| format!("--built-in-keys {}: {error}", path.display()))?;
    Ok(key)
}

/// Another till may do so too: each finds a whole file.
fn keep(key: &[u8], folder: &Path, path: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(key)?;
    file.persist(path)?;
    Ok(())
}

fn read<K, E: Display>(
    option: &str,
    path: Option<&Path>,
    read: impl Fn(&[u8]) -> Result<K, E>,
) -> Result<K, Trouble> {
    // The parser has seen to it that it is there.
    let path = path.unwrap_or(Path::new(""));
    let name = path.display();
    let file = fs::read(path).map_err(|error| format!("{option} {name}: {error}"))?;
    read(&file).map_err(|error| format!("{option} {name}: {error}").into())
}

#[allow(clippy::disallowed_methods, reason = "the last look at the trades has to be at a time")]
fn now() -> Instant {
    Instant::now()
}

#[allow(clippy::disallowed_methods, reason = "the simulated gateway has the real time")]
fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
