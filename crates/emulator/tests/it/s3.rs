//! S3 over the wire, signed.

use aws_sigv4::http_request::SignableBody;
use hyper::body::Bytes;
use outcrop_emulator::{Auth, Emulator};

use crate::client::{Answer, quick, raw, send};
use crate::sign::{HOLDER, Signer, signed};

pub(crate) async fn s3(
    emulator: &Emulator,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let host = emulator.address().to_string();
    send(emulator, signed(&host, "test", method, path, headers, body)).await
}

async fn listing(emulator: &Emulator) -> Vec<String> {
    let answer = s3(emulator, "GET", "/records?list-type=2", &[], "").await;
    assert_eq!(answer.status, 200);
    inner(&answer, "Key").into_iter().map(Into::into).collect()
}

/// The texts of all XML elements of a name.
pub(crate) fn inner<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    let text = std::str::from_utf8(&answer.body).unwrap();
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    text.split(&open).skip(1).map(|rest| rest.split_once(&close).unwrap().0).collect()
}

async fn with_bucket() -> Emulator {
    let emulator = quick().auth(Auth::Verify).start().await.unwrap();
    assert_eq!(s3(&emulator, "PUT", "/records", &[], "").await.status, 200);
    emulator
}

#[tokio::test]
async fn objects_are_put_listed_read_in_part_and_deleted() {
    let emulator = with_bucket().await;
    for key in ["b/one", "b/two", "a"] {
        assert_eq!(
            s3(&emulator, "PUT", &format!("/records/{key}"), &[], "0123456789").await.status,
            200
        );
    }
    assert_eq!(listing(&emulator).await, ["a", "b/one", "b/two"]);
    let part = s3(&emulator, "GET", "/records/a", &[("range", "bytes=2-4")], "").await;
    assert_eq!((part.status, &part.body[..]), (206, &b"234"[..]));
    let first = s3(&emulator, "GET", "/records?list-type=2&max-keys=2", &[], "").await;
    assert_eq!(inner(&first, "IsTruncated"), ["true"]);
    assert_eq!(s3(&emulator, "DELETE", "/records/a", &[], "").await.status, 204);
    let gone = s3(&emulator, "GET", "/records/a", &[], "").await;
    assert_eq!(inner(&gone, "Message"), ["The specified key does not exist."]);
    assert_eq!((gone.status, gone.header("x-amz-request-id").len()), (404, 36));
    assert_eq!(listing(&emulator).await, ["b/one", "b/two"]);
}

#[tokio::test]
async fn a_folder_is_no_object() {
    let emulator = with_bucket().await;
    s3(&emulator, "PUT", "/records/folder/key", &[], "x").await;
    assert_eq!(s3(&emulator, "HEAD", "/records/folder", &[], "").await.status, 404);
    let folder = s3(&emulator, "GET", "/records/folder", &[], "").await;
    assert_eq!(inner(&folder, "Message"), ["The specified key does not exist."]);
}

#[tokio::test]
async fn a_key_and_one_that_goes_on_below_it_cannot_both_exist() {
    let emulator = with_bucket().await;
    for (first, second) in [("a", "a/b"), ("c/d", "c")] {
        let path = |key: &str| format!("/records/{key}");
        assert_eq!(s3(&emulator, "PUT", &path(first), &[], "first").await.status, 200);
        let refused = s3(&emulator, "PUT", &path(second), &[], "second").await;
        assert_eq!(refused.status, 500, "{second}");
        assert_eq!(s3(&emulator, "GET", &path(first), &[], "").await.body, "first");
    }
    assert_eq!(listing(&emulator).await, ["a", "c/d"]);
}

#[tokio::test]
async fn deleting_the_key_of_a_folder_does_nothing() {
    let emulator = with_bucket().await;
    s3(&emulator, "PUT", "/records/in/a", &[], "x").await;
    for path in ["/records/in", "/records/in/", "/records/in/a/b", "/records/in/a/"] {
        assert_eq!(s3(&emulator, "DELETE", path, &[], "").await.status, 204, "{path}");
    }
    let keys = ["in", "in/", "in/a/b", "none"];
    let list = keys.map(|key| format!("<Object><Key>{key}</Key></Object>")).concat();
    let body = format!("<Delete>{list}</Delete>");
    let answer = s3(&emulator, "POST", "/records?delete=", &[], body).await;
    let mut deleted = inner(&answer, "Key");
    deleted.sort_unstable();
    assert_eq!((answer.status, deleted), (200, keys.to_vec()));
    assert_eq!(listing(&emulator).await, ["in/a"]);
}

#[tokio::test]
async fn a_key_that_ends_in_a_slash_is_an_object_without_bytes() {
    let emulator = with_bucket().await;
    assert_eq!(s3(&emulator, "HEAD", "/records/in/", &[], "").await.status, 404);
    let put = s3(&emulator, "PUT", "/records/in/", &[], "").await;
    assert_eq!(put.status, 200);
    for method in ["HEAD", "GET"] {
        let found = s3(&emulator, method, "/records/in/", &[], "").await;
        assert_eq!((found.status, found.header("content-length")), (200, "0"));
        assert_eq!(found.header("etag"), put.header("etag"));
        assert_eq!(s3(&emulator, method, "/records/in", &[], "").await.status, 404);
    }
    assert_eq!(s3(&emulator, "DELETE", "/records/in/", &[], "").await.status, 204);
    assert_eq!(s3(&emulator, "HEAD", "/records/in/", &[], "").await.status, 404);
}

