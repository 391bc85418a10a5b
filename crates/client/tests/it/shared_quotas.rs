//! Addresses that draw from one quota share it, and each kind of address is charged by its own rules.

use outcrop::{
    Admission, Builder, Client, ErrorKind, ModelRef, Options, Quotas, Ready, WantsTransport,
};
use transport::testing::{ManualClock, Scripted};

use crate::support::{converse_reply, hello, quotas};

const NOVA: &str = "amazon.nova-lite-v1:0";
const SONNET: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const APPLICATION: &str =
    "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc";
const PROVISIONED: &str = "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl";

struct Bench {
    clock: ManualClock,
    script: Scripted,
    client: Client,
}

impl Bench {
    /// Of calls that wait for nothing, each answered with 5 input and 7 output tokens.
    fn new(with: impl FnOnce(Builder<WantsTransport>) -> Builder<WantsTransport>) -> Self {
        let clock = ManualClock::new();
        let script = Scripted::new((0..8).map(|_| converse_reply("ok")));
        let mut options = Options::default();
        options.admission = Admission::FailFast;
        let builder: Builder<Ready> = with(Client::builder()).transport(script.clone());
        let client = builder.time(clock.clone(), clock.clone()).options(options).build();
        Self { clock, script, client }
    }

    /// `None`, if the call went.
    fn call(&self, address: &str) -> Option<ErrorKind> {
        let model = model(address);
        let reply = self.clock.run(self.client.invoke(&model, &hello())).unwrap();
        reply.err().map(|error| error.kind())
    }

    fn tokens_left(&self, address: &str) -> u64 {
        self.client.quota(&model(address)).unwrap().tokens_left.unwrap()
    }

    /// The quota tokens that one call has cost once it ended.
    fn cost(&self, address: &str) -> u64 {
        let before = self.tokens_left(address);
        assert_eq!(self.call(address), None, "{address}");
        before - self.tokens_left(address)
    }
}

fn model(address: &str) -> ModelRef {
    ModelRef::parse(address).unwrap()
}

fn one_request() -> Quotas {
    quotas(1, 1_000_000)
}

fn profile_arn(id: &str) -> String {
    format!("arn:aws:bedrock:us-east-1:111122223333:inference-profile/{id}")
}

#[test]
fn the_spellings_of_one_address_share_one_quota() {
    let foundation = format!("arn:aws:bedrock:us-east-1::foundation-model/{NOVA}");
    let [across, global] = ["us", "global"].map(|geo| format!("{geo}.{NOVA}"));
    let bench = Bench::new(|builder| builder.quotas(one_request()));
    for [one, other] in [
        [NOVA, &foundation],
        [&profile_arn(&across), &across],
        [&global, &profile_arn(&global)],
        // An ARN that hides its model has a quota of its own.
        [APPLICATION, APPLICATION],
        [PROVISIONED, PROVISIONED],
    ] {
        assert_eq!(bench.call(one), None, "{one} has not been called");
        assert_eq!(bench.call(other), Some(ErrorKind::NotAdmitted), "{other} is the same");
        let [seen, same] = [one, other].map(|spelling| bench.client.quota(&model(spelling)));
        assert!(seen.is_some() && seen == same, "{seen:?} {same:?}");
    }
    assert_eq!(bench.script.calls().len(), 5);
}

#[test]
fn quotas_are_found_by_any_spelling_and_the_later_counts() {
    let across = format!("us.{NOVA}");
    let bench = Bench::new(|builder| {
        let builder = builder.quotas_for(across.clone(), quotas(9, 9_000));
        builder.quotas_for(profile_arn(&across), quotas(9, 900_000))
    });
    assert_eq!(bench.tokens_left(&across), bench.tokens_left(&profile_arn(&across)));
    assert!(bench.tokens_left(&across) > 9_000);
    assert_eq!(bench.client.quota(&model(NOVA)), None, "calls in the region are others");
}

#[test]
fn an_application_profile_draws_from_the_model_that_it_is_said_to_hide() {
    let bench = Bench::new(|builder| {
        // Whichever of the two the quotas are stated for, and in whichever order.
        let builder = builder.quotas_for(APPLICATION, quotas(3, 100_000));
        builder.draws_from(APPLICATION, model(SONNET))
    });
    assert_eq!(bench.tokens_left(SONNET), bench.tokens_left(APPLICATION));
    assert_eq!(bench.cost(APPLICATION), 5 + 5 * 7, "as Sonnet 4.5 is charged");
    assert_eq!(bench.call(SONNET), None);
    assert_eq!(bench.call(APPLICATION), Some(ErrorKind::NotAdmitted), "two go at once");
}

#[test]
fn the_kind_of_address_decides_what_output_costs() {
    let bench = Bench::new(|builder| builder.quotas(quotas(60, 100_000)));
    assert_eq!(bench.cost(NOVA), 5 + 7);
    assert_eq!(bench.cost(SONNET), 5 + 5 * 7);
    assert_eq!(bench.cost(APPLICATION), 5 + 15 * 7, "nobody knows what it hides");
    assert_eq!(bench.cost(PROVISIONED), 5 + 7, "what was bought has no burndown");
}

#[test]
fn what_was_bought_takes_nothing_from_the_account() {
    let few = 1_000.try_into().unwrap();
    let bench = Bench::new(|builder| builder.account_tokens_per_day(few));
    assert_eq!(bench.client.quota(&model(PROVISIONED)), None);
    assert!(bench.client.quota(&model(APPLICATION)).is_some());
}
