//! The pages: a user is sent to one, and comes back from it.

use m26_pay::gateway::unionpay::page::{
    LoginPage, LoginState, RedirectUri, RedirectUriForm, ReturnError, returned,
};
use m26_pay::gateway::unionpay::{AppId, PlanId, Scope};
use m26_pay::sim::gateway::Signing;
use m26_pay::sim::gateway::unionpay::{PageVisitor, UnionPay, UnionPaySettings};

use crate::tokens::start;

const AGREES: PageVisitor = PageVisitor::Agrees { user: 0, mobile: true };

fn back() -> RedirectUri {
    RedirectUri::new("https://shop.example/back?from=1").unwrap()
}

/// The three pages, with a state.
fn pages(state: &LoginState, settings: &UnionPaySettings) -> [LoginPage; 4] {
    let plan_id = PlanId::new(settings.plan_ids[0].as_str()).unwrap();
    let plain =
        LoginPage::oauth(RedirectUri::new("https://shop.example/back").unwrap(), Scope::Base);
    [
        LoginPage::oauth(back(), Scope::Auth).unwrap(),
        LoginPage::out_login(back(), Scope::Login).unwrap(),
        LoginPage::no_pwd(back(), plan_id),
        plain.unwrap().redirect_uri_form(RedirectUriForm::AsIs).unwrap(),
    ]
    .map(|page| page.state(state.clone()))
}

#[test]
fn who_agrees_comes_back_with_a_code() {
    let settings = UnionPaySettings::default();
    let app_id = AppId::new(settings.app_id.as_str()).unwrap();
    let mut unionpay = UnionPay::new(settings.clone(), Signing::StandIn, 0).unwrap();
    let [state, other] = [(); 2].map(|()| LoginState::random().unwrap());
    assert_ne!(state, other);
    for page in pages(&state, &settings) {
        let url = unionpay.visit(start(), &page.url(&app_id), AGREES).unwrap();
        let (address, query) = url.split_once('?').unwrap();
        assert_eq!(address, "https://shop.example/back");
        // The simulator's codes begin with `+/`, which a careless reader loses.
        let code = returned(query, Some(&state)).unwrap();
        assert!(code.expose().starts_with("+/"), "{}", code.expose());
        for session in [Some(&other), None] {
            assert_eq!(returned(query, session), Err(ReturnError::OtherState));
        }
        let shown = format!("{code:?} {state:?} {page:?}");
        assert!(!shown.contains(code.expose()) && !shown.contains(state.as_str()), "{shown}");
    }
}

#[test]
fn who_declines_comes_back_without_one() {
    let settings = UnionPaySettings::default();
    let app_id = AppId::new(settings.app_id.as_str()).unwrap();
    let mut unionpay = UnionPay::new(settings.clone(), Signing::StandIn, 0).unwrap();
    let state = LoginState::new("a1B2").unwrap();
    for page in pages(&state, &settings) {
        let url = unionpay.visit(start(), &page.url(&app_id), PageVisitor::Refuses).unwrap();
        let query = url.split_once('?').unwrap().1;
        assert_eq!(returned(query, Some(&state)), Err(ReturnError::Declined));
    }
}
