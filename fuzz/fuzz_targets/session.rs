//! Lets anything happen to a session, in any order.
#![no_main]

#[path = "../checks/session.rs"]
mod session_check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| session_check::check(data));
