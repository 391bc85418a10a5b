//! Tool calls: one is made when the prompt names a tool, with arguments read from its schema.

use serde_json::{Map, Value, json};

use super::{Prompt, Tool, ToolChoice};

/// The call to make, as the name of a tool and its arguments.
pub(super) fn call(prompt: &Prompt) -> Option<(String, Value)> {
    let named = prompt.tools.iter().find(|tool| mentions(&prompt.text, &tool.name));
    let tool = match &prompt.tool_choice {
        ToolChoice::Never => None,
        // A turn that brings results is answered in words.
        ToolChoice::Auto if !prompt.tool_results.is_empty() => None,
        ToolChoice::Auto => named,
        ToolChoice::Any => named.or_else(|| prompt.tools.first()),
        ToolChoice::Named(name) => prompt.tools.iter().find(|tool| tool.name == *name),
    }?;
    Some((tool.name.clone(), Value::Object(arguments(tool, &prompt.text))))
}

/// Whether a text names a tool, with or without the marks between its words.
fn mentions(text: &str, name: &str) -> bool {
    let text = text.to_lowercase();
    let name = name.to_lowercase();
    text.contains(&name) || text.contains(&name.replace(['_', '-'], " "))
}

/// An argument for every required property; for every property where none is required.
fn arguments(tool: &Tool, text: &str) -> Map<String, Value> {
    let schema = &tool.input_schema;
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let Some(properties) = schema["properties"].as_object() else { return Map::new() };
    properties
        .iter()
        .filter(|(name, _)| required.is_empty() || required.contains(&name.as_str()))
        .map(|(name, schema)| (name.clone(), argument(name, schema, text)))
        .collect()
}

/// A value of the type that the schema names, from the text where it holds one.
fn argument(name: &str, schema: &Value, text: &str) -> Value {
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        let mentioned = |value: &&Value| value.as_str().is_some_and(|v| mentions(text, v));
        let values = schema["enum"].as_array().into_iter().flatten();
        return values.clone().find(mentioned).unwrap_or(first).clone();
    }
    let given = given(name, text);
    let number = given.or(Some(text)).and_then(first_number);
    match schema["type"].as_str() {
        Some("integer") => json!(number.map_or(0, |number| number as i64)),
        Some("number") => json!(number.unwrap_or(0.0)),
        Some("boolean") => json!(given.is_none_or(|value| value != "false")),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => json!(given.unwrap_or_else(|| text.trim())),
    }
}

/// The value in `name=value`, `name: value` or `name "value"`.
fn given<'a>(name: &str, text: &'a str) -> Option<&'a str> {
    let after = text.split_once(name)?.1.trim_start_matches(['"', ' ', '=', ':']);
    let value = after.split(['"', '\n', ',', ';', ' ']).next()?.trim_end_matches(['.', '?', '!']);
    (!value.is_empty()).then_some(value)
}

fn first_number(text: &str) -> Option<f64> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.' && c != '-')
        .find_map(|word| word.trim_end_matches('.').parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(text: &str) -> Prompt {
        let schema = json!({
            "type": "object",
            "properties": {
                "city": { "type": "string" },
                "days": { "type": "integer" },
                "unit": { "enum": ["celsius", "fahrenheit"] },
                "note": { "type": "string" }
            },
            "required": ["city", "days", "unit"]
        });
        let tool = Tool { name: "get_weather".into(), input_schema: schema };
        Prompt { text: text.into(), tools: vec![tool], ..Prompt::default() }
    }

    #[test]
    fn a_tool_named_in_the_prompt_is_called_with_what_the_prompt_gives() {
        let text = "Use get_weather with city=Paris, days: 3, in fahrenheit.";
        let input = json!({ "city": "Paris", "days": 3, "unit": "fahrenheit" });
        assert_eq!(call(&prompt(text)), Some(("get_weather".into(), input)));
        assert!(call(&prompt("Get weather for Rome")).is_some());
    }

    #[test]
    fn no_tool_is_called_unasked() {
        assert_eq!(call(&prompt("Tell me a story.")), None);
    }

    #[test]
    fn the_choice_of_the_caller_outweighs_the_prompt() {
        let any = Prompt { tool_choice: ToolChoice::Any, ..prompt("Tell me a story.") };
        assert!(call(&any).is_some());
        let never = Prompt { tool_choice: ToolChoice::Never, ..prompt("get_weather") };
        assert_eq!(call(&never), None);
        let other = ToolChoice::Named("other".into());
        assert_eq!(call(&Prompt { tool_choice: other, ..prompt("get_weather") }), None);
    }

    #[test]
    fn results_are_answered_in_words() {
        let results = vec!["18 degrees".into()];
        assert_eq!(call(&Prompt { tool_results: results, ..prompt("get_weather") }), None);
    }
}
