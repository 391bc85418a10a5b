//! What is uploaded, what is created, and what is refused before either.

use outcrop::batch::{BatchError, BatchLimits, Record};
use outcrop::codec::batch::RawJson;
use outcrop::{ApiChoice, Error, ErrorKind, Options, Request};
use serde_json::json;

use super::service::{Bench, Fault, ROLE, nova, records};

#[test]
fn records_become_lines_and_then_a_job_over_them() {
    let bench = Bench::new();
    let handle = bench.run(
        bench
            .batch()
            .name("nightly")
            .timeout_hours(48)
            .submit_iter(records(120).map(Ok::<_, std::io::Error>)),
    );
    let handle = handle.unwrap();

    let lines = bench.service.lines();
    assert_eq!(lines.len(), 120);
    assert_eq!(
        lines[6],
        json!({"recordId": "id-7", "modelInput": {
            "messages": [{"role": "user", "content": [{"text": "question 7"}]}],
            "inferenceConfig": {"maxTokens": 100},
        }})
    );

    let (spec, key) = bench.service.state(|state| {
        (state.specs[0].clone(), state.objects.first_key_value().unwrap().0.clone())
    });
    assert_eq!(spec.name, "nightly");
    assert_eq!(spec.role_arn, ROLE);
    assert_eq!(spec.model, "amazon.nova-lite-v1:0");
    assert_eq!(spec.invocation_type.as_deref(), Some("Converse"));
    assert_eq!(spec.timeout_hours, Some(48));
    assert_eq!(spec.client_token.len(), 32);
    assert_eq!(key, format!("work/{}/input.jsonl", spec.client_token));
    assert_eq!(spec.input_uri, format!("s3://bucket/{key}"));
    assert_eq!(spec.output_uri, format!("s3://bucket/work/{}/output/", spec.client_token));

    assert_eq!(handle.arn(), bench.service.state(|state| state.jobs[0].arn.clone()));
    assert_eq!(handle.id(), "job000000000");
    assert_eq!(handle.region(), Some("us-east-1"));
    assert_eq!((handle.name(), handle.records()), ("nightly", 120));
    assert_eq!((handle.input_uri(), handle.output_uri()), (spec.input_uri, spec.output_uri));
    assert_eq!(handle.submitted_at().as_secs(), 1_767_225_600);
}

#[test]
fn two_jobs_of_one_name_share_nothing() {
    let bench = Bench::new();
    let submit = || bench.run(bench.batch().name("same").submit_iter(all(100))).unwrap();
    let (one, other) = (submit(), submit());
    assert_ne!(one.input_uri(), other.input_uri());
    assert_ne!(one.output_uri(), other.output_uri());
    assert_ne!(one.arn(), other.arn());
}

#[test]
fn a_record_without_an_id_gets_the_one_of_its_position() {
    let bench = Bench::new();
    bench.submit((0..100).map(|_| Record::new(Request::user("again")))).unwrap();
    let lines = bench.service.lines();
    assert_eq!(lines[0]["recordId"], "r00000001");
    assert_eq!(lines[99]["recordId"], "r00000100");
    assert_eq!(lines[99]["recordId"], Record::id_at(100));
}

#[test]
fn a_large_input_goes_up_in_parts_of_8_mib_in_order() {
    let bench = Bench::new();
    let body = body_of(1 << 20);
    bench.submit_few((0..20).map(|_| Record::body(body.clone()))).unwrap();

    let sizes = bench.service.state(|state| state.part_sizes.clone());
    assert_eq!(sizes[..2], [8 << 20; 2]);
    assert_eq!(sizes.len(), 3);
    let lines = bench.service.lines();
    let ids: Vec<String> = (1..=20).map(Record::id_at).collect();
    assert!(lines.iter().map(|line| &line["recordId"]).eq(&ids));
}

