//! Lets anything happen to a desk and two hubs, in any order.
#![no_main]

#[path = "../checks/hub.rs"]
mod hub_check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| hub_check::check(data));
