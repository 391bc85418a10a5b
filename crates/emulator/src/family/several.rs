//! Several answers to one call, where a family gives them.

use serde_json::{Map, Value};

/// Where a family is asked for several answers, and where it gives them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Several {
    /// The member of a body that says how many.
    pub(super) asked: &'static str,
    /// The list of a reply that holds them.
    pub(super) list: &'static str,
}

/// The answers that a call wants. The model says the same in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Copies {
    count: u64,
    list: &'static str,
}

impl Copies {
    /// One answer.
    pub(crate) const ONE: Self = Self { count: 1, list: "" };

    /// Reads how many a body wants. That it is not too many has been checked.
    pub(crate) fn read(several: Option<&Several>, body: &Map<String, Value>) -> Self {
        let Some(Several { asked, list }) = several else { return Self::ONE };
        let count = body.get(*asked).and_then(Value::as_u64).unwrap_or(1).max(1);
        Self { count, list }
    }

    pub(crate) const fn count(self) -> u64 {
        self.count
    }

    /// Repeats the one answer of a reply, each with a number or id of its own.
    pub(crate) fn repeat(self, reply: &mut Value) {
        let Some(list) = reply.get_mut(self.list).and_then(Value::as_array_mut) else { return };
        let Some(first) = list.first().cloned() else { return };
        for number in 1..self.count {
            let mut copy = first.clone();
            if let Some(index) = copy.get_mut("index") {
                *index = number.into();
            }
            if let Some(Value::String(id)) = copy.get_mut("id") {
                id.push_str(&format!("-{number}"));
            }
            list.push(copy);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_copy_has_its_own_number_or_id() {
        let several = Several { asked: "n", list: "choices" };
        let body = json!({ "n": 3 });
        let copies = Copies::read(Some(&several), body.as_object().unwrap());
        let mut reply = json!({ "choices": [{ "index": 0, "id": "a" }], "x": 1 });
        copies.repeat(&mut reply);
        let numbers = |key: &str| -> Vec<Value> {
            reply["choices"].as_array().unwrap().iter().map(|choice| choice[key].clone()).collect()
        };
        assert_eq!(numbers("index"), [0, 1, 2]);
        assert_eq!(numbers("id"), ["a", "a-1", "a-2"]);
        let mut other = json!({ "text": "x" });
        copies.repeat(&mut other);
        assert_eq!(other, json!({ "text": "x" }));
        assert_eq!(Copies::read(None, body.as_object().unwrap()), Copies::ONE);
    }
}
