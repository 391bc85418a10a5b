//! Reading and writing JSON objects: every error has a path, and what is not read stays at hand.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::Map;
use crate::error::DecodeError;

/// A JSON object that is read by taking members out of it. What is left at the end is the `extra`.
///
/// A member that is `null` counts as absent, as the service uses it.
pub(crate) struct Object(Map);

impl Object {
    pub(crate) fn new(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Object(members) => Ok(Self(members)),
            other => Err(DecodeError::shape("an object", &other)),
        }
    }

    /// Whether the member can be read as a [`count`].
    pub(crate) fn has_count(&self, key: &str) -> bool {
        self.0.get(key).and_then(count).is_some()
    }

    /// The member, if it is a string.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }

    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key).filter(|value| !value.is_null())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Leaves a member out of the rest: what it says is known already.
    pub(crate) fn skip(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// Leaves a member out of the rest if it is `null`.
    pub(crate) fn skip_null(&mut self, key: &str) {
        if self.0.get(key).is_some_and(Value::is_null) {
            self.0.remove(key);
        }
    }

    /// Takes a member and reads it, with the key added to the path of any error.
    pub(crate) fn read<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(Value) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        self.take(key).map(read).transpose().map_err(|error| error.at(key))
    }

    /// Reads each element of an array, which is empty where the member is absent.
    pub(crate) fn each<T>(
        &mut self,
        key: &str,
        read: impl FnMut(Value) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        Ok(self.read(key, |value| elements(value, read))?.unwrap_or_default())
    }

    /// Takes an array that has elements. An empty one stays where it is, so that it is written where
    /// one came.
    pub(crate) fn filled(&mut self, key: &str) -> Result<Vec<Value>, DecodeError> {
        if self.0.get(key).and_then(Value::as_array).is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        self.each(key, Ok)
    }

    pub(crate) fn string(&mut self, key: &str) -> Result<Option<String>, DecodeError> {
        self.read(key, string)
    }

    pub(crate) fn object(&mut self, key: &str) -> Result<Option<Self>, DecodeError> {
        self.read(key, Self::new)
    }

    /// A count, see [`count`].
    pub(crate) fn count(&mut self, key: &str) -> Result<Option<u64>, DecodeError> {
        self.read(key, |value| {
            count(&value).ok_or_else(|| DecodeError::shape("a whole number from 0", &value))
        })
    }

    /// A count; one that cannot be understood stays where it is.
    pub(crate) fn lenient_count(&mut self, key: &str) -> Option<u64> {
        self.lenient(key, count)
    }

    /// Takes a member out if it can be read; one that cannot be understood stays where it is.
    pub(crate) fn lenient<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.0.get(key)?)?;
        self.0.remove(key);
        Some(value)
    }

    /// A count up to `u32::MAX`.
    pub(crate) fn limit(&mut self, key: &str) -> Result<Option<u32>, DecodeError> {
        self.read(key, |value| {
            let count = count(&value).and_then(|count| u32::try_from(count).ok());
            count.ok_or_else(|| DecodeError::shape("a whole number from 0 to 4294967295", &value))
        })
    }

    pub(crate) fn number(&mut self, key: &str) -> Result<Option<f64>, DecodeError> {
        self.read(key, |value| number(&value).ok_or_else(|| DecodeError::shape("a number", &value)))
    }

    /// The members of these names as far as they are empty. The vocabulary cannot tell an empty
    /// member from one that is absent, so they are kept beside it.
    pub(crate) fn husks(&self, keys: &[&str]) -> Map {
        let husk = |key: &&str| Some(((*key).to_owned(), husk(self.0.get(*key)?)?));
        keys.iter().filter_map(husk).collect()
    }

    /// Puts a member back, so that it ends up among the rest.
    pub(crate) fn put(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_owned(), value);
    }

    /// What has not been taken.
    pub(crate) fn rest(self) -> Map {
        self.0
    }
}

impl From<Map> for Object {
    fn from(members: Map) -> Self {
        Self(members)
    }
}

/// Reads JSON of any form. Checked as a whole, the text need not be checked string by string.
pub(crate) fn parse(bytes: &[u8]) -> serde_json::Result<Value> {
    match str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        // This says where the bytes stop being text.
        Err(_) => serde_json::from_slice(bytes),
    }
}

/// Reads bytes of a form that is known beforehand; `None` if they have another one.
pub(crate) fn exactly<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    serde_json::from_str(str::from_utf8(bytes).ok()?).ok()
}

