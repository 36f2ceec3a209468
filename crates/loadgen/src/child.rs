//! A server under load: this program again, as a child.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::process;

/// A child that listens somewhere and takes commands. It ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// The real server with one worker.
    pub(crate) fn engine() -> Result<Self> {
        Self::start("serve")
    }

    /// The floor.
    pub(crate) fn floor() -> Result<Self> {
        Self::start("floor")
    }

    fn start(command: &str) -> Result<Self> {
        let program = std::env::current_exe()?;
        let mut child = Command::new(program)
            .arg(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let commands = child.stdin.take();
        let answers = child.stdout.take().context("the child has no output")?;
        let mut answers = BufReader::new(answers);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        let address = line.trim().parse();
        let address = address.with_context(|| format!("`{command}` did not start"))?;
        Ok(Self {
            child,
            commands,
            answers,
            address,
        })
    }

    /// Gives a command without waiting for its answer.
    pub(crate) fn tell(&mut self, command: &str) -> Result<()> {
        let commands = self.commands.as_mut().context("the child has no input")?;
        writeln!(commands, "{command}")?;
        Ok(())
    }

    /// Waits for the answer to a command.
    pub(crate) fn heard(&mut self) -> Result<()> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        ensure!(line == "ok\n", "the server answered `{line}`");
        Ok(())
    }

    /// Its CPU time so far, in ns.
    pub(crate) fn cpu_ns(&self) -> Result<u64> {
        process::cpu_ns(self.child.id())
    }

    /// Its anonymous memory, in bytes.
    pub(crate) fn anonymous_bytes(&self) -> Result<u64> {
        process::anonymous_bytes(self.child.id())
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
