//! What goes over the wire, and when the connection is closed.

use futures_util::{FutureExt, StreamExt};
use transport::testing::{End, Exchange};
use transport::{Call, Error, ErrorKind, Operation, Phase, Service, Transport};

use crate::server::Server;

const MODEL: &str = "amazon.nova-lite-v1:0";

fn call(operation: Operation) -> Call {
    Call::new(operation, MODEL, r#"{ "a" : 1 }"#)
}

#[tokio::test]
async fn each_operation_has_its_path_and_the_bytes_it_was_given() {
    let server = Server::start(|request| {
        let streams = request.line.contains("stream");
        Exchange::answering(match streams {
            true => Operation::ConverseStream,
            false => Operation::Converse,
        })
    })
    .await;
    let bedrock = server.bedrock().await;
    bedrock.unary(call(Operation::InvokeModel)).await.unwrap();
    bedrock.unary(call(Operation::Converse)).await.unwrap();
    bedrock.streaming(call(Operation::InvokeModelWithResponseStream)).await.unwrap();
    bedrock.streaming(call(Operation::ConverseStream)).await.unwrap();

    let requests = server.requests();
    let lines: Vec<_> = requests.iter().map(|request| request.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "POST /model/amazon.nova-lite-v1%3A0/invoke HTTP/1.1",
            "POST /model/amazon.nova-lite-v1%3A0/converse HTTP/1.1",
            "POST /model/amazon.nova-lite-v1%3A0/invoke-with-response-stream HTTP/1.1",
            "POST /model/amazon.nova-lite-v1%3A0/converse-stream HTTP/1.1",
        ]
    );
    for request in requests {
        assert_eq!(request.body, br#"{ "a" : 1 }"#);
        assert_eq!(request.header("content-length"), Some("11"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        let authorization = request.header("authorization").unwrap();
        assert!(authorization.contains("/us-east-1/bedrock/aws4_request"), "{authorization}");
    }
}

#[tokio::test]
async fn headers_of_the_caller_are_sent() {
    let server = Server::start(|_| Exchange::answering(Operation::Converse)).await;
    let mut call = call(Operation::Converse);
    call.headers.push("X-Amzn-Bedrock-Service-Tier", "flex");
    server.bedrock().await.unary(call).await.unwrap();
    assert_eq!(server.requests()[0].header("x-amzn-bedrock-service-tier"), Some("flex"));
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_is_refused_before_sending() {
    let server = Server::start(|_| Exchange::answering(Operation::Converse)).await;
    let mut call = call(Operation::Converse);
    call.headers.push("x-bad", "two\nlines");
    let error = server.bedrock().await.unary(call).await.unwrap_err();
    assert_eq!((error.kind(), error.phase()), (&ErrorKind::Config, Phase::NotSent));
    assert_eq!(error.to_string(), "the header `x-bad` cannot be sent");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn an_empty_address_is_refused_before_sending() {
    let server = Server::start(|_| Exchange::answering(Operation::Converse)).await;
    let call = Call::new(Operation::Converse, "", "{}");
    let error = server.bedrock().await.unary(call).await.unwrap_err();
    assert_eq!((error.kind(), error.phase()), (&ErrorKind::Config, Phase::NotSent));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn nothing_is_sent_twice() {
    let service = Service::new(503, "ServiceUnavailableException".to_owned(), None);
    let server = Server::start(move |request| match request.line.contains("converse-stream") {
        true => Exchange::failing(
            Operation::ConverseStream,
            Error::new(ErrorKind::Io, Phase::MaybeSent, "closed"),
        ),
        false => Exchange::refusing(Operation::Converse, service.clone()),
    })
    .await;
    let bedrock = server.bedrock().await;
    bedrock.unary(call(Operation::Converse)).await.unwrap_err();
    bedrock.streaming(call(Operation::ConverseStream)).await.unwrap_err();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn dropping_a_body_closes_the_connection() {
    let server = Server::start(|_| {
        Exchange::answering(Operation::ConverseStream).chunk("begun").end(End::Stall)
    })
    .await;
    let streaming = server.bedrock().await.streaming(call(Operation::ConverseStream)).await;
    let mut body = streaming.unwrap().body;
    assert_eq!(body.next().await.unwrap().unwrap(), "begun");
    assert!(server.closed().now_or_never().is_none());
    drop(body);
    server.closed().await;
}

#[tokio::test]
async fn dropping_a_call_closes_the_connection() {
    let server = Server::start(|_| Exchange::silent(Operation::Converse)).await;
    let bedrock = server.bedrock().await;
    let mut waiting = bedrock.unary(call(Operation::Converse));
    // The call is driven until the server has the request.
    while server.requests().is_empty() {
        assert!((&mut waiting).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    drop(waiting);
    server.closed().await;
}

#[tokio::test]
async fn what_had_arrived_when_the_connection_broke_is_kept() {
    let broken = || Error::new(ErrorKind::Io, Phase::AnsweredBadly, "broken");
    let server = Server::start(move |_| {
        let exchange = Exchange::answering(Operation::ConverseStream);
        exchange.chunks(["one", "two"]).end(End::Error(broken()))
    })
    .await;
    let streaming = server.bedrock().await.streaming(call(Operation::ConverseStream)).await;
    let items: Vec<_> = streaming.unwrap().body.collect().await;
    let (end, pieces) = items.split_last().unwrap();
    let pieces: Vec<_> = pieces.iter().map(|piece| piece.as_ref().unwrap().to_vec()).collect();
    assert_eq!(pieces.concat(), b"onetwo");
    assert_eq!(end.as_ref().unwrap_err().phase(), Phase::AnsweredBadly);
}
