//! What must not be logged, whatever the library tells.

use std::process::{Command, Stdio};

use m26_pay::sim::gateway::unionpay::UnionPaySettings;
use support::cli_tool::Ended;
use support::example_run::path;

use super::open_id;

#[test]
fn nothing_secret_is_logged() {
    let (open_id, settings) = (open_id(), UnionPaySettings::default());
    let user = ["--open-id", open_id.as_str(), "--access-token", "upapi_auth"];
    for words in [
        &["user-mobile"][..],
        &["user-auth"],
        &["story"],
        &["backend-token"],
        &["token", "--code", "upapi_auth"],
    ] {
        let mut tool = Command::new(path("unionpay"));
        tool.args(["--base", "sim", "--json"]).args(words).env("M26_LOG", "trace");
        if words[0].starts_with("user") {
            tool.args(user);
        }
        let ended: Ended = tool.stdin(Stdio::null()).output().unwrap().into();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let result = &ended.object()["result"];
        let token = result["backendToken"].as_str().unwrap_or("no token");
        for secret in [
            &open_id,
            &settings.secret,
            &settings.symmetric_key,
            "13800000001",
            "350200199001010001",
            "测试1",
            token,
        ] {
            assert!(!ended.stderr.contains(secret), "{secret} in {}", ended.stderr);
        }
    }
}
