//! Which jobs a list shows: filters, order and pages.

use std::cmp::Reverse;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::job::{Job, Status};
use crate::error::Refusal;
use crate::wire::set;

/// The query of ListModelInvocationJobs.
#[derive(Debug)]
pub(super) struct Query {
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    status: Option<Status>,
    name: Option<String>,
    limit: usize,
    /// The id of the last job on the page before.
    start: Option<String>,
    ascending: bool,
}

impl Query {
    /// Reads the part of a URL after the question mark.
    pub(super) fn read(query: &str) -> Result<Self, Refusal> {
        let mut read = Self {
            after: None,
            before: None,
            status: None,
            name: None,
            limit: DEFAULT_LIMIT,
            start: None,
            ascending: false,
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8_lossy();
            let invalid =
                || Refusal::validation(format!("Value '{value}' at '{key}' is not valid."));
            match key {
                "submitTimeAfter" => read.after = Some(value.parse().map_err(|_| invalid())?),
                "submitTimeBefore" => read.before = Some(value.parse().map_err(|_| invalid())?),
                "statusEquals" => {
                    let known = Status::ALL.into_iter().find(|status| status.as_str() == value);
                    read.status = Some(known.ok_or_else(invalid)?);
                }
                "nameContains" => read.name = Some(value.into_owned()),
                "maxResults" => {
                    let limit = value.parse().ok().filter(|limit| (1..=1000).contains(limit));
                    read.limit = limit.ok_or_else(invalid)?;
                }
                "nextToken" => {
                    read.start = Some(value.strip_prefix(TOKEN).ok_or_else(invalid)?.into());
                }
                "sortOrder" => match value.as_ref() {
                    "Ascending" => read.ascending = true,
                    "Descending" => {}
                    _ => return Err(invalid()),
                },
                // There is one order to sort by, and what the service adds later is let pass.
                _ => {}
            }
        }
        Ok(read)
    }

    /// The page of `jobs`, which come in the order in which they were submitted.
    pub(super) fn page(&self, jobs: &[Job]) -> Value {
        let mut chosen: Vec<(usize, &Job)> =
            jobs.iter().enumerate().filter(|(_, job)| self.shows(job)).collect();
        if !self.ascending {
            chosen.sort_by_key(|(place, _)| Reverse(*place));
        }
        // The page starts after the job that the token names, whatever now shows.
        let start = self.start.as_ref().and_then(|id| jobs.iter().position(|job| job.id == *id));
        chosen.retain(|(place, _)| match start {
            Some(start) if self.ascending => *place > start,
            Some(start) => *place < start,
            None => true,
        });
        let more = chosen.len() > self.limit;
        chosen.truncate(self.limit);
        let summaries: Vec<Value> = chosen.iter().map(|(_, job)| job.to_json()).collect();
        let mut page = json!({ "invocationJobSummaries": summaries });
        if let Some((_, last)) = chosen.last().filter(|_| more) {
            set(&mut page, "nextToken", format!("{TOKEN}{}", last.id));
        }
        page
    }

    fn shows(&self, job: &Job) -> bool {
        self.after.is_none_or(|after| job.submitted > after)
            && self.before.is_none_or(|before| job.submitted < before)
            && self.status.is_none_or(|status| job.status == status)
            && self.name.as_ref().is_none_or(|name| job.request.name.contains(name.as_str()))
    }
}

const DEFAULT_LIMIT: usize = 100;
const TOKEN: &str = "after-";

#[cfg(test)]
mod tests {
    use super::super::request::Request;
    use super::*;

    fn jobs(count: i64) -> Vec<Job> {
        let job = |n: i64| {
            let body = json!({
                "jobName": format!("job-{n}"),
                "roleArn": "arn:aws:iam::123456789012:role/batch",
                "modelId": "amazon.nova-lite-v1:0",
                "modelInvocationType": "Converse",
                "inputDataConfig": { "s3InputDataConfig": { "s3Uri": "s3://records/in/" } },
                "outputDataConfig": { "s3OutputDataConfig": { "s3Uri": "s3://records/out/" } },
            });
            let request = Request::read(body.to_string().as_bytes()).unwrap();
            let now = Timestamp::from_second(1_700_000_000 + n).unwrap();
            let mut job = Job::new(format!("id{n}"), "us-east-1".into(), request, now);
            job.status = if n % 2 == 0 { Status::Completed } else { Status::Failed };
            job
        };
        (0..count).map(job).collect()
    }

    fn names(page: &Value) -> Vec<&str> {
        let summaries = page["invocationJobSummaries"].as_array().unwrap();
        summaries.iter().map(|job| job["jobName"].as_str().unwrap()).collect()
    }

    #[test]
    fn pages_together_are_the_list_in_both_orders() {
        let jobs = jobs(7);
        for order in ["Ascending", "Descending"] {
            let mut query = format!("maxResults=3&sortBy=CreationTime&sortOrder={order}");
            let mut seen = Vec::new();
            loop {
                let page = Query::read(&query).unwrap().page(&jobs);
                seen.extend(names(&page).into_iter().map(String::from));
                let Some(token) = page["nextToken"].as_str() else { break };
                query = format!("maxResults=3&sortOrder={order}&nextToken={token}");
            }
            let mut expected: Vec<String> = (0..7).map(|n| format!("job-{n}")).collect();
            if order == "Descending" {
                expected.reverse();
            }
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn a_list_that_just_fits_has_no_further_page() {
        let page = Query::read("maxResults=7").unwrap().page(&jobs(7));
        assert_eq!((names(&page).len(), page.get("nextToken")), (7, None));
    }

    #[test]
    fn filters_choose_by_status_name_and_time() {
        let jobs = jobs(5);
        let list = |query| names(&Query::read(query).unwrap().page(&jobs)).join(" ");
        assert_eq!(list("statusEquals=Failed"), "job-3 job-1");
        assert_eq!(list("nameContains=b-4"), "job-4");
        assert_eq!(list("submitTimeAfter=2023-11-14T22%3A13%3A22Z"), "job-4 job-3");
        assert_eq!(list("submitTimeBefore=2023-11-14T22%3A13%3A21Z"), "job-0");
    }

    #[test]
    fn what_is_not_valid_is_refused() {
        for query in ["maxResults=0", "statusEquals=Gone", "nextToken=x", "submitTimeAfter=now"] {
            assert!(Query::read(query).is_err(), "{query}");
        }
    }
}
