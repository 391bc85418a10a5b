//! Laws of limits within limits.

use outcrop_quota::{Charge, Decision, Ledger, Limit, Limits, Place, Span, Tick, Tokens, Tree};
use proptest::prelude::*;

use super::cases;
use crate::strategies::{self, Fraction, admissible, asked, charge_of, fill, part, used_limits};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn place_admits_when_all_around_it_do(
        (tree, places, now) in tree(),
        which: usize,
        fractions: [Fraction; 4],
    ) {
        let (place, around) = pick(&places, which);
        let charge = charge_of(tree.limits(place).unwrap(), fractions);
        let joined = around
            .iter()
            .map(|place| tree.limits(*place).unwrap().check(now, charge))
            .fold(Decision::Admit(()), Decision::join);
        prop_assert_eq!(tree.check(now, place, charge), joined);
        prop_assert_eq!(tree.way_up(place).collect::<Vec<_>>(), around);
    }

    #[test]
    fn refused_charge_changes_no_place(
        (tree, places, now) in tree(),
        which: usize,
        fractions: [Fraction; 4],
    ) {
        let (place, _) = pick(&places, which);
        let charge = charge_of(tree.limits(place).unwrap(), fractions);
        let mut ledger = Ledger::new(tree.clone());
        prop_assume!(!ledger.reserve_in(now, place, charge).is_admitted());
        prop_assert_eq!(ledger.limits(), &tree);
    }

    #[test]
    fn admitted_charge_is_taken_all_the_way_up(
        (tree, places, now) in tree(),
        which: usize,
        fractions: [Fraction; 4],
    ) {
        let (place, around) = pick(&places, which);
        let limits: Vec<_> = around.iter().map(|place| tree.limits(*place).unwrap()).collect();
        let (now, charge) = admissible(&limits, now, fractions);
        let mut ledger = Ledger::new(tree.clone());
        let Decision::Admit(reservation) = ledger.reserve_in(now, place, charge) else {
            return Err(TestCaseError::reject("refused"));
        };
        let expected = |other: Place| {
            let mut limits = tree.limits(other).unwrap().clone();
            if around.contains(&other) {
                assert!(limits.take(now, charge).is_admitted());
            }
            limits
        };
        for &(other, _) in &places {
            prop_assert_eq!(ledger.limits().limits(other).unwrap(), &expected(other));
        }
        // And all of it comes back.
        let settled = ledger.refund(now, reservation);
        prop_assert_eq!((settled.returned, settled.clipped), (charge, Charge::ZERO));
        for &(other, _) in &places {
            let (before, after) = (tree.limits(other).unwrap(), ledger.limits().limits(other).unwrap());
            for (kind, bucket) in before.buckets() {
                prop_assert_eq!(after.bucket(kind).unwrap().level(now), bucket.level(now));
            }
            prop_assert_eq!(after.concurrent(), before.concurrent());
        }
    }

    #[test]
    fn shares_never_sum_above_the_whole(
        whole in strategies::bucket(),
        parts in prop::collection::vec(strategies::bucket(), 1..5),
        asks in prop::collection::vec(any::<(usize, Fraction, Fraction)>(), 1..40),
    ) {
        let mut tree = Tree::new();
        let account = tree.root(Limits::unlimited().with_tokens(whole.clone()));
        let tenants: Vec<_> = parts
            .iter()
            .map(|bucket| tree.within(account, Limits::unlimited().with_tokens(bucket.clone())))
            .collect();
        let mut ledger = Ledger::new(tree);
        let (mut now, mut admitted) = (Tick::ZERO, 0_u128);
        for (who, fraction, pause) in asks {
            let who = who % tenants.len();
            let most = parts[who].burst().min(whole.burst()).get();
            let charge = Charge::request(Tokens::new(asked(fraction, most)));
            if let Decision::Admit(reservation) = ledger.reserve_in(now, tenants[who], charge) {
                admitted += u128::from(charge.tokens.get());
                ledger.keep(reservation);
            }
            now = now.after(Span::from_nanos(part(pause, fill(&whole).as_nanos())));
            let refill = u128::from(whole.rate().amount().get()) * u128::from(now.as_nanos());
            let burst = u128::from(whole.burst().get());
            prop_assert!((admitted.saturating_sub(burst)) * u128::from(whole.rate().per().as_nanos()) <= refill);
        }
    }

    #[test]
    fn no_place_admits_nothing((tree, ..) in tree(), fractions: [Fraction; 4]) {
        // A tree with one place more than this one: its last place is unknown here.
        let mut larger = tree.clone();
        let stranger = larger.root(Limits::unlimited());
        let charge = charge_of(&Limits::unlimited(), fractions);
        let never = Decision::Never { max: Charge::ZERO };
        prop_assert_eq!(tree.check(Tick::ZERO, stranger, charge), never);
        prop_assert!(tree.limits(stranger).is_none());
    }
}

/// Every place with itself and those around it, from the inside out.
type Places = Vec<(Place, Vec<Place>)>;

/// Trees of one to six places, each with limits somewhere in their life.
fn tree() -> impl Strategy<Value = (Tree, Places, Tick)> {
    prop::collection::vec((used_limits(), any::<usize>()), 1..=6).prop_map(|nodes| {
        let mut tree = Tree::new();
        let mut places: Places = Vec::new();
        let mut now = Tick::ZERO;
        for ((limits, tick), outer) in nodes {
            now = now.max(tick);
            let outer = outer % (places.len() + 1);
            let (place, mut around) = match places.get(outer) {
                Some((outer, around)) => (tree.within(*outer, limits), around.clone()),
                None => (tree.root(limits), Vec::new()),
            };
            around.insert(0, place);
            places.push((place, around));
        }
        (tree, places, now)
    })
}

fn pick(places: &Places, which: usize) -> (Place, Vec<Place>) {
    places.get(which % places.len()).cloned().unwrap()
}
