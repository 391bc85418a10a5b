//! Cache points, wherever they stand.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::subject::{Findings, Subject};
use crate::{Block, Tool};

pub(super) fn unsupported(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.facts.prompt_caching == Some(false) {
        for path in points(subject) {
            findings.add(path, "the model takes no cache points", "leave it out");
        }
    }
}

pub(super) fn too_many(subject: &Subject<'_>, findings: &mut Findings) {
    let points = points(subject);
    if subject.is(&["anthropic"])
        && let Some(path) = points.get(MOST)
    {
        let message = format!("there are {} cache points, and {MOST} are taken", points.len());
        findings.add(path.as_str(), message, "leave some out");
    }
}

/// The paths of all cache points, in the order in which the model reads them.
fn points(subject: &Subject<'_>) -> Vec<String> {
    let request = subject.request;
    let tools = request.tools.as_ref().map_or(&[][..], |config| &config.tools);
    let tools = tools.iter().enumerate().filter(|(_, tool)| matches!(tool, Tool::CachePoint(_)));
    let tools = tools.map(|(at, _)| format!("toolConfig.tools[{at}].cachePoint"));
    let is_point = |block: &Block| matches!(block, Block::CachePoint(_));
    let system = request.system.iter().enumerate().filter(|(_, block)| is_point(block));
    let system = system.map(|(at, _)| format!("system[{at}].cachePoint"));
    let messages = subject.all_blocks().filter(|placed| is_point(placed.block));
    let messages = messages.map(|placed| format!("{}.cachePoint", placed.path));
    tools.chain(system).chain(messages).collect()
}

const MOST: usize = 4;
