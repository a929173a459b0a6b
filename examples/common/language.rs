//! The language of the person at the screen: `--lang`, or that of the environment.

use std::env;
use std::sync::OnceLock;

use m26_pay::advice::Language;

/// Takes what `--lang` says. Without it the environment says it: `LC_ALL`, `LC_MESSAGES`, `LANG`.
pub(crate) fn choose(language: Option<Language>) {
    CHOSEN.get_or_init(|| language.unwrap_or_else(of_environment));
}

/// The language that was chosen.
pub(crate) fn language() -> Language {
    *CHOSEN.get_or_init(of_environment)
}

fn of_environment() -> Language {
    Language::of_environment(|name| env::var(name).ok())
}

static CHOSEN: OnceLock<Language> = OnceLock::new();
