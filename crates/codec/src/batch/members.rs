//! The members of one line, each of them still text.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::string::String;
use core::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::error::LineError;
use super::raw::{RawJson, sort};

/// The members of a line, which are read by taking them out. What is left at the end is the extra.
pub(super) struct Members<'a> {
    members: BTreeMap<String, &'a RawValue>,
    duplicate: Option<String>,
}

impl<'a> Members<'a> {
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, LineError> {
        let text =
            str::from_utf8(line).map_err(|error| LineError::NotUtf8 { at: error.valid_up_to() })?;
        // With its line break, a line that is cut off would be said to be wrong in the line after it.
        // Some editors begin a file with a byte order mark, which nobody sees.
        let text = text.trim_end().trim_start_matches('\u{feff}');
        if text.is_empty() {
            return Err(LineError::Blank);
        }
        let members: Self = serde_json::from_str(text).map_err(|error| {
            // The only type that is asked for is the object itself.
            if error.is_data() { LineError::NotObject { found: sort(text) } } else { error.into() }
        })?;
        match members.duplicate {
            Some(member) => Err(LineError::Duplicate { member }),
            None => Ok(members),
        }
    }

    /// Takes out a member, be it `null`.
    pub(super) fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        self.members.remove(name)
    }

    /// Takes out a member that is a text with something in it.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, LineError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let found = sort(value.get());
        if found != "a string" {
            return Err(LineError::Type { member: name, expected: "a string", found });
        }
        // It is known to be JSON, so this is all that can be wrong with it.
        let text: String = serde_json::from_str(value.get())
            .map_err(|_| LineError::HalfCharacter { member: name })?;
        if text.trim().is_empty() {
            return Err(LineError::BlankText { member: name });
        }
        Ok(Some(text))
    }

    /// Takes out a member that is an object.
    pub(super) fn object(&mut self, name: &'static str) -> Result<Option<RawJson>, LineError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        match sort(value.get()) {
            "an object" => Ok(Some(value.into())),
            found => Err(LineError::Type { member: name, expected: "an object", found }),
        }
    }

    /// Takes out a member if it can be read; one that cannot be understood stays where it is.
    pub(super) fn lenient<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = serde_json::from_str(self.members.get(name)?.get()).ok()?;
        let value = read(&value)?;
        self.members.remove(name);
        Some(value)
    }

    /// What was not taken.
    pub(super) fn rest(self) -> BTreeMap<String, RawJson> {
        self.members.into_iter().map(|(name, value)| (name, value.into())).collect()
    }

    /// What was not taken, unless one of it was meant to be one of the `known` members: a record id
    /// under the name `record_id` would be lost without a word.
    pub(super) fn rest_but_misspelt(
        self,
        known: &[&'static str],
    ) -> Result<BTreeMap<String, RawJson>, LineError> {
        for found in self.members.keys() {
            if let Some(meant) = known.iter().find(|known| letters(known).eq(letters(found))) {
                return Err(LineError::Misspelt { found: found.to_owned(), meant });
            }
        }
        Ok(self.rest())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Members { members: BTreeMap::new(), duplicate: None };
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    match all.members.entry(name) {
                        Entry::Vacant(free) => {
                            free.insert(value);
                        }
                        Entry::Occupied(taken) => all.duplicate = Some(taken.key().to_owned()),
                    }
                }
                Ok(all)
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// A name without what people write differently.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase())
}
