//! [`Language`]: which of the sentences a person reads.

use std::fmt;
use std::str::FromStr;

/// A language in which the sentences are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub enum Language {
    /// Chinese, in simplified characters.
    Chinese,
    /// English.
    #[default]
    English,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// The language of a locale's name, such as `zh_CN.UTF-8`: Chinese if it begins with `zh`,
    /// else English.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("zh") { Self::Chinese } else { Self::English }
    }

    /// The language of an environment, by the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is
    /// set and not empty (POSIX.1-2017, Base Definitions, 8.2). Without any it is English.
    ///
    /// ```
    /// use m26_pay::advice::Language;
    ///
    /// let language = Language::of_environment(|name| std::env::var(name).ok());
    /// # let chinese = |name: &str| (name == "LANG").then(|| "zh_CN.UTF-8".to_owned());
    /// # assert_eq!(Language::of_environment(chinese), Language::Chinese);
    /// ```
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &&str| variable(name).filter(|value| !value.is_empty());
        VARIABLES.iter().find_map(value).map_or(Self::default(), |locale| Self::of_locale(&locale))
    }

    /// Its code of ISO 639-1, such as `en`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// From its code.
impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.code() == code).ok_or(UnknownLanguage)
    }
}

/// The code is of no language in which the sentences are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the language must be en or zh")]
pub struct UnknownLanguage;

const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_that_of_the_locale() {
        for (locale, language) in [
            ("zh_CN.UTF-8", Language::Chinese),
            ("zh", Language::Chinese),
            ("ZH-Hans", Language::Chinese),
            ("en_GB.UTF-8", Language::English),
            ("C", Language::English),
            ("zho_CN", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }

    #[test]
    fn an_empty_variable_is_none() {
        let of = |all: &'static str, messages: &'static str, lang: &'static str| {
            Language::of_environment(move |name| {
                Some(match name {
                    "LC_ALL" => all.to_owned(),
                    "LC_MESSAGES" => messages.to_owned(),
                    "LANG" => lang.to_owned(),
                    _ => return None,
                })
            })
        };
        assert_eq!(of("", "", "zh_CN.UTF-8"), Language::Chinese);
        assert_eq!(of("C", "", "zh_CN.UTF-8"), Language::English);
        assert_eq!(of("", "zh_CN", "C"), Language::Chinese);
        assert_eq!(Language::of_environment(|_| None), Language::English);
    }

    #[test]
    fn a_code_is_read_as_it_is_written() {
        for language in Language::ALL {
            assert_eq!(language.code().parse(), Ok(language));
        }
        assert_eq!("de".parse::<Language>(), Err(UnknownLanguage));
    }
}