// What has been read and not sent is less than one part.
#[test]
fn records_are_read_no_further_ahead_than_one_part() {
    let bench = Bench::new();
    let service = bench.service.clone();
    let body = body_of(1 << 20);
    let records = (0..30_usize).map(|before| {
        let sent: usize = service.state(|state| state.part_sizes.iter().sum());
        assert!(before << 20 < sent + (8 << 20), "{before} MiB read, {sent} bytes sent");
        Record::body(body.clone())
    });
    bench.submit_few(records).unwrap();
}

#[test]
fn a_body_is_sent_as_it_is_in_the_form_that_was_chosen() {
    for (choice, invocation_type) in
        [(ApiChoice::Converse, "Converse"), (ApiChoice::Invoke, "InvokeModel")]
    {
        let mut options = Options::default();
        options.api = choice;
        let bench = Bench::with(options);
        let body = RawJson::parse("{\"z\": 1e400,\n \"a\": 0.10}").unwrap();
        bench.submit((0..100).map(|_| Record::body(body.clone()))).unwrap();
        bench.service.state(|state| {
            let text = String::from_utf8(state.objects.pop_first().unwrap().1).unwrap();
            let line = "{\"recordId\":\"r00000001\",\"modelInput\":{\"z\": 1e400,  \"a\": 0.10}}\n";
            assert!(text.starts_with(line), "{text}");
            assert_eq!(state.specs[0].invocation_type.as_deref(), Some(invocation_type));
        });
    }
}

#[test]
fn settings_that_cannot_be_are_refused_before_any_call() {
    let bench = Bench::new();
    let batch = || bench.batch();
    let bare = || bench.client.batch(&nova());
    let cases = [
        (bare().role_arn(ROLE), ErrorKind::Config, "a bucket"),
        (bare().bucket("bucket"), ErrorKind::Config, "the ARN of a role"),
        (batch().bucket("B"), ErrorKind::Input, "\"B\" cannot name a bucket"),
        (batch().output_bucket("b_"), ErrorKind::Input, "\"b_\" cannot name a bucket"),
        (batch().prefix("a b"), ErrorKind::Input, "cannot be a prefix"),
        (batch().role_arn("batch"), ErrorKind::Input, "\"batch\" is not the ARN of a role"),
        (batch().name("-a"), ErrorKind::Input, "\"-a\" cannot name a job"),
        (batch().name("a".repeat(64)), ErrorKind::Input, "cannot name a job"),
        (batch().timeout_hours(23), ErrorKind::Input, "from 24 to 168 hours"),
        (batch().timeout_hours(169), ErrorKind::Input, "from 24 to 168 hours"),
    ];
    for (batch, kind, message) in cases {
        let error = bench.run(batch.submit_iter(all(100))).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(error.record(), None);
    }
    assert_eq!(bench.service.calls(), [""; 0]);
}

