//! Configuring the SDK without harm.

use crate::alipay::{Config, ReadConfig, SetConfig};
use crate::at::command::Command;
use crate::error::Error;
use crate::flows::{self, Context, Flow, Input, Progress, Step};

/// Reads what the module has stored, sets all of it if some value differs, and reads it back.
///
/// Setting a value that differs has the SDK discard everything it holds, the bizTid and the reports
/// that were not delivered yet (spec V1.0, 3.1, note 4). So nothing is set that is there already,
/// and nothing is set twice: should the module show something else afterwards (it may mask or
/// shorten a value), that is said, and left to the caller.
///
/// ```
/// # use m26_pay::alipay::{Config, Environment};
/// use m26_pay::flows::Configure;
///
/// # let config = Config {
/// #     device_supplier_no: "1".parse()?,
/// #     merchant_user_id: "2".parse()?,
/// #     item_id: "3".parse()?,
/// #     product_key: "4".parse()?,
/// #     env: Environment::TEST,
/// #     terminal_id: "5".parse()?,
/// # };
/// let configure = Configure::new(config); // for the `run` of a client
/// # Ok::<(), m26_pay::argument::InvalidArgument>(())
/// ```
#[derive(Clone, Debug)]
pub struct Configure {
    set: SetConfig,
    /// Whether a change would be of something that must stay.
    keep: bool,
    tolerated: Vec<&'static str>,
    stage: Stage,
}

/// What [`Configure`] did. Values are named as in the read form of AT+ALIPAYCFG.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Configured {
    /// All values were there already: nothing was set.
    Unchanged,
    /// All values were set, and read back as they should be. The SDK discarded what it held.
    Set {
        /// The values that had differed.
        changed: Vec<&'static str>,
    },
    /// All values were set, and the module shows something else for these.
    Differs {
        /// The values that differ still.
        fields: Vec<&'static str>,
    },
}

impl std::fmt::Display for Configured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unchanged => f.write_str("the configuration is as it should be"),
            Self::Set { changed } => {
                write!(f, "the configuration was changed: {}", changed.join(", "))
            }
            Self::Differs { fields } => write!(
                f,
                "the configuration was set, and the module shows another {}",
                fields.join(", ")
            ),
        }
    }
}

