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
