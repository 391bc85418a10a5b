//! Quotas as Service Quotas tells them.

use outcrop::{AppliedQuotas, Client, ErrorKind, Finding};
use transport::testing::{ManualClock, Scripted};
use transport::{Error, MockServiceQuotas, QuotaPage, Service, ServiceQuota};

use crate::support::{Bench, nova};

const TOKENS: &str = "On-demand model inference tokens per minute for Amazon Nova Lite";
const REQUESTS: &str = "On-demand model inference requests per minute for Amazon Nova Lite";

fn page(name: &str, value: f64, next_token: Option<&str>) -> QuotaPage {
    let mut quota = ServiceQuota::default();
    (quota.code, quota.name, quota.value) = ("L-X".into(), name.into(), value);
    let mut page = QuotaPage::default();
    page.quotas = vec![quota];
    page.next_token = next_token.map(str::to_owned);
    page
}

fn ask(source: MockServiceQuotas) -> Result<AppliedQuotas, outcrop::Error> {
    let clock = ManualClock::new();
    let client = Client::builder()
        .transport(Scripted::new([]))
        .time(clock.clone(), clock.clone())
        .service_quotas(source)
        .build();
    clock.run(client.applied_quotas(&nova())).unwrap()
}

#[test]
fn every_page_is_read_and_defaults_fill_the_gaps() {
    let mut source = MockServiceQuotas::new();
    source.expect_applied().times(2).returning(|token| match token.as_deref() {
        None => Ok(page("Something else", 1.0, Some("2"))),
        _ => Ok(page(TOKENS, 4_000_000.0, None)),
    });
    source.expect_defaults().times(1).returning(|_| Ok(page(REQUESTS, 2_000.0, None)));
    let quotas = ask(source).unwrap().to_quotas();
    assert_eq!(quotas.tokens_per_minute.map(u64::from), Some(4_000_000));
    assert_eq!(quotas.requests_per_minute.map(u64::from), Some(2_000));
}

#[test]
fn a_page_that_comes_again_ends_the_listing_with_an_error() {
    let mut source = MockServiceQuotas::new();
    source.expect_applied().times(2).returning(|_| Ok(page(TOKENS, 1.0, Some("again"))));
    let error = ask(source).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[test]
fn a_refusal_is_passed_on_and_a_client_without_a_source_says_so() {
    let mut source = MockServiceQuotas::new();
    source.expect_applied().times(1).returning(|_| {
        let service = Service::new(400, Some("AccessDeniedException".into()), None);
        Err(Error::refused(service))
    });
    let error = ask(source).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");

    let without = Bench::new([]);
    let error = without.run(without.client.applied_quotas(&nova())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn nothing_is_found_in_nothing() {
    let mut source = MockServiceQuotas::new();
    source.expect_applied().returning(|_| Ok(QuotaPage::default()));
    source.expect_defaults().returning(|_| Ok(QuotaPage::default()));
    let found = ask(source).unwrap();
    assert!(found.findings().iter().all(|(_, finding)| **finding == Finding::Absent));
}
