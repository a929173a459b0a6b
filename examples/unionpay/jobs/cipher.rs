//! The symmetric key (2.4.2).

use super::Outcome;
use crate::args::{Options, Text};
use crate::desk;
use crate::problem::Problem;
use crate::told::Said;

pub(super) fn encrypt(args: &Text, options: &Options) -> Outcome {
    let key = desk::symmetric_key(options)?;
    let cipher = key.encrypt(&args.text.text()?);
    Ok(Said::new().with("text", cipher).ended())
}

pub(super) fn decrypt(args: &Text, options: &Options) -> Outcome {
    let key = desk::symmetric_key(options)?;
    let text = key.decrypt(args.text.text()?.trim()).map_err(Problem::usage)?;
    Ok(Said::new().with("text", text).ended())
}
