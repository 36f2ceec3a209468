//! Throwaway servers: on sockets in a temporary folder, ended with the test.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use seseragi_companion::{DatabaseSettings, RedisSettings};
use tempfile::TempDir;

/// A PostgreSQL and a Redis.
pub(crate) struct Rig {
    // Ended in this order, and before their folder goes.
    database: Server,
    redis: Server,
    folder: TempDir,
}

/// A process that ends with this.
struct Server(Child);

impl Server {
    /// Ends it, and all processes of it: PostgreSQL at once and without cleaning up, a Redis
    /// likewise. Killed outright, PostgreSQL would leave others behind that answer for a moment.
    fn end(&mut self) {
        let pid = self.0.id().to_string();
        let told = Command::new("kill").args(["-QUIT", &pid]).status();
        assert!(told.unwrap().success(), "the server has ended by itself");
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended in the test.
        if self.0.try_wait().unwrap().is_none() {
            self.end();
        }
    }
}

impl Rig {
    /// Starts both and creates the tables of `tables`.
    pub(crate) async fn start(tables: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        let rig = Self {
            database: start_postgres(folder.path()),
            redis: start_redis(folder.path()),
            folder,
        };
        rig.sql(tables).await;
        rig
    }

    pub(crate) fn database(&self) -> DatabaseSettings {
        DatabaseSettings::parse(&self.database_address()).unwrap()
    }

    pub(crate) fn redis(&self) -> RedisSettings {
        RedisSettings::parse(&self.redis_address()).unwrap()
    }

    /// A connection of the test's own to Redis.
    pub(crate) async fn redis_connection(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.redis_address()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    /// Runs SQL on a connection of its own.
    pub(crate) async fn sql(&self, sql: &str) {
        use deadpool_postgres::tokio_postgres::{NoTls, connect};
        let (client, connection) = connect(&self.database_address(), NoTls).await.unwrap();
        let driver = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
        drop(client);
        driver.await.unwrap().unwrap();
    }

    /// Ends Redis and starts another in its place.
    pub(crate) fn restart_redis(&mut self) {
        self.redis.end();
        self.redis = start_redis(self.folder.path());
    }

    /// Stops the database for good.
    pub(crate) fn stop_database(&mut self) {
        self.database.end();
    }

    fn database_address(&self) -> String {
        let folder = self.folder.path().join("postgres");
        let host = folder.to_str().unwrap().replace('/', "%2F");
        format!("postgres://misskey@{host}/postgres")
    }

    fn redis_address(&self) -> String {
        format!("unix://{}", self.folder.path().join("redis.sock").display())
    }
}

fn start_postgres(folder: &Path) -> Server {
    let bin = newest_postgres();
    let home = folder.join("postgres");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, Permissions::from_mode(0o700)).unwrap();
    // PostgreSQL refuses to be root.
    let user = is_root().then(unprivileged);
    if let Some((uid, gid)) = user {
        chown(&home, Some(uid), Some(gid)).unwrap();
    }
    let data = home.join("data");
    let made = guarded(&bin.join("initdb"), user)
        .args([
            "--username=misskey",
            "--auth=trust",
            "--no-sync",
            "--locale=C",
        ])
        .args(["--encoding=UTF8", "--no-instructions", "--pgdata"])
        .arg(&data)
        .current_dir(&home)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let mut command = guarded(&bin.join("postgres"), user);
    command
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(&home)
        .args(["-c", "listen_addresses=", "-c", "fsync=off"])
        .current_dir(&home);
    start(command, "database system is ready to accept connections")
}

fn start_redis(folder: &Path) -> Server {
    let name = ["redis-server", "valkey-server"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok());
    let name = name.expect("Redis or Valkey is installed");
    let mut command = guarded(Path::new(name), None);
    command
        .args(["--port", "0", "--save", "", "--unixsocket"])
        .arg(folder.join("redis.sock"))
        .current_dir(folder);
    start(command, "ready to accept connections")
}

/// Starts a server and waits until it says that it is ready.
fn start(mut command: Command, ready: &str) -> Server {
    // Redis says it on its output, PostgreSQL on its error output.
    let (output, input) = std::io::pipe().unwrap();
    command.stdin(Stdio::null());
    command.stdout(input.try_clone().unwrap()).stderr(input);
    let child = command.spawn().unwrap();
    drop(command);
    let mut lines = BufReader::new(output).lines();
    let mut said = String::new();
    loop {
        let Some(line) = lines.next() else {
            panic!("the server ended: {said}");
        };
        let line = line.unwrap();
        if line.to_lowercase().contains(ready) {
            break;
        }
        said.push_str(&line);
        said.push('\n');
    }
    // Whatever else it says must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Server(child)
}

/// A command that the kernel ends should the test be killed.
fn guarded(program: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if let Some((uid, gid)) = user {
        command.arg("--clear-groups");
        command
            .arg(format!("--reuid={uid}"))
            .arg(format!("--regid={gid}"));
    }
    command.arg(program);
    command
}

/// The folder of the newest PostgreSQL programs.
fn newest_postgres() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let versions = versions.filter_map(|version| {
        let bin = version.ok()?.path().join("bin");
        bin.join("initdb").exists().then_some(bin)
    });
    versions.max().unwrap_or_default()
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The user `nobody`.
fn unprivileged() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let user = users.lines().find_map(|line| {
        let mut parts = line.split(':');
        (parts.next()? == "nobody").then(|| parts.nth(1).zip(parts.next()))?
    });
    let (uid, gid) = user.expect("there is a user `nobody`");
    (uid.parse().unwrap(), gid.parse().unwrap())
}
