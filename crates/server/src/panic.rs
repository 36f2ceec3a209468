//! Parts without which the server would only seem to work.

/// Ends the process, with a code that isn't zero, when the part that holds it panics.
#[derive(Debug)]
pub(crate) struct EndsProcess;

impl Drop for EndsProcess {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("a part that the server can't do without has panicked");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Tells the test below that it is the process that ends.
    const INSIDE: &str = "SESERAGI_TEST_PANIC";

    #[test]
    fn a_panic_in_a_thread_ends_the_process() {
        if std::env::var_os(INSIDE).is_some() {
            let part = std::thread::spawn(|| {
                let _guard = EndsProcess;
                panic!("a part fails");
            });
            drop(part.join());
            std::process::exit(0);
        }
        let name = "panic::tests::a_panic_in_a_thread_ends_the_process";
        let mut inside = Command::new(std::env::current_exe().unwrap());
        let output = inside
            .args(["--exact", name])
            .env(INSIDE, "1")
            .output()
            .unwrap();
        assert!(!output.status.success(), "{output:?}");
        assert_ne!(
            output.status.code(),
            Some(101),
            "the process, not only the thread"
        );
    }
}
