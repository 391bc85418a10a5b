//! The transport in front of the emulator.

use emulator::Emulator;
use outcrop_aws::Bedrock;

/// A transport with the emulator's key pair.
pub(crate) async fn bedrock(emulator: &Emulator) -> Bedrock {
    Bedrock::builder()
        .region("us-east-1")
        .endpoint_url(emulator.endpoint_url())
        .credentials("test", "test", None)
        .load()
        .await
        .unwrap()
}
