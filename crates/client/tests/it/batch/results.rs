//! What came of a job is read whatever became of it, to the last line.

use outcrop::batch::{Job, RecordFailure, RecordOutcome};
use outcrop::{Error, ErrorKind};
use serde_json::json;

use super::service::{Bench, Fault, refused, replied};

/// Every item that reading the results gives.
fn read(bench: &Bench, job: &Job) -> Result<Vec<Result<RecordOutcome, Error>>, Error> {
    bench.run(async {
        let (mut all, mut results) = (Vec::new(), job.results().await?);
        while let Some(item) = results.next().await {
            all.push(item);
        }
        Ok(all)
    })
}

/// The ids and texts of results that are all replies.
fn texts(bench: &Bench, job: &Job) -> Vec<(String, String)> {
    let items = read(bench, job).unwrap().into_iter().map(Result::unwrap);
    items.map(|outcome| (outcome.id, outcome.result.unwrap().text())).collect()
}

#[test]
fn every_output_file_is_read_and_the_manifest_is_not() {
    let bench = Bench::new();
    let job = bench.job(&["Completed"]);
    let put = |name: &str, text: String| bench.service.put_output(job.handle(), name, text);
    put("input.jsonl.out", replied("b", "two") + "\n  \r\n" + &refused("a", "no"));
    put("input2.jsonl.out", replied("c", "three").trim_end().to_owned());
    put("manifest.json.out", json!({"totalRecordCount": 3, "outputTokenCount": 21}).to_string());
    put("left.tmp", "not a result".into());

    let outcomes: Vec<_> = read(&bench, &job).unwrap().into_iter().map(Result::unwrap).collect();
    let ids: Vec<&str> = outcomes.iter().map(|outcome| outcome.id.as_str()).collect();
    assert_eq!(ids, ["b", "a", "c"]);
    let reply = outcomes[0].result.as_ref().unwrap();
    assert_eq!(reply.text(), "two");
    assert_eq!(reply.usage.as_ref().unwrap().output_tokens, 7);
    let Err(RecordFailure::Refused(error)) = &outcomes[1].result else { panic!() };
    assert_eq!(error.to_string(), "400: no");

    let manifest = bench.run(job.manifest()).unwrap().unwrap();
    assert_eq!((manifest.total_records, manifest.output_tokens), (Some(3), Some(21)));
}

#[test]
fn a_job_without_a_manifest_is_no_error() {
    let bench = Bench::new();
    let job = bench.job(&["Stopped"]);
    assert_eq!(bench.run(job.manifest()).unwrap(), None);
}

#[test]
fn any_pieces_and_any_breaks_give_the_same_lines() {
    // Lines of any length, each with a blank one after it.
    let reply = |n: usize| "é".repeat(n * 17 % 40);
    let text: String = (0..40).map(|n| replied(&format!("id-{n}"), &reply(n)) + " \n").collect();
    for piece in [1, 2, 3, 7, 64, 1000, usize::MAX] {
        for breaks in [vec![], vec![0], vec![1, 500], vec![text.len(), text.len() - 1]] {
            let bench = Bench::new();
            let job = bench.job(&["Completed"]);
            bench.service.put_output(job.handle(), "input.jsonl.out", text.clone());
            let broken = breaks.len();
            bench.service.state(|state| (state.piece, state.breaks) = (Some(piece), breaks));
            let texts = texts(&bench, &job);
            assert_eq!(texts.len(), 40);
            for (n, (id, text)) in texts.into_iter().enumerate() {
                assert_eq!((id, text), (format!("id-{n}"), reply(n)));
            }
            let gets = bench.service.calls().iter().filter(|call| **call == "get").count();
            assert_eq!(gets, broken + 1);
        }
    }
}

#[test]
fn a_connection_that_breaks_at_the_same_place_each_time_ends_the_results() {
    let bench = Bench::new();
    let job = bench.job(&["Completed"]);
    let text = replied("a", "one") + &replied("b", "two");
    bench.service.put_output(job.handle(), "input.jsonl.out", text.clone());
    bench.service.state(|state| state.breaks = vec![text.len() - 5; 10]);
    let items = read(&bench, &job).unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].as_ref().unwrap().id, "a");
    assert_eq!(items[1].as_ref().unwrap_err().kind(), ErrorKind::Broken);
}

