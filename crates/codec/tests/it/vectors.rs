//! The golden vectors under `testdata`: one JSON file a case, named for what it proves.
//!
//! Every case has `model`, and `family` where the address hides it. Beside that:
//!
//! | name begins with | holds |
//! |---|---|
//! | `request` | `request` (Converse) and `prompt`, and the `body` that they are written as and read from |
//! | `refused` | a `request` that cannot be written, and the `error` |
//! | `reply` | a `body`, `headers`, and the `reply` (Converse), with the `raw` stop reason and the `source` of usage |
//! | `bad-reply` | a `body` that cannot be read, and the `error` |
//! | `stream` | `chunks` (for Converse: events), all `events`, and the `reply`, or `why` there is only a `partial` one |

use std::fs;
use std::path::Path;

use outcrop_codec::{Api, ModelRef};
use serde_json::Value;

use crate::wire;

/// One golden vector.
#[derive(Clone)]
pub(crate) struct Case {
    /// Its path below `testdata`.
    pub(crate) name: String,
    pub(crate) api: Api,
    pub(crate) model: ModelRef,
    pub(crate) json: Value,
}

impl Case {
    /// A member, or null.
    pub(crate) fn get(&self, key: &str) -> &Value {
        &self.json[key]
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        !self.json[key].is_null()
    }

    /// The folder it lies in, which is the name of its family.
    pub(crate) fn folder(&self) -> &str {
        self.name.split('/').next().unwrap()
    }

    /// The headers of its response.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let headers = self.get("headers").as_object().into_iter().flatten();
        headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
    }

    /// The frames of a stream.
    pub(crate) fn frames(&self) -> Vec<Vec<u8>> {
        let chunks = self.get("chunks").as_array().unwrap();
        match self.api {
            Api::Invoke => chunks.iter().map(wire::chunk).collect(),
            Api::Converse => chunks.iter().map(wire::tagged).collect(),
        }
    }
}

/// All vectors whose file name begins so. There are some in every folder that is named.
pub(crate) fn cases(prefix: &str, folders: &[&str]) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut cases = Vec::new();
    for folder in folders {
        let before = cases.len();
        let mut files: Vec<_> =
            fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let stem = file.file_stem().unwrap().to_str().unwrap();
            if stem.starts_with(prefix) {
                cases.push(read(&file, format!("{folder}/{stem}")));
            }
        }
        assert!(cases.len() > before, "no {prefix} in testdata/{folder}");
    }
    cases
}

fn read(file: &Path, name: String) -> Case {
    let json: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert!(json["about"].is_string(), "{name} says what it is about");
    let mut model = ModelRef::parse(json["model"].as_str().unwrap()).unwrap();
    if let Some(family) = json["family"].as_str() {
        model = model.with_family(family).unwrap();
    }
    let api = if name.starts_with("converse/") { Api::Converse } else { Api::Invoke };
    Case { name, api, model, json }
}

pub(crate) const FOLDERS: &[&str] = &[
    "anthropic",
    "command",
    "command-r",
    "converse",
    "deepseek",
    "gemma",
    "glm",
    "jamba",
    "jurassic",
    "kimi",
    "llama",
    "minimax",
    "mistral",
    "nemotron",
    "nova",
    "openai",
    "qwen",
    "titan",
    "writer",
];
