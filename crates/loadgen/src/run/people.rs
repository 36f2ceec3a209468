//! The users of a run.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::plan::Follows;
use super::rest::{Rest, User};
use super::scenario::Scenario;

/// The authors, and the users of each group.
#[derive(Debug)]
pub(super) struct People {
    pub(super) authors: Vec<User>,
    pub(super) groups: Vec<Vec<User>>,
}

/// Takes users from a file of tokens, one a line: the authors first, then those of each group.
/// Where there are too few, or no file, they are signed up, and a file that is named keeps them.
pub(super) fn gather(
    rest: &Rest,
    run: &str,
    scenario: &Scenario,
    tokens: Option<&Path>,
) -> Result<People> {
    let known = tokens.map(read).transpose()?.unwrap_or_default();
    let wanted = scenario.authors
        + scenario
            .groups
            .iter()
            .map(|group| group.users)
            .sum::<usize>();
    let mut users = Vec::with_capacity(wanted);
    for token in known.iter().take(wanted) {
        users.push(rest.user(token)?);
    }
    let mut keep = tokens
        .filter(|_| users.len() < wanted)
        .map(open)
        .transpose()?;
    while users.len() < wanted {
        let user = rest
            .sign_up(&format!("lg{run}x{}", users.len()))
            .context("cannot sign users up (`--tokens` names a file with tokens of some)")?;
        if let Some(file) = &mut keep {
            writeln!(file, "{}", user.token)?;
        }
        users.push(user);
    }
    let mut users = users.into_iter();
    let authors: Vec<User> = users.by_ref().take(scenario.authors).collect();
    let mut groups = Vec::new();
    for group in &scenario.groups {
        let members: Vec<User> = users.by_ref().take(group.users).collect();
        for (index, user) in members.iter().enumerate() {
            let follows = Follows::of(index, group.follows, scenario.authors);
            rest.follow(user, follows, &authors)?;
        }
        groups.push(members);
    }
    Ok(People { authors, groups })
}

fn read(path: &Path) -> Result<Vec<String>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read the tokens in `{}`", path.display()))?;
    let tokens: Vec<String> = text.lines().map(str::to_owned).collect();
    for (at, token) in tokens.iter().enumerate() {
        // What stands there instead is not shown: it may be half of a token.
        ensure!(
            !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "line {} of `{}` is no token",
            at + 1,
            path.display()
        );
    }
    Ok(tokens)
}

/// A file that only its owner reads.
fn open(path: &Path) -> Result<fs::File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600);
    options
        .open(path)
        .with_context(|| format!("cannot keep tokens in `{}`", path.display()))
}
