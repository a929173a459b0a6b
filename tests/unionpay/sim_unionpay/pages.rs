//! The pages on which a user agrees.

use m26_pay::sim::gateway::unionpay::{PageVisitor, VisitError};

use super::{Bench, PLAN_ID, YES, page_url};

#[test]
fn a_user_comes_back_with_a_code_or_with_an_error() {
    let mut bench = Bench::new();
    let url = page_url("upapi_base");
    let back = bench.unionpay.visit(bench.now, &url, YES).unwrap();
    assert!(back.starts_with("https://shop.example/back?code=%2B%2F"), "{back}");
    assert!(back.ends_with("&state=s1"), "{back}");
    let back = bench.unionpay.visit(bench.now, &url, PageVisitor::Refuses).unwrap();
    let (head, code) = back.split_once("&errorcode=").unwrap();
    assert_eq!(code, "user0001");
    assert!(head.starts_with("https://shop.example/back?state=s1&errmsg=%E7%94%A8"), "{head}");
    let url = url.replace("%2Fback", "%2Fback%3Fa%3D1").replace("&state=s1", "");
    let back = bench.unionpay.visit(bench.now, &url, YES).unwrap();
    assert!(back.starts_with("https://shop.example/back?a=1&code="), "{back}");
    assert!(!back.contains("state"), "{back}");
}

#[test]
fn a_page_takes_its_own_scopes_only() {
    let mut bench = Bench::new();
    let mut visit = |from: &str, to: &str| {
        bench.unionpay.visit(bench.now, &page_url("upapi_base").replacen(from, to, 1), YES)
    };
    for (from, to, error) in [
        ("oauth.html", "other.html", VisitError::Page),
        ("appId=fb", "appId=fc", VisitError::AppId),
        ("responseType=code", "responseType=token", VisitError::ResponseType),
        ("upapi_base", "upapi_login", VisitError::Scope),
        ("upapi_base", "upapi_contract", VisitError::Scope),
        ("https%3A", "http%3A", VisitError::RedirectUri),
        ("shop.example", "other.example", VisitError::RedirectUri),
        ("state=s1", "state=s-1", VisitError::State),
        ("state=s1", &format!("state={}", "s".repeat(129)), VisitError::State),
        ("state=s1", &format!("planId={PLAN_ID}"), VisitError::PlanId),
    ] {
        assert_eq!(visit(from, to), Err(error), "{to}");
    }
    let contract = page_url("upapi_contract").replace("&planId", "&planNo");
    assert_eq!(bench.unionpay.visit(bench.now, &contract, YES), Err(VisitError::PlanId));
}