#[test]
fn results_that_become_shorter_while_they_are_read_are_no_end() {
    let bench = Bench::new();
    let job = bench.job(&["Completed"]);
    let (one, two) = (replied("a", "one"), replied("b", "two"));
    bench.service.put_output(job.handle(), "input.jsonl.out", one.clone() + &two);
    bench.service.state(|state| state.breaks = vec![one.len() + 5]);
    let error = bench.run(async {
        let mut results = job.results().await.unwrap();
        assert_eq!(results.next().await.unwrap().unwrap().id, "a");
        bench.service.put_output(job.handle(), "input.jsonl.out", one);
        results.next().await.unwrap().unwrap_err()
    });
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.to_string().ends_with("became shorter while it was read"), "{error}");
}

#[test]
fn a_manifest_without_end_is_not_read_to_it() {
    let bench = Bench::new();
    let job = bench.job(&["Completed"]);
    bench.service.put_output(job.handle(), "manifest.json.out", " \n".repeat(1 << 21));
    let error = bench.run(job.manifest()).unwrap_err();
    assert!(error.to_string().ends_with("has over 1048576 bytes"), "{error}");
}

#[test]
fn a_line_that_cannot_be_read_is_named_and_takes_no_other_with_it() {
    let bench = Bench::new();
    let job = bench.job(&["Completed"]);
    let text = replied("a", "one") + "{\"recordId\":\n" + &replied("c", "three");
    bench.service.put_output(job.handle(), "input.jsonl.out", text);
    let items = read(&bench, &job).unwrap();
    assert_eq!(items.len(), 3);
    let error = items[1].as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    let message = error.to_string();
    let place = format!("{}{}/input.jsonl.out", job.handle().output_uri(), job.handle().id());
    assert!(message.starts_with(&format!("line 2 of {place} cannot be read: not JSON")));
    assert_eq!(items[2].as_ref().unwrap().id, "c");
}

#[test]
fn a_reply_that_is_not_the_model_s_is_kept_as_it_came() {
    let bench = Bench::new();
    let job = bench.job(&["Completed"]);
    let line = r#"{"recordId":"a","modelOutput":{"out": [ 1.0 ]}}"#;
    bench.service.put_output(job.handle(), "input.jsonl.out", line);
    let items = read(&bench, &job).unwrap();
    let Err(RecordFailure::Unreadable { output, source, .. }) = &items[0].as_ref().unwrap().result
    else {
        panic!("{items:?}");
    };
    assert_eq!(output.as_str(), r#"{"out": [ 1.0 ]}"#);
    assert!(source.to_string().contains("output"), "{source}");
}

#[test]
fn a_job_is_harvested_however_it_ended() {
    for state in ["Completed", "PartiallyCompleted", "Stopped", "Failed", "Expired"] {
        let bench = Bench::new();
        let job = bench.job(&[state]);
        bench.service.put_output(job.handle(), "input.jsonl.out", replied("a", "one"));
        assert_eq!(texts(&bench, &job), [("a".to_owned(), "one".to_owned())], "{state}");
    }
    for state in ["PartiallyCompleted", "Stopped", "Failed", "Expired"] {
        let bench = Bench::new();
        let job = bench.job(&[state]);
        assert!(read(&bench, &job).unwrap().is_empty(), "{state}");
    }
}

#[test]
fn a_completed_job_without_results_is_an_error() {
    let bench = Bench::new();
    let error = read(&bench, &bench.job(&["Completed"])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Job);
    assert!(error.to_string().contains("has no results under s3://bucket/work/"), "{error}");
}

#[test]
fn a_job_that_goes_on_is_not_read() {
    let bench = Bench::new();
    let job = bench.job(&["InProgress"]);
    bench.service.put_output(job.handle(), "input.jsonl.out", replied("a", "one"));
    let error = read(&bench, &job).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Job);
    assert_eq!(
        error.to_string(),
        "the batch job is InProgress and has no results yet; wait for it"
    );
}

#[test]
fn a_file_that_may_not_be_read_ends_the_results() {
    let bench = Bench::new();
    let job = bench.job(&["Completed"]);
    bench.service.put_output(job.handle(), "input.jsonl.out", replied("a", "one"));
    bench.service.state(|state| state.faults.extend([(2, Fault::Refused("AccessDenied"))]));
    let items = read(&bench, &job).unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].as_ref().unwrap_err().kind(), ErrorKind::Refused);
}
