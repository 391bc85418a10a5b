//! A server on this machine that says what a test has it say, and notes what it is asked.

use std::sync::{Arc, Mutex};

use hyper::body::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A server that answers every request with the same pieces.
pub(crate) struct Upstream {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Its first line and headers.
    pub(crate) head: String,
    pub(crate) body: Bytes,
}

impl Upstream {
    /// Answers with this head (without its end) and these pieces, and closes the connection.
    pub(crate) async fn start(head: &str, pieces: &[&[u8]]) -> Self {
        Self::stepwise(head, pieces).await.0
    }

    /// Like [`start`](Self::start), but sends a piece after the first only when told to. Dropping
    /// the sender cuts the connection.
    pub(crate) async fn stepwise(head: &str, pieces: &[&[u8]]) -> (Self, mpsc::Sender<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (step, steps) = mpsc::channel(16);
        let head = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n");
        let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
        tokio::spawn(serve(listener, head, pieces, Arc::clone(&asked), steps));
        (Self { url, asked }, step)
    }

    /// Answers so many requests, none before all are there, and then no more.
    pub(crate) async fn at_once(head: &str, piece: &[u8], requests: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let head = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n");
        let (answer, noted) = ([head.as_bytes(), piece].concat(), Arc::clone(&asked));
        tokio::spawn(async move {
            let mut streams = Vec::new();
            for _ in 0..requests {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                noted.lock().unwrap().push(request);
                streams.push(stream);
            }
            for mut stream in streams {
                stream.write_all(&answer).await.unwrap();
            }
        });
        Self { url, asked }
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(
    listener: TcpListener,
    head: String,
    pieces: Vec<Vec<u8>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    mut steps: mpsc::Receiver<()>,
) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read(&mut stream).await;
        asked.lock().unwrap().push(request);
        stream.write_all(head.as_bytes()).await.unwrap();
        for (at, piece) in pieces.iter().enumerate() {
            // Those who hold no sender want no steps.
            if at > 0 && !steps.is_closed() {
                steps.recv().await;
            }
            // A client that went away is no fault of the server.
            let _ = stream.write_all(piece).await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Asked {
    let mut bytes = Vec::new();
    loop {
        let found = bytes.windows(4).position(|end| end == b"\r\n\r\n");
        if let Some(end) = found {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let whole = end + 4 + length.map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= whole {
                return Asked { head, body: bytes[end + 4..whole].to_vec().into() };
            }
        }
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "the request broke off");
    }
}
