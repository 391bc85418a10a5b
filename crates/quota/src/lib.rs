//! The arithmetic of rate limits: may I, and if not now, when?
//!
//! Bedrock holds back `max_tokens` when a call starts and corrects the charge when it ends, in
//! several limits at once. This crate does the same sums on the client's side, so that a call is
//! sent when it will be admitted and not before. It is pure: time enters as a [`Tick`], chance as a
//! drawn number, and there is no clock and no lock. All arithmetic is on integers; it saturates
//! where it could overflow. What queues, nests or remembers allocates, and
//! nothing else: [`Share`], [`Tree`], [`Window`], and a [`Ledger`] of calls that were given up.
//!
//! * [`Bucket`] is one limit, refilled at a [`Rate`]; [`Gauge`] is one on what goes on at once;
//!   [`Limits`] joins several, all or nothing, and a [`Tree`] nests them.
//! * [`Decision`] is the answer: `Admit`, `Wait { until }` or `Never { max }`.
//! * [`Ledger`] hands out a [`Reservation`] and settles it: reserve → adjust → settle, refund, keep
//!   or abandon.
//! * [`Accounting`] says what to reserve for a call, and what its usage has cost.
//! * [`Estimate`] guesses the tokens of a text, and learns from settlements; [`Quantile`] learns how
//!   long answers are, for a better `max_tokens`.
//! * [`Pacer`] spaces sends evenly, on top of the limits.
//! * [`Share`] says who is next: tenants by weight, priorities, deadlines.
//! * [`Adapt`] says what a throttle does to the rates, how they recover, and whose it was.
//! * [`Window`] is a limit by the window instead of a refill; [`Paced`] lets large charges through small
//!   bursts.
//! * [`Admission`] is all of this composed: the policy of a client towards one model, from its
//!   published [`Quotas`].
//! * [`Backoff`] and [`Decorrelated`] say when to retry, [`RetryBudget`] and [`RetryRatio`] whether
//!   to.
//!
//! # Examples
//!
//! ```
//! use core::num::NonZeroU64;
//! use outcrop_quota::{
//!     Accounting, Bucket, Decision, Ledger, Limits, Rate, Tick, TokenCounts, Tokens,
//! };
//!
//! let [rpm, tpm, burndown] = [100, 200_000, 5].map(|n| NonZeroU64::new(n).unwrap());
//! let rules = Accounting::on_demand(burndown);
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
//! * A new rate leaves the level as it is, less at most a part of a unit, and refills from then on.
//!   Proved by `new_rate_keeps_the_level`.
//! * What is used is `⌊1000·(b − L)/b⌋` thousandths, to a unit.
//!   Proved by `use_is_what_is_missing`.
//! * A clock that goes back changes nothing: any call with a tick before the latest change does
//!   what it would do at the tick of that change.
//!   Proved by `backward_clock_changes_nothing`.
//!
//! * A part of a rate is that part of it: exactly where the numbers allow, and never more.
//!   Proved by `part_of_a_rate_is_never_more`.
//!
//! **Even spacing**
//!
//! * Of two sends one after the other, of which the first takes `n`, the second is at least `n/r`
//!   later, and exactly `⌈n/r⌉` after the turn of the first if it asks then and the first went on its
//!   turn.
//!   Proved by `sends_are_spaced_by_what_they_take`.
//! * So no window sees more than `r` times its length, the last send aside, whatever the pauses
//!   before it: there is no burst.
//!   Proved by `idleness_saves_nothing_up`.
//! * Giving back what a send took undoes it, and never lets anything go before now.
//!   Proved by `unsent_units_make_no_one_wait`.
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
//! * A gauge never holds more than its maximum `m`: with `k` inside it admits `n` exactly when
//!   `k + n ≤ m`.
//!   Proved by `gauge_holds_no_more_than_its_maximum`.
//! * Limits admit a charge exactly when each of them admits its part; they wait as long as the
//!   slowest; they never admit what one of them never admits.
//!   Proved by `limits_admit_when_each_does`.
//! * What is admitted is taken from each of them.
//!   Proved by `admitted_charge_is_taken_from_each`.
//! * What is refused changes none of them.
//!   Proved by `refused_join_changes_nothing`.
//! * The joined wait is tight, too.
//!   Proved by `joined_waits_are_tight`.
//! * A full gauge waits for no tick but for those inside: `until` is the end of time, and once they
//!   have left, the buckets alone decide.
//!   Proved by `full_gauge_waits_for_a_leaver`.
//! * What can never be admitted is told the most that can, and no more than that ever is.
//!   Proved by `largest_admissible_charge_is_named`.
//!
//! **Limits by the window**
//!
//! A window has the quota `q` and the span `w`.
//!
//! * It admits `n` at `t` exactly when what was taken and not given back within it is at most `q − n`:
//!   since `t − w`, where it slides, and since the latest multiple of `w`, where it is aligned. It is
//!   compared with a list of timed charges that finds the waits by search.
//!   Proved by `window_agrees_with_a_list_of_timed_charges`.
//! * So with what was charged without asking, no span of `w` holds more than `q` when anything is
//!   admitted.
//!   Proved by `no_span_holds_more_than_the_quota`.
//! * Waits are tight.
//!   Proved by `waits_for_a_window_are_tight`.
//! * What is admitted now is admitted at any later time, and less is, too.
//!   Proved by `room_in_a_window_lasts`.
//! * A refusal changes nothing.
//!   Proved by `refused_take_leaves_the_window`.
//! * Nor does a clock that goes back.
//!   Proved by `window_stands_still_while_the_clock_goes_back`.
//!
//! **Small bursts under large charges**
//!
//! * Paced limits answer what the limits answer, if no charge may exceed the bursts.
//!   Proved by `paced_limits_are_limits_within_the_bursts`.
//! * A charge beyond the burst is admitted exactly when the bucket is full, and waits until it is.
//!   Proved by `large_charge_goes_when_its_bucket_is_full`.
//! * So over every window from `s` to `t`, what was admitted and charged before the last admission
//!   and with it is at most `max(b, n) + r·(t − s)`, where `n` is the largest charge admitted.
//!   Proved by `paced_limits_admit_burst_or_one_charge_and_refill`.
//! * A charge is never admitted exactly when it exceeds a stated maximum, the burst of a day, or the
//!   gauge.
//!   Proved by `beyond_the_most_is_never`.
//! * Every answer is that of a list of timed charges, of which a large charge asks for a full bucket.
//!   Proved by `paced_waits_are_those_of_the_list_within_the_burst`.
//!
//! **Limits within limits**
//!
//! * A place answers what all limits on the way up answer, joined.
//!   Proved by `place_admits_when_all_around_it_do`.
//! * What is refused changes no place.
//!   Proved by `refused_charge_changes_no_place`.
//! * What is admitted is taken from every limit on the way up and from no other, and a refund at once
//!   restores them all.
//!   Proved by `admitted_charge_is_taken_all_the_way_up`.
//! * The shares never sum above the whole: whatever the limits within it, all that they admit by
//!   time `t` is at most `b + r·t` of the limit around them.
//!   Proved by `shares_never_sum_above_the_whole`.
//! * A place that the tree does not know admits nothing.
//!   Proved by `no_place_admits_nothing`.
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
//! * So do all adjustments of a reservation and its settlement together:
//!   `reserved + Σ debt = actual + Σ returned + Σ clipped`, and what is held is what it was last
//!   adjusted to.
//!   Proved by `adjustments_balance`.
//! * An abandoned reservation stands until its usage is told, which then does what settling it would
//!   have done; from its time-out on, it stands for good.
//!   Proved by `abandoned_charge_stands_until_its_usage_or_the_time_out`.
//! * However reservations end, those that have not ended never pass the gauge, and it refuses only
//!   when they fill it.
//!   Proved by `requests_in_flight_never_pass_the_gauge`.
//! * A refused reservation changes nothing.
//!   Proved by `refused_reservation_changes_nothing`.
//! * A reservation that is dropped keeps its charge, as one that is kept does, and stays
//!   outstanding.
//!   Proved by `forgotten_reservation_keeps_its_charge`.
//!
//! **Any limiter**
//!
//! These are the laws that the feature `laws` exports, for anyone's limiter of requests and tokens;
//! here they are proved for a ledger, for one over limits within limits, and for a whole
//! [`Admission`]. The module `laws` has them in full.
//!
//! * No admission creates debt, and no window admits more than burst, refill and the debt of
//!   settlements.
//!   Proved by `ledger_admits_no_more_than_the_limits`.
//! * Waits are tight.
//!   Proved by `ledger_waits_are_tight`.
//! * What exceeds a burst is never admitted, and nothing else is never admitted.
//!   Proved by `ledger_too_large_is_never`.
//! * Asking again after a refusal changes no later answer.
//!   Proved by `ledger_refusal_changes_nothing`.
//! * Nor does a reservation that is refunded at once, whatever the levels are.
//!   Proved by `ledger_refund_undoes_reserve`.
//! * After settlement, what was reserved no longer matters, whatever the levels are.
//!   Proved by `ledger_settlement_replaces_the_estimate`.
//! * A clock that goes back changes no answer.
//!   Proved by `ledger_backward_clock_changes_nothing`.
//! * Every answer is that of a list of timed charges.
//!   Proved by `ledger_answers_are_those_of_the_list`.
//! * What the module checks in one go is all of them.
//!   Proved by `ledger_keeps_all_exported_laws`.
//!
//! **The limiter of the client**
//!
//! It is an [`Admission`] and a [`Share`] behind one lock. Its tests are with it, in the crate
//! `outcrop`: a scheduler draws the order in which threads take the lock, some thousands of times.
//!
//! * No interleaving of reserve, settle, drop and cancel admits more than the limits, and whoever waits
//!   is admitted in the end: at random orders.
//!   Proved by `no_interleaving_of_reserve_settle_drop_and_cancel_admits_too_much`.
//! * Nor does one that takes few turns at the worst moments.
//!   Proved by `nor_does_one_that_few_ill_timed_turns_bring_about`.
//! * So it is between tenants and priorities that overtake one another.
//!   Proved by `nor_do_tenants_and_priorities_lose_anybody`.
//! * And between the models of an account, which wait in one line for its tokens of the day.
//!   Proved by `nor_do_models_lose_each_other_in_the_line_of_their_account`.
//!
//! **The whole policy**
//!
//! The services here are lists of what they let in, in plain numbers, which share nothing with this
//! crate. An [`Admission`] towards a service means one that has the service's quotas.
//!
//! * A service refuses nothing that goes by an admission that knows how it keeps its quotas: a bucket
//!   of any burst of a second or more and charges of at most half of it, a window, a clock minute;
//!   whatever calls cost in the end. For all but the clock minute this holds if some calls are a
//!   tenth of a second longer on their way than others, and cost what they reserved.
//!   Proved by `known_service_refuses_nothing_that_goes`.
//! * If calls cost what they reserve, nor does such a bucket refuse what goes by an admission that
//!   knows the quotas alone; nor do the windows, until they are put aside on trial after a minute.
//!   Proved by `unknown_service_refuses_nothing_that_goes`.
//! * If calls cost less, such an admission tries what the service bears. If throttles are known at
//!   once, a bucket throttles at most `2·(1 + log₂(1 + t/5 min))` of its tries within a `t` of up to an
//!   hour: those of the pace and those of the window rest for pauses that double.
//!   Proved by `unknown_bucket_throttles_few_tries`.
//! * Whoever is told `Wait { until }`, and is alone, is admitted at `until`: exactly, while no rate
//!   moves, and refused before; otherwise to a nanosecond for each second, and perhaps before.
//!   Proved by `whoever_waits_alone_is_admitted_at_the_end_of_the_wait`.
//! * A refusal changes nothing, whatever came before.
//!   Proved by `refused_call_changes_no_admission`.
//! * Nor does asking, however often: what a rate is depends on time alone.
//!   Proved by `asking_often_changes_no_answer`.
//! * Six minutes after the latest throttle, the next call waits as long as its predecessor has cost at
//!   98.5 % of the quota, where the service is unknown.
//!   Proved by `rested_quota_is_let_go_at_the_ceiling`.
//! * What may go now may go at any later time, if nothing happens between.
//!   Proved by `what_may_go_now_may_go_later`.
//! * After a change, an earlier tick gives the answers of the tick of that change: but for a day that
//!   was still closed then, and for a trial or a try of an unknown service that was not yet due, which
//!   are closed, and not due, then as they were before.
//!   Proved by `clock_that_goes_back_changes_no_answer`.
//! * A throttle by tokens lowers the rate of tokens and no other, and within six minutes without
//!   another, and a day after a shortage of capacity, time alone has brought it to its ceiling.
//!   Proved by `throttle_lowers_its_rate_for_a_while`.
//! * However the service's day is reset, no day sees more than its quota.
//!   Proved by `no_day_sees_more_than_its_quota`.
//! * A charge within the stated quotas is never refused for good, whatever throttles have taught.
//!   Proved by `what_is_within_the_quotas_may_go_one_day`.
//! * A throttle by the minute leaves nothing in the bucket that it is about.
//!   Proved by `throttle_empties_the_bucket_it_is_about`.
//! * What a call has reserved and not used is as though it had never been taken from a window.
//!   Proved by `settled_call_counts_in_a_window_as_what_it_cost`.
//! * A throttle of a call that a window on trial would have refused ends the trial and lowers no rate;
//!   the first trial comes after a minute, the next one after five, and then the pauses double, up to an hour.
//!   Proved by `failed_trial_leaves_the_rates`.
//! * A throttle of a call that went further than was proven lowers no rate; the next such call comes
//!   after five minutes, and then the pauses double, up to an hour.
//!   Proved by `failed_try_leaves_the_rates_and_makes_tries_rest`.
//!
//! **Charges**
//!
//! * On demand, with `i` tokens of input, `c` read from the cache, `w` written to it, `m` the largest
//!   output, `o` the output and `d` the burndown rate: reserve `i + c + w + m`, settle `i + w + d·o`,
//!   and the settlement exceeds the reservation exactly when `d·o > m + c`.
//!   Proved by `on_demand_holds_max_tokens_and_burns_output`.
//! * Provisioned: reserve `⌈i + c/10 + 5·w/4 + m⌉`, settle the same with `o` for `m`.
//!   Proved by `provisioned_weighs_the_cache`.
//! * Mantle: reserve `i + w + m` of input, settle `i + w` of input and `o` of output.
//!   Proved by `mantle_counts_input_and_output_apart`.
//! * What is held while output arrives starts at the reservation, never falls as the output grows,
//!   and covers what the call would settle if it ended there.
//!   Proved by `holding_grows_with_the_output`.
//! * Without `max_tokens`, `m` is the largest output of the model; if that is unknown, 131,072.
//!   Proved by `unset_output_reserves_the_most`.
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
//! * Decorrelated, the pause after `p` runs from `base` to `min(cap, max(base, 3·p))`, and no longer
//!   draw pauses less.
//!   Proved by `decorrelated_pause_stays_in_bounds`.
//! * A retry is allowed exactly when the budget can pay for it; the budget holds from 0 to 500 points
//!   and changes by nothing but the stated costs and rewards.
//!   Proved by `retries_are_paid_for`.
//! * Without a success, all retries together cost at most 500 points.
//!   Proved by `failures_exhaust_the_budget`.
//! * In ratio form: among any requests and retries one after the other, if `q` of them are requests,
//!   at most `burst + q·ratio` are retries, and one is refused only when a whole one is not there.
//!   Proved by `retries_stay_within_their_ratio`.
//!
//! **Estimates**
//!
//! * A quantile covers its part of the numbers seen, and is above the exact one by a sixteenth of it
//!   at most, up to 2³².
//!   Proved by `quantile_is_covered_and_close`.
//! * What was seen long ago no longer counts.
//!   Proved by `old_numbers_are_forgotten`.
//! * An estimate at `p` thousandths would have been enough for at least that part of the calls that
//!   it has learned from.
//!   Proved by `estimate_covers_what_it_has_learned`.
//! * Up to 31 calls it is the first guess, rounded up.
//!   Proved by `estimate_is_the_first_guess_until_it_is_trusted`.
//! * More bytes are never fewer tokens, and no bytes are none.
//!   Proved by `more_bytes_are_never_fewer_tokens`.
//!
//! **Shares**
//!
//! * Of tenants that always have jobs waiting, served `W` tokens at weight `w` with jobs of at most
//!   `c`: `|W(f)/w(f) − W(g)/w(g)| ≤ c(f)/w(f) + c(g)/w(g)`, over every window, whatever came before.
//!   The proof is in the documentation of [`Share`].
//!   Proved by `fair_shares_stay_within_the_bound`.
//! * Where jobs are corrected after they were served, `W` and `c` are what they cost in the end, and
//!   the bound has `c + 2·e` for `c`, from a time on at which none was yet to be corrected: `e` is the
//!   most by which those jobs of a tenant that are served and not yet corrected ever miss their
//!   costs, added up.
//!   Proved by `corrected_shares_stay_within_the_bound`.
//! * So it is between the priorities of one tenant.
//!   Proved by `priorities_share_within_the_bound`.
//! * Nobody starves: until the next job of `f` is served, any other `g` is served at most
//!   `w(g)·c(f)/w(f) + c(g)`.
//!   Proved by `nobody_starves`.
//! * Every job that is queued comes out once, or is cancelled once; jobs of one tenant and priority
//!   come out in the order in which they went in; while any waits, one comes out, and it is the one
//!   that was named as the first. Its ticket finds a job as long as it waits.
//!   Proved by `every_job_leaves_once_and_in_its_order`.
//! * A job is refused exactly when a bucket, full and all its tenant's, would have to make it late;
//!   never, where no limit is known.
//!   Proved by `deadline_refuses_what_cannot_be_met`.
//! * A job whose turn comes too late is handed out as late and served as nothing.
//!   Proved by `late_job_counts_as_nothing`.
//! * A correction makes up for the difference: if the tenant had nothing to be served since, the order
//!   from then on is what it would have been with the actual cost, whoever else was served meanwhile.
//!   Proved by `correction_serves_the_actual_cost`.
//! * The parts that tenants are sure of never sum above the whole.
//!   Proved by `sure_parts_never_sum_above_the_whole`.
//!
//! **Throttles**
//!
//! * A rate is between its floor and its ceiling at any time, after any throttles.
//!   Proved by `rates_stay_between_floor_and_ceiling`.
//! * A throttle by requests lowers the rate of requests, one by tokens that of tokens, one of unknown
//!   cause both, to the stated part of what they were; a daily one lowers neither.
//!   Proved by `throttle_lowers_its_own_limit`.
//! * Throttles within the cooldown of one that lowered the rate do not lower it again.
//!   Proved by `throttles_of_one_moment_count_once`.
//! * After a throttle by the minute nothing goes for 50 ms; for twice as long as the time before, up
//!   to 5 s, if it follows within 250 ms on such a rest.
//!   Proved by `rest_doubles_while_it_is_too_short`.
//! * A rate that is throttled before it is back comes back to less: half-way between what it was and
//!   what it fell to.
//!   Proved by `early_throttle_comes_back_to_less`.
//! * Without further throttles a rate never falls, and time alone brings it to its ceiling: whatever
//!   came before, within 6 recoveries by CUBIC or 101 by the straight line.
//!   Proved by `rates_recover_with_time_alone`.
//! * Against a service that throttles whatever is above a part `h` of what was stated, the rate
//!   passes `h` by at most 2 % of the whole, at most once in 50 seconds, and uses 75 % of `h` at
//!   least.
//!   Proved by `rate_settles_under_a_hidden_limit`.
//! * Where nobody counts the calls, the third shortage of capacity within a minute halves both rates,
//!   and no fewer do.
//!   Proved by `capacity_halves_the_rates_only_when_it_lasts`.
//! * Where they are counted, shortages lower nothing while ten calls or more go from one to the next:
//!   one call in a hundred finds no capacity at any time.
//!   Proved by `shortages_now_and_then_lower_nothing`.
//! * A daily throttle closes until the next reset, or for the stated pause where none is known.
//!   Proved by `daily_throttle_closes_until_the_reset`.
//! * A throttle is named ours exactly when 90 % of the fullest limit that it is about were used by
//!   our own books.
//!   Proved by `throttle_that_cannot_be_ours_is_named`.
//! * The stated rates are scaled by these parts, those of a day not at all.
//!   Proved by `rates_that_were_stated_are_scaled`.
#![no_std]

