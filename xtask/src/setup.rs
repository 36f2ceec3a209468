//! What the suites need of the machine: found, installed, or named.
//!
//! On Debian, as root, what is missing is installed from Debian's packages. Elsewhere the
//! user is told what to install; nothing is changed outside the repository.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::run::Workspace;

/// One thing that a suite needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Node.js 18.19 or newer, with npm.
    Node,
    /// The packages that `tests/e2e/package-lock.json` names.
    NodePackages,
    /// Python 3.10 or newer, able to make virtual environments.
    Python,
    /// The packages that `tests/python/requirements.txt` names.
    PythonPackages,
    /// The Chromium browser.
    Chromium,
    /// The packages that `tests/companion/package-lock.json` names.
    CompanionPackages,
    /// The programs of a PostgreSQL server. No server has to run.
    Postgres,
    /// The program of a Redis or Valkey server. No server has to run.
    Redis,
    /// The profiler of the kernel.
    Perf,
    /// nginx, HAProxy and Caddy. None has to run.
    Proxies,
}

const NODE_PROBE: &str = "const [a, b] = process.versions.node.split('.').map(Number);\
     process.exit(a > 18 || (a === 18 && b >= 19) ? 0 : 1)";
const NODE_BUILD_PROBE: &str = "const [a, b] = process.versions.node.split('.').map(Number);\
     process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)";
const PYTHON_PROBE: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";

/// Sees to it that everything in `needs` is there.
pub(crate) fn provide(workspace: &Workspace, needs: &[Need]) -> Result<()> {
    let missing = needs
        .iter()
        .copied()
        .filter(|need| !need.is_there())
        .collect::<Vec<_>>();
    if !missing.is_empty() {
        println!("=== setup");
        install(workspace, &missing)?;
    }
    if needs.contains(&Need::NodePackages) {
        node_packages(workspace, "tests/e2e")?;
    }
    if needs.contains(&Need::CompanionPackages) {
        node_packages(workspace, "tests/companion")?;
    }
    if needs.contains(&Need::PythonPackages) {
        python_packages(workspace)?;
    }
    Ok(())
}

/// Fails, and says what to do, where `cargo-deny` is not installed.
pub(crate) fn require_cargo_deny() -> Result<()> {
    if !succeeds("cargo", &["deny", "--version"]) {
        bail!("`cargo-deny` is missing: run `cargo install --locked cargo-deny`, then try again");
    }
    Ok(())
}

impl Need {
    /// Whether the machine has it. Packages of npm and PyPI are always checked by their clients.
    fn is_there(self) -> bool {
        match self {
            Self::Node => succeeds("node", &["-e", NODE_PROBE]) && succeeds("npm", &["--version"]),
            Self::Python => succeeds("python3", &["-c", PYTHON_PROBE]),
            Self::Chromium => chromium().is_some(),
            Self::Postgres => postgres(),
            Self::Perf => succeeds("perf", &["--version"]),
            Self::Redis => ["redis-server", "valkey-server"]
                .iter()
                .any(|name| succeeds(name, &["--version"])),
            Self::Proxies => ["nginx", "haproxy", "caddy"].into_iter().all(in_system),
            Self::NodePackages | Self::PythonPackages | Self::CompanionPackages => true,
        }
    }

    fn debian_packages(self) -> &'static [&'static str] {
        match self {
            Self::Node => &["nodejs", "npm"],
            Self::Python => &["python3", "python3-venv"],
            Self::Chromium => &["chromium"],
            Self::Postgres => &["postgresql"],
            Self::Redis => &["redis-server"],
            Self::Perf => &["linux-perf"],
            Self::Proxies => &["nginx-light", "haproxy", "caddy"],
            Self::NodePackages | Self::PythonPackages | Self::CompanionPackages => &[],
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Node => "Node.js 18.19 or newer, with npm",
            Self::Python => "Python 3.10 or newer, with `venv`",
            Self::Chromium => "Chromium, or set `CHROMIUM` to the path of one",
            Self::Postgres => "PostgreSQL, with `initdb` on the path",
            Self::Redis => "Redis or Valkey, with `redis-server` or `valkey-server` on the path",
            Self::Perf => "`perf`, the profiler of the Linux kernel",
            Self::Proxies => "nginx, HAProxy and Caddy",
            Self::NodePackages | Self::PythonPackages | Self::CompanionPackages => "",
        }
    }
}

