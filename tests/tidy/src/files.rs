//! The files of the repository.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that hold what others made or what a build makes.
const FOREIGN: &[&str] = &[
    ".git",
    "target",
    "node_modules",
    "dist",
    "data",
    "artifacts",
    "corpus",
];

/// A text file of the repository.
#[derive(Debug)]
pub struct SourceFile {
    /// Where it lies, from the root.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

impl SourceFile {
    /// Whether its name ends in this, without the dot.
    #[must_use]
    pub fn is(&self, extension: &str) -> bool {
        self.path.extension() == Some(OsStr::new(extension))
    }

    /// Whether it holds nothing but tests.
    #[must_use]
    pub fn is_test(&self) -> bool {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let within = |folder: &str| self.path.iter().any(|part| part == folder);
        within("tests") || within("conformance") || name == "tests.rs"
    }

    /// Its lines without the tests that stand at its end.
    #[must_use]
    pub fn lines_without_tests(&self) -> usize {
        let code = match self.text.find("\n#[cfg(test)]\nmod tests {") {
            Some(end) => &self.text[..end],
            None => &self.text,
        };
        code.lines().count()
    }
}

/// The root of the repository.
#[must_use]
pub fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .ancestors()
        .nth(2)
        .expect("this crate lies two folders deep")
}

/// All text files of the repository.
///
/// # Errors
///
/// When a file or a folder can't be read.
pub fn repository() -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    collect(root(), &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<SourceFile>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        // In a second working tree of a repository, `.git` is a file.
        if FOREIGN.iter().any(|foreign| name == *foreign) {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else if let Ok(text) = fs::read_to_string(&path) {
            let path = path.strip_prefix(root())?.to_path_buf();
            files.push(SourceFile { path, text });
        }
    }
    Ok(())
}
