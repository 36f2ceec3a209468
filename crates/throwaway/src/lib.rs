//! Throwaway servers for tests and benchmarks: a PostgreSQL and a Redis on sockets in a temporary
//! folder, ended with their owner.

mod server;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

pub use server::Server;

/// Both servers, in a folder of their own.
#[derive(Debug)]
pub struct Throwaway {
    /// The database.
    // Ended in this order, and before their folder goes.
    pub postgres: Server,
    /// The Redis.
    pub redis: Server,
    folder: TempDir,
}

impl Throwaway {
    /// Starts both; PostgreSQL with these settings besides its own, each `name=value`.
    ///
    /// # Errors
    ///
    /// When one is not installed or does not start.
    pub fn start(settings: &[&str]) -> Result<Self> {
        let folder = TempDir::new()?;
        fs::set_permissions(&folder, Permissions::from_mode(0o755))?;
        Ok(Self {
            postgres: Server::postgres(folder.path(), settings)?,
            redis: Server::redis(folder.path())?,
            folder,
        })
    }

    /// The `postgres://` address of the database, for its owner `misskey`.
    #[must_use]
    pub fn database_address(&self) -> String {
        let home = server::postgres_home(self.folder.path());
        let host = home.display().to_string().replace('/', "%2F");
        format!("postgres://misskey@{host}/postgres")
    }

    /// The `unix://` address of the Redis.
    #[must_use]
    pub fn redis_address(&self) -> String {
        format!(
            "unix://{}",
            server::redis_socket(self.folder.path()).display()
        )
    }

    /// Ends Redis and starts another in its place.
    ///
    /// # Errors
    ///
    /// When it has ended before, or the other does not start.
    pub fn restart_redis(&mut self) -> Result<()> {
        self.redis.end()?;
        self.redis = Server::redis(self.folder.path())?;
        Ok(())
    }

    /// Runs SQL with `psql`, as the owner of everything, and gives the rows without a head: a
    /// line each, with a tab between columns.
    ///
    /// # Errors
    ///
    /// When a statement fails.
    pub fn psql(&self, sql: &str) -> Result<String> {
        let home = server::postgres_home(self.folder.path());
        let mut psql = Command::new(server::newest_postgres().join("psql"))
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--field-separator=\t", "--set=ON_ERROR_STOP=1"])
            .args(["--username=misskey", "--dbname=postgres", "--host"])
            .arg(&home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start `psql`")?;
        let mut input = psql.stdin.take().context("`psql` has no input")?;
        // It reads all of it before it answers more than a pipe holds.
        std::io::Write::write_all(&mut input, sql.as_bytes())?;
        drop(input);
        let output = psql.wait_with_output()?;
        ensure!(
            output.status.success(),
            "SQL failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The folder of both.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Whether a program is there at all.
fn runs(program: &PathBuf) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}
