//! Inference calls.

use async_trait::async_trait;
use aws_sdk_bedrockruntime::config;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use transport::{
    Body, Call, Error, ErrorKind, Limits, Operation, Phase, Reply, Streaming, Transport,
};

use crate::interceptor::{Swap, Taken};
use crate::{Bedrock, builder, error};

#[async_trait]
impl Transport for Bedrock {
    async fn unary(&self, call: Call) -> Result<Reply, Error> {
        if call.operation.streams() {
            return Err(unsupported(call.operation, "is answered by a stream"));
        }
        let Taken { meta, body } = self.send(call).await?;
        let body = collect(body, MAX_REPLY, meta.request_id.clone()).await?;
        Ok(Reply::new(meta, body))
    }

    async fn streaming(&self, call: Call) -> Result<Streaming, Error> {
        if !call.operation.streams() {
            return Err(unsupported(call.operation, "is answered in one piece"));
        }
        let Taken { meta, body } = self.send(call).await?;
        let body = stream_of(body, meta.request_id.clone());
        Ok(Streaming::new(meta, body))
    }
}

impl Bedrock {
    /// Sends a call and gives its response, if that has status 200.
    async fn send(&self, call: Call) -> Result<Taken, Error> {
        let Call { operation, address, body, headers, limits, .. } = call;
        let swap = Swap::new(body, headers);
        let overrides = overrides(&limits);
        let client = self.runtime();

        // The SDK gives each operation types of its own, so the same steps are written four times.
        macro_rules! send {
            ($operation:ident) => {
                client
                    .$operation()
                    .model_id(address)
                    .customize()
                    .interceptor(swap.clone())
                    .config_override(overrides)
                    .send()
                    .await
                    .map(drop)
                    .map_err(|failed| self.bedrock_error(failed))
            };
        }
        let sent = match operation {
            Operation::InvokeModel => send!(invoke_model),
            Operation::InvokeModelWithResponseStream => send!(invoke_model_with_response_stream),
            Operation::Converse => send!(converse),
            Operation::ConverseStream => send!(converse_stream),
            other => return Err(unsupported(other, "is not known to this transport")),
        };

        // What the SDK makes of the empty body that was left to it does not matter.
        match (swap.take(), sent) {
            (Some(taken), _) => Ok(taken),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Err(error::not_the_protocol(
                "Bedrock answered with a status that is neither 200 nor an error",
            )),
        }
    }
}

/// The whole body, which may have `max` bytes.
async fn collect(
    mut body: ByteStream,
    max: usize,
    request_id: Option<String>,
) -> Result<Bytes, Error> {
    let mut whole = BytesMut::new();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|broken| error::broken_body(broken, request_id.clone()))?;
        if whole.len() + piece.len() > max {
            let message = format!("the answer has more than {max} bytes");
            return Err(error::not_the_protocol(message).with_request_id(request_id));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

/// The bytes as they come off the wire. Dropping the stream closes the connection.
pub(crate) fn stream_of(body: ByteStream, request_id: Option<String>) -> Body {
    let open = Some((body, request_id));
    stream::unfold(open, async |open| -> Option<(Result<Bytes, Error>, _)> {
        let (mut body, request_id) = open?;
        Some(match body.next().await? {
            Ok(bytes) => (Ok(bytes), Some((body, request_id))),
            Err(broken) => (Err(error::broken_body(broken, request_id)), None),
        })
    })
    .boxed()
}

/// The limit for connecting, where it is not the one that the client has from the start.
fn overrides(limits: &Limits) -> config::Builder {
    let overrides = config::Builder::new();
    if limits.connect == Limits::default().connect {
        return overrides;
    }
    overrides.timeout_config(builder::timeouts(limits))
}

fn unsupported(operation: Operation, why: &str) -> Error {
    Error::new(ErrorKind::Unsupported, Phase::NotSent, format!("{operation} {why}"))
}

/// The longest reply in one piece that is taken. Bedrock's own are at most some 25 MB.
const MAX_REPLY: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_reply_is_taken_up_to_its_limit_and_no_further() {
        let read = |max| collect(ByteStream::from_static(b"12345"), max, Some("r".into()));
        assert_eq!(read(5).now_or_never().unwrap().unwrap(), "12345");
        let error = read(4).now_or_never().unwrap().unwrap_err();
        assert_eq!((error.kind(), error.phase()), (&ErrorKind::Protocol, Phase::AnsweredBadly));
        assert_eq!(error.request_id(), Some("r"));
    }
}
