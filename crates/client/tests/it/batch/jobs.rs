//! Jobs are watched, stopped and listed.

use std::time::Duration;

use outcrop::batch::{JobQuery, JobState, JobStatus, Polling};
use outcrop::{ErrorKind, Limit};
use transport::rt::Clock;

use super::service::{Bench, Fault, nova, records};

const TERMINAL: [&str; 5] = ["Completed", "PartiallyCompleted", "Failed", "Expired", "Stopped"];
const OTHERS: [&str; 7] =
    ["Submitted", "Validating", "Scheduled", "InProgress", "Stopping", "Reticulating", "COMPLETED"];

#[test]
fn a_watch_ends_at_each_terminal_state_and_at_no_other() {
    for end in TERMINAL {
        let bench = Bench::new();
        let life = [&OTHERS[..], &[end]].concat();
        let job = bench.job(&life);
        let mut seen = Vec::new();
        bench.run(async {
            let mut watch = job.watch();
            while let Some(status) = watch.next().await {
                seen.push(status.unwrap().state.to_string());
            }
        });
        assert_eq!(seen, life);
        assert_eq!(bench.service.calls().len(), life.len());
    }
}

#[test]
fn the_pause_between_looks_grows_by_half_up_to_a_minute() {
    let bench = Bench::new();
    let job = bench.job(&[&["InProgress"; 15][..], &["Completed"]].concat());
    let mut moments = Vec::new();
    bench.run(async {
        let mut watch = job.watch();
        while let Some(status) = watch.next().await {
            status.unwrap();
            moments.push(bench.clock.now().as_nanos() / 1_000_000);
        }
    });
    assert_eq!(moments[..6], [0, 1_000, 2_500, 4_750, 8_125, 13_187]);
    assert!(moments.windows(2).all(|pair| pair[1] - pair[0] <= 60_000));
    assert_eq!(moments[15] - moments[14], 60_000);
}

#[test]
fn waiting_gives_the_last_status_and_makes_the_job_s_failure_an_error_on_request() {
    let bench = Bench::new();
    let job = bench.job(&["InProgress", "Failed"]);
    bench.service.state(|state| {
        state.jobs[0].message = Some("the role may not read the bucket".into());
        state.jobs[0].records = Some(100);
    });
    let status = bench.run(job.wait()).unwrap();
    assert_eq!(status.state, JobState::Failed);
    assert_eq!(status.counts.total, Some(100));

    let error = status.completed().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Job);
    assert_eq!(error.to_string(), "the batch job failed: the role may not read the bucket");
}

#[test]
fn only_a_completed_job_passes_for_one() {
    for word in TERMINAL.into_iter().chain(OTHERS) {
        let bench = Bench::new();
        let status: JobStatus = bench.run(bench.job(&[word]).status()).unwrap();
        assert_eq!(status.state.as_str(), word);
        assert_eq!(status.state.is_terminal(), TERMINAL.contains(&word));
        assert_eq!(status.completed().is_ok(), word == "Completed");
    }
}

#[test]
fn waiting_ends_where_it_should_and_the_job_goes_on() {
    let bench = Bench::new();
    let polling = Polling::default()
        .with_pauses(Duration::from_secs(2), Duration::from_secs(2))
        .with_within(Duration::from_secs(5));
    let job = bench.job(&["InProgress"]).with_polling(polling);
    let error = bench.run(job.wait()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Limit::Total));
    assert_eq!(error.to_string(), "the job did not end within 5 s; it goes on");
    assert_eq!(bench.clock.now().as_nanos(), 5_000_000_000);
    assert_eq!(bench.service.calls(), ["describe"; 3]);
}

#[test]
fn a_look_that_fails_is_tried_again_and_then_ends_the_watch() {
    let bench = Bench::new();
    let job = bench.job(&["InProgress", "Completed"]);
    bench.service.state(|state| state.faults.extend([(0, Fault::Unavailable)]));
    assert_eq!(bench.run(job.wait()).unwrap().state, JobState::Completed);

    let job = bench.job(&["Completed"]);
    bench.service.state(|state| state.faults = (0..3).map(|at| (at, Fault::Unavailable)).collect());
    bench.run(async {
        let mut watch = job.watch();
        let error = watch.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(watch.next().await.is_none());
    });
}

#[test]
fn a_job_is_stopped_by_its_arn() {
    let bench = Bench::new();
    let job = bench.job(&[]);
    bench.run(job.stop()).unwrap();
    let status = bench.run(job.status()).unwrap();
    assert_eq!(status.state, JobState::Stopping);
    assert_eq!(bench.service.calls(), ["stop", "describe"]);
}

#[test]
fn a_listing_goes_through_all_pages_and_filters() {
    let bench = Bench::new();
    for n in 0..5 {
        let records = records(100).map(Ok::<_, std::io::Error>);
        bench.run(bench.batch().name(format!("job-{n}")).submit_iter(records)).unwrap();
    }
    bench.service.state(|state| {
        state.jobs[3].status = "Completed".into();
        state.calls.clear();
    });
    let names = |query: JobQuery| {
        bench.run(async {
            let (mut names, mut list) = (Vec::new(), bench.client.list_jobs(query));
            while let Some(job) = list.next().await {
                let job = job.unwrap();
                assert_eq!(job.model, nova().address());
                names.push(job.name);
            }
            names
        })
    };
    assert_eq!(names(JobQuery::default()), ["job-0", "job-1", "job-2", "job-3", "job-4"]);
    assert_eq!(bench.service.calls(), ["list_jobs"; 3]);
    assert_eq!(names(JobQuery::default().with_state(JobState::Completed)), ["job-3"]);
    assert_eq!(names(JobQuery::default().with_name_containing("-2")), ["job-2"]);
}
