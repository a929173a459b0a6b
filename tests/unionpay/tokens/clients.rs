//! The run loops: what leaves, and how often.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use m26_pay::asynch;
use m26_pay::gateway::unionpay::keeper::KeeperPolicy;
use m26_pay::gateway::unionpay::token::{MemoryTokens, TokenStore};
use m26_pay::gateway::unionpay::{
    App, AppId, AppSecret, BaseUrl, Call, Code, Credential, Keys, Params, TokenError, UnionPay,
    UnionPayError,
};
use m26_pay::gateway::{
    Deadlines, Delivery, FieldError, Fields, HttpRequest, HttpResponse, Transport, TransportError,
    TransportFault,
};
use serde_json::{Value, json};
use support::redis_server::Server;

use super::hours::redis;
use super::seconds;

/// A call that goes by a backend token.
struct Ping;

impl Call for Ping {
    type Answer = ();
    const NAME: &'static str = "ping";
    const CREDENTIAL: Credential = Credential::BackendToken;

    fn params(&self) -> Params<'_> {
        Params::new().text("openId", "someone")
    }

    fn read(&self, _: &Fields, _: Keys<'_>) -> Result<(), FieldError> {
        Ok(())
    }
}

/// A platform that ends a token when it gives a new one.
#[derive(Debug, Default)]
pub(super) struct Platform {
    state: Mutex<State>,
    /// Whether the next token is not given.
    fails: AtomicBool,
    /// Whether the next request is too much for the client.
    panics: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    /// How many tokens were given, by the name of the call.
    given: HashMap<String, u32>,
    /// What was sent: the name of the call, and the token in it.
    sent: Vec<(String, Option<String>)>,
}

impl Platform {
    /// The tokens of the calls of this name, as they came.
    fn sent(&self, name: &str) -> Vec<Option<String>> {
        let sent = &self.state.lock().unwrap().sent;
        sent.iter().filter(|(sent, _)| sent == name).map(|(_, token)| token.clone()).collect()
    }

    pub(super) fn fetches(&self) -> usize {
        self.sent("backendToken").len()
    }

    /// Another system takes a token.
    fn evict(&self) {
        *self.state.lock().unwrap().given.entry("backendToken".into()).or_default() += 1;
    }
}

impl Transport for Platform {
    fn send(&self, request: &HttpRequest, _: Deadlines) -> Result<HttpResponse, TransportError> {
        assert!(!self.panics.swap(false, Ordering::Relaxed), "the client was told to panic");
        let name = request.url().rsplit('/').next().unwrap().to_owned();
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let token = body["backendToken"].as_str().map(str::to_owned);
        let mut state = self.state.lock().unwrap();
        state.sent.push((name.clone(), token.clone()));
        if name.ends_with("Token") && self.fails.swap(false, Ordering::Relaxed) {
            return Err(TransportError::new(TransportFault::AnswerTimeout));
        }
        let answer = if name.ends_with("Token") {
            let given = state.given.entry(name.clone()).or_default();
            *given += 1;
            json!({"resp": "00", "msg": "", "params": {&name: format!("t{given}"), "expiresIn": 7200}})
        } else {
            let newest = state.given.get("backendToken").map(|given| format!("t{given}"));
            json!({"resp": if token == newest { "00" } else { "a10" }, "msg": "", "params": {}})
        };
        let json = Some("application/json".to_owned());
        Ok(HttpResponse::new(200, json, answer.to_string().into_bytes()))
    }
}

pub(super) fn app() -> App {
    let base = BaseUrl::new("https://open.example/1.0").unwrap();
    App::new(base, AppId::new("app1").unwrap(), AppSecret::new("secret1").unwrap())
}

type Client<S> = UnionPay<Arc<Platform>, S>;

fn client<S: TokenStore>(platform: &Arc<Platform>, store: S) -> Client<S> {
    UnionPay::new(app(), Arc::clone(platform), store)
}

fn some(tokens: &[&str]) -> Vec<Option<String>> {
    tokens.iter().map(|token| Some((*token).to_owned())).collect()
}

