//! Reads the paths into the crate out of Rust source, without a compiler.
//!
//! What counts is what a path names from the root of the crate: `crate::at::field`, each leaf of
//! `use crate::{at, engine::{Engine, Event}}`, `super::super::flows` where it stands. What is
//! compiled for unit tests alone (`#[cfg(test)]`) is left out, and so are comments and literals.

/// A path from the root of the crate, such as `["at", "field", "Fields"]`.
pub(crate) type Path = Vec<String>;

/// The paths into the crate that the source of `module` names, each with its line. A module is a
/// path itself; the root's is empty.
pub(crate) fn paths(module: &[&str], source: &str) -> Vec<(usize, Path)> {
    let tokens = tokens(source);
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        module: module.iter().map(ToString::to_string).collect(),
        open: Vec::new(),
        found: Vec::new(),
    };
    reader.read();
    reader.found
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    /// `::`
    Path,
    Sign(char),
}

struct Reader<'a> {
    tokens: &'a [(usize, Token)],
    at: usize,
    /// Where the source stands: the file's module, and the modules in it that are open.
    module: Path,
    /// For each open brace, whether a module ends with it.
    open: Vec<bool>,
    found: Vec<(usize, Path)>,
}

impl Reader<'_> {
    fn read(&mut self) {
        while self.at < self.tokens.len() {
            if self.is_test_attribute() {
                self.skip_item();
            } else if self.word(0) == Some("mod") && self.sign(2, '{') {
                let name = self.word(1).unwrap_or_default().to_string();
                self.module.push(name);
                self.open.push(true);
                self.at += 3;
            } else if self.sign(0, '{') {
                self.open.push(false);
                self.at += 1;
            } else if self.sign(0, '}') {
                if self.open.pop() == Some(true) {
                    self.module.pop();
                }
                self.at += 1;
            } else if self.begins_path() {
                self.tree(None);
            } else {
                self.at += 1;
            }
        }
    }

    /// Whether a path begins here that starts at a known module.
    fn begins_path(&self) -> bool {
        let before = |count: usize| self.at.checked_sub(count).map(|at| &self.tokens[at].1);
        // `a::self::b` is no beginning, and `pub(in crate::a)` imports nothing.
        let visibility =
            before(1) == Some(&Token::Word("in".into())) && before(2) == Some(&Token::Sign('('));
        let inside = before(1) == Some(&Token::Path) || visibility;
        !inside && self.is_path(1) && matches!(self.word(0), Some("crate" | "super" | "self"))
    }

    /// Reads a path, or a tree of them behind `prefix`.
    fn tree(&mut self, prefix: Option<&Path>) {
        let line = self.tokens[self.at].0;
        let mut path = prefix.cloned().unwrap_or_default();
        let mut first = prefix.is_none();
        loop {
            match self.tokens.get(self.at).map(|(_, token)| token.clone()) {
                Some(Token::Word(word)) => {
                    match word.as_str() {
                        "crate" if first => path.clear(),
                        "self" if first => path.clone_from(&self.module),
                        "super" if first => {
                            path.clone_from(&self.module);
                            path.pop();
                        }
                        "super" => drop(path.pop()),
                        // `at::{self}` is `at`.
                        "self" => {}
                        _ => path.push(word),
                    }
                    self.at += 1;
                }
                Some(Token::Sign('*')) => {
                    path.push("*".into());
                    self.at += 1;
                }
                Some(Token::Sign('{')) => {
                    self.at += 1;
                    while self.at < self.tokens.len() && !self.sign(0, '}') {
                        if self.sign(0, ',') {
                            self.at += 1;
                        } else {
                            self.tree(Some(&path));
                        }
                    }
                    self.at += 1;
                    return;
                }
                _ => self.at += 1,
            }
            first = false;
            // `Vec::<u8>` goes on after its path.
            let goes_on = self.is_path(0) && !matches!(self.token(1), Some(Token::Sign('<')));
            if !goes_on {
                break;
            }
            self.at += 1;
        }
        if self.word(0) == Some("as") {
            self.at += 2;
        }
        self.found.push((line, path));
    }

    fn is_test_attribute(&self) -> bool {
        let signs = [(0, '#'), (1, '['), (3, '('), (5, ')'), (6, ']')];
        self.word(2) == Some("cfg")
            && self.word(4) == Some("test")
            && signs.iter().all(|(offset, sign)| self.sign(*offset, *sign))
    }

    /// Goes on after the item behind an attribute: after its `;` or its closing brace.
    fn skip_item(&mut self) {
        let mut depth = 0;
        self.at += 7;
        while let Some((_, token)) = self.tokens.get(self.at) {
            self.at += 1;
            match token {
                Token::Sign('{' | '(' | '[') => depth += 1,
                Token::Sign(')' | ']') => depth -= 1,
                Token::Sign('}') => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                Token::Sign(';') if depth == 0 => return,
                _ => {}
            }
        }
    }

    fn token(&self, offset: usize) -> Option<&Token> {
        self.tokens.get(self.at + offset).map(|(_, token)| token)
    }

    fn word(&self, offset: usize) -> Option<&str> {
        match self.token(offset) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn is_path(&self, offset: usize) -> bool {
        self.token(offset) == Some(&Token::Path)
    }

    fn sign(&self, offset: usize, sign: char) -> bool {
        self.token(offset) == Some(&Token::Sign(sign))
    }
}

/// Words and signs with their lines; comments and literals are left out.
fn tokens(source: &str) -> Vec<(usize, Token)> {
    let mut tokens = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = string(rest) {
            length
        } else if first == '\'' {
            character(rest)
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push((line, Token::Word(rest[..end].into())));
            end
        } else if rest.starts_with("::") {
            tokens.push((line, Token::Path));
            2
        } else if first.is_ascii_digit() {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else {
            if !first.is_whitespace() {
                tokens.push((line, Token::Sign(first)));
            }
            first.len_utf8()
        };
        let (passed, next) = rest.split_at(length);
        line += passed.matches('\n').count();
        rest = next;
    }
    tokens
}

/// The length of a comment that may hold others.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of the string literal that begins here, plain, raw, of bytes or of C.
fn string(text: &str) -> Option<usize> {
    let opening = ["br", "cr", "r", "b", "c", ""].into_iter().find_map(|prefix| {
        let rest = text.strip_prefix(prefix)?;
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        let raw = prefix.ends_with('r');
        (rest[hashes..].starts_with('"') && (raw || hashes == 0)).then_some((
            raw,
            hashes,
            prefix.len() + hashes + 1,
        ))
    });
    let (raw, hashes, start) = opening?;
    let end = format!("\"{}", "#".repeat(hashes));
    let mut at = start;
    while at < text.len() {
        let rest = &text[at..];
        if !raw && rest.starts_with('\\') {
            at += 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
        } else if rest.starts_with(&end) {
            return Some(at + end.len());
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    Some(text.len())
}

/// The length of what an apostrophe begins: a character, or only itself before a lifetime.
fn character(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some((escaped, _))) => {
            let after = escaped + 1;
            text[after..].find('\'').map_or(text.len(), |end| after + end + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}
