//! What can be written after `campus`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use m26_pay::campus::charset::Encoding;

#[derive(Subcommand)]
pub(crate) enum Campus {
    /// Find out how the user data of campus codes is laid out, with captured ones.
    ///
    /// Tries every layout that the lost tables of Alipay's document may have shown, and says which
    /// fit all captures. It ends with 0 if exactly one does. Needs no port.
    Probe(Box<Probe>),
}

// The values that are personal data may begin with a hyphen, because the message about an unknown
// option would show them.
#[derive(Args)]
pub(crate) struct Probe {
    /// A file with the user data of a code as the decoder handed it out: its bytes, or hex digits
    /// and nothing else but blanks. May be repeated.
    #[arg(long, value_name = "FILE", required_unless_present = "hex")]
    pub(crate) file: Vec<PathBuf>,
    /// User data in hex digits, behind those of files. May be repeated. Other users can see it on a
    /// command line: --file.
    #[arg(long, value_name = "HEX", allow_hyphen_values = true)]
    pub(crate) hex: Vec<String>,
    /// The number of the template that the decoder named.
    #[arg(long, value_name = "N")]
    pub(crate) template: Option<u32>,
    /// The encoding that the decoder named: gb2312 (0), utf-8 (1) or a number.
    #[arg(long, value_name = "gb2312|utf-8|N", value_parser = encoding)]
    pub(crate) encoding: Option<Encoding>,
    /// The number of the school of which all cards are.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) school_no: Option<String>,
    /// The file of a layout to be tried as well. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) layout: Vec<PathBuf>,
    /// Write the layout, if one is found, to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
    /// List every layout that was tried.
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) holder: Holder,
}

#[derive(Args)]
#[command(next_help_heading = "What is known of the cards' holders, each once for all captures, \
                               or once for each in their order and '' where it is not known")]
pub(crate) struct Holder {
    /// The student's number in the school.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) student_no: Vec<String>,
    /// The student's name.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub(crate) name: Vec<String>,
    /// The number of the electronic student card.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) identify_id: Vec<String>,
    /// The kind of the card, 00 to 15.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) card_type: Vec<String>,
}

/// A name or a number.
fn encoding(text: &str) -> Result<Encoding, String> {
    match text.to_ascii_lowercase().as_str() {
        "gb2312" => Ok(Encoding::GB2312),
        "utf-8" => Ok(Encoding::UTF_8),
        number => {
            number.parse().map(Encoding).map_err(|_| "it is gb2312, utf-8 or a number".into())
        }
    }
}