#[test]
fn one_token_serves_many_calls() {
    let platform = Arc::new(Platform::default());
    let client = client(&platform, MemoryTokens::new());
    for _ in 0..5 {
        client.call(&Ping).unwrap().result.unwrap();
    }
    assert_eq!(platform.sent("ping"), some(&["t1"; 5]));
    assert_eq!(platform.fetches(), 1);
    // The two kinds are apart.
    assert_eq!(client.front_token().unwrap().expose(), "t1");
    assert_eq!(client.front_token().unwrap().expose(), "t1");
    assert_eq!(platform.sent("frontToken").len(), 1);
    client.front_token_refused(&client.front_token().unwrap());
    assert_eq!(client.front_token().unwrap().expose(), "t2");
    assert_eq!(client.backend_token().unwrap().expose(), "t1");
}

#[test]
fn a_refused_token_is_fetched_once_and_the_call_repeated_once() {
    let platform = Arc::new(Platform::default());
    let client = client(&platform, MemoryTokens::new());
    client.call(&Ping).unwrap().result.unwrap();
    platform.evict();
    client.call(&Ping).unwrap().result.unwrap();
    assert_eq!(platform.sent("ping"), some(&["t1", "t1", "t3"]));
    assert_eq!(platform.fetches(), 2);
}

#[test]
fn a_call_is_repeated_no_more_than_once() {
    /// A platform that takes no token at all.
    #[derive(Debug)]
    struct Never(Platform);

    impl Transport for Never {
        fn send(
            &self,
            request: &HttpRequest,
            deadlines: Deadlines,
        ) -> Result<HttpResponse, TransportError> {
            let answer = self.0.send(request, deadlines);
            if request.url().ends_with("ping") {
                self.0.evict()
            }
            if request.url().ends_with("Token") {
                return answer;
            }
            Ok(HttpResponse::new(200, None, br#"{"resp":"a10","msg":"","params":{}}"#.to_vec()))
        }
    }

    let never = Arc::new(Never(Platform::default()));
    let client = UnionPay::new(app(), Arc::clone(&never), MemoryTokens::new());
    let refusal = client.call(&Ping).unwrap().result.unwrap_err();
    assert_eq!(refusal.code, Code::BACKEND_TOKEN);
    assert_eq!((never.0.sent("ping").len(), never.0.fetches()), (2, 2));
}

#[test]
fn a_refusal_of_an_older_token_fetches_nothing() {
    let platform = Arc::new(Platform::default());
    let store = Arc::new(MemoryTokens::new());
    let [here, there] = [(); 2].map(|()| client(&platform, Arc::clone(&store)));
    here.call(&Ping).unwrap().result.unwrap();
    there.call(&Ping).unwrap().result.unwrap();
    assert_eq!(platform.fetches(), 1);
    let old = here.backend_token().unwrap();
    platform.evict();
    // One of them finds out, and the other one takes what it has fetched.
    here.call(&Ping).unwrap().result.unwrap();
    there.call(&Ping).unwrap().result.unwrap();
    assert_eq!(platform.sent("ping"), some(&["t1", "t1", "t1", "t3", "t1", "t3"]));
    here.backend_token_refused(&old);
    there.backend_token_refused(&old);
    assert_eq!(here.backend_token().unwrap().expose(), "t3");
    assert_eq!(there.backend_token().unwrap().expose(), "t3");
    assert_eq!(platform.fetches(), 2);
}

#[test]
fn a_dead_store_is_an_error_and_no_fetch() {
    let Some(mut server) = Server::start(&[]) else { return };
    let platform = Arc::new(Platform::default());
    let [here, there] = [(); 2].map(|()| client(&platform, redis(&server, "")));
    here.call(&Ping).unwrap().result.unwrap();
    server.kill();
    let error = there.call(&Ping).unwrap_err();
    assert!(matches!(&error, UnionPayError::Token(TokenError::Store(_))), "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    // Who has a token that is good goes on.
    here.call(&Ping).unwrap().result.unwrap();
    assert_eq!(platform.sent("ping").len(), 2);
    platform.evict();
    assert!(matches!(here.call(&Ping), Err(UnionPayError::Token(TokenError::Store(_)))));
    assert_eq!(platform.fetches(), 1);
}

#[test]
fn the_limit_is_kept_before_anything_is_sent() {
    let platform = Arc::new(Platform::default());
    let store = Arc::new(MemoryTokens::new());
    let mut policy = KeeperPolicy::default();
    policy.requests_per_minute = 5;
    let client = || UnionPay::with_policy(app(), Arc::clone(&platform), Arc::clone(&store), policy);
    let [here, there] = [(); 2].map(|()| client());
    for _ in 0..2 {
        here.call(&Ping).unwrap().result.unwrap();
        there.call(&Ping).unwrap().result.unwrap();
    }
    // One fetch and four calls, of both together.
    for client in [&here, &there] {
        let error = client.call(&Ping).unwrap_err();
        let UnionPayError::TooMany { wait } = error else { panic!("{error}") };
        assert!(wait <= seconds(61), "{wait:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        let error = client.front_token().unwrap_err();
        assert!(matches!(error, TokenError::TooMany { .. } | TokenError::Paused { .. }), "{error}");
    }
    assert_eq!((platform.sent("ping").len(), platform.fetches()), (4, 1));
    assert_eq!(platform.sent("frontToken").len(), 0);
}

#[test]
fn a_fetch_that_failed_is_not_repeated_at_once() {
    let platform = Arc::new(Platform::default());
    let mut policy = KeeperPolicy::default();
    policy.patience = Duration::from_millis(500);
    let client = UnionPay::with_policy(app(), Arc::clone(&platform), MemoryTokens::new(), policy);
    platform.fails.store(true, Ordering::Relaxed);
    let error = client.call(&Ping).unwrap_err();
    assert!(matches!(error, UnionPayError::Token(TokenError::Call(_))), "{error}");
    let error = client.call(&Ping).unwrap_err();
    assert!(matches!(error, UnionPayError::Token(TokenError::Paused { .. })), "{error}");
    assert_eq!(platform.fetches(), 1);
}

#[test]
fn of_many_threads_one_fetches() {
    let platform = Arc::new(Platform::default());
    let client = client(&platform, MemoryTokens::new());
    thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| client.call(&Ping).unwrap().result.unwrap());
        }
    });
    assert_eq!((platform.fetches(), platform.sent("ping")), (1, some(&["t1"; 32])));
}

