//! The check of a conversation in the form that Converse and Nova share.

use serde_json::Value;

use crate::error::Refusal;
use crate::models::Model;

/// Refuses messages that the service would refuse: roles out of order, blank texts, and results
/// that belong to no call.
pub(crate) fn check(model: &Model, messages: &Value) -> Result<(), Refusal> {
    let messages = messages.as_array().map_or(&[][..], Vec::as_slice);
    check_roles(model, messages)?;
    messages
        .iter()
        .enumerate()
        .try_for_each(|(at, message)| check_content(at, &message["content"]))?;
    check_results(messages)
}

/// Whether any message holds a tool call or a tool's result.
pub(crate) fn uses_tools(messages: &Value) -> bool {
    let mut blocks = messages.as_array().into_iter().flatten().flat_map(blocks);
    blocks.any(|block| block["toolUse"].is_object() || block["toolResult"].is_object())
}

fn check_roles(model: &Model, messages: &[Value]) -> Result<(), Refusal> {
    let role = |message: &Value| message["role"].as_str().unwrap_or_default().to_owned();
    let roles: Vec<String> = messages.iter().map(role).collect();
    let first = roles.first().map(String::as_str);
    if first != Some("user") && !(first.is_some() && model.takes_assistant_first()) {
        return Err(Refusal::validation(
            "A conversation must start with a user message. Try again with a conversation that \
             starts with a user message.",
        ));
    }
    let mut pairs = roles.iter().zip(roles.iter().skip(1));
    if !model.merges_turns() && pairs.any(|(before, after)| before == after) {
        return Err(Refusal::validation(
            "A conversation must alternate between user and assistant roles. Make sure the \
             conversation alternates between user and assistant roles and try again.",
        ));
    }
    Ok(())
}

/// There is content, and its texts say something. White space between other texts is taken.
fn check_content(at: usize, content: &Value) -> Result<(), Refusal> {
    let blocks = content.as_array().map_or(&[][..], Vec::as_slice);
    if blocks.is_empty() {
        return Err(Refusal::validation(format!(
            "The content field in the Message object at messages.{at} is empty. Add a \
             ContentBlock object to the content field and try again."
        )));
    }
    let texts = || blocks.iter().filter_map(|block| block["text"].as_str());
    let speaks = texts().any(|text| !text.trim().is_empty());
    let is_blank = |text: &str| text.is_empty() || text.trim().is_empty() && !speaks;
    let blank = |block: &Value| block["text"].as_str().is_some_and(is_blank);
    match blocks.iter().position(blank) {
        Some(block) => Err(Refusal::validation(format!(
            "The text field in the ContentBlock object at messages.{at}.content.{block} is blank. \
             Add text to the text field, and try again."
        ))),
        None => Ok(()),
    }
}

/// Each result of the user's answers a call of the turn before, and each call has a result. Turns
/// of one role in a row count as one.
fn check_results(messages: &[Value]) -> Result<(), Refusal> {
    let mut calls: Vec<&str> = Vec::new();
    let turns = messages.chunk_by(|before, after| before["role"] == after["role"]);
    let mut at = 0;
    for turn in turns {
        if turn.first().is_some_and(|message| message["role"] == "user") {
            let results: Vec<&str> = ids(turn, "toolResult").collect();
            if results.len() > calls.len() {
                return Err(Refusal::validation(format!(
                    "The number of toolResult blocks at messages.{at}.content exceeds the number \
                     of toolUse blocks of previous turn."
                )));
            }
            let open = calls.iter().filter(|id| !results.contains(id)).copied();
            let open = open.collect::<Vec<_>>().join(", ");
            if !open.is_empty() {
                return Err(Refusal::validation(format!(
                    "Expected toolResult blocks at messages.{at}.content for the following Ids: \
                     {open}"
                )));
            }
        }
        calls = ids(turn, "toolUse").collect();
        at += turn.len();
    }
    Ok(())
}

