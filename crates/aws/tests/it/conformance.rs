//! The conformance suite, over a server that stages every scenario to the byte.

use transport::Transport;
use transport::testing::conformance;
use transport::testing::conformance::Scenario;

use crate::server::{Server, encoded};

#[tokio::test]
async fn bedrock_conforms() {
    let scenarios = Scenario::all();
    let server = Server::start(move |request| {
        let staged = |scenario: &&Scenario| {
            request.line.contains(&format!("/model/{}/", encoded(scenario.address())))
        };
        scenarios.iter().find(staged).expect("a scenario's address").exchange()
    })
    .await;
    let bedrock = server.bedrock().await;
    let report = conformance(async |_| Some(Box::new(bedrock.clone()) as Box<dyn Transport>)).await;
    report.verify(&[]).unwrap();
}