/// Where Chromium is: `CHROMIUM`, or the name that Debian gives it.
fn chromium() -> Option<String> {
    let path = env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    Path::new(&path).exists().then_some(path)
}

/// Whether a server can be made: Debian keeps the programs of each version in a folder.
fn postgres() -> bool {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut programs = versions
        .flatten()
        .map(|version| version.path().join("bin/initdb"));
    programs.any(|initdb| initdb.exists()) || succeeds("initdb", &["--version"])
}

/// Whether a program is there that only administrators have on their path.
fn in_system(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .any(|folder| folder.join(program).exists())
}

fn install(workspace: &Workspace, missing: &[Need]) -> Result<()> {
    if !can_install() {
        let wanted = missing.iter().map(|need| need.advice());
        bail!("please install: {}", wanted.collect::<Vec<_>>().join("; "));
    }
    let packages = missing.iter().flat_map(|need| need.debian_packages());
    let commands = [
        vec!["update", "-q"],
        ["install", "-q", "-y", "--no-install-recommends"]
            .into_iter()
            .chain(packages.copied())
            .collect(),
    ];
    for args in commands {
        let run = workspace
            .program("apt-get")
            .args(args)
            .env("DEBIAN_FRONTEND", "noninteractive");
        if !run.run()?.success {
            bail!("`apt-get` failed");
        }
    }
    match missing.iter().find(|need| !need.is_there()) {
        Some(need) => bail!("Debian's packages do not give: {}", need.advice()),
        None => Ok(()),
    }
}

fn can_install() -> bool {
    let debian = Path::new("/etc/debian_version").exists() && succeeds("apt-get", &["--version"]);
    let root = Command::new("id").arg("-u").output();
    debian && root.is_ok_and(|id| id.stdout == b"0\n")
}

/// Whether the tools that build the console run on this Node.js.
pub(crate) fn node_builds_the_console() -> bool {
    succeeds("node", &["-e", NODE_BUILD_PROBE])
}

/// Brings the packages of a folder to what its lock file says.
pub(crate) fn node_packages(workspace: &Workspace, prefix: &str) -> Result<()> {
    let folder = workspace.root.join(prefix);
    let stamp = folder.join("node_modules/.seseragi-lock");
    let lock = read(&folder.join("package-lock.json"))?;
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("=== setup: packages from npm");
    let flags = ["--no-audit", "--no-fund", "--ignore-scripts"];
    let run = workspace
        .program("npm")
        .args(["ci", "--prefix", prefix])
        .args(flags);
    if !run.run()?.success {
        bail!("`npm ci` failed");
    }
    fs::write(&stamp, lock).with_context(|| format!("cannot write `{}`", stamp.display()))
}

/// Brings the Python environment under the target folder to what `requirements.txt` says.
fn python_packages(workspace: &Workspace) -> Result<()> {
    let environment = workspace.target.join("python");
    let stamp = environment.join("requirements.txt");
    let wanted = read(&workspace.root.join("tests/python/requirements.txt"))?;
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("=== setup: packages from PyPI");
    let make = workspace.program("python3").args(["-m", "venv", "--clear"]);
    if !make.args([&environment]).run()?.success {
        bail!("`python3 -m venv` failed");
    }
    let pip = workspace
        .program(workspace.python())
        .args(["-m", "pip", "install", "--quiet"])
        .args(["--requirement", "tests/python/requirements.txt"]);
    if !pip.run()?.success {
        bail!("`pip install` failed");
    }
    fs::write(&stamp, wanted).with_context(|| format!("cannot write `{}`", stamp.display()))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// Whether a program is there and exits with 0.
fn succeeds(program: &str, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
