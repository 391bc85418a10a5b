//! Fuzzes `outcrop_fuzz::chunks`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| outcrop_fuzz::chunks(bytes));
