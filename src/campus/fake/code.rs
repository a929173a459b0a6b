//! The made-up code.

use sha2::{Digest, Sha256};

use crate::campus::charset::Encoding;
use crate::campus::decoder::{Code, InvalidCode, Pid};
use crate::campus::layout::{Card, EncodeError, Layout};
use crate::campus::template::Template;
use crate::secret::Secret;
use crate::unix_time::UnixMillis;

/// A made-up code, from what is in it.
///
/// ```text
/// "M26F" version environment length in_use_time authorised_until template data_encode_type
///   4       1         1        2         8             8             4            4
/// pids pid… user_data_length user_data padding seal       Made up. Numbers: greatest byte first.
///   2   8          2             …        …     32
/// ```
///
/// `length` counts all of it; line ends behind it, which some scanners append, are no part of it.
/// The padding brings a short code to 280 bytes. The seal is the SHA-256 of all before it, under
/// the name of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FakeCode {
    pub(super) in_use_time: UnixMillis,
    pub(super) authorised_until: UnixMillis,
    pub(super) template: Template,
    pub(super) data_encode_type: Encoding,
    pub(super) environment: FakeEnvironment,
    pub(super) enabled: Vec<Pid>,
    pub(super) user_data: Secret<Vec<u8>>,
}

/// The environment of a code or a decoder. A decoder of one environment refuses codes of the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum FakeEnvironment {
    /// For tests.
    #[default]
    Test = 0,
    /// For real payments.
    Production = 1,
}

/// A code that could be read.
pub(super) struct Opened<'a> {
    pub(super) code: FakeCode,
    pub(super) version: u8,
    /// Whether nothing in it was changed.
    pub(super) sealed: bool,
    /// All before the seal.
    body: &'a [u8],
}

impl FakeCode {
    /// A code for tests that its holder's phone makes at `in_use_time`: of template 5 with GB2312,
    /// without user data, enabled for no pid, and with an authorisation that does not end. The times
    /// in a code have no sign: one before 1970 reads as the greatest there is.
    #[must_use]
    pub const fn new(in_use_time: UnixMillis) -> Self {
        Self {
            in_use_time,
            authorised_until: UnixMillis::MAX,
            template: Template::FIVE,
            data_encode_type: Encoding::GB2312,
            environment: FakeEnvironment::Test,
            enabled: Vec::new(),
            user_data: Secret::new(Vec::new()),
        }
    }

    /// With the user data that says who this holder is, and its template and encoding.
    ///
    /// ```
    /// use m26_pay::campus::charset::Encoding;
    /// use m26_pay::campus::decoder::{Decoder, Purpose};
    /// use m26_pay::campus::fake::{FakeCode, FakeDecoder};
    /// use m26_pay::campus::layout::{Card, Layout};
    /// use m26_pay::campus::user_data::UserData;
    /// use m26_pay::unix_time::UnixMillis;
    ///
    /// let (layout, made) = (Layout::TEMPLATE_5, UnixMillis(1_589_774_400_000));
    /// let code = FakeCode::new(made).card(&layout, &Card::sample(), Encoding::GB2312)?.encode()?;
    ///
    /// let decoder = FakeDecoder::new(|| UnixMillis(1_589_774_405_000));
    /// let decoded = decoder.decode(&code, Purpose::Gate { pid: None })?;
    /// let user_data = decoded.user_data.expose();
    /// let user_data = UserData::parse(&layout, decoded.data_encode_type, user_data)?;
    /// assert_eq!(user_data.school_no(), Some(Card::sample().school_no));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the layout or the encoding cannot say it.
    pub fn card(
        self,
        layout: &Layout,
        card: &Card,
        encoding: Encoding,
    ) -> Result<Self, EncodeError> {
        let user_data = layout.encode(card, encoding)?;
        Ok(self.user_data(user_data).template(layout.template()).data_encode_type(encoding))
    }

    /// With these bytes as user data.
    #[must_use]
    pub fn user_data(self, bytes: impl Into<Vec<u8>>) -> Self {
        Self { user_data: Secret::new(bytes.into()), ..self }
    }

    /// With user data of this template.
    #[must_use]
    pub fn template(self, template: Template) -> Self {
        Self { template, ..self }
    }

    /// With user data in this encoding.
    #[must_use]
    pub fn data_encode_type(self, data_encode_type: Encoding) -> Self {
        Self { data_encode_type, ..self }
    }

    /// Enabled by its holder for payments to `pid` as well.
    #[must_use]
    pub fn enable(mut self, pid: Pid) -> Self {
        self.enabled.push(pid);
        self
    }

    /// With an authorisation up to this time.
    #[must_use]
    pub fn authorised_until(self, authorised_until: UnixMillis) -> Self {
        Self { authorised_until, ..self }
    }

