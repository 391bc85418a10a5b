//! The quota algebra beside two checks of `governor` in sequence, timed by turns in one run. A line
//! of JSON comes for each pair; `cargo xtask bench quota` reads them.

mod algebra;
mod pair;

fn main() {
    algebra::measure();
}
