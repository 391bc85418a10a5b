//! Serves until killed: `cargo run -p outcrop-emulator --example serve -- [PORT [DATA_DIR]]`.
#![expect(clippy::print_stdout, reason = "it prints where it listens")]

use outcrop_emulator::Emulator;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let mut builder = Emulator::builder();
    if let Some(port) = args.next() {
        builder = builder.port(port.parse()?);
    }
    if let Some(folder) = args.next() {
        builder = builder.data_dir(folder);
    }
    let emulator = builder.start().await?;
    println!("export AWS_ENDPOINT_URL={}", emulator.endpoint_url());
    println!("export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test");
    std::future::pending().await
}