#[test]
fn a_client_without_jobs_or_objects_says_so() {
    let client =
        outcrop::Client::builder().transport(transport::testing::Scripted::new([])).build();
    let batch = client.batch(&nova()).bucket("bucket").role_arn(ROLE);
    let error = Bench::new().run(batch.submit_iter(all(100))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn a_bucket_that_is_not_there_is_found_out_before_a_record_is_read() {
    let bench = Bench::new();
    let unread =
        std::iter::from_fn(|| -> Option<Result<Record, Error>> { panic!("a record was read") });
    let error = bench.run(bench.batch().bucket("other").submit_iter(unread)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("the bucket \"other\" does not exist"), "{error}");
    assert_eq!(bench.service.calls(), ["list"]);
}

#[test]
fn as_many_jobs_as_may_be_are_counted_by_model_and_state() {
    let bench = Bench::new();
    let limits = BatchLimits::default().with_concurrent_jobs(3);
    let submit = || bench.run(bench.batch().limits(limits).submit_iter(all(100)));
    let other = bench.client.batch(&outcrop::ModelRef::parse("other.model").unwrap());
    let other = other.bucket("bucket").role_arn(ROLE).limits(limits);
    bench.run(other.submit_iter(all(100))).unwrap();
    for _ in 0..3 {
        submit().unwrap();
    }
    bench.service.state(|state| {
        state.jobs[1].status = "InProgress".into();
        // The service may answer with the ARN of the model that was given by its id.
        state.jobs[2].model =
            "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0".into();
        state.calls.clear();
    });

    let error = submit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAdmitted);
    assert_eq!(
        error.to_string(),
        "3 batch jobs of amazon.nova-lite-v1:0 are submitted or in progress, and 3 may be; \
         wait for one to end, or stop one"
    );
    assert!(bench.service.calls().iter().all(|call| call.starts_with("list")));

    bench.service.state(|state| state.jobs[1].status = "Completed".into());
    submit().unwrap();
}

#[test]
fn who_may_not_list_may_still_submit() {
    let bench = Bench::new();
    bench.service.state(|state| {
        state.faults.insert(0, Fault::Refused("AccessDenied"));
        state.faults.insert(1, Fault::Refused("AccessDeniedException"));
    });
    bench.submit(records(100)).unwrap();
    assert_eq!(bench.service.calls()[..2], ["list", "list_jobs"]);
}

#[test]
fn a_duplicate_id_names_both_records() {
    let bench = Bench::new();
    let twice = records(80).chain(records(80).skip(11));
    let error = bench.submit(twice).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(error.record(), Some(81));
    assert_eq!(
        error.to_string(),
        "record 81 (\"id-12\") has the id of record 12; ids must differ within a job"
    );
    assert!(matches!(source(&error), BatchError::DuplicateId { .. }));
}

#[test]
fn each_bad_record_is_named() {
    let bad = [
        (Record::body(RawJson::parse("[1]").unwrap()).with_id("x".to_owned()), "\"x\""),
        (Record::new(Request::user("a")).with_id(String::new()), "empty id"),
        (Record::new(Request::user("a").with_temperature(f64::NAN)), "not a finite number"),
    ];
    for (record, message) in bad {
        let bench = Bench::new();
        let error = bench.submit(records(499).chain([record])).unwrap_err();
        assert_eq!((error.kind(), error.record()), (ErrorKind::Input, Some(500)));
        assert!(error.to_string().starts_with("record 500 "), "{error}");
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn the_source_s_own_error_can_be_had_back() {
    let bench = Bench::new();
    let line = std::io::Error::other("line 500: not JSON");
    let records = records(499).map(Ok).chain([Err(line)]);
    let error = bench.run(bench.batch().submit_iter(records)).unwrap_err();
    assert_eq!((error.kind(), error.record()), (ErrorKind::Source, Some(500)));
    assert_eq!(error.to_string(), "record 500 could not be read: line 500: not JSON");
    let BatchError::Unread { source, .. } = source(&error) else { panic!("{error:?}") };
    assert!(source.is::<std::io::Error>());
}

#[test]
fn the_limits_name_themselves_and_what_to_do() {
    let limits = BatchLimits::default();
    let cases = [
        (limits, 99, "at least 100 records, and there are 99", None),
        (limits, 0, "at least 100 records, and there are 0", None),
        (limits.with_max_records(150), 200, "record 151 is over the 150 records", Some(151)),
        (limits.with_max_bytes(1_300), 200, "over the 1300 bytes", Some(10)),
    ];
    for (limits, count, message, record) in cases {
        let bench = Bench::new();
        let error = bench.run(bench.batch().limits(limits).submit_iter(all(count))).unwrap_err();
        assert_eq!((error.kind(), error.record()), (ErrorKind::Input, record), "{error}");
        assert!(error.to_string().contains(message), "{error}");
        assert!(bench.service.is_empty());
    }
    let bench = Bench::new();
    let limits = limits.with_min_records(1).with_max_records(1);
    bench.run(bench.batch().limits(limits).submit_iter(all(1))).unwrap();
}

fn all(count: usize) -> impl Iterator<Item = Result<Record, std::io::Error>> {
    records(count).map(Ok)
}

/// An object of about this many bytes.
fn body_of(bytes: usize) -> RawJson {
    RawJson::parse(format!("{{\"a\":{:?}}}", "x".repeat(bytes))).unwrap()
}

fn source(error: &Error) -> &BatchError {
    std::error::Error::source(error).unwrap().downcast_ref().unwrap()
}
