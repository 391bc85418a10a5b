//! Limits within limits: what a tenant takes is taken from its model and its account as well.

use alloc::vec::Vec;

use crate::{Charge, Decision, Limit, Limits, Requests, Tick};

/// Limits that share limits: tenants of a model, models of a profile, profiles of an account.
///
/// Every [`Place`] has limits of its own and may lie within another place. A charge there is taken
/// from its limits and from all those around them, or from none.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU64;
/// use outcrop_quota::{Bucket, Charge, Decision, Ledger, Limits, Rate, Tick, Tokens, Tree};
///
/// let tokens = |n| {
///     let n = NonZeroU64::new(n).unwrap();
///     Limits::unlimited().with_tokens(Bucket::new(Rate::per_minute(n), n))
/// };
/// let mut tree = Tree::new();
/// let model = tree.root(tokens(100_000));
/// let alice = tree.within(model, tokens(80_000));
/// let bob = tree.within(model, tokens(80_000));
///
/// let mut ledger = Ledger::new(tree);
/// let most = Charge::request(Tokens::new(80_000));
/// assert!(ledger.reserve_in(Tick::ZERO, alice, most).is_admitted());
/// // Bob's own limit is untouched, but the model has 20,000 tokens left.
/// assert!(matches!(ledger.reserve_in(Tick::ZERO, bob, most), Decision::Wait { .. }));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: Vec<Node>,
}

/// A place in a [`Tree`].
///
/// It belongs to the tree that made it. In another tree it may be a different place or none; a
/// charge to no place is never admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(usize);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Node {
    limits: Limits,
    /// Always made before this one, so that every way up ends.
    outer: Option<Place>,
}

impl Tree {
    /// No places.
    pub const fn new() -> Self {
        Self { nodes: Vec::new() }
    }

    /// A place that lies within no other.
    pub fn root(&mut self, limits: Limits) -> Place {
        self.add(limits, None)
    }

    /// A place within `outer`.
    pub fn within(&mut self, outer: Place, limits: Limits) -> Place {
        self.add(limits, Some(outer))
    }

    fn add(&mut self, limits: Limits, outer: Option<Place>) -> Place {
        let place = Place(self.nodes.len());
        self.nodes.push(Node { limits, outer });
        place
    }

    /// The limits of this place alone.
    pub fn limits(&self, place: Place) -> Option<&Limits> {
        self.nodes.get(place.0).map(|node| &node.limits)
    }

    /// The same, to change them.
    pub fn limits_mut(&mut self, place: Place) -> Option<&mut Limits> {
        self.nodes.get_mut(place.0).map(|node| &mut node.limits)
    }

    /// The place and all those around it, from the inside out.
    pub fn way_up(&self, place: Place) -> impl Iterator<Item = Place> {
        let known = Some(place).filter(|place| place.0 < self.nodes.len());
        core::iter::successors(known, |place| {
            let outer = self.nodes.get(place.0)?.outer?;
            Some(outer).filter(|outer| outer.0 < place.0)
        })
    }

    fn each(&mut self, place: Place, mut change: impl FnMut(&mut Limits)) {
        let mut next = Some(place);
        while let Some(place) = next {
            let Some(node) = self.nodes.get_mut(place.0) else { break };
            change(&mut node.limits);
            next = node.outer.filter(|outer| outer.0 < place.0);
        }
    }
}

impl Limit for Tree {
    type Place = Place;

    fn check(&self, now: Tick, place: Place, charge: Charge) -> Decision<(), Charge> {
        self.way_up(place)
            .filter_map(|place| self.limits(place))
            .map(|limits| limits.check(now, charge))
            .reduce(Decision::join)
            .unwrap_or(Decision::Never { max: Charge::ZERO })
    }

    fn charge(&mut self, now: Tick, place: Place, charge: Charge) {
        self.each(place, |limits| limits.charge(now, charge));
    }

    fn give_back(&mut self, now: Tick, place: Place, _taken: Tick, charge: Charge) -> Charge {
        let mut clipped = Charge::ZERO;
        self.each(place, |limits| clipped = clipped.max(limits.give_back(now, charge)));
        clipped
    }

    fn enter(&mut self, place: Place, requests: Requests) {
        self.each(place, |limits| limits.enter(requests));
    }

    fn leave(&mut self, place: Place, requests: Requests) {
        self.each(place, |limits| limits.leave(requests));
    }
}
