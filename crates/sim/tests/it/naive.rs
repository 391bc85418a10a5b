//! A service written out: lists of what was taken, added up anew at each question, second by second.

use outcrop_sim::Model;
use outcrop_sim::server::{Refill, Refusal};

/// Something taken, when, and what it cost in the end.
#[derive(Clone, Copy, Debug)]
struct Entry {
    at: u64,
    taken: u64,
    settled: Option<(u64, u64)>,
}

/// A limit, and all that ever happened to it, in its order. Times are whole seconds.
#[derive(Clone, Debug)]
struct List {
    kind: Kept,
    quota: u64,
    entries: Vec<Entry>,
    /// The second and the number of each entry, when it was taken and when it was settled.
    events: Vec<(u64, usize)>,
}

#[derive(Clone, Copy, Debug)]
enum Kept {
    /// Over so many seconds, with what comes back in so many.
    Bucket {
        period: u64,
        burst: u64,
    },
    Sliding,
    /// Afresh every so many seconds.
    Clock(u64),
}

impl List {
    fn new(kind: Kept, quota: u64) -> Self {
        Self { kind, quota, entries: Vec::new(), events: Vec::new() }
    }

    fn take(&mut self, now: u64, taken: u64) {
        self.events.push((now, self.entries.len()));
        self.entries.push(Entry { at: now, taken, settled: None });
    }

    fn settle(&mut self, now: u64, number: usize, actual: u64) {
        self.events.push((now, number));
        self.entries[number].settled = Some((now, actual));
    }

    /// Whether there is room for `n` so many nanoseconds after the second `now`.
    fn fits(&self, now: u64, nanos: u64, n: u64) -> bool {
        match self.kind {
            Kept::Bucket { period, burst } => {
                let level = i128::from(self.level(now, period, burst)) * 1_000_000_000;
                let level = level + i128::from(self.quota) * i128::from(nanos);
                let full = i128::from(self.full(period, burst)) * 1_000_000_000;
                i128::from(n * period) * 1_000_000_000 <= level.min(full)
            }
            Kept::Sliding => self.counted(now, |at| now - at < 60) + n <= self.quota,
            Kept::Clock(span) => self.counted(now, |at| at / span == now / span) + n <= self.quota,
        }
    }

    /// The most that a bucket holds, in parts of a token: as many as its period has seconds.
    fn full(&self, period: u64, burst: u64) -> i64 {
        let tokens = (self.quota * burst / period).max(1);
        i64::try_from(tokens * period).unwrap()
    }

    /// What a bucket holds in the second `now`: each second brings as many parts as the quota has
    /// tokens; what is given back is cut to whole tokens that there is room for.
    fn level(&self, now: u64, period: u64, burst: u64) -> i64 {
        let (full, part) = (self.full(period, burst), i64::try_from(period).unwrap());
        let mut level = full;
        let mut seen = vec![false; self.entries.len()];
        let mut events = self.events.iter().peekable();
        for second in 0..=now {
            if second > 0 {
                level = (level + i64::try_from(self.quota).unwrap()).min(full);
            }
            while let Some((_, number)) = events.next_if(|(at, _)| *at == second) {
                let entry = self.entries[*number];
                let taken = i64::try_from(entry.taken).unwrap();
                if std::mem::replace(&mut seen[*number], true) {
                    let (_, actual) = entry.settled.unwrap();
                    let back = taken - i64::try_from(actual).unwrap();
                    level += back.min((full - level) / part) * part;
                } else {
                    level -= taken * part;
                }
            }
        }
        level
    }

    /// What a window counts: less than was taken where it was taken, unless that was over when it
    /// was settled; more than was taken from then on.
    fn counted(&self, now: u64, is_in: impl Fn(u64) -> bool) -> u64 {
        let same = |one: u64, other: u64| match self.kind {
            Kept::Clock(span) => one / span == other / span,
            _ => other - one < 60,
        };
        let count = |entry: &Entry| {
            let (mut here, mut later) = (entry.taken, 0);
            if let Some((when, actual)) = entry.settled.filter(|(when, _)| *when <= now) {
                here = if same(entry.at, when) { here.min(actual) } else { here };
                later = if is_in(when) { actual.saturating_sub(entry.taken) } else { 0 };
            }
            later + if is_in(entry.at) { here } else { 0 }
        };
        self.entries.iter().map(count).sum()
    }
}

/// The limits of one model.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    requests: Option<List>,
    tokens: Option<List>,
    daily: Option<List>,
}

impl Service {
    pub(crate) fn new(refill: Refill, model: &Model) -> Self {
        let kind = match refill {
            Refill::Bucket(burst) => Kept::Bucket { period: 60, burst: burst / 1_000_000_000 },
            Refill::Sliding => Kept::Sliding,
            Refill::Minute => Kept::Clock(60),
        };
        let list = |kind, quota| (quota > 0).then(|| List::new(kind, quota));
        Self {
            requests: list(kind, model.rpm),
            tokens: list(kind, model.tpm),
            daily: list(Kept::Clock(86_400), model.tpd),
        }
    }

    /// Why such a call is refused; `None` if it fits.
    pub(crate) fn refusal(&self, now: u64, nanos: u64, tokens: u64) -> Option<Refusal> {
        let fits = |list: &Option<List>, n| list.as_ref().is_none_or(|l| l.fits(now, nanos, n));
        if !fits(&self.requests, 1) {
            Some(Refusal::Requests)
        } else if !fits(&self.daily, tokens) {
            Some(Refusal::Daily)
        } else if !fits(&self.tokens, tokens) {
            Some(Refusal::Tokens)
        } else {
            None
        }
    }

    pub(crate) fn take(&mut self, now: u64, tokens: u64) {
        for (list, n) in
            [(&mut self.requests, 1), (&mut self.tokens, tokens), (&mut self.daily, tokens)]
        {
            list.iter_mut().for_each(|list| list.take(now, n));
        }
    }

    /// The call of this number, in the order of those taken, has cost `actual` tokens.
    pub(crate) fn settle(&mut self, now: u64, number: usize, actual: u64) {
        let lists = self.tokens.iter_mut().chain(&mut self.daily);
        lists.for_each(|list| list.settle(now, number, actual));
    }
}