#[tokio::test]
async fn only_a_bucket_without_objects_is_deleted() {
    let emulator = with_bucket().await;
    s3(&emulator, "PUT", "/records/in/a", &[], "x").await;
    s3(&emulator, "PUT", "/records/empty/", &[], "").await;
    s3(&emulator, "POST", "/records/big?uploads=", &[], "").await;
    let refused = s3(&emulator, "DELETE", "/records", &[], "").await;
    assert_eq!((refused.status, inner(&refused, "Code")), (409, vec!["BucketNotEmpty"]));
    assert_eq!(s3(&emulator, "GET", "/records/in/a", &[], "").await.body, "x");
    assert_eq!(s3(&emulator, "HEAD", "/records/empty/", &[], "").await.status, 200);

    // What is left then are folders, and an upload that is not complete.
    s3(&emulator, "DELETE", "/records/in/a", &[], "").await;
    assert_eq!(s3(&emulator, "DELETE", "/records", &[], "").await.status, 204);
    assert_eq!(s3(&emulator, "HEAD", "/records", &[], "").await.status, 404);
    assert_eq!(s3(&emulator, "PUT", "/records", &[], "").await.status, 200);
    let open = s3(&emulator, "GET", "/records?uploads=", &[], "").await;
    assert_eq!((open.status, inner(&open, "UploadId")), (200, Vec::new()));
}

#[tokio::test]
async fn making_a_bucket_again_is_refused_but_in_the_oldest_region() {
    let emulator = with_bucket().await;
    s3(&emulator, "PUT", "/records/a", &[], "x").await;
    assert_eq!(s3(&emulator, "PUT", "/records", &[], "").await.status, 200);
    assert_eq!(listing(&emulator).await, ["a"]);
    let host = emulator.address().to_string();
    let mut request = raw("PUT", "/records", "");
    request.headers_mut().insert("host", host.parse().unwrap());
    let signer = Signer { region: "eu-west-3", service: "s3", ..HOLDER };
    let refused = send(&emulator, signer.sign(&host, request, SignableBody::UnsignedPayload)).await;
    assert_eq!((refused.status, inner(&refused, "Code")), (409, vec!["BucketAlreadyOwnedByYou"]));
}

#[tokio::test]
async fn what_a_killed_run_left_behind_is_removed_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let gone = [".outcrop-put-0.before", ".outcrop-job-a-1.part", ".outcrop-job-a-1.copy"];
    let kept = [".outcrop-other.part", "notes.txt"];
    for name in gone.iter().chain(&kept) {
        std::fs::write(path(name), "x").unwrap();
    }
    let emulator = quick().data_dir(folder.path()).start().await.unwrap();
    assert!(gone.iter().all(|name| !path(name).exists()));
    assert!(kept.iter().all(|name| path(name).exists()));
    emulator.shutdown().await;
}

#[tokio::test]
async fn a_listing_is_encoded_on_request() {
    let emulator = with_bucket().await;
    s3(&emulator, "PUT", "/records/a%20b/c%2Bd", &[], "x").await;
    for version in ["", "&list-type=2"] {
        let path = format!("/records?delimiter=%2F&encoding-type=url&prefix=a%20b%2F{version}");
        let listed = s3(&emulator, "GET", &path, &[], "").await;
        assert_eq!(inner(&listed, "Key"), ["a%20b/c%2Bd"]);
        assert_eq!(inner(&listed, "Prefix"), ["a%20b/"]);
        let path = format!("/records?delimiter=%2F&encoding-type=url{version}");
        let listed = s3(&emulator, "GET", &path, &[], "").await;
        assert!(inner(&listed, "Prefix").contains(&"a%20b/"), "{listed:?}");
        let path = format!("/records?delimiter=&prefix=a{version}");
        assert_eq!(inner(&s3(&emulator, "GET", &path, &[], "").await, "Key"), ["a b/c+d"]);
    }
}

#[tokio::test]
async fn a_conditional_put_does_not_replace() {
    let emulator = with_bucket().await;
    let put =
        |body: &'static str| s3(&emulator, "PUT", "/records/a", &[("if-none-match", "*")], body);
    assert_eq!(put("first").await.status, 200);
    assert_eq!(put("second").await.status, 412);
    assert_eq!(s3(&emulator, "GET", "/records/a", &[], "").await.body, "first");
}

