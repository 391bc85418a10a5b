//! The file format of scenarios.

use std::sync::Arc;

use serde::Deserialize;

use super::named;
use super::rule::Rule;

/// Faults that an emulator commits on purpose: which requests go wrong, and how.
///
/// ```
/// use outcrop_emulator::Scenario;
///
/// let scenario = Scenario::from_toml(
///     r#"
///     seed = 7
///
///     [[fault]]
///     model = "us.amazon.nova-*"
///     operation = "ConverseStream"
///     when = { nth = 2 }
///     effect = { throttle = { cause = "tokens", after_frames = 3 } }
///     "#,
/// )?;
/// # let _ = scenario;
/// # Ok::<(), outcrop_emulator::ScenarioError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Scenario {
    seed: u64,
    rules: Arc<[Rule]>,
}

/// Why a scenario could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// The text is not TOML, or does not say what a scenario can say.
    #[error("cannot read the scenario: {0}")]
    Toml(String),
    /// No scenario that ships has this name.
    #[error("there is no scenario {0:?}; there are {names}", names = Scenario::NAMES.join(", "))]
    Name(String),
}

impl Scenario {
    /// The scenarios that ship, by their names.
    pub const NAMES: &[&str] = named::NAMES;

    /// The scenario of this name.
    ///
    /// # Errors
    /// [`ScenarioError::Name`] if there is none, with the names that there are.
    pub fn named(name: &str) -> Result<Self, ScenarioError> {
        let text = named::find(name).ok_or_else(|| ScenarioError::Name(name.into()))?;
        Self::from_toml(text)
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// [`ScenarioError::Toml`] says what is wrong, in which line and column, and what may stand
    /// there.
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        let file: File =
            toml::from_str(text).map_err(|error| ScenarioError::Toml(error.to_string()))?;
        let File { about: _, seed, fault } = file;
        Ok(Self { seed, rules: fault.into() })
    }

    pub(super) const fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

/// The members of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What the scenario shows, for people.
    #[serde(default)]
    #[expect(dead_code, reason = "it is for those who read the file")]
    about: String,
    /// What chance is drawn from.
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    fault: Vec<Rule>,
}
