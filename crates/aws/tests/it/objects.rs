//! Objects, against the emulator's S3.

use bytes::Bytes;
use emulator::Emulator;
use futures_util::TryStreamExt;
use outcrop_aws::Bedrock;
use transport::testing::Exchange;
use transport::{Error, ErrorKind, ObjectMeta, Objects, Operation, Part, Phase, Service};

use crate::local;
use crate::server::Server;

const BUCKET: &str = "records";
const MIB: usize = 1024 * 1024;

async fn start() -> (Emulator, Bedrock) {
    let emulator = Emulator::builder().start().await.unwrap();
    emulator.create_bucket(BUCKET).await.unwrap();
    let bedrock = local::bedrock(&emulator).await;
    (emulator, bedrock)
}

async fn put(bedrock: &Bedrock, key: &str, parts: &[Bytes]) -> Result<(), Error> {
    let upload = bedrock.start_upload(BUCKET.to_owned(), key.to_owned()).await?;
    let mut done = Vec::new();
    for (number, part) in (1..).zip(parts) {
        done.push(bedrock.put_part(upload.clone(), number, part.clone()).await?);
    }
    bedrock.complete_upload(upload, done).await
}

async fn read(bedrock: &Bedrock, key: &str) -> Result<Vec<u8>, Error> {
    let object = bedrock.get(BUCKET.to_owned(), key.to_owned()).await?;
    let pieces: Vec<Bytes> = object.body.try_collect().await?;
    let bytes = pieces.concat();
    assert_eq!(object.length, Some(bytes.len() as u64));
    Ok(bytes)
}

#[tokio::test]
async fn an_upload_in_parts_becomes_one_object() {
    let (_emulator, bedrock) = start().await;
    let parts = [Bytes::from(vec![b'a'; 5 * MIB]), Bytes::from_static(b"the end\n")];
    put(&bedrock, "in/records.jsonl", &parts).await.unwrap();
    assert_eq!(read(&bedrock, "in/records.jsonl").await.unwrap(), parts.concat());
}

#[tokio::test]
async fn parts_count_by_number_and_not_by_place() {
    let (_emulator, bedrock) = start().await;
    let upload = bedrock.start_upload(BUCKET.to_owned(), "a".to_owned()).await.unwrap();
    let large = Bytes::from(vec![b'1'; 5 * MIB]);
    let second = bedrock.put_part(upload.clone(), 2, Bytes::from_static(b"2")).await.unwrap();
    let first = bedrock.put_part(upload.clone(), 1, large).await.unwrap();
    bedrock.complete_upload(upload, vec![second, first]).await.unwrap();
    let read = read(&bedrock, "a").await.unwrap();
    assert_eq!((read.len(), read.last()), (5 * MIB + 1, Some(&b'2')));
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let (_emulator, bedrock) = start().await;
    let upload = bedrock.start_upload(BUCKET.to_owned(), "a".to_owned()).await.unwrap();
    bedrock.put_part(upload.clone(), 1, Bytes::from_static(b"part")).await.unwrap();
    assert_eq!(list(&bedrock, "").await, []);
    bedrock.abort_upload(upload).await.unwrap();
    assert_eq!(list(&bedrock, "").await, []);
}

#[tokio::test]
async fn a_listing_has_every_page_in_order() {
    let (_emulator, bedrock) = start().await;
    for key in ["out/b", "out/a", "other"] {
        put(&bedrock, key, &[Bytes::from_static(b"x")]).await.unwrap();
    }
    let expected = [ObjectMeta::new("out/a", 1), ObjectMeta::new("out/b", 1)];
    assert_eq!(list(&bedrock, "out/").await, expected);
}

#[tokio::test]
async fn deleting_is_no_error_where_there_is_nothing() {
    let (_emulator, bedrock) = start().await;
    put(&bedrock, "a", &[Bytes::from_static(b"x")]).await.unwrap();
    for _ in 0..2 {
        bedrock.delete(BUCKET.to_owned(), "a".to_owned()).await.unwrap();
    }
    assert_eq!(list(&bedrock, "").await, []);
}

#[tokio::test]
async fn refusals_carry_the_code_of_s3() {
    let (_emulator, bedrock) = start().await;
    let code = |error: Error| error.service().unwrap().code.clone().unwrap();
    let missing = bedrock.get(BUCKET.to_owned(), "none".to_owned()).await.unwrap_err();
    assert_eq!(missing.phase(), Phase::Refused);
    assert_eq!(code(missing), "NoSuchKey");
    let missing = bedrock.start_upload("no-such-bucket".to_owned(), "a".to_owned()).await;
    assert_eq!(code(missing.unwrap_err()), "NoSuchBucket");
    let missing = bedrock.list("no-such-bucket".to_owned(), String::new()).await;
    assert_eq!(code(missing.unwrap_err()), "NoSuchBucket");
}

#[tokio::test]
async fn an_endpoint_of_one_s_own_is_asked_by_path() {
    let server = Server::start(|_| {
        // Any answer will do: the question is what is asked.
        Exchange::refusing(Operation::Converse, Service::new(403, None, None))
    })
    .await;
    let bedrock = Bedrock::builder()
        .region("us-east-1")
        .endpoint_url(server.url().replace("127.0.0.1", "localhost"))
        .credentials("test", "test", None);
    let bedrock = bedrock.load().await.unwrap();
    bedrock.get(BUCKET.to_owned(), "in/a b".to_owned()).await.unwrap_err();
    let line = &server.requests()[0].line;
    assert!(line.starts_with("GET /records/in/a%20b?"), "{line}");
}

#[tokio::test]
async fn wrong_keys_are_refused_by_s3() {
    let (emulator, _) = start().await;
    let bedrock = Bedrock::builder()
        .region("us-east-1")
        .endpoint_url(emulator.endpoint_url())
        .credentials("test", "wrong", None)
        .load()
        .await
        .unwrap();
    let error = bedrock.list(BUCKET.to_owned(), String::new()).await.unwrap_err();
    assert_eq!(error.service().unwrap().code.as_deref(), Some("SignatureDoesNotMatch"));
    assert_eq!(error.service().unwrap().status, 403);
}

#[tokio::test]
async fn a_part_number_beyond_all_is_refused_before_sending() {
    let (_emulator, bedrock) = start().await;
    let upload = bedrock.start_upload(BUCKET.to_owned(), "a".to_owned()).await.unwrap();
    let done = bedrock.complete_upload(upload, vec![Part::new(u32::MAX, "etag")]).await;
    assert_eq!(done.unwrap_err().kind(), &ErrorKind::Config);
}

async fn list(bedrock: &Bedrock, prefix: &str) -> Vec<ObjectMeta> {
    bedrock.list(BUCKET.to_owned(), prefix.to_owned()).await.unwrap()
}
