//! Which crate may see which, and under which licences others' crates come.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{repository, root};

/// The arrows between the crates: each with those it may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("seseragi-protocol", &[]),
    ("seseragi-rules", &["seseragi-protocol"]),
    ("seseragi-session", &["seseragi-protocol", "seseragi-rules"]),
    ("seseragi-hub", &["seseragi-protocol", "seseragi-rules"]),
    ("seseragi-backend", &["seseragi-protocol"]),
    (
        "seseragi-standalone",
        &["seseragi-protocol", "seseragi-backend"],
    ),
    (
        "seseragi-upstream",
        &["seseragi-protocol", "seseragi-backend"],
    ),
    (
        "seseragi-companion",
        &["seseragi-protocol", "seseragi-backend", "seseragi-upstream"],
    ),
    (
        "seseragi-server",
        &[
            "seseragi-protocol",
            "seseragi-rules",
            "seseragi-session",
            "seseragi-hub",
            "seseragi-backend",
        ],
    ),
    ("seseragi-throwaway", &[]),
    (
        "seseragi-loadgen",
        &[
            "seseragi-protocol",
            "seseragi-rules",
            "seseragi-session",
            "seseragi-hub",
            "seseragi-backend",
            "seseragi-companion",
            "seseragi-server",
            "seseragi-throwaway",
            "seseragi-upstream",
        ],
    ),
];

/// The crates that read no clock, no random numbers, no environment and no socket.
const PURE: &[&str] = &[
    "seseragi-protocol",
    "seseragi-rules",
    "seseragi-session",
    "seseragi-hub",
];

/// What a pure crate must not even reach through others.
const WORLDLY: &[&str] = &[
    "tokio",
    "mio",
    "socket2",
    "rustix",
    "libc",
    "rand",
    "rand_core",
    "getrandom",
    "fastrand",
    "hyper",
    "axum",
    "async-trait",
    "chrono",
    "time",
    "jiff",
    "tracing",
    "log",
    "metrics",
];

struct Package {
    name: String,
    ours: bool,
    license: Option<String>,
    /// The packages it needs to be built into a program, without optional ones.
    needs: Vec<String>,
}

/// Every package of the workspace and of what it depends on, by id.
fn packages() -> Result<BTreeMap<String, Package>> {
    let output = Command::new(env::var_os("CARGO").context("`CARGO` is not set")?)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root())
        .output()?;
    let problem = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "`cargo metadata` failed: {problem}"
    );
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let mut packages = BTreeMap::new();
    for package in items(&metadata["packages"]) {
        packages.insert(text(&package["id"]), read_package(package));
    }
    for node in items(&metadata["resolve"]["nodes"]) {
        let id = text(&node["id"]);
        let known = packages.get_mut(&id).context("a node without a package")?;
        let optional = std::mem::take(&mut known.needs);
        known.needs = needs(node, &optional);
    }
    Ok(packages)
}

/// Reads a package; its `needs` hold the names of its optional dependencies for the moment.
fn read_package(package: &Value) -> Package {
    let optional = items(&package["dependencies"])
        .filter(|dependency| dependency["optional"] == true)
        .map(|dependency| text(&dependency["name"]).replace('-', "_"));
    let ours = package["source"].is_null();
    Package {
        name: text(&package["name"]),
        ours,
        license: package["license"].as_str().map(str::to_owned),
        needs: if ours { optional.collect() } else { Vec::new() },
    }
}

fn needs(node: &Value, optional: &[String]) -> Vec<String> {
    items(&node["deps"])
        .filter(|edge| items(&edge["dep_kinds"]).any(|kind| kind["kind"].is_null()))
        .filter(|edge| !optional.contains(&text(&edge["name"])))
        .map(|edge| text(&edge["pkg"]))
        .collect()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Everything that a package of ours reaches.
fn reached<'a>(packages: &'a BTreeMap<String, Package>, name: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut waiting = packages
        .iter()
        .filter(|(_, package)| package.ours && package.name == name)
        .map(|(id, _)| id)
        .collect::<Vec<_>>();
    assert!(!waiting.is_empty(), "there is no crate `{name}`");
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            waiting.extend(&packages[id].needs);
        }
    }
    seen.into_iter()
        .map(|id| packages[id].name.as_str())
        .collect()
}

#[test]
fn the_core_is_pure() -> Result<()> {
    let packages = packages()?;
    for name in PURE {
        let reached = reached(&packages, name);
        let worldly = WORLDLY
            .iter()
            .filter(|worldly| reached.contains(*worldly))
            .collect::<Vec<_>>();
        assert!(worldly.is_empty(), "`{name}` reaches {worldly:?}");
    }
    Ok(())
}

#[test]
fn the_arrows_between_the_crates_hold() -> Result<()> {
    let packages = packages()?;
    for (name, allowed) in ARROWS {
        let mut ours = reached(&packages, name);
        ours.retain(|other| other.starts_with("seseragi") && other != name);
        let wrong = ours.iter().filter(|other| !allowed.contains(*other));
        let wrong = wrong.collect::<Vec<_>>();
        assert!(wrong.is_empty(), "`{name}` must not depend on {wrong:?}");
    }
    Ok(())
}

/// Whether a licence expression can be met with these licences: any side of `OR`, all of `AND`.
fn allows(allowed: &BTreeSet<&str>, expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let bare = expression.replace(['(', ')'], " ");
    if expression.contains(") AND") || expression.contains("AND (") {
        let parts = expression.split(" AND ");
        return parts
            .into_iter()
            .all(|part| allows(allowed, &part.replace(['(', ')'], "")));
    }
    bare.split(" OR ").any(|choice| {
        let mut parts = choice.split(" AND ");
        parts.all(|license| allowed.contains(license.trim()))
    })
}

#[test]
fn every_dependency_comes_under_a_licence_that_we_allow() -> Result<()> {
    let deny: toml::Table = fs::read_to_string(root().join("deny.toml"))?.parse()?;
    let allowed = deny["licenses"]["allow"]
        .as_array()
        .context("`licenses.allow` is not a list")?
        .iter()
        .filter_map(toml::Value::as_str)
        .collect::<BTreeSet<_>>();
    let packages = packages()?;
    let refused = packages
        .values()
        .filter(|package| !package.ours)
        .filter(|package| {
            !package
                .license
                .as_deref()
                .is_some_and(|it| allows(&allowed, it))
        })
        .map(|package| format!("{} ({:?})", package.name, package.license))
        .collect::<Vec<_>>();
    assert!(refused.is_empty(), "not allowed: {}", refused.join(", "));
    Ok(())
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0", "Unicode-3.0"]);
    for met in [
        "MIT",
        "MIT OR GPL-3.0",
        "MIT/GPL-3.0",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
    ] {
        assert!(allows(&allowed, met), "{met}");
    }
    for unmet in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR Apache-2.0) AND GPL-3.0",
    ] {
        assert!(!allows(&allowed, unmet), "{unmet}");
    }
}

#[test]
fn every_crate_takes_part_in_the_house_rules() -> Result<()> {
    let manifests = repository()?;
    let manifests = manifests
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml"))
        .filter(|file| file.text.contains("[package]") && !file.path.starts_with("fuzz"));
    for file in manifests {
        let path = file.path.display();
        assert!(
            file.text.contains("[lints]\nworkspace = true"),
            "{path}: no lints"
        );
        for dependency in ["version = \"*\"", "= \"*\""] {
            assert!(
                !file.text.contains(dependency),
                "{path}: a wildcard version"
            );
        }
    }
    Ok(())
}
