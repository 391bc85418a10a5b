//! What a throttle of each cause does to the rates, how they come back, and whose fault it was.

mod control;
mod rest;

use core::fmt;

use crate::{Kind, Limits, Rate, Span, Tick};

use control::Control;
pub use control::Growth;
use rest::Rest;

/// Learns from throttles how much of the stated quotas there really is.
///
/// | cause | what it does |
/// |---|---|
/// | [`RequestRate`](Cause::RequestRate) | lowers the rate of requests |
/// | [`TokenRate`](Cause::TokenRate) | lowers the rate of tokens |
/// | [`Unknown`](Cause::Unknown) | lowers both |
/// | [`Daily`](Cause::Daily) | [closes](Self::closed_until) until the day's quota is back |
/// | [`Capacity`](Cause::Capacity) | nothing while it is now and then; the third within a minute, if a tenth of the [calls](Self::called) of late met one, halves both for 15 minutes, after which they grow by half every 15 minutes |
///
/// A rate falls a little if we had used up the limit by our own books, and more if we had not, for
/// then there is less than was stated. It comes back with time alone, first to where it was throttled
/// and then beyond, up to the ceiling.
///
/// # Examples
///
/// ```
/// use outcrop_quota::{Adapt, Cause, Policy, Tick, Verdict};
///
/// let mut adapt = Adapt::new(Tick::ZERO, Policy::default());
/// assert_eq!(adapt.tokens(Tick::ZERO), 850_000);
///
/// let verdict = adapt.throttled(Tick::ZERO, Cause::TokenRate, Some(410));
/// assert_eq!(verdict, Verdict::NotOurs { used: 410 });
/// assert_eq!(
///     verdict.to_string(),
///     "41 % used: not your quota, or someone else on the account"
/// );
/// assert_eq!(adapt.tokens(Tick::ZERO), 595_000);
/// assert_eq!(adapt.requests(Tick::ZERO), 850_000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapt {
    policy: Policy,
    requests: Control,
    tokens: Control,
    shortage: Shortage,
    reset: Tick,
    closed: Tick,
    rest: Rest,
    counts: [u64; 5],
}

impl Adapt {
    /// Starts at the policy's first rates.
    pub fn new(now: Tick, policy: Policy) -> Self {
        let control = Control::new(now, &policy);
        Self {
            requests: control.clone(),
            tokens: control,
            shortage: Shortage::default(),
            reset: Tick::ZERO,
            closed: Tick::ZERO,
            rest: Rest::default(),
            counts: [0; 5],
            policy,
        }
    }

    /// A call goes. Where nobody says so, three shortages within a minute are enough for a cut.
    pub fn called(&mut self, now: Tick) {
        self.shortage.call(now);
    }

    /// Tells when the daily quota comes back, where that is known. Otherwise a daily throttle closes
    /// for [`Policy::daily_pause`].
    pub const fn set_daily_reset(&mut self, reset: Tick) {
        self.reset = reset;
    }

    /// Takes notice of a throttle, and says whose it was.
    ///
    /// `used` is how much of the limit our own books had used, in thousandths; see
    /// [`Cause::used`]. Throttles that follow within the policy's cooldown belong to the same moment
    /// and lower the rate no further.
    pub fn throttled(&mut self, now: Tick, cause: Cause, used: Option<u32>) -> Verdict {
        self.count(cause);
        let verdict = match used {
            _ if cause == Cause::Capacity => Verdict::Service,
            None => Verdict::Unmetered,
            Some(used) if used >= OURS => Verdict::Ours { used },
            Some(used) => Verdict::NotOurs { used },
        };
        let kept = match verdict {
            Verdict::Ours { .. } => self.policy.kept_if_ours,
            _ => self.policy.kept_otherwise,
        };
        if cause.is_by_the_minute() {
            self.rest.begin(now);
        }
        match cause {
            Cause::RequestRate => self.requests.lower(now, kept, &self.policy),
            Cause::TokenRate => self.tokens.lower(now, kept, &self.policy),
            Cause::Unknown => {
                self.requests.lower(now, kept, &self.policy);
                self.tokens.lower(now, kept, &self.policy);
            }
            Cause::Daily => {
                let pause = now.after(self.policy.daily_pause);
                let until = if self.reset > now { self.reset } else { pause };
                self.closed = self.closed.max(until);
            }
            Cause::Capacity => self.shortage.strike(now),
        }
        verdict
    }

    /// Counts a throttle that says nothing about the rates.
    pub(crate) fn count(&mut self, cause: Cause) {
        if let Some(count) = self.counts.get_mut(cause.index()) {
            *count = count.saturating_add(1);
        }
    }

