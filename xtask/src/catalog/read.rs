//! The catalogue as people write it, and what must hold of it.

use std::collections::{BTreeMap, BTreeSet};

use codec::ModelRef;
use codec::catalog::Date;
use serde::Deserialize;
use toml::value::Datetime;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Catalog {
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) family: BTreeMap<String, Family>,
    #[serde(default)]
    pub(super) burndown: Vec<Burndown>,
    pub(super) model: Vec<Model>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) title: String,
    pub(super) date: Day,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    pub(super) name: String,
    modalities: Option<Modalities>,
    abilities: Option<Abilities>,
    batch: Option<Batch>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Burndown {
    pub(super) provider: String,
    pub(super) model: String,
    pub(super) rate: u64,
    pub(super) source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Model {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) family: Option<String>,
    limits: Option<Limits>,
    modalities: Option<Modalities>,
    abilities: Option<Abilities>,
    batch: Option<Batch>,
    profiles: Option<Profiles>,
    life: Option<Life>,
    prices: Option<Prices>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) context_window: Option<u32>,
    pub(super) max_output: Option<u32>,
    pub(super) source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Modalities {
    pub(super) input: Vec<Modality>,
    pub(super) output: Vec<Modality>,
    pub(super) source: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Modality {
    Text,
    Image,
    Document,
    Video,
    Audio,
    Embedding,
    Score,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Abilities {
    pub(super) tools: Option<bool>,
    pub(super) streaming: Option<bool>,
    pub(super) system_prompt: Option<bool>,
    pub(super) prompt_caching: Option<bool>,
    pub(super) sampling: Option<Sampling>,
    pub(super) source: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Sampling {
    Both,
    One,
    None,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Batch {
    pub(super) supported: bool,
    pub(super) min_records: Option<u32>,
    pub(super) max_records: Option<u32>,
    pub(super) source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profiles {
    #[serde(default)]
    pub(super) geos: Vec<String>,
    pub(super) on_demand: Option<bool>,
    pub(super) source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Life {
    pub(super) legacy: Option<Day>,
    pub(super) end_of_life: Option<Day>,
    pub(super) source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prices {
    pub(super) input: f64,
    pub(super) output: f64,
    pub(super) cache_read: Option<f64>,
    pub(super) cache_write: Option<f64>,
    pub(super) batch_input: Option<f64>,
    pub(super) batch_output: Option<f64>,
    pub(super) source: String,
}

/// A day without a time.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Deserialize)]
#[serde(try_from = "Datetime")]
pub(super) struct Day {
    pub(super) year: u16,
    pub(super) month: u8,
    pub(super) day: u8,
}

impl TryFrom<Datetime> for Day {
    type Error = &'static str;

    fn try_from(written: Datetime) -> Result<Self, &'static str> {
        let date =
            written.date.filter(|_| written.time.is_none()).ok_or("a day, without a time")?;
        match Date::new(date.year, date.month, date.day) {
            Some(_) => Ok(Self { year: date.year, month: date.month, day: date.day }),
            None => Err("there is no such day"),
        }
    }
}

/// The groups of facts of a model or family, with what the family says where the model is silent.
#[derive(Debug, Default)]
pub(super) struct Groups {
    pub(super) limits: Option<Limits>,
    pub(super) modalities: Option<Modalities>,
    pub(super) abilities: Option<Abilities>,
    pub(super) batch: Option<Batch>,
    pub(super) profiles: Option<Profiles>,
    pub(super) life: Option<Life>,
    pub(super) prices: Option<Prices>,
}

impl Groups {
    /// Each topic that has facts, with the source of them.
    pub(super) fn sources(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("Limits", self.limits.as_ref().map(|group| &group.source)),
            ("Modalities", self.modalities.as_ref().map(|group| &group.source)),
            ("Abilities", self.abilities.as_ref().map(|group| &group.source)),
            ("Batch", self.batch.as_ref().map(|group| &group.source)),
            ("Profiles", self.profiles.as_ref().map(|group| &group.source)),
            ("Life", self.life.as_ref().map(|group| &group.source)),
            ("Prices", self.prices.as_ref().map(|group| &group.source)),
        ];
        all.into_iter().filter_map(|(topic, source)| Some((topic, source?.as_str()))).collect()
    }
}

impl Family {
    pub(super) fn groups(&self) -> Groups {
        Groups {
            modalities: self.modalities.clone(),
            abilities: self.abilities.clone(),
            batch: self.batch.clone(),
            ..Groups::default()
        }
    }
}

impl Model {
    pub(super) fn provider(&self) -> &str {
        self.id.split('.').next().unwrap_or_default()
    }

    pub(super) fn groups(&self, catalog: &Catalog) -> Groups {
        let family = self.family.as_ref().and_then(|name| catalog.family.get(name));
        let family = family.map(Family::groups).unwrap_or_default();
        Groups {
            limits: self.limits.clone(),
            modalities: self.modalities.clone().or(family.modalities),
            abilities: self.abilities.clone().or(family.abilities),
            batch: self.batch.clone().or(family.batch),
            profiles: self.profiles.clone(),
            life: self.life.clone(),
            prices: self.prices.clone(),
        }
    }
}

impl Catalog {
    /// Reads the file; what is wrong with it is said for the person who edits it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let catalog: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        catalog.check()?;
        Ok(catalog)
    }

    fn check(&self) -> Result<(), String> {
        let mut ids = BTreeSet::new();
        for model in &self.model {
            let id = &model.id;
            if !ids.insert(id) {
                return Err(format!("{id} is there twice"));
            }
            let known = ModelRef::parse(id).map_err(|error| format!("{id}: {error}"))?;
            if known.geo().is_some() || known.provider() != Some(model.provider()) {
                return Err(format!("{id} is not a bare id: PROVIDER.MODEL"));
            }
            if let Some(family) = &model.family
                && !self.family.contains_key(family)
            {
                return Err(format!("{id}: there is no [family.{family}]"));
            }
            if let Some(read) = known.family()
                && model.family.as_deref() != Some(read.name())
            {
                return Err(format!("{id}: the codec reads it as {}", read.name()));
            }
            if let Some(Life { legacy: Some(legacy), end_of_life: Some(end), .. }) = model.life
                && end < legacy
            {
                return Err(format!("{id}: its life ends before it is legacy"));
            }
            self.check_sources(id, &model.groups(self))?;
        }
        for (name, family) in &self.family {
            self.check_sources(name, &family.groups())?;
        }
        for row in &self.burndown {
            let name = format!("burndown of {}.{}", row.provider, row.model);
            if row.rate == 0 {
                return Err(format!("{name}: the rate is 0"));
            }
            self.check_source(&name, &row.source)?;
        }
        let unlisted =
            codec::FAMILIES.iter().find(|family| !self.family.contains_key(family.name()));
        match unlisted {
            Some(family) => Err(format!("there is no [family.{}]", family.name())),
            None => Ok(()),
        }
    }

    fn check_sources(&self, of: &str, groups: &Groups) -> Result<(), String> {
        groups.sources().iter().try_for_each(|(_, source)| self.check_source(of, source))
    }

    fn check_source(&self, of: &str, source: &str) -> Result<(), String> {
        match self.sources.contains_key(source) {
            true => Ok(()),
            false => Err(format!("{of}: there is no [sources.{source}]")),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A catalogue of one model, and of every family that the codec has.
    pub(in crate::catalog) const SMALL: &str = include_str!("small.toml");

    fn refused(from: &str, to: &str) -> String {
        assert!(SMALL.contains(from), "{from}");
        Catalog::read(&SMALL.replacen(from, to, 1)).err().unwrap()
    }

    #[test]
    fn the_small_catalogue_is_read() {
        assert_eq!(Catalog::read(SMALL).unwrap().model.len(), 1);
    }

    #[test]
    fn mistakes_are_found_and_said() {
        let twice = format!(
            "{SMALL}\n[[model]]\nid = \"amazon.nova-lite-v1:0\"\nname = \"x\"\nfamily = \"nova\"\n"
        );
        assert!(Catalog::read(&twice).err().unwrap().contains("twice"));
        for (from, to, said) in [
            ("source = \"prices\"", "source = \"hearsay\"", "[sources.hearsay]"),
            (", source = \"prices\"", "", "missing field `source`"),
            ("family = \"nova\"", "family = \"supernova\"", "[family.supernova]"),
            ("family = \"nova\"", "family = \"titan\"", "the codec reads it as nova"),
            ("[family.nova]", "[family.supernova]", "[family.nova]"),
            ("2026-11-12", "2026-02-30", "2026-02-30"),
            ("2026-11-12", "2026-11-12T10:00:00", "without a time"),
            ("legacy = 2026-09-01", "legacy = 2028-09-01", "before it is legacy"),
            ("id = \"amazon", "id = \"us.amazon", "not a bare id"),
            ("max_output", "max_ouput", "max_ouput"),
            ("rate = 5", "rate = 0", "the rate is 0"),
            ("source = \"rates\"", "source = \"hearsay\"", "[sources.hearsay]"),
        ] {
            let told = refused(from, to);
            assert!(told.contains(said), "{from} -> {to}: {told}");
        }
    }
}
