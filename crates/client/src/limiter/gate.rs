//! The two locks on the way of a call: the quotas of its model, and those of the account around it.

use std::sync::Arc;

use quota::{Admitted, Charge, Decision, Reservation};
use transport::rt::Moment;

use super::account::{Member, moment};
use super::{Limiter, State, lock, release};

/// What a call holds of its model's quotas, and of the account's if there are any.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) admitted: Admitted,
    pub(super) of_account: Option<Box<Reservation>>,
}

impl State {
    /// Takes `charge` from the quotas of the model and of the account, or from neither.
    pub(super) fn reserve(&mut self, now: Moment, charge: Charge) -> Decision<Granted, Charge> {
        let tick = self.dial.tick(now);
        let Some(member) = &self.member else {
            let grant = |admitted| Granted { admitted, of_account: None };
            return self.admission.reserve(tick, charge).map(grant);
        };
        let model = || self.admission.reserve(tick, charge);
        match member.reserve(now, charge, model) {
            Decision::Admit((reservation, admitted)) => {
                Decision::Admit(Granted { admitted, of_account: Some(Box::new(reservation)) })
            }
            Decision::Wait { .. } | Decision::Never { .. } => match self.check(now, charge) {
                // Another model has given something back meanwhile.
                Decision::Admit(()) => Decision::Wait { until: tick },
                Decision::Wait { until } => Decision::Wait { until },
                Decision::Never { max } => Decision::Never { max },
            },
        }
    }

    /// What [`reserve`](Self::reserve) would say. While the model has no room, the account is not
    /// asked, but for what it never admits.
    pub(super) fn check(&mut self, now: Moment, charge: Charge) -> Decision<(), Charge> {
        let own = self.admission.check(self.dial.tick(now), charge);
        let Some(member) = &self.member else { return own };
        match (own, member.check(now, charge)) {
            (Decision::Admit(()), Decision::Wait { until }) => {
                Decision::Wait { until: self.dial.tick(moment(until)) }
            }
            (Decision::Admit(()), answer) => answer,
            (own, never @ Decision::Never { .. }) => own.join(never),
            (own, _) => own,
        }
    }

    /// When a call of `own` can go at the earliest, if those `ahead` of it go first.
    pub(super) fn earliest(&self, now: Moment, ahead: Charge, own: Charge) -> Moment {
        let model = self.admission.earliest(self.dial.tick(now), ahead, own);
        let account = |member: &Member| member.earliest(now, ahead.saturating_add(own));
        self.dial.moment(model).max(self.member.as_ref().map_or(now, account))
    }

    /// Whether calls in flight may give something back.
    pub(super) fn is_anything_held(&self) -> bool {
        self.admission.outstanding() > 0
            || self.member.as_ref().is_some_and(|member| member.outstanding() > 0)
    }

    /// What the first of those who wait is told. If only the account is in its way, the model stands
    /// in the account's line from now on; if its own quotas are, or nobody waits, it does not.
    pub(super) fn line_up(&mut self, now: Moment) -> Option<Decision<(), Charge>> {
        let charge = self.queue.first();
        let own = charge.map(|charge| self.admission.check(self.dial.tick(now), charge));
        let Some(member) = &self.member else { return own };
        match (charge, own) {
            (Some(charge), Some(Decision::Admit(()))) => {
                let answer = member.line_up(now, charge);
                Some(match answer {
                    Decision::Wait { until } => {
                        Decision::Wait { until: self.dial.tick(moment(until)) }
                    }
                    answer => answer,
                })
            }
            (_, own) => {
                member.step_out();
                own
            }
        }
    }

    /// The model that the account's line is waiting for, if that is another one.
    #[must_use]
    pub(super) fn next_in_line(&self) -> Option<Arc<Limiter>> {
        self.member.as_ref()?.next()
    }
}

impl Limiter {
    /// Wakes the first of those who wait, if there is something for it to do; should this model have
    /// no more business in the account's line, the next one is looked after.
    pub(super) fn look_after(&self, now: Moment) {
        let mut state = lock(&self.state);
        let next = state.first_if_due(now);
        release(state, now, next);
    }
}