    /// Made for this environment.
    #[must_use]
    pub fn environment(self, environment: FakeEnvironment) -> Self {
        Self { environment, ..self }
    }

    /// The code, as a scanner reads it. The same fields give the same code.
    ///
    /// # Errors
    /// If its contents are larger than a code can hold.
    pub fn encode(&self) -> Result<Code, InvalidCode> {
        let user_data = self.user_data.expose();
        let used = HEADER + 2 + self.enabled.len() * 8 + 2 + user_data.len() + SEAL;
        let length = used.max(LENGTH);
        let (Ok(total), true) = (u16::try_from(length), length <= Code::MAX_LENGTH) else {
            return Err(InvalidCode::TooLong { length });
        };
        let mut bytes = MAGIC.to_vec();
        bytes.extend([VERSION, self.environment as u8]);
        bytes.extend(total.to_be_bytes());
        bytes.extend(self.in_use_time.0.to_be_bytes());
        bytes.extend(self.authorised_until.0.to_be_bytes());
        bytes.extend(self.template.0.to_be_bytes());
        bytes.extend(self.data_encode_type.0.to_be_bytes());
        // No more than `total` each, which fits.
        bytes.extend((self.enabled.len() as u16).to_be_bytes());
        bytes.extend(self.enabled.iter().flat_map(|pid| pid.0));
        bytes.extend((user_data.len() as u16).to_be_bytes());
        bytes.extend(user_data);
        // Not zeros: a code looks random.
        let mut noise = digest(&[b"padding", &bytes]);
        while bytes.len() < length - SEAL {
            let room = length - SEAL - bytes.len();
            bytes.extend(noise.iter().take(room));
            noise = digest(&[b"padding", &noise]);
        }
        let seal = self.environment.seal(&bytes);
        bytes.extend(seal);
        Code::new(&bytes)
    }

    /// The contents of a code, or `None` if the bytes are not a code.
    pub(super) fn open(bytes: &[u8]) -> Option<Opened<'_>> {
        let mut rest = Reader(bytes);
        let [version, environment] = match rest.take()? {
            MAGIC => rest.take()?,
            _ => return None,
        };
        let environment = match (version, environment) {
            (VERSION, 0) => FakeEnvironment::Test,
            (VERSION, 1) => FakeEnvironment::Production,
            _ => return None,
        };
        let length = usize::from(u16::from_be_bytes(rest.take()?));
        let (code, line_end) = bytes.split_at_checked(length)?;
        let (body, seal) = code.split_at_checked(length.checked_sub(SEAL)?)?;
        if !matches!(line_end, b"" | b"\r" | b"\n" | b"\r\n") {
            return None;
        }
        let mut rest = Reader(body.get(MAGIC.len() + 4..)?);
        let in_use_time = UnixMillis::from_unsigned(u64::from_be_bytes(rest.take()?));
        let authorised_until = UnixMillis::from_unsigned(u64::from_be_bytes(rest.take()?));
        let template = Template::from_be_bytes(rest.take()?);
        let data_encode_type = Encoding(u32::from_be_bytes(rest.take()?));
        let pids = u16::from_be_bytes(rest.take()?);
        let enabled = (0..pids).map(|_| rest.take().map(Pid)).collect::<Option<_>>()?;
        let user_data = usize::from(u16::from_be_bytes(rest.take()?));
        let user_data = Secret::new(rest.0.get(..user_data)?.to_vec());
        let code = Self {
            in_use_time,
            authorised_until,
            template,
            data_encode_type,
            environment,
            enabled,
            user_data,
        };
        Some(Opened { code, version, sealed: environment.seal(body) == seal, body })
    }
}

impl Opened<'_> {
    /// What is sent on: with another mark and a new seal, so that it is not a code any more.
    pub(super) fn final_data(&self) -> Vec<u8> {
        let body = self.body.get(MAGIC.len()..).unwrap_or_default();
        let mut bytes = [&FINAL, body].concat();
        let seal = self.code.environment.seal(&bytes);
        bytes.extend(seal);
        bytes
    }
}

impl FakeEnvironment {
    fn seal(self, bytes: &[u8]) -> [u8; SEAL] {
        let name: &[u8] = match self {
            Self::Test => b"test",
            Self::Production => b"production",
        };
        digest(&[name, bytes])
    }
}

/// What is not read yet.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }
}

fn digest(parts: &[&[u8]]) -> [u8; SEAL] {
    let mut digest = Sha256::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().into()
}

const MAGIC: [u8; 4] = *b"M26F";
/// What a code begins with after it was processed.
const FINAL: [u8; 4] = *b"F26M";
const VERSION: u8 = 1;
/// All before the number of pids.
const HEADER: usize = 32;
/// The length of a SHA-256.
const SEAL: usize = 32;
/// "280字节左右" (spec, 7).
const LENGTH: usize = 280;
