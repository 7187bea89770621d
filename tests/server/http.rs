//! HTTP/1.1 over any byte stream: requests read whole, answers written whole.
//!
//! Written by hand, because a test server must see what was really sent
//! (header order and case, repeated fields) and must be able to misbehave.

use std::io::{self, BufRead, BufReader, Read, Write};

use serde_json::Value;

const MAX_HEAD_BYTES: u64 = 256 * 1024;
const MAX_BODY_BYTES: usize = 256 * 1024 * 1024;

/// A request, its body read to the end.
pub struct Request {
    /// The method as sent.
    pub method: String,
    /// The target up to the question mark.
    pub path: String,
    /// The target after the question mark, undecoded.
    pub query: Option<String>,
    /// Name and value of each header, in the order and case sent.
    pub headers: Vec<(String, String)>,
    /// The decoded body.
    pub body: Vec<u8>,
    /// The connection stays open after the answer.
    pub keep_alive: bool,
}

impl Request {
    /// The first header of this name, in any case of letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .find(named)
            .map(|(_, value)| value.as_str())
    }

    /// The Content-Type without its parameters, in lower case; empty if there is none.
    pub fn media_type(&self) -> String {
        let whole = self.header("content-type").unwrap_or("");
        let essence = whole.split(';').next().unwrap_or("");
        essence.trim().to_ascii_lowercase()
    }

    /// Reads the next request; `None` when the peer has closed.
    pub fn read<S: Read + Write>(stream: &mut BufReader<S>) -> io::Result<Option<Request>> {
        let mut head = stream.take(MAX_HEAD_BYTES);
        let Some(line) = read_line(&mut head)? else {
            return Ok(None);
        };
        let mut words = line.split(' ');
        let (Some(method), Some(target), Some(version)) =
            (words.next(), words.next(), words.next())
        else {
            return Err(malformed("request line"));
        };
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
            None => (target.to_owned(), None),
        };
        let mut request = Request {
            method: method.to_owned(),
            path,
            query,
            headers: Vec::with_capacity(12),
            body: Vec::new(),
            keep_alive: version == "HTTP/1.1",
        };
        loop {
            let line = read_line(&mut head)?.ok_or_else(|| malformed("head"))?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| malformed("header"))?;
            request
                .headers
                .push((name.to_owned(), value.trim().to_owned()));
        }
        if request
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"))
        {
            request.keep_alive = false;
        }
        request.read_body(stream)?;
        Ok(Some(request))
    }

    fn read_body<S: Read + Write>(&mut self, stream: &mut BufReader<S>) -> io::Result<()> {
        let chunked = self
            .header("transfer-encoding")
            .is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
        let length = match self.header("content-length") {
            Some(text) => text.parse().map_err(|_| malformed("content-length"))?,
            None => 0,
        };
        if self
            .header("expect")
            .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
        {
            stream
                .get_mut()
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            stream.get_mut().flush()?;
        }
        if !chunked {
            return read_more(stream, length, &mut self.body);
        }
        loop {
            let line = read_line(stream)?.ok_or_else(|| malformed("chunk"))?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| malformed("chunk size"))?;
            read_more(stream, size, &mut self.body)?;
            // The end of the chunk, or of the trailer.
            while read_line(stream)?.is_some_and(|line| size == 0 && !line.is_empty()) {}
            if size == 0 {
                return Ok(());
            }
        }
    }
}

/// One line without its end; `None` at the end of the stream.
fn read_line(stream: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    if line.pop() != Some('\n') {
        return Err(malformed("line"));
    }
    if line.ends_with('\r') {
        line.pop();
    }
    Ok(Some(line))
}

fn read_more(stream: &mut impl Read, length: usize, body: &mut Vec<u8>) -> io::Result<()> {
    let start = body.len();
    if length > MAX_BODY_BYTES - start {
        return Err(malformed("body, too long"));
    }
    body.resize(start + length, 0);
    stream.read_exact(&mut body[start..])
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("malformed {what}"))
}

/// An answer.
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Headers beside those that frame the body.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// The body of an answer.
pub enum Body {
    /// These bytes.
    Bytes(Vec<u8>),
    /// So many bytes of a repeating alphabet, made while they are sent.
    Alphabet {
        /// How many bytes.
        length: u64,
        /// Sent in chunks instead of with a Content-Length.
        chunked: bool,
    },
}

impl Response {
    /// A JSON document.
    pub fn json(status: u16, document: &Value) -> Response {
        Response::new(status, Body::Bytes(document.to_string().into_bytes()))
            .with_header("Content-Type", "application/json")
    }

    /// An answer without headers of its own.
    pub fn new(status: u16, body: Body) -> Response {
        Response {
            status,
            headers: Vec::new(),
            body,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Response {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes the answer to a request of this method.
    pub fn write(&self, method: &str, keep_alive: bool, stream: &mut impl Write) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status)).into_bytes();
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n")?;
        }
        if !keep_alive {
            head.extend_from_slice(b"Connection: close\r\n");
        }
        let bodiless = matches!(self.status, 100..=199 | 204 | 304);
        match &self.body {
            _ if bodiless => {}
            Body::Alphabet { chunked: true, .. } => {
                head.extend_from_slice(b"Transfer-Encoding: chunked\r\n")
            }
            Body::Alphabet { length, .. } => write!(head, "Content-Length: {length}\r\n")?,
            Body::Bytes(bytes) => write!(head, "Content-Length: {}\r\n", bytes.len())?,
        }
        head.extend_from_slice(b"\r\n");
        match &self.body {
            _ if bodiless || method == "HEAD" => stream.write_all(&head)?,
            Body::Bytes(bytes) => {
                // One write, so that a small answer is one packet.
                head.extend_from_slice(bytes);
                stream.write_all(&head)?;
            }
            Body::Alphabet { length, chunked } => {
                stream.write_all(&head)?;
                write_alphabet(*length, *chunked, stream)?;
            }
        }
        stream.flush()
    }
}

fn write_alphabet(length: u64, chunked: bool, stream: &mut impl Write) -> io::Result<()> {
    // A multiple of 26, so that the pattern runs on from block to block.
    let block: Vec<u8> = (b'a'..=b'z').cycle().take(26 * 1024).collect();
    let mut left = length;
    while left > 0 {
        let size = left.min(block.len() as u64);
        let part = &block[..usize::try_from(size).unwrap_or(block.len())];
        if chunked {
            write!(stream, "{size:x}\r\n")?;
        }
        stream.write_all(part)?;
        if chunked {
            stream.write_all(b"\r\n")?;
        }
        left -= size;
    }
    if chunked {
        stream.write_all(b"0\r\n\r\n")?;
    }
    Ok(())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
