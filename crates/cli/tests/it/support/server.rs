//! A server that answers with exactly the bytes a test gives it, and ends as the test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// One answer: the head, the pieces of the body, and how the body ends.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    pieces: Vec<Vec<u8>>,
    end: End,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// As HTTP wants it.
    Clean,
    /// The connection closes where HTTP wants more.
    Cut,
    /// Nothing more comes, and the connection stays open.
    Stall,
    /// The head announces more bytes than come.
    Short,
    /// Not even a head comes, and the connection stays open.
    Silent,
}

impl Answer {
    /// A stream of these pieces, each a chunk of its own.
    pub(crate) fn stream(pieces: Vec<Vec<u8>>) -> Self {
        Self::new(200, "application/vnd.amazon.eventstream", pieces)
    }

    /// A body in one piece.
    pub(crate) fn body(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "application/json", vec![body.into()])
    }

    /// An exception of the service.
    pub(crate) fn exception(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({ "message": message }).to_string();
        Self::body(status, body).header("x-amzn-errortype", code)
    }

    fn new(status: u16, content_type: &str, pieces: Vec<Vec<u8>>) -> Self {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers =
            vec![header("content-type", content_type), header("x-amzn-requestid", "id-of-request")];
        Self { status, headers, pieces, end: End::Clean }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn ending(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// The same bytes, one to a chunk.
    pub(crate) fn byte_by_byte(mut self) -> Self {
        self.pieces = self.pieces.concat().into_iter().map(|byte| vec![byte]).collect();
        self
    }

    fn write(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        if self.end != End::Silent {
            let length: usize = self.pieces.iter().map(Vec::len).sum();
            write!(stream, "HTTP/1.1 {} Status\r\nconnection: close\r\n", self.status)?;
            for (name, value) in &self.headers {
                write!(stream, "{name}: {value}\r\n")?;
            }
            match self.end {
                End::Short => write!(stream, "content-length: {}\r\n\r\n", length + 100)?,
                _ => write!(stream, "transfer-encoding: chunked\r\n\r\n")?,
            }
            for piece in self.pieces.iter().filter(|piece| !piece.is_empty()) {
                if self.end == End::Short {
                    stream.write_all(piece)?;
                } else {
                    write!(stream, "{:x}\r\n", piece.len())?;
                    stream.write_all(&[piece, b"\r\n".as_slice()].concat())?;
                }
            }
        }
        match self.end {
            End::Clean => stream.write_all(b"0\r\n\r\n"),
            End::Cut | End::Short => Ok(()),
            // Until the other side has had enough.
            End::Stall | End::Silent => stream.read_to_end(&mut Vec::new()).map(drop),
        }
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    url: String,
    calls: Arc<AtomicUsize>,
}

impl Server {
    /// Gives these answers, one a call; the last one again and again.
    pub(crate) fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let (answers, counted) = (answers.clone(), Arc::clone(&counted));
                thread::spawn(move || {
                    if read_request(&stream).is_some() {
                        let call = counted.fetch_add(1, Ordering::SeqCst);
                        let answer = answers.get(call).or_else(|| answers.last()).unwrap();
                        // A client that hangs up is what some tests are about.
                        let _hung_up = answer.write(&mut stream);
                    }
                });
            }
        });
        Self { url, calls }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How many calls have come.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// Reads one request, head and body; `None` where the connection closes before it is whole.
fn read_request(stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()
}
