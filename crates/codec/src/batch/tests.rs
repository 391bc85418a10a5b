//! Evidence for the lines: what is read, what is kept, and what each bad line is told.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::fault::{FaultKind, ThrottleCause};

#[test]
fn an_input_line_is_read_and_kept_to_the_letter() {
    // Things that a tree of values would lose: order, spaces, long numbers, a duplicate key, an
    // escaped letter, half of a surrogate pair.
    let body =
        r#"{ "z":1e400, "a": 0.10, "n":123456789012345678901234567890, "a":"\u0041\ud800" }"#;
    let text = [r#"{"recordId":"r 1","modelInput":"#, body, "}\n"].concat();
    let line = InputLine::parse(text.as_bytes()).unwrap();
    assert_eq!(line.record_id.as_deref(), Some("r 1"));
    assert_eq!(line.model_input.as_str(), body);
    assert!(line.extra.is_empty());
    assert_eq!(written(&line), text);
}

#[test]
fn an_id_is_optional_and_other_members_stay() {
    let line = parse(r#"{"note":[1,2],"modelInput":{}}"#).unwrap();
    assert_eq!(line.record_id, None);
    assert_eq!(line.extra["note"].as_str(), "[1,2]");
    assert_eq!(written(&line), "{\"modelInput\":{},\"note\":[1,2]}\n");
}

#[test]
fn a_byte_order_mark_and_a_line_break_are_not_content() {
    let plain = parse(r#"{"modelInput":{}}"#);
    assert!(plain.is_ok());
    assert_eq!(parse("\u{feff}{\"modelInput\":{}}\r\n"), plain);
    assert_eq!(parse("\u{feff}"), Err(LineError::Blank));
}

#[test]
fn an_extra_member_never_makes_a_duplicate() {
    let mut line = parse(r#"{"modelInput":{}}"#).unwrap();
    for name in ["recordId", "modelInput", "x"] {
        line.extra.insert(name.into(), raw("1"));
    }
    assert_eq!(written(&line), "{\"modelInput\":{},\"x\":1}\n");
}

#[test]
fn each_bad_input_line_is_told_what_is_wrong() {
    let kind = |member, expected, found| LineError::Type { member, expected, found };
    let not_object = |found| LineError::NotObject { found };
    let twice = |member: &str| LineError::Duplicate { member: member.into() };
    let misspelt = |found: &str, meant| LineError::Misspelt { found: found.into(), meant };
    let (id, input) = ("recordId", "modelInput");
    let cases = [
        ("", LineError::Blank),
        (" \t\r\n", LineError::Blank),
        ("[]", not_object("an array")),
        (" \"text\"", not_object("a string")),
        ("12", not_object("a number")),
        ("null", not_object("null")),
        ("true", not_object("a boolean")),
        ("{}", LineError::Missing { member: input }),
        (r#"{"recordId":"a"}"#, LineError::Missing { member: input }),
        (r#"{"recordId":"","modelInput":{}}"#, LineError::BlankText { member: id }),
        (r#"{"recordId":" \t","modelInput":{}}"#, LineError::BlankText { member: id }),
        (r#"{"recordId":"\ud800","modelInput":{}}"#, LineError::HalfCharacter { member: id }),
        (r#"{"recordId":7,"modelInput":{}}"#, kind(id, "a string", "a number")),
        (r#"{"recordId":null,"modelInput":{}}"#, kind(id, "a string", "null")),
        (r#"{"recordId":"a","modelInput":"text"}"#, kind(input, "an object", "a string")),
        (r#"{"recordId":"a","modelInput":[{}]}"#, kind(input, "an object", "an array")),
        (r#"{"recordId":"a","modelInput":{},"recordId":"a"}"#, twice(id)),
        (r#"{"modelInput":{},"x":1,"x":1}"#, twice("x")),
        (r#"{"modelInput":{},"\u006dodelInput":{}}"#, twice(input)),
        (r#"{"record_id":"a","modelInput":{}}"#, misspelt("record_id", id)),
        (r#"{"recordId":"a","modelinput":{}}"#, misspelt("modelinput", input)),
    ];
    for (line, error) in cases {
        assert_eq!(parse(line), Err(error), "{line}");
    }
}

#[test]
fn what_is_not_json_is_told_with_its_column_and_without_a_line() {
    for (line, column) in [
        ("hello", 1),
        (r#"{"modelInput":{}"#, 16),
        ("{\"modelInput\":{}\r\n", 16),
        (r#"{"modelInput":{}} {}"#, 19),
        (r#"{"modelInput":{"a":}}"#, 20),
        ("{'modelInput':{}}", 2),
    ] {
        let error = parse(line).unwrap_err();
        let LineError::Syntax { column: found, .. } = error else { panic!("{line}: {error}") };
        assert_eq!(found, column, "{line}: {error}");
        assert!(!error.to_string().contains("line"), "{error}");
    }
    let line = b"{\"modelInput\":{\"a\":\"\xff\"}}";
    assert_eq!(InputLine::parse(line), Err(LineError::NotUtf8 { at: 20 }));
}

#[test]
fn a_task_is_a_prompt_or_a_request_and_not_both() {
    let line = TaskLine::parse(br#"{"recordId":"a","prompt":" Say \"hi\" "}"#).unwrap();
    assert_eq!(line.record_id.as_deref(), Some("a"));
    assert_eq!(line.task, Task::Prompt(" Say \"hi\" ".into()));
    let line = TaskLine::parse(br#"{"modelInput":{"a":1},"tag":"t"}"#).unwrap();
    assert_eq!(line.task, Task::ModelInput(raw(r#"{"a":1}"#)));
    assert_eq!(line.extra, BTreeMap::from([("tag".into(), raw("\"t\""))]));

    let (one, other) = ("prompt", "modelInput");
    let cases = [
        (r#"{"prompt":"a","modelInput":{}}"#, LineError::Both { one, other }),
        (r#"{"recordId":"a"}"#, LineError::Neither { one, other }),
        (r#"{"prompt":"\n "}"#, LineError::BlankText { member: one }),
        (
            r#"{"prompt":["a"]}"#,
            LineError::Type { member: one, expected: "a string", found: "an array" },
        ),
        (r#"{"Prompt":"a"}"#, LineError::Misspelt { found: "Prompt".into(), meant: one }),
        (r#"{"prompt":"a","prompt":"a"}"#, LineError::Duplicate { member: one.into() }),
    ];
    for (line, error) in cases {
        assert_eq!(TaskLine::parse(line.as_bytes()), Err(error), "{line}");
    }
}

#[test]
fn an_output_line_has_a_reply_or_an_error() {
    let line = br#"{"recordId":"a","modelInput":{"q":1},"modelOutput":{"n":1.0},"x":2}"#;
    let line = OutputLine::parse(line).unwrap();
    assert_eq!(line.record_id, "a");
    assert_eq!(line.model_input, Some(raw(r#"{"q":1}"#)));
    assert_eq!(line.result, Ok(raw(r#"{"n":1.0}"#)));
    assert_eq!(line.extra, BTreeMap::from([("x".into(), raw("2"))]));

    let line = br#"{"modelOutput":null,"error":{"errorCode":400,"errorMessage":"bad request","hint":1},"recordId":"b"}"#;
    let line = OutputLine::parse(line).unwrap();
    assert_eq!((line.record_id.as_str(), line.model_input), ("b", None));
    let error = line.result.unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::Status(400)));
    assert_eq!(error.message.as_deref(), Some("bad request"));
    assert_eq!(error.extra, BTreeMap::from([("hint".into(), raw("1"))]));
    assert_eq!(error.to_string(), "400: bad request");
}

#[test]
fn each_bad_output_line_is_told_what_is_wrong() {
    let (one, other) = ("modelOutput", "error");
    let cases = [
        (r#"{"recordId":"a"}"#, LineError::Neither { one, other }),
        (r#"{"recordId":"a","modelOutput":null}"#, LineError::Neither { one, other }),
        (r#"{"recordId":"a","modelOutput":{},"error":{}}"#, LineError::Both { one, other }),
        (r#"{"modelOutput":{}}"#, LineError::Missing { member: "recordId" }),
        (r#"{"recordId":"","modelOutput":{}}"#, LineError::BlankText { member: "recordId" }),
        (
            r#"{"recordId":"a","error":"no"}"#,
            LineError::Type { member: other, expected: "an object", found: "a string" },
        ),
        (
            r#"{"recordId":"a","error":{"errorCode":1,"errorCode":2}}"#,
            LineError::Duplicate { member: "errorCode".into() },
        ),
        (
            r#"{"recordId":"a","error":{},"error":{}}"#,
            LineError::Duplicate { member: other.into() },
        ),
    ];
    for (line, error) in cases {
        assert_eq!(OutputLine::parse(line.as_bytes()), Err(error), "{line}");
    }
}

#[test]
fn an_error_code_is_a_number_or_a_name_and_means_the_same_as_online() {
    let throttled = FaultKind::Throttled(ThrottleCause::Requests);
    for (code, read, kind) in [
        ("400", Some(ErrorCode::Status(400)), FaultKind::Validation),
        ("429.0", Some(ErrorCode::Status(429)), throttled),
        ("\"429\"", Some(ErrorCode::Status(429)), throttled),
        ("\"throttlingException\"", Some(ErrorCode::Name("throttlingException".into())), throttled),
        ("null", None, FaultKind::Other),
        ("70000", None, FaultKind::Other),
        ("[]", None, FaultKind::Other),
    ] {
        let line = format!(
            r#"{{"recordId":"a","error":{{"errorCode":{code},"errorMessage":"Too many requests"}}}}"#
        );
        let error = OutputLine::parse(line.as_bytes()).unwrap().result.unwrap_err();
        assert_eq!(error.code, read, "{code}");
        assert_eq!(error.extra.is_empty(), read.is_some(), "{code}");
        assert_eq!(error.fault().kind, kind, "{code}");
        assert_eq!(error.fault().message, error.message);
    }
    // What cannot be read as text or number is kept as it is, and does not hide the record.
    let line = br#"{"recordId":"a","error":{"errorCode":1e999,"errorMessage":"\ud800"}}"#;
    let error = OutputLine::parse(line).unwrap().result.unwrap_err();
    assert_eq!((error.code, error.message), (None, None));
    assert_eq!(error.extra["errorCode"].as_str(), "1e999");
    assert_eq!(error.extra["errorMessage"].as_str(), r#""\ud800""#);
    let error = OutputLine::parse(br#"{"recordId":"a","error":{}}"#).unwrap().result.unwrap_err();
    assert_eq!(error.to_string(), "the service gave no reason");
}

#[test]
fn nothing_of_a_manifest_has_to_be_there() {
    let full = br#"{"totalRecordCount":100,"processedRecordCount":99,"successRecordCount":98,
        "errorRecordCount":1,"inputTokenCount":5.0,"outputTokenCount":"6","more":true}"#;
    let manifest = Manifest::parse(full).unwrap();
    let counts = [
        manifest.total_records,
        manifest.processed_records,
        manifest.succeeded_records,
        manifest.failed_records,
        manifest.input_tokens,
        manifest.output_tokens,
    ];
    assert_eq!(counts, [100, 99, 98, 1, 5, 6].map(Some));
    assert_eq!(Value::Object(manifest.extra), json!({"more": true}));

    assert_eq!(Manifest::parse(b"{}"), Ok(Manifest::default()));
    let odd = Manifest::parse(br#"{"totalRecordCount":"many"}"#).unwrap();
    assert_eq!(odd.total_records, None);
    assert_eq!(Value::Object(odd.extra), json!({"totalRecordCount": "many"}));
    assert_eq!(Manifest::parse(b"[]"), Err(LineError::NotObject { found: "an array" }));
    assert!(matches!(Manifest::parse(b""), Err(LineError::Syntax { .. })));
}

#[test]
fn json_written_over_several_lines_becomes_one() {
    let pretty = "{\r\n  \"a\": \"x\\ny\",\n  \"b\": 1\n}";
    let json = RawJson::parse(pretty).unwrap();
    assert_eq!(json.as_str(), "{    \"a\": \"x\\ny\",   \"b\": 1 }");
    assert_eq!(json.to_value().unwrap(), json!({"a": "x\ny", "b": 1}));
    // A bare line break inside a string would not be JSON, so none can be lost.
    assert!(RawJson::parse("\"x\ny\"").is_err());
}

#[test]
fn deep_nesting_is_carried_and_does_not_overflow_the_stack() {
    let deep = [vec![b'['; 1_000_000], vec![b']'; 1_000_000]].concat();
    let line = [b"{\"modelInput\":{\"a\":", &deep[..], b"}}"].concat();
    let line = InputLine::parse(&line).unwrap();
    assert_eq!(line.model_input.as_str().len(), deep.len() + 6);
    assert!(matches!(line.model_input.to_value(), Err(LineError::Syntax { .. })));
}

proptest! {
    #[test]
    fn reading_undoes_writing(
        record_id in prop::option::of(".{0,8}[^\\s].{0,8}"),
        model_input in any_object(),
        extra in prop::collection::btree_map("x.{0,4}", any_json(), 0..3),
    ) {
        let mut line = InputLine::new(record_id.clone(), RawJson::from(&model_input));
        line.extra = extra.iter().map(|(name, value)| (name.clone(), value.into())).collect();
        let text = written(&line);
        prop_assert_eq!(text.matches(['\n', '\r']).count(), 1);
        prop_assert_eq!(InputLine::parse(text.as_bytes()), Ok(line));

        // And it is the JSON that it should be, as a parser of trees sees it.
        let mut expected = json!({"modelInput": model_input});
        if let Some(record_id) = record_id {
            expected["recordId"] = record_id.into();
        }
        for (name, value) in extra {
            expected[name] = value;
        }
        prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    }

    #[test]
    fn no_line_panics(line in prop::collection::vec(any::<u8>(), 0..60)) {
        read_all(&line);
    }

    #[test]
    fn no_line_made_of_the_right_pieces_panics(pieces in prop::collection::vec(any_piece(), 0..12)) {
        read_all(pieces.concat().as_bytes());
    }
}

fn read_all(line: &[u8]) {
    let texts = [
        InputLine::parse(line).err().map(|error| error.to_string()),
        TaskLine::parse(line).err().map(|error| error.to_string()),
        OutputLine::parse(line).err().map(|error| error.to_string()),
        Manifest::parse(line).err().map(|error| error.to_string()),
    ];
    assert!(texts.iter().flatten().all(|text| !text.is_empty()));
}

fn any_piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\"recordId\"",
        "\"modelInput\"",
        "\"modelOutput\"",
        "\"error\"",
        "\"prompt\"",
        "null",
        "1e999",
        "\\ud800",
        " ",
        "\n",
        "\u{feff}",
    ])
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_object() -> impl Strategy<Value = Value> {
    prop::collection::btree_map(".{0,6}", any_json(), 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn parse(line: &str) -> Result<InputLine, LineError> {
    InputLine::parse(line.as_bytes())
}

fn raw(text: &str) -> RawJson {
    RawJson::parse(text).unwrap()
}

fn written(line: &InputLine) -> String {
    let mut out = Vec::new();
    line.write_to(&mut out);
    String::from_utf8(out).unwrap()
}
