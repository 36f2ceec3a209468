//! One server.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// A process that ends with this.
#[derive(Debug)]
pub struct Server(Child);

impl Server {
    /// Makes a database in a folder and starts its server, as an unprivileged user.
    pub(crate) fn postgres(folder: &Path, settings: &[&str]) -> Result<Self> {
        let bin = newest_postgres();
        let home = postgres_home(folder);
        fs::create_dir(&home)?;
        fs::set_permissions(&home, Permissions::from_mode(0o700))?;
        // PostgreSQL refuses to be root.
        let user = is_root()?.then(unprivileged).transpose()?;
        if let Some((uid, gid)) = user {
            chown(&home, Some(uid), Some(gid))?;
        }
        let data = home.join("data");
        let made = guarded(&bin.join("initdb"), user)
            .args(["--username=misskey", "--auth=trust", "--no-sync"])
            .args(["--locale=C", "--encoding=UTF8", "--no-instructions"])
            .arg("--pgdata")
            .arg(&data)
            .current_dir(&home)
            .output()
            .context("cannot start `initdb`")?;
        let problem = String::from_utf8_lossy(&made.stderr);
        ensure!(made.status.success(), "`initdb` failed: {problem}");
        let mut command = guarded(&bin.join("postgres"), user);
        command.arg("-D").arg(&data).arg("-k").arg(&home);
        for setting in ["listen_addresses=", "fsync=off"].iter().chain(settings) {
            command.args(["-c", setting]);
        }
        command.current_dir(&home);
        Self::start(command, "database system is ready to accept connections")
    }

    /// Starts a Redis, or a Valkey, that keeps nothing.
    pub(crate) fn redis(folder: &Path) -> Result<Self> {
        let names = ["redis-server", "valkey-server"].map(PathBuf::from);
        let name = names.into_iter().find(crate::runs);
        let name = name.context("neither Redis nor Valkey is installed")?;
        let mut command = guarded(&name, None);
        command
            .args(["--port", "0", "--save", "", "--unixsocket"])
            .arg(redis_socket(folder))
            .current_dir(folder);
        Self::start(command, "ready to accept connections")
    }

    /// Starts a server and waits until it says that it is ready.
    fn start(mut command: Command, ready: &str) -> Result<Self> {
        // Redis says it on its output, PostgreSQL on its error output.
        let (output, input) = std::io::pipe()?;
        command.stdin(Stdio::null());
        command.stdout(input.try_clone()?).stderr(input);
        let child = command.spawn().context("cannot start `setpriv`")?;
        drop(command);
        let server = Self(child);
        let mut lines = BufReader::new(output).lines();
        let mut said = String::new();
        loop {
            let Some(line) = lines.next().transpose()? else {
                bail!("a server ended: {said}");
            };
            if line.to_lowercase().contains(ready) {
                break;
            }
            said.push_str(&line);
            said.push('\n');
        }
        // Whatever else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }

    /// Ends it, and all processes of it: PostgreSQL at once and without cleaning up, a Redis
    /// likewise. Killed outright, PostgreSQL would leave others behind that answer for a moment.
    ///
    /// # Errors
    ///
    /// When it has ended by itself.
    pub fn end(&mut self) -> Result<()> {
        ensure!(self.0.try_wait()?.is_none(), "a server ended by itself");
        let pid = self.0.id().to_string();
        let told = Command::new("kill").args(["-QUIT", &pid]).status()?;
        ensure!(told.success(), "a server can't be ended");
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been ended before.
        drop(self.end());
    }
}

/// Where a PostgreSQL keeps its files and its socket.
pub(crate) fn postgres_home(folder: &Path) -> PathBuf {
    folder.join("postgres")
}

/// Where a Redis listens.
pub(crate) fn redis_socket(folder: &Path) -> PathBuf {
    folder.join("redis.sock")
}

/// The folder of the newest PostgreSQL programs, as Debian has it; else they are on the path.
pub(crate) fn newest_postgres() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let versions = versions.filter_map(|version| {
        let bin = version.ok()?.path().join("bin");
        bin.join("initdb").exists().then_some(bin)
    });
    versions.max().unwrap_or_default()
}

/// A command that the kernel ends should its parent be killed.
fn guarded(program: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if let Some((uid, gid)) = user {
        command
            .arg("--clear-groups")
            .arg(format!("--reuid={uid}"))
            .arg(format!("--regid={gid}"));
    }
    command.arg(program);
    command
}

fn is_root() -> Result<bool> {
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}

/// The user `nobody`.
fn unprivileged() -> Result<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd")?;
    let user = users.lines().find_map(|line| {
        let mut parts = line.split(':');
        (parts.next()? == "nobody").then(|| parts.nth(1).zip(parts.next()))?
    });
    let (uid, gid) = user.context("there is no user `nobody`")?;
    Ok((uid.parse()?, gid.parse()?))
}