#[tokio::test]
async fn a_chunked_upload_with_a_trailing_checksum_is_checked() {
    let emulator = with_bucket().await;
    let headers = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "9"),
        ("x-amz-sdk-checksum-algorithm", "CRC32"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    // 0xcbf43926 is the check value of CRC-32, that of the digits 1 to 9.
    let upload =
        |crc: &str| format!("4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:{crc}\r\n\r\n");
    let good = s3(&emulator, "PUT", "/records/a", &headers, upload("y/Q5Jg==")).await;
    assert_eq!(good.status, 200, "{:?}", good.body);
    for (key, kept) in [("a", "123456789"), ("b", "")] {
        let path = format!("/records/{key}");
        let bad = s3(&emulator, "PUT", &path, &headers, upload("y/Q5Jw==")).await;
        assert_eq!(inner(&bad, "Code"), ["BadDigest"]);
        let object = s3(&emulator, "GET", &path, &[], "").await;
        assert_eq!(object.status, if kept.is_empty() { 404 } else { 200 });
        assert!(kept.is_empty() || object.body == kept);
    }
}

#[tokio::test]
async fn an_aborted_multipart_upload_leaves_nothing_behind() {
    let emulator = with_bucket().await;
    let created = s3(&emulator, "POST", "/records/big?uploads=", &[], "").await;
    let id = inner(&created, "UploadId")[0].to_owned();
    let part = format!("/records/big?partNumber=1&uploadId={id}");
    assert_eq!(s3(&emulator, "PUT", &part, &[], vec![b'x'; 5 << 20]).await.status, 200);
    assert_eq!(listing(&emulator).await, Vec::<String>::new());
    let open = s3(&emulator, "GET", "/records?uploads=", &[], "").await;
    assert_eq!(inner(&open, "UploadId"), [id.as_str()]);

    let abort = format!("/records/big?uploadId={id}");
    assert_eq!(s3(&emulator, "DELETE", &abort, &[], "").await.status, 204);
    assert_eq!(listing(&emulator).await, Vec::<String>::new());
    let open = s3(&emulator, "GET", "/records?uploads=", &[], "").await;
    assert_eq!(inner(&open, "UploadId"), Vec::<&str>::new());
    let left: Vec<_> =
        std::fs::read_dir(emulator.data_dir()).unwrap().map(Result::unwrap).collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[tokio::test]
async fn a_completed_multipart_upload_is_the_sum_of_its_parts() {
    let emulator = with_bucket().await;
    let created = s3(&emulator, "POST", "/records/big?uploads=", &[], "").await;
    let id = inner(&created, "UploadId")[0].to_owned();
    let mut list = String::new();
    for (number, body) in [(1, vec![b'a'; 5 << 20]), (2, b"end".to_vec())] {
        let path = format!("/records/big?partNumber={number}&uploadId={id}");
        let part = s3(&emulator, "PUT", &path, &[], body).await;
        let tag = part.header("etag");
        list += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>");
    }
    let body = format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
    let path = format!("/records/big?uploadId={id}");
    assert_eq!(s3(&emulator, "POST", &path, &[], body).await.status, 200);
    let object = s3(&emulator, "GET", "/records/big", &[], "").await.body;
    assert_eq!((object.len(), &object[object.len() - 4..]), ((5 << 20) + 3, &b"aend"[..]));
}

#[tokio::test]
async fn nothing_is_written_to_a_bucket_that_does_not_exist() {
    let emulator = quick().auth(Auth::Verify).start().await.unwrap();
    let put = s3(&emulator, "PUT", "/nowhere/key", &[], "x").await;
    assert_eq!((put.status, inner(&put, "Code")), (404, vec!["NoSuchBucket"]));
    let upload = s3(&emulator, "POST", "/nowhere/key?uploads=", &[], "").await;
    assert_eq!(inner(&upload, "Code"), ["NoSuchBucket"]);
    assert!(!emulator.data_dir().join("nowhere").exists());
}

#[tokio::test]
async fn only_the_holder_of_the_key_pair_gets_in() {
    let emulator = with_bucket().await;
    let host = emulator.address().to_string();
    let request = signed(&host, "wrong", "GET", "/records/a", &[], "");
    let refused = send(&emulator, request).await;
    assert_eq!(inner(&refused, "Code"), ["SignatureDoesNotMatch"]);
    let unsigned = send(&emulator, raw("GET", "/records/a", "")).await;
    assert_eq!((unsigned.status, inner(&unsigned, "Code")), (403, vec!["AccessDenied"]));
}

#[tokio::test]
async fn a_bucket_in_the_host_name_is_a_virtual_host() {
    let emulator = with_bucket().await;
    s3(&emulator, "PUT", "/records/a", &[], "x").await;
    for host in [
        format!("records.localhost:{}", emulator.address().port()),
        format!("records.s3.localhost:{}", emulator.address().port()),
        "records.s3.amazonaws.com".into(),
        "records.s3.eu-west-3.amazonaws.com".into(),
    ] {
        let answer = send(&emulator, signed(&host, "test", "GET", "/a", &[], "")).await;
        assert_eq!((answer.status, &answer.body[..]), (200, &b"x"[..]), "{host}");
        let wrong = send(&emulator, signed(&host, "wrong", "GET", "/a", &[], "")).await;
        assert_eq!(inner(&wrong, "Code"), ["SignatureDoesNotMatch"], "{host}");
    }
}
