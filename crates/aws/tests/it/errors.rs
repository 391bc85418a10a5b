//! What keeps a call from being made, said clearly and without secrets.

use std::time::Duration;

use outcrop_aws::Bedrock;
use tokio::net::TcpListener;
use transport::testing::Exchange;
use transport::{Call, ErrorKind, Operation, Phase, Retry, Service, Transport};

use crate::server::Server;

fn call() -> Call {
    Call::new(Operation::Converse, "amazon.nova-lite-v1:0", "{}")
}

async fn bedrock_at(url: &str) -> Bedrock {
    let builder = Bedrock::builder().region("us-east-1").endpoint_url(url);
    builder.credentials("AKIDEXAMPLE", "the-secret-key", None).load().await.unwrap()
}

#[tokio::test]
async fn an_endpoint_where_nobody_listens_is_a_connect_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = bedrock_at(&url).await.unary(call()).await.unwrap_err();
    assert_eq!((error.kind(), error.phase()), (&ErrorKind::Connect, Phase::NotSent));
    assert_eq!(error.retry(), Retry::After(Duration::ZERO));
    let message = error.to_string();
    assert!(message.starts_with(&format!("Bedrock at {url} could not be reached: ")), "{message}");
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_a_connect_error() {
    let bedrock = bedrock_at("http://no-such-host.invalid").await;
    let error = bedrock.unary(call()).await.unwrap_err();
    assert_eq!((error.kind(), error.phase()), (&ErrorKind::Connect, Phase::NotSent));
}

// Elsewhere a queue that is full answers in other ways.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_limit_for_connecting_is_kept() {
    use tokio::net::{TcpSocket, TcpStream};
    use transport::Limits;

    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody accepts these two, and there is no room for a third.
    let _queued =
        [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
    let limits = Limits::default().with_connect(Duration::from_millis(50));
    let bedrock = bedrock_at(&format!("http://{address}")).await;
    let error = bedrock.unary(call().with_limits(limits)).await.unwrap_err();
    assert_eq!((error.kind(), error.phase()), (&ErrorKind::ConnectTimeout, Phase::NotSent));
    assert!(error.to_string().contains("50ms"), "another limit was kept: {error}");
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_an_io_error_after_sending() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
        stream.write_all(b"220 mail.example.com ESMTP\r\n").await.unwrap();
    });
    let error = bedrock_at(&url).await.unary(call()).await.unwrap_err();
    assert_eq!(error.phase(), Phase::MaybeSent, "{error}");
}

#[tokio::test]
async fn an_endpoint_that_is_no_url_is_refused() {
    for url in ["localhost:4510", "http://", "https:///path", "nonsense"] {
        let load = Bedrock::builder().region("us-east-1").endpoint_url(url).load();
        let error = load.await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Config);
        assert!(error.to_string().contains(url), "{error}");
    }
}

#[tokio::test]
async fn a_region_without_a_name_is_refused() {
    let error = Bedrock::builder().region("").load().await.unwrap_err();
    assert_eq!((error.kind(), error.phase()), (&ErrorKind::Config, Phase::NotSent));
}

#[tokio::test]
async fn a_code_with_a_namespace_is_stripped_of_it() {
    let server = Server::start(|request| {
        let refusal = Exchange::refusing(Operation::Converse, Service::new(400, None, None))
            .header("content-type", "application/json");
        let code = "com.amazonaws.bedrock#ValidationException";
        match request.line.contains("in-the-header") {
            true => refusal
                .header("x-amzn-errortype", format!("{code}:http://example.com/"))
                .chunk(r#"{"Message":"no"}"#),
            false => refusal.chunk(format!(r#"{{"__type":"{code}","Message":"no"}}"#)),
        }
    })
    .await;
    let bedrock = server.bedrock().await;
    for model in ["in-the-header", "in-the-body"] {
        let call = Call::new(Operation::Converse, model, "{}");
        let error = bedrock.unary(call).await.unwrap_err();
        let service = error.service().unwrap();
        assert_eq!(service.code.as_deref(), Some("ValidationException"), "{model}");
        assert_eq!(service.message.as_deref(), Some("no"), "{model}");
    }
}

#[tokio::test]
async fn retry_after_in_seconds_is_read() {
    let server = Server::start(|_| {
        Exchange::refusing(Operation::Converse, Service::new(429, None, None))
            .header("retry-after", "7")
    })
    .await;
    let error = server.bedrock().await.unary(call()).await.unwrap_err();
    assert_eq!(error.service().unwrap().retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn a_bearer_token_needs_no_credentials_and_is_not_shown() {
    let server = Server::start(|_| Exchange::answering(Operation::Converse)).await;
    let builder = Bedrock::builder().region("us-east-1").endpoint_url(server.url());
    let builder = builder.bearer_token("the-bearer-token");
    assert!(!format!("{builder:?}").contains("the-bearer-token"));
    let bedrock = builder.load().await.unwrap();
    assert!(!format!("{bedrock:?}").contains("the-bearer-token"));
    bedrock.unary(call()).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests[0].header("authorization"), Some("Bearer the-bearer-token"));
}

#[tokio::test]
async fn errors_do_not_show_the_secret() {
    let server = Server::start(|_| {
        let code = "UnrecognizedClientException".to_owned();
        let words = "The security token included in the request is invalid.".to_owned();
        Exchange::refusing(Operation::Converse, Service::new(403, code, words))
    })
    .await;
    let bedrock = server.bedrock().await;
    let error = bedrock.unary(call()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "UnrecognizedClientException (status 403): \
         The security token included in the request is invalid."
    );
    for shown in [format!("{bedrock:?}"), format!("{error:?}")] {
        assert!(!shown.contains("the-secret-key"), "{shown}");
    }
}
