//! The whole way, in the tool's own platform.

use serde_json::json;

use super::{bare, done, sim};

#[test]
fn a_story_goes_from_the_login_to_a_contract() {
    let ended = sim(&["story"]);
    assert_eq!(ended.object()["simulated"], true);
    let story = done(&ended, "story");
    let steps = story["steps"].as_array().unwrap();
    let names: Vec<_> = steps.iter().map(|step| step["command"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "config",
            "page",
            "returned",
            "token",
            "user-mobile",
            "user-auth",
            "verify-pwd-seq-id",
            "callback",
            "page",
            "returned",
            "token",
            "contract-apply",
            "contract-info",
            "callback",
            "contract-info",
        ]
    );
    let result = |place: usize| &steps[place]["result"];
    assert_eq!(result(4), &json!({ "mobile": "13800000001" }));
    assert_eq!(result(7)["transNo"], result(6)["transNo"]);
    assert_eq!(
        (&result(7)["event"], &result(13)["event"]),
        (&json!("password-verified"), &json!("contract-released"))
    );
    assert_eq!(result(13)["contractId"], result(11)["contractId"]);
    assert_eq!(
        (&result(12)["contractStatus"], &result(14)["contractStatus"]),
        (&json!("1"), &json!("3"))
    );

    let told = bare(&["--base", "sim", "story"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.stdout.contains("contract-apply: contractCode: 684916616616"), "{}", told.stdout);
    assert!(told.stderr.contains("simulated"), "{}", told.stderr);
}
