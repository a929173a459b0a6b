//! What is wrong with a command line, without the values on it: one may be a key or a payment code.

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, Error};

use crate::args::Line;

/// The same error, without what the user wrote in the place of a value.
pub(crate) fn discreet(mut error: Error) -> Error {
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidArg] {
        let shown = match error.get(kind) {
            Some(ContextValue::String(text)) => {
                // An option that is known is not a secret, and its name is needed. An empty value
                // is a missing one, which has words of its own.
                text.is_empty() || kind == ContextKind::InvalidArg && text.starts_with('-')
            }
            _ => true,
        };
        if !shown {
            error.insert(kind, ContextValue::String("[not shown]".into()));
            error.remove(ContextKind::Suggested);
            error.remove(ContextKind::SuggestedValue);
        }
    }
    error
}

/// What is wrong, on one line.
pub(crate) fn in_short(error: Error) -> String {
    let text = discreet(error).render().to_string();
    let what = text.split("\n\n").next().unwrap_or_default();
    let what = what.strip_prefix("error: ").unwrap_or(what);
    what.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name of the command that the words begin with, if they begin with one.
pub(crate) fn name_of(words: &[&str]) -> Option<String> {
    let root = Line::command();
    let (first, rest) = words.split_first()?;
    let command = root.find_subcommand(first)?;
    let name = command.get_name();
    let part = rest.first().and_then(|word| command.find_subcommand(word));
    Some(part.map_or(name.to_string(), |part| format!("{name} {}", part.get_name())))
}
