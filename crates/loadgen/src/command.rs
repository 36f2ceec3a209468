//! What a server under load is told on its standard input, a line each.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// `publish FIRST COUNT BYTES AUTHOR GAP_US`: notes.
    Publish {
        /// The number of the first one.
        first: u64,
        count: u64,
        /// The payload of a frame, see [`crate::note::note`].
        bytes: usize,
        author: String,
        /// How far apart they are, in whole microseconds.
        gap: Duration,
    },
    /// `react NOTE FIRST COUNT`: reactions to a note.
    React { note: u64, first: u64, count: u64 },
}

impl Command {
    /// Reads a line.
    pub(crate) fn parse(line: &str) -> Result<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |word: &str| {
            let number = word.parse::<u64>();
            number.with_context(|| format!("`{word}` in `{line}` is no number"))
        };
        Ok(match words[..] {
            ["publish", first, count, bytes, author, gap_us] => Self::Publish {
                first: number(first)?,
                count: number(count)?,
                bytes: usize::try_from(number(bytes)?)?,
                author: author.to_owned(),
                gap: Duration::from_micros(number(gap_us)?),
            },
            ["react", note, first, count] => Self::React {
                note: number(note)?,
                first: number(first)?,
                count: number(count)?,
            },
            _ => bail!("unknown command `{line}`"),
        })
    }
}

impl fmt::Display for Command {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Publish {
                first,
                count,
                bytes,
                author,
                gap,
            } => {
                let gap_us = gap.as_micros();
                write!(out, "publish {first} {count} {bytes} {author} {gap_us}")
            }
            Self::React { note, first, count } => write!(out, "react {note} {first} {count}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_as_it_was_written() {
        let publish = Command::Publish {
            first: 1,
            count: 2,
            bytes: 2_048,
            author: "author".to_owned(),
            gap: Duration::from_millis(1),
        };
        let react = Command::React {
            note: 3,
            first: 4,
            count: 5,
        };
        for command in [publish, react] {
            assert_eq!(Command::parse(&command.to_string()).unwrap(), command);
        }
        let error = Command::parse("publish 1 x 2 author 0").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`x` in `publish 1 x 2 author 0` is no number"
        );
        assert!(Command::parse("stop").is_err());
    }
}
