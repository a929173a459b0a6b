//! A gateway that has nothing in common with this crate: OpenSSL verifies what the tool signs, and
//! signs what it verifies.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use serde_json::json;
use tempfile::TempDir;

use super::{CODE, pay, run};
use crate::started::text;
use support::example_run::path;

/// Keys that OpenSSL made, in PEM.
struct OpenSsl(TempDir);

impl OpenSsl {
    /// `None` where it is not installed, which is said. With `M26_REQUIRE_OPENSSL` set it has to be.
    fn new() -> Option<Self> {
        let version = Command::new("openssl").arg("version").stdout(Stdio::null()).status();
        if !version.is_ok_and(|status| status.success()) {
            let required = std::env::var_os("M26_REQUIRE_OPENSSL").is_some();
            assert!(!required, "M26_REQUIRE_OPENSSL is set, and there is no openssl");
            println!("there is no openssl, so nothing was tested: install it");
            return None;
        }
        let it = Self(tempfile::tempdir().unwrap());
        for name in ["app", "alipay"] {
            let (private, public) = (it.path(name), it.path(&format!("{name}.pub")));
            it.runs(&["genrsa", "-out", text(&private), "2048"]);
            it.runs(&["pkey", "-in", text(&private), "-pubout", "-out", text(&public)]);
        }
        Some(it)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn runs(&self, arguments: &[&str]) -> bool {
        let mut openssl = Command::new("openssl");
        openssl
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
    }

    /// Whether the application's key signed this text.
    fn verifies(&self, message: &str, sign: &str) -> bool {
        let (message_file, sign_file) = (self.path("text"), self.path("sign"));
        std::fs::write(&message_file, message).unwrap();
        std::fs::write(&sign_file, BASE64.decode(sign.as_bytes()).unwrap()).unwrap();
        let key = self.path("app.pub");
        let verify = ["dgst", "-sha256", "-verify", text(&key), "-signature", text(&sign_file)];
        self.runs(&[&verify[..], &[text(&message_file)]].concat())
    }

    /// Alipay's signature of this text.
    fn sign(&self, message: &str) -> String {
        let (message_file, sign_file) = (self.path("node"), self.path("node.sign"));
        std::fs::write(&message_file, message).unwrap();
        let key = self.path("alipay");
        let sign = ["dgst", "-sha256", "-sign", text(&key), "-out", text(&sign_file)];
        assert!(self.runs(&[&sign[..], &[text(&message_file)]].concat()));
        BASE64.encode(&std::fs::read(sign_file).unwrap())
    }
}

/// The parameters of one request, decoded: those of the address, then those of the body.
fn receive(stream: &TcpStream) -> Vec<(String, String)> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0);
    }
    let target = head.split(' ').nth(1).unwrap();
    let query = target.split_once('?').unwrap().1.to_owned();
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")
            .map(|n| n.parse::<usize>().unwrap())
    });
    let mut body = vec![0; length.unwrap()];
    reader.read_exact(&mut body).unwrap();
    let all = format!("{query}&{}", String::from_utf8(body).unwrap());
    let decode = |part: &str| {
        percent_decode_str(&part.replace('+', " ")).decode_utf8().unwrap().into_owned()
    };
    let pairs = all.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

/// Alipay's rule: everything but the signature, sorted, joined and not encoded (facts 1.1).
fn signed_text(mut parameters: Vec<(String, String)>) -> (String, String) {
    let place = parameters.iter().position(|(name, _)| name == "sign").unwrap();
    let sign = parameters.remove(place).1;
    parameters.sort();
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (pairs.join("&"), sign)
}

fn answer(mut stream: &TcpStream, body: &str) {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html;charset=utf-8\r\nConnection: close\r\n";
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
}

fn tool(openssl: &OpenSsl, url: &str) -> Command {
    let mut tool = Command::new(path("pay"));
    tool.args(["--json", "--gateway", url, "--app-id", "2026000000000001", "--journal", "memory"]);
    tool.arg("--key").arg(openssl.path("app"));
    tool.arg("--alipay-key").arg(openssl.path("alipay.pub"));
    tool
}

fn value(text: &Path) -> &str {
    super::text(text)
}

#[test]
fn openssl_verifies_the_request_and_signs_the_answer() {
    let Some(openssl) = OpenSsl::new() else { return };
    let signed = openssl.path("signed");
    std::fs::write(&signed, r#"{"signature":"a=+b%2B&c==","time":"1"}"#).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/gateway.do", listener.local_addr().unwrap());
    std::thread::scope(|scope| {
        let server = scope.spawn(|| {
            let (stream, _) = listener.accept().unwrap();
            let (message, sign) = signed_text(receive(&stream));
            let verified = openssl.verifies(&message, &sign);
            let changed = openssl.verifies(&message.replace("10.25", "10.26"), &sign);
            let node = r#"{"code":"10000","msg":"Success","out_trade_no":"A1_0","total_amount":"10.25","trade_no":"2026112922001400010001","store_name":"厦门\/食堂"}"#;
            let sign = openssl.sign(node);
            answer(&stream, &format!(r#"{{"alipay_trade_pay_response":{node},"sign":"{sign}"}}"#));
            (verified, changed, message)
        });
        let mut tool = tool(&openssl, &url);
        let file = ["--terminal-params-file", value(&signed), "--subject", "午餐 a+b 100%"];
        let ids = ["--store-id", "NJ_001", "--terminal-id", "T1", "--operator-id", "O1"];
        let order = pay("A1_0", CODE);
        let ended =
            run(tool.args(&order[..7]).args(file).args(ids).args(["--timeout-express", "5m"]));
        let (verified, changed, message) = server.join().unwrap();
        assert!(verified, "{message}");
        assert!(!changed);
        for member in [
            r#""subject":"午餐 a+b 100%""#,
            r#""scene":"bar_code""#,
            r#""total_amount":"10.25""#,
            r#""store_id":"NJ_001""#,
            r#""terminal_id":"T1""#,
            r#""operator_id":"O1""#,
            r#""timeout_express":"5m""#,
            // A text, not an object: the module's signature is over its very bytes.
            r#""terminal_params":"{\"signature\":\"a=+b%2B&c==\",\"time\":\"1\"}""#,
        ] {
            assert!(message.contains(member), "{member} in {message}");
        }
        let result = &ended.object()["result"];
        assert_eq!((ended.code, &result["outcome"]), (Some(0), &json!("paid")), "{ended:?}");
    });
}