#[derive(Clone, Debug)]
enum Stage {
    Reading,
    /// These differ, and that was reported.
    Deciding(Vec<&'static str>),
    Setting(Vec<&'static str>),
    ReadingBack(Vec<&'static str>),
}

impl Configure {
    /// Has the module store this.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { set: SetConfig(config), keep: false, tolerated: Vec::new(), stage: Stage::Reading }
    }

    /// Fails, and changes nothing, if the module has another configuration: for a module that may
    /// hold reports which were not delivered. One that was never configured holds none.
    #[must_use]
    pub fn keep(self) -> Self {
        Self { keep: true, ..self }
    }

    /// Does not take these for different: values which the module showed otherwise when they had
    /// just been set ([`Configured::Differs`]), and would again.
    #[must_use]
    pub fn tolerate(self, fields: Vec<&'static str>) -> Self {
        Self { tolerated: fields, ..self }
    }

    fn advance(
        &mut self,
        cx: &Context<'_>,
        input: Input,
    ) -> Result<Step<Result<Configured, Error>>, Error> {
        let stage = std::mem::replace(&mut self.stage, Stage::Reading);
        let (stage, step) = match (stage, input) {
            (Stage::Reading, Input::Reply(reply)) => {
                let stored = flows::decode(&ReadConfig, reply)?;
                let mut changed = stored.differences(&self.set.0);
                changed.retain(|field| !self.tolerated.contains(field));
                if changed.is_empty() {
                    return Ok(Step::Done(Ok(Configured::Unchanged)));
                }
                if self.keep && !stored.is_unset() {
                    return Err(Error::NotAllowed {
                        command: "AT+ALIPAYCFG".to_string(),
                        reason: format!(
                            "the module is configured otherwise ({}) and may hold reports that were not delivered, which a change discards",
                            changed.join(", ")
                        ),
                        advice: "use the module's own configuration, or discard what it holds once nothing can be lost",
                    });
                }
                let progress = Progress {
                    step: "configuration",
                    detail: format!(
                        "{} differ: all is set, and the Alipay SDK discards what it holds",
                        changed.join(", ")
                    ),
                    remaining: None,
                };
                (Stage::Deciding(changed), Step::Report(progress))
            }
            (Stage::Deciding(changed), _) => (Stage::Setting(changed), flows::send(&self.set, cx)),
            (Stage::Setting(changed), Input::Reply(reply)) => {
                flows::decode(&self.set, reply)?;
                (Stage::ReadingBack(changed), flows::send(&ReadConfig, cx))
            }
            (Stage::ReadingBack(changed), Input::Reply(reply)) => {
                let fields = flows::decode(&ReadConfig, reply)?.differences(&self.set.0);
                return Ok(Step::Done(Ok(if fields.is_empty() {
                    Configured::Set { changed }
                } else {
                    Configured::Differs { fields }
                })));
            }
            (stage, _) => {
                // What this profile cannot carry is refused before anything is asked.
                self.set.request(cx.profile)?;
                (stage, flows::send(&ReadConfig, cx))
            }
        };
        self.stage = stage;
        Ok(step)
    }
}

impl Flow for Configure {
    type Output = Result<Configured, Error>;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
        self.advance(cx, input).unwrap_or_else(|error| Step::Done(Err(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alipay::config::tests::{STORED, example};
    use crate::at::profile::Profile;
    use crate::error::ErrorKind;
    use crate::testing::Rehearsal;

    const SET: &str = "AT+ALIPAYCFG=\"2018040500703640\",\"2018040500703640\",\
        \"2018070401748657\",\"ALIPAY_BOX\",4,\"1234567890abcdef\"";
    const OK: &[u8] = b"\r\nOK\r\n";

    fn other_env() -> Vec<u8> {
        let stored = String::from_utf8_lossy(STORED);
        stored.replace("\"env\": 4", "\"env\": 0").into_bytes()
    }

    #[test]
    fn nothing_is_set_that_is_there_already() {
        let mut rehearsal = Rehearsal::new(Profile::quectel(), &[("AT+ALIPAYCFG?", STORED)]);
        let done = rehearsal.run(Configure::new(example())).unwrap();
        assert_eq!(done, Configured::Unchanged);
    }

    #[test]
    fn all_is_set_once_and_read_back() {
        let script: &[(&str, &[u8])] =
            &[("AT+ALIPAYCFG?", &other_env()), (SET, OK), ("AT+ALIPAYCFG?", STORED)];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let done = rehearsal.run(Configure::new(example())).unwrap();
        let changed = vec!["env"];
        assert_eq!(done, Configured::Set { changed });
        assert!(rehearsal.reports[0].contains("env differ"));
    }

    #[test]
    fn what_differs_still_is_not_set_again() {
        let script: &[(&str, &[u8])] =
            &[("AT+ALIPAYCFG?", &other_env()), (SET, OK), ("AT+ALIPAYCFG?", &other_env())];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let done = rehearsal.run(Configure::new(example())).unwrap();
        let fields = vec!["env"];
        assert_eq!(done, Configured::Differs { fields });
    }

    #[test]
    fn a_refused_set_ends_it() {
        let script: &[(&str, &[u8])] =
            &[("AT+ALIPAYCFG?", &other_env()), (SET, b"\r\n+CME ERROR: 3\r\n")];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let error = rehearsal.run(Configure::new(example())).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Refused, Some(3)));
    }

    #[test]
    fn what_may_be_held_is_kept() {
        let mut rehearsal = Rehearsal::new(Profile::quectel(), &[("AT+ALIPAYCFG?", STORED)]);
        let done = rehearsal.run(Configure::new(example()).keep()).unwrap();
        assert_eq!(done, Configured::Unchanged);
        let other = other_env();
        let script: &[(&str, &[u8])] = &[("AT+ALIPAYCFG?", &other)];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let error = rehearsal.run(Configure::new(example()).keep()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Busy);
        assert!(error.to_string().contains("configured otherwise (env)"), "{error}");
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let tolerant = Configure::new(example()).keep().tolerate(vec!["env"]);
        assert_eq!(rehearsal.run(tolerant).unwrap(), Configured::Unchanged);
    }

    #[test]
    fn a_module_that_was_never_configured_has_nothing_to_keep() {
        let unset = b"\r\n+ALIPAYCFG:\r\n\" module_supplier_no\": \"201901220900654009\"\r\n\
            \"device_supplier_no\": \"\"\r\n\"merchant_user_id\": \"\"\r\n\"item_id\": \"\"\r\n\
            \"product_key\": \"\"\r\n\"env\": 0\r\n\"terminal_id\": \"\"\r\n\r\nOK\r\n";
        let script: &[(&str, &[u8])] =
            &[("AT+ALIPAYCFG?", unset), (SET, OK), ("AT+ALIPAYCFG?", STORED)];
        let mut rehearsal = Rehearsal::new(Profile::quectel(), script);
        let done = rehearsal.run(Configure::new(example()).keep()).unwrap();
        assert!(matches!(done, Configured::Set { .. }));
    }

    #[test]
    fn what_cannot_be_sent_asks_nothing() {
        let profile = Profile { line_limit: 40, ..Profile::quectel() };
        let mut rehearsal = Rehearsal::new(profile, &[]);
        let error = rehearsal.run(Configure::new(example())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
}
