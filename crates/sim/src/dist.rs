//! How numbers are spread: tokens of a prompt or an answer, seconds of a response.

use core::fmt;
use core::str::FromStr;

use crate::math::{exp, ln, pow};
use crate::rng::Rng;

/// A distribution of positive numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Dist {
    /// Always the same.
    Constant(f64),
    /// Lognormal.
    LogNormal {
        /// Half are below.
        median: f64,
        /// 99 of 100 are below.
        p99: f64,
    },
    /// Pareto: a heavy tail, in which a few are very large.
    Heavy {
        /// None is below.
        least: f64,
        /// The exponent of the tail; the larger, the lighter.
        exponent: f64,
    },
}

impl Dist {
    /// Draws a number.
    pub fn draw(self, rng: &mut Rng) -> f64 {
        match self {
            Self::Constant(value) => value,
            Self::LogNormal { median, p99 } => {
                median * exp(rng.normal() * ln(p99 / median) / NORMAL_P99)
            }
            Self::Heavy { least, exponent } => least * pow(rng.part(), -1.0 / exponent),
        }
    }

    /// Draws a whole number from 1 to `most`.
    pub fn count(self, rng: &mut Rng, most: u64) -> u64 {
        (self.draw(rng).round() as u64).clamp(1, most.max(1))
    }
}

/// A number, or `lognormal:MEDIAN,P99`, or `heavy:LEAST,EXPONENT`.
impl FromStr for Dist {
    type Err = NotADist;

    fn from_str(text: &str) -> Result<Self, NotADist> {
        let positive = |text: &str| {
            let number = text.trim().parse::<f64>().ok();
            number.filter(|n| n.is_finite() && *n > 0.0 && *n <= MOST).ok_or(NotADist)
        };
        let Some((name, numbers)) = text.split_once(':') else {
            return positive(text).map(Self::Constant);
        };
        let (first, second) = numbers.split_once(',').ok_or(NotADist)?;
        let (first, second) = (positive(first)?, positive(second)?);
        match name {
            "lognormal" if second >= first => Ok(Self::LogNormal { median: first, p99: second }),
            "heavy" => Ok(Self::Heavy { least: first, exponent: second }),
            _ => Err(NotADist),
        }
    }
}

/// A text that names no distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotADist;

impl fmt::Display for NotADist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected a number above 0, `lognormal:MEDIAN,P99` with P99 at least the median, or \
             `heavy:LEAST,EXPONENT`",
        )
    }
}

impl core::error::Error for NotADist {}

/// 99 of 100 draws from the normal distribution are below.
const NORMAL_P99: f64 = 2.326_347_874;
/// More than any number that makes sense here.
const MOST: f64 = 1e12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_stated_quantiles() {
        let mut rng = Rng::new(1);
        let dist = Dist::LogNormal { median: 200.0, p99: 1_000.0 };
        let mut seen: Vec<f64> = (0..100_000).map(|_| dist.draw(&mut rng)).collect();
        seen.sort_by(f64::total_cmp);
        assert!((195.0..205.0).contains(&seen[50_000]), "{}", seen[50_000]);
        assert!((940.0..1_060.0).contains(&seen[99_000]), "{}", seen[99_000]);
    }

    #[test]
    fn texts_are_read_or_refused() {
        assert_eq!("2.5".parse(), Ok(Dist::Constant(2.5)));
        assert_eq!("lognormal:2,8".parse(), Ok(Dist::LogNormal { median: 2.0, p99: 8.0 }));
        for wrong in ["", "x", "0", "-1", "nan", "lognormal:8,2", "lognormal:8", "even:1,2"] {
            assert_eq!(wrong.parse::<Dist>(), Err(NotADist), "{wrong}");
        }
    }
}
