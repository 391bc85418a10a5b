//! The suite over the scripted transport, and over transports that are wrong on purpose.

use async_trait::async_trait;
use futures_executor::block_on;
use futures_util::StreamExt;

use super::*;
use crate::testing::Scripted;
use crate::{Call, Error, Headers, Meta, Reply, Streaming};

#[test]
fn the_scripted_transport_conforms() {
    let report = block_on(conformance(async |scenario| {
        Some(Box::new(Scripted::new([scenario.exchange()])) as Box<dyn Transport>)
    }));
    report.verify(&[]).unwrap();
    assert_eq!(report.ran(), Scenario::all().len());
}

#[test]
fn every_scenario_has_a_name_and_an_address_of_its_own() {
    let all = Scenario::all();
    let names: std::collections::BTreeSet<_> = all.iter().map(Scenario::name).collect();
    let addresses: std::collections::BTreeSet<_> = all.iter().map(Scenario::address).collect();
    assert_eq!((names.len(), addresses.len()), (all.len(), all.len()));
}

#[test]
fn skips_must_be_declared_and_declared_skips_must_be_skips() {
    let report = block_on(conformance(async |scenario| {
        let transport = Scripted::new([scenario.exchange()]);
        (scenario.kind() != "echo").then(|| Box::new(transport) as Box<dyn Transport>)
    }));
    report.verify(&["echo"]).unwrap();
    assert!(report.verify(&[]).unwrap_err().to_string().contains("echo/Converse"));
    assert!(report.verify(&["echo", "stall"]).unwrap_err().to_string().contains("stall/Converse"));
}

/// A way to be wrong.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Stops,
    Swallows,
    Drops,
    Forgets,
    Lenient,
}

#[derive(Debug)]
struct Faulty(Scripted, Fault);

#[async_trait]
impl Transport for Faulty {
    async fn unary(&self, call: Call) -> Result<Reply, Error> {
        match (self.1, self.0.unary(call).await) {
            (Fault::Lenient, Err(error)) if error.service().is_some() => {
                Ok(Reply::new(Meta::default(), ""))
            }
            (Fault::Forgets, Ok(reply)) => {
                Ok(Reply::new(Meta::new(Headers::default()), reply.body))
            }
            (_, reply) => reply,
        }
    }

    async fn streaming(&self, call: Call) -> Result<Streaming, Error> {
        let Streaming { meta, body } = self.0.streaming(call).await?;
        let body = match self.1 {
            Fault::Stops => body.take(4).boxed(),
            Fault::Swallows => body.filter(|item| std::future::ready(item.is_ok())).boxed(),
            Fault::Drops => body.skip(1).boxed(),
            Fault::Forgets | Fault::Lenient => body,
        };
        Ok(Streaming::new(meta, body))
    }
}

#[test]
fn wrong_transports_fail_where_they_are_wrong() {
    let cases = [
        (Fault::Stops, "one-byte-chunks/ConverseStream"),
        (Fault::Swallows, "connection-broken/ConverseStream"),
        (Fault::Drops, "ok/InvokeModelWithResponseStream"),
        (Fault::Forgets, "ok/Converse"),
        (Fault::Lenient, "status-429/InvokeModel"),
    ];
    for (fault, scenario) in cases {
        let report = block_on(conformance(async |scenario| {
            // A transport that drops what comes first never gets to where it must wait.
            let waits = matches!(fault, Fault::Drops) && scenario.kind() == "stall";
            let transport = Faulty(Scripted::new([scenario.exchange()]), fault);
            (!waits).then(|| Box::new(transport) as Box<dyn Transport>)
        }));
        let failed = |(name, outcome): (&str, &Outcome)| {
            name == scenario && matches!(outcome, Outcome::Failed(_))
        };
        assert!(report.rows().any(failed), "{fault:?} passed {scenario}:\n{report}");
    }
}
