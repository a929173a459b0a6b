//! In which charset a request and its answer are.

use encoding_rs::GBK;

use crate::sim::gateway::http::Params;

/// The two that the spec has (配置: CHARSET).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Charset {
    Gbk,
    Utf8,
}

impl Charset {
    /// What the parameter `charset` says.
    pub(super) fn of(form: &Params) -> Option<Self> {
        let name = form.text("charset")?;
        let is = |names: &[&str]| names.iter().any(|other| name.eq_ignore_ascii_case(other));
        if is(&["utf-8", "utf8"]) {
            Some(Self::Utf8)
        } else if is(&["gbk", "gb2312", "gb18030"]) {
            Some(Self::Gbk)
        } else {
            None
        }
    }

    /// The text of these bytes, if they are text.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Gbk => {
                let text = GBK.decode_without_bom_handling_and_without_replacement(bytes);
                text.map(|text| text.into_owned())
            }
            Self::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
        }
    }

    pub(super) fn encode(self, text: String) -> Vec<u8> {
        match self {
            Self::Gbk => GBK.encode(&text).0.into_owned(),
            Self::Utf8 => text.into_bytes(),
        }
    }

    /// What the answer's header says.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Gbk => "text/html;charset=GBK",
            Self::Utf8 => "text/html;charset=utf-8",
        }
    }
}
