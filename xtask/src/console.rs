//! The console: its build is committed, so that `cargo run` needs no Node.js.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::run::Workspace;
use crate::setup;
use crate::suites::Report;

/// The folder of the console, from the root.
pub(crate) const FOLDER: &str = "console";
/// Everything that decides what the build is.
const SOURCES: &[&str] = &[
    "index.html",
    "package-lock.json",
    "package.json",
    "src",
    "tsconfig.json",
    "vite.config.js",
];
/// Beside the build: what it was made from.
const HASH: &str = "sources.sha256";

/// Builds the console into its place in the repository.
pub(crate) fn build(workspace: &Workspace) -> Result<bool> {
    let console = workspace.root.join(FOLDER);
    if !(check_types(workspace)? && bundle(workspace, &console.join("dist"))?) {
        return Ok(false);
    }
    let hash = console.join("dist").join(HASH);
    fs::write(&hash, sources_hash(&console)? + "\n")
        .with_context(|| format!("cannot write `{}`", hash.display()))?;
    Ok(true)
}

/// Checks the types, builds anew, and compares that with what is committed.
pub(crate) fn test(workspace: &Workspace) -> Result<Report> {
    if !setup::node_builds_the_console() {
        return Ok(Report::skipped("building the console wants Node.js 20.19"));
    }
    setup::node_packages(workspace, FOLDER)?;
    if !check_types(workspace)? {
        return Ok(Report::failed("the types are wrong".to_owned()));
    }
    let fresh = workspace.target.join(FOLDER);
    if !bundle(workspace, &fresh)? {
        return Ok(Report::failed("the build failed".to_owned()));
    }
    let mut committed = contents(&workspace.root.join(FOLDER).join("dist"))?;
    committed.remove(Path::new(HASH));
    if contents(&fresh)? == committed {
        return Ok(Report::passed());
    }
    let advice = "the committed build is not that of these sources: run `cargo xtask console`";
    Ok(Report::failed(advice.to_owned()))
}

fn check_types(workspace: &Workspace) -> Result<bool> {
    let run = workspace.program("npm").args(["--prefix", FOLDER]);
    Ok(run.args(["run", "--silent", "check"]).run()?.success)
}

fn bundle(workspace: &Workspace, out: &Path) -> Result<bool> {
    let run = workspace.program("npm").args(["--prefix", FOLDER]);
    let run = run.args([
        "run",
        "--silent",
        "build",
        "--",
        "--emptyOutDir",
        "--outDir",
    ]);
    Ok(run.args([out]).run()?.success)
}

/// One hash over the paths and contents of all sources.
fn sources_hash(console: &Path) -> Result<String> {
    let mut hasher = Sha256::new();
    for source in SOURCES {
        let path = console.join(source);
        let files = if path.is_dir() {
            contents(&path)?
        } else {
            let content = fs::read(&path);
            let content = content.with_context(|| format!("cannot read `{}`", path.display()))?;
            BTreeMap::from([(PathBuf::new(), content)])
        };
        for (path, content) in files {
            let head = format!("{source}/{}\n{}\n", path.display(), content.len());
            hasher.update(head.as_bytes());
            hasher.update(&content);
        }
    }
    Ok(format!("{:x}", hasher.finalize()))
}

/// The files under a folder, by their path from there.
fn contents(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let Some(name) = path.file_name().map(PathBuf::from) else {
            bail!("`{}` has no name", path.display());
        };
        if path.is_dir() {
            let inner = contents(&path)?;
            files.extend(
                inner
                    .into_iter()
                    .map(|(path, file)| (name.join(path), file)),
            );
        } else {
            let file = fs::read(&path);
            files.insert(
                name,
                file.with_context(|| format!("cannot read `{}`", path.display()))?,
            );
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also where there is no Node.js to build it anew.
    #[test]
    fn the_committed_build_is_of_these_sources() {
        let console = Workspace::find().unwrap().root.join(FOLDER);
        let recorded = fs::read_to_string(console.join("dist").join(HASH)).unwrap();
        assert_eq!(
            recorded.trim(),
            sources_hash(&console).unwrap(),
            "run `cargo xtask console`"
        );
    }
}