#[test]
fn a_client_that_panics_keeps_nobody_waiting() {
    let platform = Arc::new(Platform::default());
    let client = client(&platform, MemoryTokens::new());
    platform.panics.store(true, Ordering::Relaxed);
    let panicked = thread::scope(|scope| scope.spawn(|| client.call(&Ping).is_ok()).join());
    assert!(panicked.is_err());
    client.call(&Ping).unwrap().result.unwrap();
}

#[tokio::test]
async fn of_many_tasks_one_fetches() {
    let platform = Arc::new(Platform::default());
    let client = asynch::UnionPay::new(app(), Arc::clone(&platform), MemoryTokens::new());
    let calls = (0..64).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.call(Ping).await.unwrap().result.unwrap() })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    assert_eq!((platform.fetches(), platform.sent("ping").len()), (1, 64));
    platform.evict();
    client.call(Ping).await.unwrap().result.unwrap();
    assert_eq!(platform.sent("ping")[64..], some(&["t1", "t3"]));
    assert_eq!(client.front_token().await.unwrap().expose(), "t1");
    assert_eq!(client.backend_token().await.unwrap().expose(), "t3");
}

#[tokio::test]
async fn a_task_that_is_dropped_leaves_its_token_to_the_others() {
    let platform = Arc::new(Platform::default());
    let client = asynch::UnionPay::new(app(), Arc::clone(&platform), MemoryTokens::new());
    let (first, second) = (client.clone(), client.clone());
    let dropped = tokio::spawn(async move { drop(first.call(Ping).await) });
    tokio::task::yield_now().await;
    dropped.abort();
    second.call(Ping).await.unwrap().result.unwrap();
    assert_eq!(platform.fetches(), 1);
}

#[test]
fn nothing_of_a_token_shows() {
    let platform = Arc::new(Platform::default());
    let client = client(&platform, MemoryTokens::new());
    platform.state.lock().unwrap().given.insert("backendToken".into(), 76_543_210);
    assert_eq!(client.backend_token().unwrap().expose(), "t76543211");
    let shown = format!("{client:?} {:?} {:?}", client.backend_token(), client.front_token());
    for secret in ["76543211", "secret1"] {
        // The platform of this test keeps the number itself.
        assert!(!shown.replace("\"backendToken\": 76543211", "").contains(secret), "{shown}");
    }
}
