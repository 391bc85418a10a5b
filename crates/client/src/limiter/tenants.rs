//! Who shares the quotas of a client, and how a call ranks among those who wait.

use std::num::NonZeroU32;

use quota::Priority;

/// The tenants of a client, by name. The first is everybody who names none.
#[derive(Clone, Debug)]
pub(crate) struct Tenants(Vec<(Option<String>, NonZeroU32)>);

/// Where a call stands in the queue: behind those of its tenant and its priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    /// The number of its tenant.
    pub(super) tenant: usize,
    pub(super) priority: Priority,
}

impl Tenants {
    /// Adds a tenant, or gives the one of this name another weight.
    pub(crate) fn set(&mut self, name: String, weight: NonZeroU32) {
        match self.0.iter_mut().find(|(other, _)| other.as_deref() == Some(&*name)) {
            Some((_, held)) => *held = weight,
            None => self.0.push((Some(name), weight)),
        }
    }

    /// The rank of a call of this tenant; `None` if there is no such tenant.
    pub(crate) fn rank(&self, name: Option<&str>, priority: Priority) -> Option<Rank> {
        let tenant = match name {
            None => 0,
            name => self.0.iter().position(|(other, _)| other.as_deref() == name)?,
        };
        Some(Rank { tenant, priority })
    }

    /// Whether nobody was named.
    pub(super) const fn is_one(&self) -> bool {
        self.0.len() == 1
    }

    /// Each with its weight, in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Option<&str>, NonZeroU32)> {
        self.0.iter().map(|(name, weight)| (name.as_deref(), *weight))
    }
}

impl Default for Tenants {
    fn default() -> Self {
        Self(vec![(None, NonZeroU32::MIN)])
    }
}
