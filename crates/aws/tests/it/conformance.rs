//! The conformance suite, over a server that stages every scenario to the byte, and over the
//! emulator.

use emulator::{Emulator, Staged};
use transport::Transport;
use transport::testing::conformance::Scenario;
use transport::testing::{End, conformance};

use crate::local;
use crate::server::{Server, encoded};

#[tokio::test]
async fn bedrock_conforms_over_a_plain_server() {
    let scenarios = Scenario::all();
    let server = Server::start(move |request| {
        let staged = |scenario: &&Scenario| {
            request.line.contains(&format!("/model/{}/", encoded(scenario.address())))
        };
        scenarios.iter().find(staged).unwrap().exchange()
    })
    .await;
    let bedrock = server.bedrock().await;
    let report = conformance(async |_| Some(Box::new(bedrock.clone()) as Box<dyn Transport>)).await;
    report.verify(&[]).unwrap();
}

#[tokio::test]
async fn bedrock_conforms_over_the_emulator() {
    let staged = |scenario: &Scenario| Some((scenario.address().to_owned(), stage(scenario)?));
    let scenarios = Scenario::all();
    let emulator = scenarios
        .iter()
        .filter_map(staged)
        .fold(Emulator::builder(), |builder, (address, staged)| builder.stage(address, staged))
        .start()
        .await
        .unwrap();
    let bedrock = local::bedrock(&emulator).await;
    let report = conformance(async |scenario| {
        stage(scenario)?;
        Some(Box::new(bedrock.clone()) as Box<dyn Transport>)
    })
    .await;
    // The emulator's staged answers are fixed, and always have a head.
    report.verify(&["echo", "no-answer", "silence"]).unwrap();
}

fn stage(scenario: &Scenario) -> Option<Staged> {
    let exchange = scenario.exchange();
    if exchange.echoes() {
        return None;
    }
    let headers = exchange.headers().iter();
    Some(Staged {
        status: exchange.status()?,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        chunks: exchange.body().map(|chunk| chunk.to_vec()).collect(),
        end: match exchange.ending() {
            End::Clean => emulator::End::Clean,
            End::Stall => emulator::End::Stall,
            _ => emulator::End::Reset,
        },
    })
}