/// For a member that may be absent and is never `null`.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// The value, or an error that says which required member is missing.
pub(crate) fn need<T>(value: Option<T>, key: &str) -> Result<T, DecodeError> {
    value.ok_or_else(|| DecodeError::missing(key))
}

pub(crate) fn string(value: Value) -> Result<String, DecodeError> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(DecodeError::shape("a string", &other)),
    }
}

pub(crate) fn elements<T>(
    value: Value,
    mut read: impl FnMut(Value) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let Value::Array(elements) = value else {
        return Err(DecodeError::shape("an array", &value));
    };
    let numbered = elements.into_iter().enumerate();
    numbered.map(|(index, value)| read(value).map_err(|error| error.at_index(index))).collect()
}

/// A count as servers write it: `28`, `28.0` (Titan behind a guardrail) or `"28"` (some mocks).
pub(crate) fn count(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole(text.parse().ok()?))
        }
        _ => None,
    }
}

/// What is empty of a value, which `null` is too: the whole, or those members that are; `None` where
/// nothing is.
pub(crate) fn husk(value: &Value) -> Option<Value> {
    match value {
        Value::Null => Some(Value::Null),
        Value::Array(elements) if elements.is_empty() => Some(value.clone()),
        Value::Object(members) if members.is_empty() => Some(value.clone()),
        Value::Object(members) => {
            let husks = members.iter().filter_map(|(key, value)| Some((key.clone(), husk(value)?)));
            Some(husks.collect::<Map>()).filter(|husks| !husks.is_empty()).map(Value::Object)
        }
        _ => None,
    }
}

/// The members of an object that are `null`, at any depth outside of arrays.
pub(crate) fn nulls(value: &Value) -> Map {
    let null = |(key, value): (&String, &Value)| match value {
        Value::Null => Some((key.clone(), Value::Null)),
        Value::Object(_) => {
            let inner = nulls(value);
            (!inner.is_empty()).then(|| (key.clone(), inner.into()))
        }
        _ => None,
    };
    value.as_object().map(|members| members.iter().filter_map(null).collect()).unwrap_or_default()
}

/// Adds the members that are not there, object by object.
pub(crate) fn fill(into: &mut Map, from: Map) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => fill(old, new),
            (Some(_), _) => {}
            (None, new) => {
                into.insert(key, new);
            }
        }
    }
}

/// Whether there is nothing in a value but `null` and empty arrays and objects.
pub(crate) fn is_hollow(value: &Value) -> bool {
    husk(value).is_some_and(|husk| husk == *value)
}

/// Merges objects member by member; any other value is replaced by the later one.
pub(crate) fn merge(into: &mut Map, from: Map) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            (Some(old), new) => *old = new,
            (None, new) => {
                into.insert(key, new);
            }
        }
    }
}

/// An object with one member.
pub(crate) fn single(key: &str, value: impl Into<Value>) -> Map {
    let mut map = Map::new();
    map.insert(key.to_owned(), value.into());
    map
}

/// Writes members one after the other, leaving out what is absent.
pub(crate) trait Members {
    fn set(&mut self, key: &str, value: impl Into<Value>);

    fn set_some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }
}

impl Members for Map {
    fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.insert(key.to_owned(), value.into());
    }
}

/// A number, or a text that is one.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// The integer that a float stands for, up to 2⁵³, beyond which floats skip integers.
fn whole(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let count = number as u64;
    ((0.0..=EXACT).contains(&number) && count as f64 == number).then_some(count)
}

/// Serialises a type by its `to_json`, and reads it by its `from_json`.
macro_rules! serde_by_json {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.to_json().serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                Self::from_json(value).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use serde_by_json;

/// The value, and each that differs from it in one place: a member more or less, or another value.
#[cfg(test)]
pub(crate) fn neighbours(value: &Value) -> Vec<Value> {
    use serde_json::json;
    let mut all = alloc::vec![value.clone(), Value::Null, json!(1.0), json!(7), json!("x")];
    if let Value::Object(members) = value {
        for (key, inner) in members {
            let replaced = neighbours(inner).into_iter().map(|inner| {
                let mut members = members.clone();
                members.set(key, inner);
                Value::Object(members)
            });
            all.extend(replaced);
            let mut without = members.clone();
            without.remove(key);
            all.push(without.into());
        }
        for key in ["type", "text", "thinking", "partial_json", "index", "toolUse", "other"] {
            for extra in [Value::Null, json!("x"), json!({"input": "x"})] {
                let mut members = members.clone();
                members.entry(key).or_insert(extra);
                all.push(members.into());
            }
        }
    }
    all
}
