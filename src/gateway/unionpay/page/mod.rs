//! The pages on which a user logs in or agrees to a contract, and what comes back from them.
//!
//! A program sends the user to the address of a [`LoginPage`]; UnionPay's page sends the user back to
//! the application's own address, where [`returned`] reads what is behind its `?`.
//!
//! ```
//! use m26_pay::gateway::unionpay::page::{LoginPage, LoginState, RedirectUri, returned};
//! use m26_pay::gateway::unionpay::{AppId, Scope};
//!
//! let redirect_uri = RedirectUri::new("https://oauth.shop.example/back")?;
//! // Kept with the user's session until the user comes back.
//! let state = LoginState::random()?;
//! let page = LoginPage::oauth(redirect_uri, Scope::Base)?.state(state.clone());
//! let url = page.url(&AppId::new("a5949221")?);
//! assert!(url.starts_with("https://open.95516.com/s/open/html/oauth.html?appId=a5949221&"));
//!
//! let query = format!("code=KFTrLiCknhMlKKuv&state={}", state.as_str());
//! let code = returned(&query, Some(&state))?;
//! assert_eq!(code.expose(), "KFTrLiCknhMlKKuv");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod login;
mod returned;
mod state;

pub use login::{LoginPage, RedirectUri, RedirectUriForm};
pub use returned::{ReturnError, returned};
pub use state::LoginState;
