//! The file format: what it takes, and how it refuses the rest.

use outcrop_emulator::{Scenario, ScenarioError};
use proptest::prelude::*;

const GUIDE: &str = include_str!("../../../../../docs/src/scenarios.md");

fn refusal(text: &str) -> String {
    match Scenario::from_toml(text) {
        Err(ScenarioError::Toml(message)) => message,
        other => panic!("{text} gives {other:?}"),
    }
}

#[test]
fn every_form_of_the_guide_is_taken() {
    for when in ["nth = 1", "every = 2", "first = 3", "between = [2, 2]", "probability = 0.5"] {
        let text = format!("[[fault]]\nwhen = {{ {when} }}\neffect = {{ delay = {{ ms = 0 }} }}");
        assert!(Scenario::from_toml(&text).is_ok(), "{text}");
    }
    let rows = GUIDE.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let effects: Vec<&str> =
        rows.map(|(code, _)| code).filter(|code| code.contains(" = ")).collect();
    for effect in &effects {
        let text = format!("[[fault]]\nname = 'n'\noperation = '*'\neffect = {{ {effect} }}");
        let read = Scenario::from_toml(&text);
        assert!(read.is_ok(), "{text}: {read:?}");
    }
    let all = refusal("[[fault]]\neffect = { explode = 1 }");
    let all = all.split_once("expected one of ").unwrap().1;
    for name in all.split('`').filter(|name| name.trim().len() > 1) {
        let is_shown = effects.iter().any(|effect| effect.starts_with(name));
        assert!(is_shown, "the guide has no row for {name}");
    }
    for block in GUIDE.split("```toml\n").skip(1) {
        let read = Scenario::from_toml(block.split("```").next().unwrap());
        assert!(read.is_ok(), "{block}: {read:?}");
    }
    for name in Scenario::NAMES {
        assert!(GUIDE.contains(&format!("\n| `{name}` |")), "the guide has no row for {name}");
    }
    assert!(Scenario::from_toml("").is_ok());
}

#[test]
fn what_is_not_known_is_refused_with_its_place_and_what_may_stand_there() {
    for (text, place, said) in [
        ("sed = 1", "line 1, column 1", &["`sed`", "`about`", "`seed`", "`fault`"][..]),
        (
            "[[fault]]\nmodle = '*'\neffect = { delay = { ms = 1 } }",
            "line 2, column 1",
            &["`modle`", "`model`", "`operation`", "`when`"],
        ),
        (
            "[[fault]]\neffect = { explode = 1 }",
            "line 2, column 12",
            &["`explode`", "`throttle`", "`cut_tool_input`"],
        ),
        (
            "[[fault]]\neffect = { delay = { seconds = 1 } }",
            "line 2, column 22",
            &["`seconds`", "`ms`"],
        ),
        (
            "[[fault]]\neffect = { throttle = { cause = 'spite' } }",
            "line 2, column 33",
            &["`spite`", "`requests`", "`unavailable`"],
        ),
        (
            "[[fault]]\neffect = { exception = { name = 'OopsException' } }",
            "line 2, column 33",
            &["`OopsException`", "ModelTimeoutException", "ThrottlingException"],
        ),
        (
            "[[fault]]\nwhen = { nth = 0 }\neffect = { delay = { ms = 1 } }",
            "line 2, column 16",
            &["nonzero"],
        ),
        (
            "[[fault]]\nwhen = { often = 1 }\neffect = { delay = { ms = 1 } }",
            "line 2, column 10",
            &["`often`", "`nth`", "`probability`"],
        ),
        (
            "[[fault]]\nwhen = { probability = 1.5 }\neffect = { delay = { ms = 1 } }",
            "line 2, column 8",
            &["1.5 is not from 0 to 1"],
        ),
        (
            "[[fault]]\nwhen = { between = [3, 2] }\neffect = { delay = { ms = 1 } }",
            "line 2, column 8",
            &["the first call, 3, comes after the last, 2"],
        ),
        ("[[fault]]\nmodel = '*'", "line 1, column 1", &["`effect`"]),
        ("[[fault]\n", "line 1", &[]),
    ] {
        let message = refusal(text);
        assert!(message.contains(place), "{message}");
        for word in said {
            assert!(message.contains(word), "{message} has no {word}");
        }
    }
    // One call or another, one effect or another: never two at once.
    refusal("[[fault]]\nwhen = { nth = 1, every = 2 }\neffect = { delay = { ms = 1 } }");
    refusal("[[fault]]\neffect = { delay = { ms = 1 }, cut = { after_frames = 1 } }");
}

proptest! {
    #[test]
    fn no_text_causes_a_panic(text in "(\\[\\[fault\\]\\]\n|effect = |when = |\\{|\\}|delay|cut|=|nth|1|'a'|\\[|\\]|\n|.){0,30}") {
        let _either = Scenario::from_toml(&text);
    }
}
