//! Every kind of server lets in what a written-out list has room for.

use outcrop_sim::Model;
use outcrop_sim::server::{Kind, Refill, Server};
use outcrop_sim::time::{MINUTE, SECOND};
use proptest::prelude::*;

use crate::naive::Service;

/// Seconds to wait, tokens to reserve, tokens that the call costs, and whether one ends now.
type Step = (u64, u64, u64, bool);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0_u64..15, 1_u64..60, 0_u64..70, any::<bool>()), 1..40)
}

fn refill() -> impl Strategy<Value = Refill> {
    prop_oneof![
        Just(Refill::Bucket(SECOND)),
        Just(Refill::Bucket(10 * SECOND)),
        Just(Refill::Bucket(MINUTE)),
        Just(Refill::Sliding),
        Just(Refill::Minute),
    ]
}

/// Any of the three limits may be missing.
fn model() -> impl Strategy<Value = Model> {
    let quota = |least: u64, most: u64| prop_oneof![Just(0_u64), least..most];
    (quota(1, 40), quota(40, 1_000), quota(100, 2_000)).prop_map(|(rpm, tpm, tpd)| Model {
        rpm,
        tpm,
        tpd,
        burn: 1,
    })
}

proptest! {
    #[test]
    fn servers_do_what_a_list_of_charges_says(refill in refill(), model in model(), steps in steps()) {
        let mut server = Server::new(&Kind::new("test", refill), &[model]);
        let mut service = Service::new(refill, &model);
        let full = match refill {
            Refill::Bucket(burst) => (model.tpm * burst / MINUTE).max(1),
            _ => model.tpm,
        };
        let (mut under_way, mut taken, mut now) = (Vec::new(), 0, 0);
        for (pause, reserved, actual, ends) in steps {
            now += pause;
            let at = now * SECOND;
            let refusal = service.refusal(now, 0, reserved);
            match server.earliest(at, 0, reserved) {
                Some(first) if first > at => {
                    // Nothing happens until then: it fits at this tick, and not at the one before.
                    let (second, nanos) = (first / SECOND, first % SECOND);
                    prop_assert_eq!(service.refusal(second, nanos, reserved), None);
                    let (second, nanos) = ((first - 1) / SECOND, (first - 1) % SECOND);
                    prop_assert!(service.refusal(second, nanos, reserved).is_some());
                }
                first => prop_assert_eq!(first.is_some(), refusal.is_none()),
            }
            match server.admit(at, 0, reserved, 999) {
                Ok(held) => {
                    prop_assert_eq!(refusal, None);
                    service.take(now, reserved);
                    under_way.push((taken, held));
                    taken += 1;
                }
                Err(why) => prop_assert_eq!(Some(why), refusal),
            }
            if ends && let Some((number, held)) = under_way.pop() {
                server.settle(at, held, actual);
                service.settle(now, number, actual);
                let is_full = service.refusal(now, 0, full).is_none();
                prop_assert_eq!(server.earliest(at, 0, full) == Some(at), is_full);
            }
        }
    }

    #[test]
    fn others_have_what_they_want_of_what_is_there(refill in refill(), minutes in 3_u64..20) {
        let model = Model { rpm: 300, tpm: 60_000, tpd: 0, burn: 1 };
        let mut server = Server::new(&Kind::new("test", refill), &[model]);
        let end = minutes * MINUTE;
        for at in (0..=end).step_by(usize::try_from(SECOND / 10).unwrap()) {
            server.others(at, &[model], 300);
        }
        // Of a window 30 % is gone; of a bucket, and of a minute that has just begun, what they took
        // in the last tenth of a second.
        let there = match refill {
            Refill::Bucket(burst) => 60_000 * burst / MINUTE - 30,
            Refill::Sliding => 42_000,
            Refill::Minute => 60_000 - 30,
        };
        prop_assert_eq!(server.earliest(end, 0, there), Some(end));
        prop_assert!(server.earliest(end, 0, there + 1) != Some(end));
    }
}

#[test]
fn a_shortage_is_drawn_before_any_quota_and_takes_none() {
    let model = Model { rpm: 1, tpm: 0, tpd: 0, burn: 1 };
    let mut server = Server::new(&Kind::named("bucket-60s+503").unwrap(), &[model]);
    assert!(server.admit(0, 0, 5, 9).is_err());
    assert!(server.admit(0, 0, 5, 10).is_ok());
}

/// 16 whole tokens of burst, of which 1⅔ are back after a second: there is room for 14 of the 16 that
/// were not used, and the 16th takes another 0.2 s.
#[test]
fn what_comes_back_is_cut_to_the_whole_tokens_that_there_is_room_for() {
    let model = Model { rpm: 0, tpm: 100, tpd: 0, burn: 1 };
    let mut server = Server::new(&Kind::named("bucket-10s").unwrap(), &[model]);
    let held = server.admit(0, 0, 16, 0).unwrap();
    server.settle(SECOND, held, 0);
    assert_eq!(server.earliest(SECOND, 0, 15), Some(SECOND));
    assert_eq!(server.earliest(SECOND, 0, 16), Some(SECOND + SECOND / 5));
}
