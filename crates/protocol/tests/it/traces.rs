//! The recordings of a real server, which lie outside of this repository.

use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde_json::Value;

/// The folder of the recordings: `SESERAGI_TRACES`, or `../shared/traces` beside the workspace.
#[expect(
    clippy::disallowed_methods,
    reason = "the crate has no environment, its tests do"
)]
fn folder() -> PathBuf {
    env::var_os("SESERAGI_TRACES").map_or_else(
        || {
            PathBuf::from(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../../shared/traces"
            ))
        },
        PathBuf::from,
    )
}

/// The lines of a recording. `None`: it is not there, which is said past the capture of test
/// output, so that nobody takes the test for done.
pub(crate) fn read(name: &str) -> Option<Vec<Value>> {
    let path = folder().join(name);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) => {
            let notice = format!(
                "SKIPPED: {}: {error}; set SESERAGI_TRACES\n",
                path.display()
            );
            io::stderr().write_all(notice.as_bytes()).unwrap();
            return None;
        }
    };
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    Some(
        lines
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .collect(),
    )
}
