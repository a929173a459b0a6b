//! One client's connection.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::ops::Range;
use std::time::{Duration, Instant};

use super::server::now;
use super::{RawRequest, RawResponse};

/// A connection, and what was read of it but not used yet.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// Where the parts of a request stand in the buffer.
pub(super) struct Head {
    post: bool,
    path: Range<usize>,
    query: Range<usize>,
    content_type: Option<String>,
    body: Range<usize>,
    /// Whether the client wants to send another request.
    pub(super) keep_alive: bool,
}

/// What a client that waits has done.
pub(super) enum Meanwhile {
    Gone,
    Waited,
}

/// Why there is no request to answer.
pub(super) enum Unread {
    /// The client has closed, or says nothing.
    Closed,
    /// It said what is not understood here; it gets this and the connection closes.
    Refused(u16, &'static str),
}

impl From<io::Error> for Unread {
    fn from(_: io::Error) -> Self {
        Self::Closed
    }
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(REQUEST))?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// Waits for the next request and reads all of it.
    pub(super) fn read(&mut self) -> Result<Head, Unread> {
        let mut deadline = now() + IDLE;
        let head = loop {
            if let Some(head) = head(&self.buffer)? {
                break head;
            }
            if self.buffer.len() > HEAD {
                return Err(Unread::Refused(431, "the head of the request is over 16 KiB\n"));
            }
            let begun = !self.buffer.is_empty();
            self.more(deadline)?;
            if !begun {
                deadline = now() + REQUEST;
            }
        };
        if head.expects && self.buffer.len() < head.parts.body.end {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        while self.buffer.len() < head.parts.body.end {
            self.more(deadline)?;
        }
        Ok(head.parts)
    }

    /// The request that was read.
    pub(super) fn request<'a>(&'a self, head: &'a Head) -> RawRequest<'a> {
        RawRequest {
            post: head.post,
            path: std::str::from_utf8(&self.buffer[head.path.clone()]).unwrap_or_default(),
            query: &self.buffer[head.query.clone()],
            content_type: head.content_type.as_deref(),
            body: &self.buffer[head.body.clone()],
        }
    }

    /// The request is answered: what came after it is the next one.
    pub(super) fn next(&mut self, head: &Head) {
        self.buffer.drain(..head.body.end);
    }

    /// Waits, and notices if the client goes meanwhile.
    pub(super) fn wait(&mut self, until: Instant) -> io::Result<Meanwhile> {
        let left = until.saturating_duration_since(now()).max(Duration::from_millis(1));
        self.stream.set_read_timeout(Some(left))?;
        match self.stream.read_to(&mut self.buffer) {
            Ok(0) => Ok(Meanwhile::Gone),
            // A client that says more before it was answered is heard afterwards.
            Ok(_) if self.buffer.len() > HEAD + BODY => Ok(Meanwhile::Gone),
            Ok(_) => Ok(Meanwhile::Waited),
            Err(error) if is_timeout(&error) => Ok(Meanwhile::Waited),
            Err(error) => Err(error),
        }
    }

    /// Sends an answer: all of it, or the head and half of the body.
    pub(super) fn write(
        &mut self,
        response: &RawResponse,
        cut: bool,
        keep: bool,
    ) -> io::Result<()> {
        let RawResponse { status, content_type, location, body } = response;
        let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(*status));
        let mut add = |name: &str, value: &dyn std::fmt::Display| {
            head.push_str(&format!("{name}: {value}\r\n"));
        };
        add("Content-Type", content_type);
        add("Content-Length", &body.len());
        if let Some(location) = location {
            add("Location", location);
        }
        if !keep {
            add("Connection", &"close");
        }
        head.push_str("\r\n");
        let end = if cut { body.len() / 2 } else { body.len() };
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&body[..end]);
        self.stream.write_all(&bytes)
    }

    pub(super) fn close(&self) {
        // It may be closed already.
        drop(self.stream.shutdown(Shutdown::Both));
    }

    fn more(&mut self, deadline: Instant) -> Result<(), Unread> {
        let left = deadline.saturating_duration_since(now());
        if left.is_zero() {
            return Err(Unread::Closed);
        }
        self.stream.set_read_timeout(Some(left))?;
        match self.stream.read_to(&mut self.buffer)? {
            0 => Err(Unread::Closed),
            _ => Ok(()),
        }
    }
}

/// Reads what there is, behind what is in the buffer.
trait ReadTo {
    fn read_to(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize>;
}

impl ReadTo for TcpStream {
    fn read_to(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let mut bytes = [0; 8192];
        let count = self.read(&mut bytes)?;
        buffer.extend_from_slice(&bytes[..count]);
        Ok(count)
    }
}

struct Parsed {
    parts: Head,
    /// Whether the client waits for `100 Continue` before it sends the body.
    expects: bool,
}

/// The head at the beginning of the buffer, once it is whole.
fn head(buffer: &[u8]) -> Result<Option<Parsed>, Unread> {
    let refused = |status, text| Err(Unread::Refused(status, text));
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return refused(400, "this is not HTTP/1.1\n"),
    };
    let post = match request.method {
        Some("POST") => true,
        Some("GET") => false,
        _ => return refused(405, "send GET or POST\n"),
    };
    let header = |name: &str| {
        let found = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| std::str::from_utf8(header.value).unwrap_or_default().trim())
    };
    if header("Transfer-Encoding").is_some() {
        return refused(411, "send the body with Content-Length: it is not read in chunks here\n");
    }
    let body = match header("Content-Length").map(str::parse) {
        None => 0,
        Some(Ok(body)) if body <= BODY => body,
        Some(Ok(_)) => return refused(413, "the body is over 64 KiB\n"),
        Some(Err(_)) => return refused(400, "Content-Length is no number\n"),
    };
    let closes = header("Connection").is_some_and(|it| it.eq_ignore_ascii_case("close"));
    let (path, query) = target(buffer, request.path.unwrap_or_default());
    let parts = Head {
        post,
        path,
        query,
        content_type: header("Content-Type").map(Into::into),
        body: length..length + body,
        keep_alive: request.version == Some(1) && !closes,
    };
    Ok(Some(Parsed { parts, expects: header("Expect").is_some() }))
}

/// Where the path and the query of this target stand in the buffer.
fn target(buffer: &[u8], target: &str) -> (Range<usize>, Range<usize>) {
    let start = target.as_ptr().addr() - buffer.as_ptr().addr();
    let end = start + target.find('#').unwrap_or(target.len());
    let mark = target.find('?').map_or(end, |mark| end.min(start + mark));
    (start..mark, end.min(mark + 1)..end)
}

fn is_timeout(error: &io::Error) -> bool {
    // A signal is as good as a while.
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        405 => "Method Not Allowed",
        411 => "Length Required",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "",
    }
}

const HEAD: usize = 16 * 1024;
const BODY: usize = 64 * 1024;

/// How long a connection may rest between two requests.
const IDLE: Duration = Duration::from_secs(60);

/// How long a request may take to arrive, and a piece of an answer to leave.
const REQUEST: Duration = Duration::from_secs(10);
