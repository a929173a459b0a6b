//! What a command line asks of the module, as far as a session has to know.

use crate::at::command::Request;

/// What a command line asks of the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Demand {
    pub(crate) verbs: Vec<Verb>,
}

/// One command of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// An ALIPAY command that changes nothing: a test or a read form.
    Ask,
    Behaviour,
    DeviceId,
    /// One of the module's own commands.
    Module,
    Open,
    /// An ALIPAY command that this crate does not know.
    Other,
    /// The module is switched off or restarted.
    Power,
    ProductInfo,
    Report,
    SetConfig,
    Shut,
    Sign,
}

impl Demand {
    pub(crate) fn of(request: &Request) -> Self {
        let line = String::from_utf8_lossy(request.line()).to_ascii_uppercase();
        let line = line.trim();
        let body = line.strip_prefix("AT").unwrap_or(line);
        Self { verbs: split(body).into_iter().map(verb).collect() }
    }

    /// Whether an ALIPAY command is among them.
    pub(crate) fn is_alipay(&self) -> bool {
        self.verbs.iter().any(|verb| !matches!(verb, Verb::Module | Verb::Power))
    }

    /// The results that belong to one command line and to no other, by prefix.
    pub(crate) fn results(&self) -> impl Iterator<Item = &'static str> {
        self.verbs.iter().filter_map(|verb| match verb {
            Verb::Behaviour => Some("+ALIPAYACT"),
            Verb::Report => Some("+ALIPAYREP"),
            Verb::Sign => Some("+ALIPAYSIGN"),
            _ => None,
        })
    }

    /// Of these, the ones whose absence keeps others of their kind from beginning for ever. Those of
    /// AT+ALIPAYACT are taken for lost after some time.
    pub(crate) fn blocking_results(&self) -> impl Iterator<Item = &'static str> {
        self.results().filter(|result| *result != "+ALIPAYACT")
    }

    /// Whether the module may hold a record after it.
    pub(crate) fn reports(&self) -> bool {
        self.verbs.iter().any(|verb| matches!(verb, Verb::Behaviour | Verb::Report | Verb::Other))
    }
}

/// The name of the command without its arguments, for a message.
pub(crate) fn name(request: &Request) -> String {
    let line = String::from_utf8_lossy(request.line());
    let end = line.find(|sign: char| !matches!(sign, '+' | '&' | 'A'..='Z' | 'a'..='z'));
    line[..end.unwrap_or(line.len())].to_string()
}

/// The commands of a line, at every `;` outside of quotes.
fn split(body: &str) -> Vec<&str> {
    let mut quoted = false;
    body.split(|sign| {
        quoted ^= sign == '"';
        sign == ';' && !quoted
    })
    .map(str::trim)
    .collect()
}

fn verb(command: &str) -> Verb {
    let end = command.find(['=', '?']).unwrap_or(command.len());
    let (name, form) = (command[..end].trim(), command[end..].trim());
    let asks = form.starts_with('?') || form == "=?";
    // `E0+ALIPAY…` needs no `;` (V.250 5.2.1), so the name is looked for anywhere.
    let found = |wanted| name.contains(wanted);
    if found("+ALIPAY") {
        return match () {
            () if asks => Verb::Ask,
            () if found("+ALIPAYACT") => Verb::Behaviour,
            () if found("+ALIPAYCFG") => Verb::SetConfig,
            () if found("+ALIPAYDID") => Verb::DeviceId,
            () if found("+ALIPAYOPEN") => Verb::Open,
            () if found("+ALIPAYPINFO") => Verb::ProductInfo,
            () if found("+ALIPAYREP") => Verb::Report,
            () if found("+ALIPAYSHUT") => Verb::Shut,
            () if found("+ALIPAYSIGN") => Verb::Sign,
            () => Verb::Other,
        };
    }
    if !asks && (found("+QPOWD") || found("+CFUN")) { Verb::Power } else { Verb::Module }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn verbs(line: &'static str) -> Vec<Verb> {
        Demand::of(&Request::new(Bytes::from_static(line.as_bytes()))).verbs
    }

    #[test]
    fn every_command_of_a_line_counts() {
        assert_eq!(verbs("AT+ALIPAYSIGN=4,\"1;AT+ALIPAYSHUT\",\"1\"\r"), [Verb::Sign]);
        assert_eq!(verbs("AT+CSQ;+alipayshut\r"), [Verb::Module, Verb::Shut]);
        assert_eq!(verbs("ATE0+ALIPAYOPEN\r"), [Verb::Open]);
        assert_eq!(verbs("AT+ALIPAYREP?\r"), [Verb::Ask]);
        assert_eq!(verbs("AT+ALIPAYREP=?\r"), [Verb::Ask]);
        assert_eq!(verbs("AT+ALIPAYREP=,,1,,6,1\r"), [Verb::Report]);
        assert_eq!(verbs("AT+ALIPAYUTC\r"), [Verb::Other]);
        assert_eq!(verbs("AT+CFUN?;+CFUN=1,1\r"), [Verb::Module, Verb::Power]);
        assert_eq!(verbs("AT\r"), [Verb::Module]);
        let sign = Request::new(Bytes::from_static(b"AT+ALIPAYSIGN=4,\"28461234\"\r"));
        assert_eq!(name(&sign), "AT+ALIPAYSIGN");
    }
}
