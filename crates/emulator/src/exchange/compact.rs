//! JSON without the white space between its parts, and otherwise as it is written.

/// Leaves the white space out that stands outside of strings: the order of members, the form of
/// numbers and escapes stay. The text is taken to be JSON.
pub(crate) fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if !in_string && c.is_ascii_whitespace() {
            continue;
        }
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = in_string,
            '"' => in_string = !in_string,
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn order_numbers_escapes_and_space_in_strings_stay() {
        let text =
            "{ \"b\" : [ 1.0 , 1e-5 ] ,\n\t\"a\" : \"x \\\" y\\\\\" , \"c\" : \"\\u00e9 é\" }\r\n";
        let expected = r#"{"b":[1.0,1e-5],"a":"x \" y\\","c":"\u00e9 é"}"#;
        assert_eq!(compact(text), expected);
    }

    proptest! {
        #[test]
        fn what_is_written_widely_is_what_is_written_tightly(texts in prop::collection::vec(any::<String>(), 0..5)) {
            let value = Value::from(texts);
            let wide = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(compact(&wide), value.to_string());
        }
    }
}
