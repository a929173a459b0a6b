//! What is wrong with a command line, without the values on it that may be a key or a payment code.

use clap::Command;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// The error without the value that the user wrote, if that may be a secret.
pub(crate) fn discreet(mut error: Error) -> Error {
    let kinds =
        [ContextKind::InvalidValue, ContextKind::InvalidArg, ContextKind::InvalidSubcommand];
    for kind in kinds {
        let shown = match error.get(kind) {
            // An empty value is a missing one, which has its own message.
            Some(ContextValue::String(text)) => match kind {
                // Most errors name an option of the tool's, and one what was taken for an option.
                ContextKind::InvalidArg => {
                    error.kind() != ErrorKind::UnknownArgument
                        || text.strip_prefix("--").is_some_and(is_name)
                }
                // Where none was given it is the name of the tool.
                ContextKind::InvalidSubcommand => {
                    error.kind() == ErrorKind::MissingSubcommand || is_name(text)
                }
                _ => text.is_empty() || is_name(text) || is_number(text),
            },
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

/// The name of the command that the words begin with, if they begin with one or with what looks
/// like one.
pub(crate) fn name_of(words: &[&str], root: &Command) -> Option<String> {
    let (first, rest) = words.split_first()?;
    let Some(command) = root.find_subcommand(first) else {
        return is_name(first).then(|| first.to_string());
    };
    let name = command.get_name();
    let part = rest.first().and_then(|word| command.find_subcommand(word));
    Some(part.map_or(name.to_string(), |part| format!("{name} {}", part.get_name())))
}

/// Whether a value looks like a mistyped number. A payment code has 16 digits and more, and may be
/// cut short.
fn is_number(text: &str) -> bool {
    text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.,:".contains(&byte))
}

/// Whether a word looks like the name of a command or an option, more than like a key or a code.
fn is_name(word: &str) -> bool {
    word.len() <= 20
        && word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}
