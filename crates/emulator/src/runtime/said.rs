//! What a model says over time, whoever the model is.

use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::time::Instant;

use crate::clock;
use crate::error::{Kind, Refusal};
use crate::model::{Answer, Part, Stop, Usage};
use crate::state::State;

/// One thing that a model says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said {
    /// It has read its input, and this much is known of the tokens.
    Start(Usage),
    /// It begins a block, which is empty as yet.
    Block(Part),
    /// More of the last block: one token.
    Piece(String),
    /// The answer is whole.
    End(Stop, Usage),
}

/// What a model says, as it says it. An error is the last item.
pub(crate) type Saying = BoxStream<'static, Result<Said, Refusal>>;

/// Says an answer that is known already, each token when it is due in a call that `started` then.
pub(super) fn prepared(answer: Answer, started: Instant, state: Arc<State>) -> Saying {
    let Answer { parts, stop, usage } = answer;
    let blocks = parts.into_iter().flat_map(|mut part| {
        let pieces = part.take_pieces();
        std::iter::once(Said::Block(part)).chain(pieces.into_iter().map(Said::Piece))
    });
    let said = std::iter::once(Said::Start(usage)).chain(blocks).chain([Said::End(stop, usage)]);
    let spoken = (said, 0_u64, None, state);
    let saying = stream::unfold(spoken, move |(mut said, mut tokens, reached, state)| async move {
        let next = said.next()?;
        tokens += u64::from(matches!(next, Said::Piece(_)));
        let due = state.settings.due(tokens);
        // Much is due at one time where the model speaks as fast as it can.
        if reached != Some(due) {
            clock::sleep_until(started + due).await;
        }
        Some((Ok(next), (said, tokens, Some(due), state)))
    });
    saying.boxed()
}

/// The whole of what a model says.
pub(crate) async fn collect(mut saying: Saying) -> Result<Answer, Refusal> {
    let mut parts: Vec<Part> = Vec::new();
    while let Some(said) = saying.next().await {
        match said? {
            Said::Start(_) => {}
            Said::Block(part) => parts.push(part),
            Said::Piece(text) => {
                if let Some(part) = parts.last_mut() {
                    part.push(&text);
                }
            }
            Said::End(stop, usage) => {
                if let Some(part) = parts.last_mut() {
                    part.end(None, stop == Stop::MaxTokens);
                }
                return Ok(Answer { parts, stop, usage });
            }
        }
    }
    Err(Refusal::new(Kind::ModelError, "The model broke off before the end of its answer."))
}