/// The ids in the blocks of one kind. What the service runs by itself is answered by itself.
fn ids<'a>(turn: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a str> {
    let blocks = turn.iter().flat_map(blocks).filter_map(move |block| block.get(kind));
    blocks
        .filter(|block| block["type"] != "server_tool_use")
        .filter_map(|b| b["toolUseId"].as_str())
}

fn blocks(message: &Value) -> impl Iterator<Item = &Value> {
    message["content"].as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused_by(model: &str, messages: Value) -> String {
        let model = Model::find(model).unwrap();
        check(&model, &messages).map_or_else(|refusal| refusal.message, |()| String::new())
    }

    fn refused(messages: Value) -> String {
        refused_by("amazon.nova-lite-v1:0", messages)
    }

    fn said(role: &str) -> Value {
        json!({ "role": role, "content": [{ "text": "Hi" }] })
    }

    #[test]
    fn a_conversation_in_order_passes() {
        assert_eq!(refused(json!([said("user"), said("assistant"), said("user")])), "");
    }

    #[test]
    fn roles_out_of_order_are_refused_except_where_a_recording_shows_them_taken() {
        assert!(refused(json!([])).contains("must start with a user"));
        assert!(refused(json!([said("assistant")])).contains("must start with a user"));
        let twice = json!([said("user"), said("user")]);
        assert!(refused(twice.clone()).contains("must alternate"));
        let old = "anthropic.claude-3-haiku-20240307-v1:0";
        assert!(refused_by(old, twice.clone()).contains("must alternate"));
        for model in ["us.anthropic.claude-haiku-4-5-20251001-v1:0", "amazon.titan-text-express-v1"]
        {
            assert_eq!(refused_by(model, twice.clone()), "", "{model}");
        }
        let reversed = json!([said("assistant"), said("user")]);
        assert_eq!(refused_by("us.anthropic.claude-sonnet-4-5-20250929-v1:0", reversed), "");
    }

    #[test]
    fn results_belong_to_the_calls_of_the_turn_before() {
        let call = json!({ "toolUse": { "toolUseId": "a", "name": "f", "input": {} } });
        let call = json!({ "role": "assistant", "content": [call] });
        let result = |id: &str| {
            let result = json!({ "toolUseId": id, "content": [{ "text": "x" }] });
            json!({ "role": "user", "content": [{ "toolResult": result }] })
        };
        let user = said("user");
        assert_eq!(refused(json!([user, call, result("a")])), "");
        assert_eq!(refused(json!([user, call])), "");
        assert!(refused(json!([user, call, result("b")])).contains("following Ids: a"));
        assert!(refused(json!([user, call, user])).contains("following Ids: a"));
        assert!(refused(json!([result("a")])).contains("exceeds the number of toolUse"));
        let split = json!([user, call, user, result("a")]);
        assert_eq!(refused_by("us.anthropic.claude-haiku-4-5-20251001-v1:0", split), "");
    }

    #[test]
    fn what_the_service_ran_by_itself_needs_no_result() {
        let call = json!({ "toolUseId": "a", "name": "f", "input": {}, "type": "server_tool_use" });
        let result = json!({ "toolUseId": "a", "content": [], "type": "f_result" });
        let both = json!([{ "toolUse": call }, { "toolResult": result }]);
        let turn = json!({ "role": "assistant", "content": both });
        assert_eq!(refused(json!([said("user"), turn, said("user")])), "");
    }

    #[test]
    fn blank_text_is_named_by_its_place() {
        let user = |content: Value| json!([{ "role": "user", "content": content }]);
        let blank = refused(user(json!([{ "image": {} }, { "text": " \n" }])));
        assert!(blank.contains("messages.0.content.1 is blank"), "{blank}");
        let empty = refused(user(json!([{ "text": "Hi" }, { "text": "" }])));
        assert!(empty.contains("messages.0.content.1 is blank"), "{empty}");
        assert_eq!(refused(user(json!([{ "text": "Hi" }, { "text": "\n" }]))), "");
        assert!(refused(user(json!([]))).contains("is empty"));
    }
}
