//! Which of an account's quotas are a model's.

use codec::ModelRef;
use transport::ServiceQuota;

use super::name::{Scope, Subject, Unit, Words};
use super::{AppliedQuota, AppliedQuotas, Finding};

/// Looks through what applies to the account, and then through the defaults.
pub(super) fn find(
    model: &ModelRef,
    applied: &[ServiceQuota],
    defaults: &[ServiceQuota],
) -> AppliedQuotas {
    let wanted = |unit| Wanted { model, unit, scope: Scope::of(model) };
    let look = |unit| match wanted(unit).among(applied, false) {
        Finding::Absent => wanted(unit).among(defaults, true),
        found => found,
    };
    AppliedQuotas {
        scope: Scope::of(model),
        requests_per_minute: look(Unit::RequestsPerMinute),
        tokens_per_minute: look(Unit::TokensPerMinute),
        tokens_per_day: look(Unit::TokensPerDay),
    }
}

/// One limit of one model.
struct Wanted<'a> {
    model: &'a ModelRef,
    unit: Unit,
    scope: Scope,
}

impl Wanted<'_> {
    fn among(&self, quotas: &[ServiceQuota], is_default: bool) -> Finding {
        let known = self.unit.known_code(self.model);
        let by_code = quotas.iter().find(|quota| Some(quota.code.as_str()) == known);
        if let Some(quota) = by_code {
            let subject = Subject::parse(&quota.name);
            let factor = subject.and_then(|subject| subject.covers(self.scope)).unwrap_or(1);
            return Finding::Found(describe(quota, factor, true, is_default));
        }
        let Some(words) = Words::of(self.model) else { return Finding::Absent };
        let mut longest = 0;
        let mut fitting: Vec<AppliedQuota> = Vec::new();
        for quota in quotas {
            let Some(subject) = Subject::parse(&quota.name) else { continue };
            let Some(factor) = subject.covers(self.scope) else { continue };
            let Some(agreeing) = words.agree(subject.model) else { continue };
            if subject.unit != self.unit || agreeing < longest {
                continue;
            }
            if agreeing > longest {
                fitting.clear();
            }
            longest = agreeing;
            fitting.push(describe(quota, factor, false, is_default));
        }
        match fitting.len() {
            0 => Finding::Absent,
            1 => fitting.pop().map_or(Finding::Absent, Finding::Found),
            _ => Finding::Ambiguous(fitting),
        }
    }
}

fn describe(
    quota: &ServiceQuota,
    factor: u64,
    is_known_code: bool,
    is_default: bool,
) -> AppliedQuota {
    AppliedQuota {
        code: quota.code.clone(),
        name: quota.name.clone(),
        // Negative values and such are no quotas; the conversion takes them for 0.
        value: (quota.value as u64).saturating_mul(factor),
        is_adjustable: quota.is_adjustable,
        is_known_code,
        is_default,
    }
}

#[cfg(test)]
mod tests;
