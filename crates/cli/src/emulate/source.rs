//! Where the answers of runtime calls come from, if not from the model inside.

use std::path::PathBuf;

use emulator::{Builder, Emulator, Replayed};

/// Where answers come from.
#[derive(Debug, clap::Args)]
pub(super) struct Source {
    /// Answer runtime calls with the exchanges recorded in this folder, and nothing else
    #[arg(long, value_name = "DIR")]
    replay: Option<PathBuf>,
}

impl Source {
    /// Sets the emulator to it.
    pub(super) fn apply(&self, mut builder: Builder) -> Builder {
        if let Some(folder) = &self.replay {
            builder = builder.replay(folder);
        }
        builder
    }

    /// What a person is told of it at the start.
    pub(super) fn remark(&self, emulator: &Emulator) -> Option<String> {
        let (folder, replayed) = (self.replay.as_ref()?, emulator.replayed()?);
        let Replayed { exchanges, unmatched, .. } = replayed;
        let mut text =
            format!("runtime calls are answered by {exchanges} exchanges of {}", folder.display());
        if !unmatched.is_empty() {
            let named = unmatched.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            let more = match unmatched.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let count = unmatched.len();
            text += &format!(
                "; {count} others name no model, so that no call is theirs: {named}{more}"
            );
        }
        Some(text)
    }
}

/// How many exchanges that cannot be replayed are named.
const NAMED: usize = 5;
