//! The arithmetic of rate limits: may I, and if not now, when?
//!
//! Bedrock holds back `max_tokens` when a call starts and corrects the charge when it ends, in
//! several limits at once. This crate does the same sums on the client's side, so that a call is
//! sent when it will be admitted and not before. It is pure: time enters as a [`Tick`], chance as a
//! drawn number, and there is no allocation, no clock and no lock. All arithmetic is on integers;
//! it saturates where it could overflow.
//!
//! * [`Bucket`] is one limit, refilled at a [`Rate`]; [`Limits`] joins several, all or nothing.
//! * [`Decision`] is the answer: `Admit`, `Wait { until }` or `Never { max }`.
//! * [`Ledger`] hands out a [`Reservation`] and settles it: reserve → settle, refund or keep.
//! * [`Accounting`] says what to reserve for a call, and what its usage has cost.
//! * [`Backoff`] and [`RetryBudget`] say when to retry, and whether to.
//!
//! # Examples
//!
//! ```
//! use core::num::NonZeroU64;
//! use outcrop_quota::{
//!     Accounting, Bucket, Decision, Ledger, Limits, Rate, Tick, TokenCounts, Tokens,
//! };
//!
//! let [rpm, tpm, burn_down] = [100, 200_000, 5].map(|n| NonZeroU64::new(n).unwrap());
//! let rules = Accounting::on_demand(burn_down);
//! let mut ledger = Ledger::new(
//!     Limits::unlimited()
//!         .with_requests(Bucket::new(Rate::per_minute(rpm), rpm))
//!         .with_tokens(Bucket::new(Rate::per_minute(tpm), tpm)),
//! );
//!
//! // Before the call: 1,000 tokens of prompt, and at most 4,000 of answer.
//! let now = Tick::ZERO;
//! let input = Tokens::new(1_000);
//! let most = TokenCounts { input, output: Tokens::new(4_000), ..TokenCounts::default() };
//! match ledger.reserve(now, rules.reserve(most)) {
//!     Decision::Admit(reservation) => {
//!         // The call is made here. Its answer had 300 tokens.
//!         let used = TokenCounts { output: Tokens::new(300), ..most };
//!         let settled = ledger.settle(now, reservation, rules.settle(used));
//!         assert_eq!(settled.returned.tokens, Tokens::new(2_500));
//!     }
//!     Decision::Wait { until } => println!("ask again at {until:?}"),
//!     Decision::Never { max } => println!("no call may take more than {max:?}"),
//! }
//! ```
//!
//! # Laws
//!
//! Each is proved by the named property test, on at least 1,000 generated cases. A bucket has the
//! rate `r`, the burst `b`, and at time `t` the level `L(t)`: an exact fraction, negative in debt.
//! What a change leaves behind is written `L′`. `⌊x⌋` is `x` rounded down.
//!
//! **One bucket**
//!
//! * It refills evenly up to its burst, and no fraction is lost: if nothing happens between `s` and
//!   `t`, then `L(t) = min(b, L(s) + r·(t − s))`. It admits `n` at `t` exactly when `n ≤ L(t)`. It is
//!   compared with a list of timed charges that computes the level in another way and finds the
//!   waits by search.
//!   Proved by `bucket_agrees_with_a_list_of_timed_charges`.
//! * Emptied, it holds `min(b, ⌊r·w⌋)` whole units after `w`.
//!   Proved by `refill_follows_the_rate`.
//! * `L(t) ≤ b`, and a bucket in debt has nothing to give.
//!   Proved by `level_never_exceeds_the_burst`.
//! * Waits are tight. If a caller is told `Wait { until }` and nobody else takes or gives anything,
//!   it is refused at every tick before `until` and admitted at `until`; if `n > b` it is told
//!   `Never { max: b }` at once.
//!   Proved by `waits_are_tight`.
//! * So they are for every rate, burst and amount that can be written, short of the end of time.
//!   Proved by `waits_are_tight_at_any_scale`.
//! * Less is never later: `m ≤ n` implies `until(m) ≤ until(n)`.
//!   Proved by `waits_grow_with_the_amount`.
//! * What is admitted now is admitted at any later time, if nothing happens between.
//!   Proved by `admission_lasts`.
//! * Over every window from `s` to `t`: taken + charged − given back ≤ `b + r·(t − s) + debt(t)`.
//!   Proved by `no_window_admits_more_than_burst_and_refill`.
//! * A refusal changes nothing.
//!   Proved by `refused_take_changes_nothing`.
//! * Giving back `n` when `c` of them do not fit gives `L′ = L + n − c`, exactly. If `c = 0`, it is as
//!   though they had never been taken; otherwise `b − 1 < L′ ≤ b`.
//!   Proved by `giving_back_undoes_taking`.
//! * A clock that goes back changes nothing: any call with a tick before the latest change does
//!   what it would do at the tick of that change.
//!   Proved by `backward_clock_changes_nothing`.
//!
//! **Decisions and limits joined**
//!
//! * `a ∨ b = b ∨ a`.
//!   Proved by `joining_is_commutative`.
//! * `(a ∨ b) ∨ c = a ∨ (b ∨ c)`.
//!   Proved by `joining_is_associative`.
//! * `a ∨ a = a`.
//!   Proved by `joining_is_idempotent`.
//! * `Admit ∨ a = a`, of two waits the later wins, and `Never ∨ a` is never.
//!   Proved by `joining_takes_the_stricter`.
//! * Limits admit a charge exactly when each of them admits its part; they wait as long as the
//!   slowest; they never admit what one of them never admits.
//!   Proved by `limits_admit_when_each_does`.
//! * What is admitted is taken from each of them.
//!   Proved by `admitted_charge_is_taken_from_each`.
//! * What is refused changes none of them.
//!   Proved by `refused_join_changes_nothing`.
//! * The joined wait is tight, too.
//!   Proved by `joined_waits_are_tight`.
//!
//! **Reservations**
//!
//! * A ledger agrees with lists of timed charges through any sequence of reservations, settlements,
//!   refunds and keeps, and knows how many are outstanding and what they hold.
//!   Proved by `ledger_agrees_with_lists_of_timed_charges`.
//! * Settlement conserves: `reserved + debt = actual + returned + clipped`, and
//!   `L′ = L + returned − debt`.
//!   Proved by `settlement_balances`.
//! * A refund undoes a reservation: at the tick of the reservation exactly, later up to what the
//!   burst clips, which the settlement states.
//!   Proved by `refund_undoes_reserve`.
//! * A refused reservation changes nothing.
//!   Proved by `refused_reservation_changes_nothing`.
//! * A reservation that is dropped keeps its charge, as one that is kept does, and stays
//!   outstanding.
//!   Proved by `forgotten_reservation_keeps_its_charge`.
//!
//! **Charges**
//!
//! * On demand, with `i` tokens of input, `c` read from the cache, `w` written to it, `m` the largest
//!   output, `o` the output and `d` the burn-down rate: reserve `i + c + w + m`, settle `i + w + d·o`,
//!   and the settlement exceeds the reservation exactly when `d·o > m + c`.
//!   Proved by `on_demand_holds_max_tokens_and_burns_output`.
//! * Sums beyond `u64` are `u64::MAX`.
//!   Proved by `charges_saturate`.
//!
//! **Retries**
//!
//! * The longest pause before retry `k` (the first is 0) is `e = min(cap, base·2ᵏ)`.
//!   Proved by `ceiling_doubles_up_to_the_cap`.
//! * Full jitter pauses from 0 to `e`, equal jitter from `⌊e/2⌋` to `e`, none exactly `e`. Both ends
//!   are reached, and a larger draw never pauses less.
//!   Proved by `pause_stays_in_bounds`.
//! * With full jitter the draw `x` pauses `⌊(e + 1)·x / 2⁶⁴⌋`.
//!   Proved by `pause_is_spread_evenly`.
//! * With a server's hint `h`, a pause of `t` becomes `max(t, min(h, t + 5 s))`.
//!   Proved by `server_hint_lengthens_by_five_seconds_at_most`.
//! * A retry is allowed exactly when the budget can pay for it; the budget holds from 0 to 500 points
//!   and changes by nothing but the stated costs and rewards.
//!   Proved by `retries_are_paid_for`.
//! * Without a success, all retries together cost at most 500 points.
//!   Proved by `failures_exhaust_the_budget`.
#![no_std]

mod accounting;
mod backoff;
mod bucket;
mod budget;
mod decision;
mod ledger;
mod limits;
mod rate;
mod time;
mod units;

pub use accounting::{Accounting, TokenCounts};
pub use backoff::{Backoff, Jitter};
pub use bucket::{Bucket, Level};
pub use budget::{Permit, RetryBudget, RetryCause};
pub use decision::{Decision, Meet};
pub use ledger::{Ledger, Reservation, Settled};
pub use limits::Limits;
pub use rate::Rate;
pub use time::{Span, Tick};
pub use units::{Charge, Requests, Tokens};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
