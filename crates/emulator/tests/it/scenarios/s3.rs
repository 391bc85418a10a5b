//! What goes wrong with objects.

use super::{named, with};
use crate::client::try_send;
use crate::s3::{inner, s3};
use crate::sign::signed;

#[tokio::test]
async fn s3_asks_to_slow_down() {
    let emulator = named("s3-slow-down").await;
    emulator.create_bucket("records").await.unwrap();
    for turn in 1..=6 {
        let answer = s3(&emulator, "PUT", "/records/key", &[], "text").await;
        assert_eq!(answer.status, if turn % 3 == 0 { 503 } else { 200 });
        if answer.status == 503 {
            assert_eq!(inner(&answer, "Code"), ["SlowDown"]);
            assert_eq!(inner(&answer, "Message"), ["Please reduce your request rate."]);
        }
    }
}

#[tokio::test]
async fn errors_are_for_the_operations_and_objects_that_they_name() {
    let emulator = with(
        "[[fault]]\noperation = 'PutObject'\nobject = 'records/in/*'\nwhen = { nth = 2 }\n\
         effect = { s3_error = { code = 'AccessDenied' } }\n\
         [[fault]]\noperation = 'GetObject'\neffect = { s3_error = { code = 'Odd', status = 418 } }",
    )
    .await;
    emulator.create_bucket("records").await.unwrap();
    let put = async |key: &str| s3(&emulator, "PUT", key, &[], "text").await.status;
    let statuses = [
        put("/records/in/a").await,
        put("/records/out/a").await,
        put("/records/in/b").await,
        put("/records/in/b").await,
    ];
    assert_eq!(statuses, [200, 200, 403, 200]);
    let odd = s3(&emulator, "GET", "/records/in/a", &[], "").await;
    assert_eq!((odd.status, inner(&odd, "Code")), (418, vec!["Odd"]));
    assert_eq!(s3(&emulator, "HEAD", "/records/in/a", &[], "").await.status, 200);
}

#[tokio::test]
async fn what_an_error_keeps_from_being_done_is_not_done() {
    let emulator = with(
        "[[fault]]\noperation = 'PutObject'\neffect = { s3_error = { code = 'InternalError' } }",
    )
    .await;
    emulator.create_bucket("records").await.unwrap();
    assert_eq!(s3(&emulator, "PUT", "/records/a", &[], "text").await.status, 500);
    assert_eq!(s3(&emulator, "GET", "/records/a", &[], "").await.status, 404);
}

#[tokio::test]
async fn an_object_arrives_in_part() {
    let emulator =
        with("[[fault]]\noperation = 'GetObject'\neffect = { drip = { bytes = 4 } }").await;
    emulator.create_bucket("records").await.unwrap();
    s3(&emulator, "PUT", "/records/a", &[], "0123456789").await;
    assert_eq!(&s3(&emulator, "GET", "/records/a", &[], "").await.body[..], b"0123456789");
}

#[tokio::test]
async fn a_connection_is_cut_before_an_object_is_put() {
    let emulator = with(
        "[[fault]]\noperation = 'PutObject'\nwhen = { nth = 1 }\n\
         effect = { reset = 'before_answer' }",
    )
    .await;
    emulator.create_bucket("records").await.unwrap();
    let host = emulator.address().to_string();
    let put = || signed(&host, "test", "PUT", "/records/a", &[], "text");
    assert!(try_send(&emulator, put()).await.is_none());
    assert_eq!(s3(&emulator, "GET", "/records/a", &[], "").await.status, 404);
    assert_eq!(try_send(&emulator, put()).await.unwrap().status, 200);
}