extern crate alloc;

mod accounting;
mod adapt;
mod admission;
mod backoff;
mod bucket;
mod budget;
mod decision;
mod estimate;
mod gauge;
#[cfg(feature = "laws")]
pub mod laws;
mod ledger;
mod limit;
mod limits;
mod paced;
mod pacer;
mod quantile;
mod quotas;
mod rate;
mod ratio;
mod share;
mod time;
mod tree;
mod units;
mod window;

pub use accounting::{Accounting, Formula, Parts, TokenCounts, Weights};
pub use adapt::{Adapt, Cause, Growth, Policy, Verdict};
pub use admission::{Admission, Admitted};
pub use backoff::{Backoff, Decorrelated, Jitter};
pub use bucket::{Bucket, Level};
pub use budget::{Permit, RetryBudget, RetryCause};
pub use decision::{Decision, Meet};
pub use estimate::Estimate;
pub use gauge::Gauge;
pub use ledger::{Abandoned, Ledger, Reservation, Settled};
pub use limit::Limit;
pub use limits::{Kind, Limits};
pub use paced::Paced;
pub use pacer::Pacer;
pub use quantile::Quantile;
pub use quotas::{DailyReset, Quotas, ServerModel};
pub use rate::Rate;
pub use ratio::RetryRatio;
pub use share::{Job, Priority, Refused, Share, Tenant, Ticket, Turn};
pub use time::{Span, Tick};
pub use tree::{Place, Tree};
pub use units::{Charge, Requests, Tokens};
pub use window::Window;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
