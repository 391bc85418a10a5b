//! A small HTTP/1.1 server that writes exactly what it is told, chunk by chunk.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use outcrop_aws::Bedrock;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use transport::testing::{End, Exchange};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Method, path and version, as sent.
    pub(crate) line: String,
    /// Lower-case names, and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// A server that lives as long as the runtime.
pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    closed: Arc<tokio::sync::Notify>,
}

impl Server {
    /// Answers each request with what `stage` gives for it.
    pub(crate) async fn start(
        stage: impl Fn(&Request) -> Exchange + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let closed = Arc::new(tokio::sync::Notify::new());
        let server = Self { address, requests: requests.clone(), closed: closed.clone() };
        let stage = Arc::new(stage);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (stage, requests, closed) = (stage.clone(), requests.clone(), closed.clone());
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    while let Ok(request) = read(&mut stream).await {
                        requests.lock().unwrap().push(request.clone());
                        if answer(&mut stream, &request, &stage(&request)).await.is_err() {
                            break;
                        }
                    }
                    closed.notify_one();
                });
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Ends when a connection has been closed, by either side.
    pub(crate) async fn closed(&self) {
        self.closed.notified().await;
    }

    /// A transport that calls this server.
    pub(crate) async fn bedrock(&self) -> Bedrock {
        Bedrock::builder()
            .region("us-east-1")
            .endpoint_url(self.url())
            .credentials("AKIDEXAMPLE", "the-secret-key", None)
            .load()
            .await
            .unwrap()
    }
}

/// How a model's address is written in a path.
pub(crate) fn encoded(address: &str) -> String {
    address.replace(':', "%3A").replace('/', "%2F")
}

async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Request> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { line: line.trim_end().to_owned(), headers, body: Vec::new() };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    request.body.resize(length, 0);
    stream.read_exact(&mut request.body).await?;
    Ok(request)
}

async fn answer(
    stream: &mut BufReader<TcpStream>,
    request: &Request,
    exchange: &Exchange,
) -> io::Result<()> {
    let Some(status) = exchange.status() else {
        if exchange.fails() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        return hold(stream).await;
    };
    let mut head = format!("HTTP/1.1 {status} Staged\r\ntransfer-encoding: chunked\r\n");
    for (name, value) in exchange.headers().iter() {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).await?;
    let echo = exchange.echoes().then_some(request.body.as_slice());
    for chunk in echo.into_iter().chain(exchange.body().map(|chunk| chunk.as_ref())) {
        stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
        stream.write_all(chunk).await?;
        stream.write_all(b"\r\n").await?;
        stream.flush().await?;
    }
    match exchange.ending() {
        End::Clean => stream.write_all(b"0\r\n\r\n").await,
        End::Stall => hold(stream).await,
        _ => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}

/// Waits until the other side closes the connection.
async fn hold(stream: &mut BufReader<TcpStream>) -> io::Result<()> {
    stream.read_u8().await?;
    Ok(())
}
