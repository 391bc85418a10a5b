//! Which texts of a request a guardrail looks at.

use codec::{Block, Request, Role};

use crate::json::at;

/// The texts that are marked to be guarded; where none is, the prompt or all that the user said.
pub(crate) fn texts(request: &Request) -> Vec<String> {
    let turns = || request.messages.iter().filter(|message| message.role == Role::User);
    let blocks = || request.system.iter().chain(turns().flat_map(|turn| &turn.content));
    let said = || turns().flat_map(|turn| &turn.content).flat_map(Block::texts);
    let all = || request.prompt.as_deref().into_iter().chain(said());
    let mut marked: Vec<String> = blocks().filter_map(content).collect();
    marked.extend(all().flat_map(tagged));
    if marked.is_empty() { all().map(str::to_owned).collect() } else { marked }
}

/// The text of a block of `guardContent`.
pub(crate) fn content(block: &Block) -> Option<String> {
    let Block::Unknown(members) = block else { return None };
    at(members.get("guardContent")?, "/text/text").as_str().map(str::to_owned)
}

/// The pieces of a text that stand between tags of guarded content.
fn tagged(text: &str) -> impl Iterator<Item = String> {
    let pieces = text.split(OPEN).skip(1);
    let pieces = pieces.filter_map(|piece| piece.split_once('>')?.1.split_once(CLOSE));
    pieces.map(|(piece, _)| piece.to_owned())
}

const OPEN: &str = "<amazon-bedrock-guardrails-guardContent_";
const CLOSE: &str = "</amazon-bedrock-guardrails-guardContent_";

#[cfg(test)]
mod tests {
    use super::*;

    fn guarded(body: &str) -> Vec<String> {
        texts(&Request::from_converse(body.as_bytes()).unwrap())
    }

    #[test]
    fn what_is_marked_is_guarded_and_all_of_the_user_s_otherwise() {
        let plain = r#"{"system":[{"text":"s"}],"messages":[
            {"role":"user","content":[{"text":"one"}]},
            {"role":"assistant","content":[{"text":"two"}]},
            {"role":"user","content":[{"text":"three"}]}]}"#;
        assert_eq!(guarded(plain), ["one", "three"]);
        let marked = r#"{"messages":[{"role":"user","content":[{"text":"one"},
            {"guardContent":{"text":{"text":"two","qualifiers":["query"]}}}]}]}"#;
        assert_eq!(guarded(marked), ["two"]);
        let tags = "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"a \
            <amazon-bedrock-guardrails-guardContent_x>b\
            </amazon-bedrock-guardrails-guardContent_x> c\"}]}]}";
        assert_eq!(guarded(tags), ["b"]);
    }
}