    /// The part of the stated rate of requests to use, in millionths.
    pub fn requests(&self, now: Tick) -> u32 {
        self.with_shortage(now, self.requests.level(now, &self.policy))
    }

    /// The part of the stated rate of tokens to use, in millionths.
    pub fn tokens(&self, now: Tick) -> u32 {
        self.with_shortage(now, self.tokens.level(now, &self.policy))
    }

    /// The rate to use where `stated` was promised, for [`Bucket::set_rate`](crate::Bucket::set_rate)
    /// or [`Pacer::set_rate`](crate::Pacer::set_rate). The quota of a day is used in full, since
    /// throttles by the minute say nothing about it.
    pub fn rate(&self, now: Tick, kind: Kind, stated: Rate) -> Rate {
        match kind {
            Kind::Requests => stated.part(self.requests(now)),
            Kind::Tokens | Kind::Input | Kind::Output => stated.part(self.tokens(now)),
            Kind::DailyTokens | Kind::Concurrent => stated,
        }
    }

    /// The highest rate.
    pub(crate) const fn ceiling(&self) -> u32 {
        self.policy.ceiling
    }

    /// Whether the rates are as high as they get, so that they stay until the next throttle.
    pub(crate) fn is_at_rest(&self, now: Tick) -> bool {
        let ceiling = self.policy.ceiling;
        let levels = [&self.requests, &self.tokens].map(|rate| rate.level(now, &self.policy));
        levels.iter().all(|level| *level >= ceiling) && self.shortage.level(now) == MILLION
    }

    /// Until when the daily quota is used up; `None` if it is not, as far as is known. To send
    /// anything before is in vain.
    pub fn closed_until(&self, now: Tick) -> Option<Tick> {
        Some(self.closed).filter(|closed| *closed > now)
    }

    /// Until when nothing is to go: [closed](Self::closed_until), or at rest after a throttle by the
    /// minute. A rest takes 50 ms, and twice as long as the one before, up to 5 s, if a throttle
    /// follows on it within a quarter of a second.
    pub fn quiet_until(&self, now: Tick) -> Option<Tick> {
        Some(self.closed.max(self.rest.until())).filter(|until| *until > now)
    }

    /// How many throttles there were of this cause.
    pub fn throttles(&self, cause: Cause) -> u64 {
        self.counts.get(cause.index()).copied().unwrap_or_default()
    }

    fn with_shortage(&self, now: Tick, level: u32) -> u32 {
        let part = u64::from(level) * u64::from(self.shortage.level(now)) / u64::from(MILLION);
        u32::try_from(part).unwrap_or(level).max(self.policy.floor)
    }
}

/// Why the service refused a call for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// Too many requests.
    RequestRate,
    /// Too many tokens.
    TokenRate,
    /// The tokens of the day are used up.
    Daily,
    /// The service itself is short of capacity, whatever the quotas.
    Capacity,
    /// It did not say.
    Unknown,
}

impl Cause {
    /// How much of the limits that such a throttle is about is used by our own books, in thousandths
    /// of their burst; of several the fullest, and `None` if we keep none.
    pub fn used(self, now: Tick, limits: &Limits) -> Option<u32> {
        let buckets = limits.buckets().filter(|(kind, _)| self.concerns(*kind));
        buckets.map(|(_, bucket)| bucket.used(now)).max()
    }

    /// Whether such a throttle is about a limit by the minute, as far as is known.
    pub(crate) const fn is_by_the_minute(self) -> bool {
        matches!(self, Self::RequestRate | Self::TokenRate | Self::Unknown)
    }

    /// Whether such a throttle is about limits of this kind.
    pub(crate) const fn concerns(self, kind: Kind) -> bool {
        match self {
            Self::RequestRate => matches!(kind, Kind::Requests),
            Self::TokenRate => matches!(kind, Kind::Tokens | Kind::Input | Kind::Output),
            Self::Daily => matches!(kind, Kind::DailyTokens),
            Self::Capacity => false,
            Self::Unknown => !matches!(kind, Kind::DailyTokens),
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::RequestRate => 0,
            Self::TokenRate => 1,
            Self::Daily => 2,
            Self::Capacity => 3,
            Self::Unknown => 4,
        }
    }
}

