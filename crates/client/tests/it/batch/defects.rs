//! The defects that clients of batch jobs usually have, each shown to be absent here.

use outcrop::ErrorKind;
use outcrop::batch::{BatchError, JobState};

use super::service::{Bench, ROLE, nova, records};

#[test]
fn no_job_is_created_without_a_role_and_an_input() {
    let bench = Bench::new();
    bench.submit(records(100)).unwrap();
    let spec = bench.service.state(|state| state.specs[0].clone());
    assert_eq!(spec.role_arn, ROLE);
    let key = spec.input_uri.strip_prefix("s3://bucket/").unwrap().to_owned();
    assert!(bench.service.state(|state| state.objects.contains_key(&key)));

    let bench = Bench::new();
    let batch = bench.client.batch(&nova()).bucket("bucket").prefix("work");
    let all = records(100).map(Ok::<_, std::io::Error>);
    let error = bench.run(batch.submit_iter(all)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(bench.service.is_empty() && bench.service.calls().is_empty());
}

#[test]
fn every_end_in_the_service_s_own_words_ends_the_wait() {
    for (word, state) in [
        ("Completed", JobState::Completed),
        ("PartiallyCompleted", JobState::PartiallyCompleted),
        ("Expired", JobState::Expired),
        ("Failed", JobState::Failed),
        ("Stopped", JobState::Stopped),
    ] {
        let bench = Bench::new();
        // A word in another spelling is none that ends it.
        let job = bench.job(&["InProgress", "COMPLETED", word, "InProgress"]);
        assert_eq!(bench.run(job.wait()).unwrap().state, state);
    }
}

#[test]
fn one_job_has_all_records_and_no_job_has_too_few() {
    let bench = Bench::new();
    bench.submit(records(120)).unwrap();
    assert_eq!(bench.service.state(|state| state.jobs.len()), 1);
    assert_eq!(bench.service.lines().len(), 120);

    let bench = Bench::new();
    let error = bench.submit(records(99)).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<BatchError>().unwrap();
    assert!(matches!(source, BatchError::TooFewRecords { records: 99, min: 100, .. }));
    assert!(bench.service.is_empty() && bench.service.state(|state| state.jobs.is_empty()));
}
