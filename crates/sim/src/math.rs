//! Logarithm and power out of plain arithmetic, whose results are the same on every machine. Those of
//! the standard library may differ in the last digit, and a simulation from there on.

use core::f64::consts::{LN_2, SQRT_2};

/// The natural logarithm of a positive number.
pub(crate) fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as f64 - 1_023.0;
    let mut mantissa = f64::from_bits((bits & FRACTION) | ONE);
    if mantissa > SQRT_2 {
        mantissa /= 2.0;
        exponent += 1.0;
    }
    // 2 artanh(s), whose series is short for the small s that are left.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let mut sum = 0.0;
    for n in (0..12).rev() {
        sum = sum * s * s + 1.0 / f64::from(2 * n + 1);
    }
    exponent * LN_2 + 2.0 * s * sum
}

/// The exponential, within ±700.
pub(crate) fn exp(x: f64) -> f64 {
    let whole = (x.clamp(-700.0, 700.0) / LN_2).round();
    let rest = x.clamp(-700.0, 700.0) - whole * LN_2;
    let mut sum = 1.0;
    for n in (1..=18).rev() {
        sum = 1.0 + sum * rest / f64::from(n);
    }
    sum * f64::from_bits(((whole as i64 + 1_023) as u64) << 52)
}

/// A positive number to any power; 0 stays 0.
pub(crate) fn pow(x: f64, power: f64) -> f64 {
    if x > 0.0 { exp(ln(x) * power) } else { 0.0 }
}

const FRACTION: u64 = (1 << 52) - 1;
/// The bits of 1.0.
const ONE: u64 = 1_023 << 52;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_standard_library_says_the_same(x in 1e-12_f64..1e12, y in -30.0_f64..30.0) {
            let near = |ours: f64, theirs: f64| (ours - theirs).abs() <= 1e-12 * theirs.abs().max(1.0);
            prop_assert!(near(ln(x), x.ln()), "ln {x}");
            prop_assert!((exp(y) / y.exp() - 1.0).abs() < 1e-12, "exp {y}");
            prop_assert!((pow(x, 1.0 / 3.0) / x.cbrt() - 1.0).abs() < 1e-12, "cbrt {x}");
        }
    }
}