/// Whose throttle it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// By our own books the limit was used up.
    Ours {
        /// How much of it, in thousandths.
        used: u32,
    },
    /// By our own books there was room: the quota is smaller than stated, or shared with others.
    NotOurs {
        /// How much of it we had used, in thousandths.
        used: u32,
    },
    /// The call went further than the service was known to bear, to see whether it does.
    Tried,
    /// The service is short of capacity, which no quota prevents.
    Service,
    /// We keep no limit of this kind, so we cannot tell.
    Unmetered,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours { used } => write!(f, "{} % used: your own quota is used up", used / 10),
            Self::NotOurs { used } => {
                write!(f, "{} % used: not your quota, or someone else on the account", used / 10)
            }
            Self::Tried => {
                f.write_str("tried whether the service bears more than was proven: it does not now")
            }
            Self::Service => f.write_str("the service is short of capacity: not your quota"),
            Self::Unmetered => f.write_str("no such limit is stated here: it may be your quota"),
        }
    }
}

/// The numbers behind [`Adapt`]. Rates are in millionths of what is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// The rate to begin with. Default: 850,000, since Bedrock does not say how it refills.
    pub start: u32,
    /// The highest rate. Default: 1,000,000.
    pub ceiling: u32,
    /// The lowest rate. Default: 10,000.
    pub floor: u32,
    /// What a throttle leaves of the rate if we had used up the limit. Default: 950,000.
    pub kept_if_ours: u32,
    /// What it leaves otherwise. Default: 700,000.
    pub kept_otherwise: u32,
    /// The time in which a rate is back where it was throttled. Default: a minute.
    pub recovery: Span,
    /// The time in which further throttles belong to the same moment. Default: 15 seconds, so that
    /// the rest of a minute that is used up does not lower a rate again and again.
    pub cooldown: Span,
    /// The form in which a rate comes back. Default: cubic.
    pub growth: Growth,
    /// How long a daily throttle closes if nobody knows when the day ends. Default: an hour.
    pub daily_pause: Span,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            start: 850_000,
            ceiling: MILLION,
            floor: 10_000,
            kept_if_ours: 950_000,
            kept_otherwise: 700_000,
            recovery: Span::MINUTE,
            cooldown: Span::from_secs(15),
            growth: Growth::Cubic,
            daily_pause: Span::from_secs(60 * 60),
        }
    }
}

/// A lasting shortage of capacity. A few calls meet one at any time, and the more calls there are, the
/// more of them do: so it takes a part of the calls, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Shortage {
    /// The latest strikes that have had no effect yet: how many, and the first of them.
    strikes: u32,
    first: Tick,
    /// Calls and strikes of this minute and of the one before, and when this one began.
    minutes: [[u64; 2]; 2],
    minute: Tick,
    /// The level since the latest cut, and when that was.
    cut: Option<(u32, Tick)>,
}

impl Shortage {
    fn call(&mut self, now: Tick) {
        let [[calls, _], _] = self.minutes(now);
        *calls = calls.saturating_add(1);
    }

    fn strike(&mut self, now: Tick) {
        let [[_, strikes], _] = self.minutes(now);
        *strikes = strikes.saturating_add(1);
        if self.strikes == 0 || now.since(self.first) > Span::MINUTE {
            (self.strikes, self.first) = (0, now);
        }
        self.strikes += 1;
        let [[calls, struck], [earlier, struck_earlier]] = self.minutes;
        let (calls, struck) =
            (calls.saturating_add(earlier), struck.saturating_add(struck_earlier));
        if self.strikes >= LASTING && struck.saturating_mul(PART) > calls.saturating_add(PART) {
            self.cut = Some((self.level(now) / 2, now));
            self.strikes = 0;
        }
    }

    fn minutes(&mut self, now: Tick) -> &mut [[u64; 2]; 2] {
        let passed = now.since(self.minute).as_nanos() / Span::MINUTE.as_nanos();
        let [this, _] = self.minutes;
        match passed {
            0 => {}
            1 => (self.minutes, self.minute) = ([[0; 2], this], self.minute.after(Span::MINUTE)),
            _ => (self.minutes, self.minute) = ([[0; 2]; 2], now),
        }
        &mut self.minutes
    }

    /// In millionths.
    fn level(&self, now: Tick) -> u32 {
        let Some((low, since)) = self.cut else { return MILLION };
        let mut level = low.max(1);
        for _ in 0..now.since(since).as_nanos() / HOLD.as_nanos() {
            level = level.saturating_add(level.div_ceil(2));
            if level >= MILLION {
                return MILLION;
            }
        }
        level
    }
}

/// From so much of a limit on, in thousandths, a throttle is our own.
const OURS: u32 = 900;
/// So many strikes within a minute are more than an accident,
const LASTING: u32 = 3;
/// if, but for one, there are more than one in so many calls.
const PART: u64 = 10;
/// How long a cut holds before each step back.
const HOLD: Span = Span::from_secs(15 * 60);
const MILLION: u32 = 1_000_000;
