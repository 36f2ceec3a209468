//! A server under load: this program again, as a child.

use std::ffi::OsStr;
use std::fmt::Display;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};

use crate::misskey::Misskey;
use crate::process;

/// A child that listens somewhere and takes commands. It ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    pub(crate) target: Target,
}

/// Where a server listens, and what it uses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pid: u32,
}

impl Server {
    /// The real server with one worker.
    pub(crate) fn engine(compression: bool) -> Result<Self> {
        let option = compression.then_some("--compression");
        Self::start(["serve"].into_iter().chain(option))
    }

    /// The floor.
    pub(crate) fn floor() -> Result<Self> {
        Self::start(["floor"])
    }

    /// The real server beside a Misskey; perhaps it reads relations again as it does by default.
    pub(crate) fn beside(misskey: &Misskey, reread: bool) -> Result<Self> {
        let (database, redis) = misskey.addresses();
        let option = reread.then(|| "--reread".to_owned());
        Self::start(
            ["beside".to_owned(), database, redis]
                .into_iter()
                .chain(option),
        )
    }

    fn start(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Self> {
        let program = std::env::current_exe()?;
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let commands = child.stdin.take();
        let answers = child.stdout.take().context("the child has no output")?;
        let mut answers = BufReader::new(answers);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        let address = line.trim().parse();
        let address = address.context("a server did not start")?;
        let pid = child.id();
        Ok(Self {
            child,
            commands,
            answers,
            target: Target { address, pid },
        })
    }

    /// Gives a command without waiting for its answer.
    pub(crate) fn tell(&mut self, command: impl Display) -> Result<()> {
        let commands = self.commands.as_mut().context("the child has no input")?;
        writeln!(commands, "{command}")?;
        Ok(())
    }

    /// Waits for the answer to a command: when the server began with it, in ns of the clock
    /// that all processes share.
    pub(crate) fn heard(&mut self) -> Result<u64> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let started_ns = line.trim_end().strip_prefix("ok ");
        let started_ns = started_ns.with_context(|| format!("the server answered `{line}`"))?;
        Ok(started_ns.parse()?)
    }
}

impl Target {
    /// Its process.
    pub(crate) fn pid(self) -> u32 {
        self.pid
    }

    /// Its CPU time so far, in ns, without that of the load it makes itself.
    pub(crate) fn cpu_ns(self) -> Result<u64> {
        process::cpu_ns(self.pid)
    }

    /// The CPU time of its threads of this name so far, in ns.
    pub(crate) fn thread_ns(self, name: &str) -> Result<u64> {
        let threads = process::threads_ns(self.pid)?;
        let named = threads.iter().filter(|(thread, _)| thread == name);
        Ok(named.map(|(_, ns)| ns).sum())
    }

    /// Its anonymous memory, in bytes.
    pub(crate) fn anonymous_bytes(self) -> Result<u64> {
        process::anonymous_bytes(self.pid)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Without commands it ends; if it doesn't, nothing of it is needed any more.
        drop(self.commands.take());
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
