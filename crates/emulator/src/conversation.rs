//! The check of a conversation in the form that Converse and Nova share.

use serde_json::Value;

use crate::error::Refusal;

/// Refuses messages that the service would refuse: roles out of order, and blank text.
pub(crate) fn check(messages: &Value) -> Result<(), Refusal> {
    let messages = messages.as_array().map_or(&[][..], Vec::as_slice);
    let mut before = None;
    let mut calls: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if !matches!(role, "user" | "assistant") {
            return Err(Refusal::validation(format!(
                "1 validation error detected: Value '{role}' at 'messages.{}.member.role' failed \
                 to satisfy constraint: Member must satisfy enum value set: [user, assistant]",
                at + 1
            )));
        }
        if before == Some(role) {
            return Err(Refusal::validation(
                "A conversation must alternate between user and assistant roles. Make sure the \
                 conversation alternates between user and assistant roles and try again.",
            ));
        }
        before = Some(role);
        check_content(at, &message["content"])?;
        check_results(at, &message["content"], &calls)?;
        calls = ids(&message["content"], "toolUse");
    }
    if messages.first().is_none_or(|message| message["role"] != "user") {
        return Err(Refusal::validation(
            "A conversation must start with a user message. Try again with a conversation that \
             starts with a user message.",
        ));
    }
    Ok(())
}

/// Whether any message holds a tool call or a tool's result.
pub(crate) fn uses_tools(messages: &Value) -> bool {
    let contents = messages.as_array().into_iter().flatten().map(|message| &message["content"]);
    let mut blocks = contents.filter_map(Value::as_array).flatten();
    blocks.any(|block| block["toolUse"].is_object() || block["toolResult"].is_object())
}

/// The ids in the blocks of one kind.
fn ids<'a>(content: &'a Value, kind: &str) -> Vec<&'a str> {
    let blocks = content.as_array().into_iter().flatten();
    blocks.filter_map(|block| block.get(kind)?.get("toolUseId")?.as_str()).collect()
}

/// Each result answers a call of the turn before, and each call has a result.
fn check_results(at: usize, content: &Value, calls: &[&str]) -> Result<(), Refusal> {
    let results = ids(content, "toolResult");
    if results.len() > calls.len() {
        return Err(Refusal::validation(format!(
            "The number of toolResult blocks at messages.{at}.content exceeds the number of \
             toolUse blocks of previous turn."
        )));
    }
    let open: Vec<&str> = calls.iter().filter(|id| !results.contains(id)).copied().collect();
    if open.is_empty() {
        return Ok(());
    }
    Err(Refusal::validation(format!(
        "Expected toolResult blocks at messages.{at}.content for the following Ids: {}",
        open.join(", ")
    )))
}

fn check_content(at: usize, content: &Value) -> Result<(), Refusal> {
    let blocks = content.as_array().map_or(&[][..], Vec::as_slice);
    if blocks.is_empty() {
        return Err(Refusal::validation(format!(
            "The content field in the Message object at messages.{at} is empty. Add a \
             ContentBlock object to the content field and try again."
        )));
    }
    let blank = |block: &Value| block["text"].as_str().is_some_and(|text| text.trim().is_empty());
    match blocks.iter().position(blank) {
        Some(block) => Err(Refusal::validation(format!(
            "The text field in the ContentBlock object at messages.{at}.content.{block} is blank. \
             Add text to the text field, and try again."
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(messages: Value) -> String {
        check(&messages).map_or_else(|refusal| refusal.message, |()| String::new())
    }

    #[test]
    fn a_conversation_in_order_passes() {
        let message = |role: &str| json!({ "role": role, "content": [{ "text": "Hi" }] });
        assert_eq!(refused(json!([message("user"), message("assistant"), message("user")])), "");
    }

    #[test]
    fn roles_out_of_order_are_refused() {
        let message = |role: &str| json!({ "role": role, "content": [{ "text": "Hi" }] });
        assert!(refused(json!([])).contains("must start with a user"));
        assert!(refused(json!([message("assistant")])).contains("must start with a user"));
        assert!(refused(json!([message("user"), message("user")])).contains("must alternate"));
        assert!(refused(json!([message("tool")])).contains("'messages.1.member.role'"));
    }

    #[test]
    fn results_belong_to_the_calls_of_the_turn_before() {
        let user = json!({ "role": "user", "content": [{ "text": "Hi" }] });
        let call = json!({ "toolUse": { "toolUseId": "a", "name": "f", "input": {} } });
        let call = json!({ "role": "assistant", "content": [call] });
        let result = |id: &str| {
            let result = json!({ "toolUseId": id, "content": [{ "text": "x" }] });
            json!({ "role": "user", "content": [{ "toolResult": result }] })
        };
        assert_eq!(refused(json!([user, call, result("a")])), "");
        assert!(refused(json!([user, call, result("b")])).contains("following Ids: a"));
        assert!(refused(json!([user, call, user])).contains("following Ids: a"));
        assert!(refused(json!([result("a")])).contains("exceeds the number of toolUse"));
    }

    #[test]
    fn blank_text_is_named_by_its_place() {
        let content = json!([{ "text": "Hi" }, { "text": " \n" }]);
        let refused_at = refused(json!([{ "role": "user", "content": content }]));
        assert!(refused_at.contains("messages.0.content.1 is blank"), "{refused_at}");
        assert!(refused(json!([{ "role": "user", "content": [] }])).contains("is empty"));
    }
}
