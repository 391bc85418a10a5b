//! Laws of joining decisions.

use outcrop_quota::{Charge, Decision, Meet, Requests, Tick, Tokens};
use proptest::prelude::*;

use super::cases;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn joining_is_commutative(a in decision(), b in decision()) {
        prop_assert_eq!(a.join(b), b.join(a));
    }

    #[test]
    fn joining_is_associative(a in decision(), b in decision(), c in decision()) {
        prop_assert_eq!(a.join(b).join(c), a.join(b.join(c)));
    }

    #[test]
    fn joining_is_idempotent(a in decision(), b in decision()) {
        prop_assert_eq!(a.join(a), a);
        prop_assert_eq!(a.join(b).join(b), a.join(b));
    }

    #[test]
    fn joining_takes_the_stricter(a in decision(), b in decision()) {
        use Decision::{Admit, Never, Wait};
        match (a, b, a.join(b)) {
            (Admit(()), other, joined) | (other, Admit(()), joined) => {
                prop_assert_eq!(joined, other);
            }
            (Wait { until: a }, Wait { until: b }, joined) => {
                prop_assert_eq!(joined, Wait { until: if a < b { b } else { a } });
            }
            (Never { max: a }, Never { max: b }, Never { max }) => {
                prop_assert_eq!(max, a.meet(b));
                prop_assert_eq!(max.requests.get(), a.requests.get().min(b.requests.get()));
                prop_assert_eq!(max.tokens.get(), a.tokens.get().min(b.tokens.get()));
            }
            (never @ Never { .. }, _, joined) | (_, never @ Never { .. }, joined) => {
                prop_assert_eq!(joined, never);
            }
        }
    }
}

/// Few different values, so that equal ones meet.
fn decision() -> impl Strategy<Value = Decision<(), Charge>> {
    prop_oneof![
        Just(Decision::Admit(())),
        (0_u64..4).prop_map(|nanos| Decision::Wait { until: Tick::from_nanos(nanos) }),
        (0_u64..4, 0_u64..4).prop_map(|(requests, tokens)| Decision::Never {
            max: Charge::new(Requests::new(requests), Tokens::new(tokens)),
        }),
    ]
}
