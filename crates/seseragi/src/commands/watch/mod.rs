//! `seseragi watch ORIGIN`: a client that joins channels and prints what comes.

mod captures;
mod explain;
mod join;
mod print;

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use clap::ArgMatches;
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use captures::Captures;
use explain::Refusal;
use join::Join;
use print::{Printer, Style};

/// How long to wait before the first new attempt; doubled each time.
const RETRY_FIRST: Duration = Duration::from_millis(500);
/// The longest wait between two attempts.
const RETRY_LONGEST: Duration = Duration::from_secs(30);
/// How long a server may take to answer the handshake.
const HANDSHAKE_S: u64 = 20;
/// Servers ping every 60 s: one that is silent for longer than this has gone.
const SILENCE_MAX: Duration = Duration::from_secs(150);
/// The library's own default reserves 128 KiB and clears it at each read.
const READ_BUFFER_BYTES: usize = 4096;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What to watch.
struct Watch {
    url: String,
    token: Option<String>,
    joins: Vec<Join>,
    captures: Captures,
    left: Option<u64>,
    printer: Printer,
}

/// How a connection, or the attempt to make one, ended.
#[derive(Debug)]
enum End {
    /// As many messages came as were asked for, or nobody reads them any more.
    Done,
    /// It ended, and may be made again.
    Lost {
        why: String,
        /// Whether there was a connection at all.
        opened: bool,
    },
    /// It ended, and another attempt would end in the same way.
    Refused(String),
}

/// Watches until the count is reached or the user interrupts.
pub(super) fn run(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let watch = Watch::new(matches)?;
    // Of two providers in one build none is the default by itself.
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        tokio::select! {
            ended = watch.run() => ended.map(|()| ExitCode::SUCCESS),
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}

impl Watch {
    fn new(matches: &ArgMatches) -> anyhow::Result<Self> {
        let origin: &String = matches.get_one("origin").expect("ORIGIN is required");
        let token: Option<String> = matches.get_one("token").cloned();
        let joins = match matches.get_many::<String>("channel") {
            Some(named) => named
                .map(|text| Join::parse(text))
                .collect::<Result<_, _>>()?,
            None => Join::usual(token.is_some()),
        };
        let captured = matches.get_many::<String>("capture");
        let style = if matches.get_flag("json") {
            Style::Json
        } else if io::stdout().is_terminal() && print::colours_wanted() {
            Style::Coloured
        } else {
            Style::Plain
        };
        Ok(Self {
            url: streaming_url(origin)?,
            token,
            joins,
            captures: Captures::new(captured.into_iter().flatten().cloned()),
            left: matches.get_one("count").copied(),
            printer: Printer::new(style),
        })
    }

    /// Connects, and again whenever the connection is lost. The first attempt must succeed.
    async fn run(mut self) -> anyhow::Result<()> {
        let mut wait = RETRY_FIRST;
        let mut opened_once = false;
        loop {
            match self.connection(opened_once).await? {
                End::Done => return Ok(()),
                End::Refused(why) => bail!(why),
                End::Lost { why, opened: false } if !opened_once => bail!(why),
                End::Lost { why, opened } => {
                    opened_once = true;
                    if opened {
                        wait = RETRY_FIRST;
                    }
                    // Many who lost the same server should not come back in the same moment.
                    let spread = wait.mul_f32(0.5 + fastrand::f32() / 2.0);
                    self.printer.lost(&why, spread);
                    tokio::time::sleep(spread).await;
                    wait = (wait * 2).min(RETRY_LONGEST);
                }
            }
        }
    }

    /// One connection, from the handshake to its end; whether there was one before.
    async fn connection(&mut self, again: bool) -> anyhow::Result<End> {
        let mut socket = match self.open().await? {
            Ok(socket) => socket,
            Err(Refusal { why, passing: true }) => return Ok(End::Lost { why, opened: false }),
            Err(Refusal { why, .. }) => return Ok(End::Refused(why)),
        };
        if again {
            self.printer.back();
        }
        let joins = self.joins.iter().enumerate();
        let mut messages: Vec<String> = joins.map(|(at, join)| join.message(at)).collect();
        messages.extend(self.captures.messages());
        loop {
            if let Err(error) = send(&mut socket, messages).await {
                return Ok(lost(error.to_string()));
            }
            messages = Vec::new();
            match timeout(SILENCE_MAX, socket.next()).await {
                Err(_) => return Ok(lost(format!("silent for {} s", SILENCE_MAX.as_secs()))),
                Ok(None | Some(Ok(Message::Close(None)))) => {
                    return Ok(lost("closed without a reason".to_owned()));
                }
                Ok(Some(Ok(Message::Close(Some(frame))))) => return Ok(closed(&frame)),
                Ok(Some(Err(error))) => return Ok(lost(error.to_string())),
                Ok(Some(Ok(Message::Text(text)))) => {
                    match self.printer.message(&text, &self.joins) {
                        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                            return Ok(End::Done);
                        }
                        Err(error) => return Err(error).context("cannot write the events"),
                        Ok(Some(note)) => messages = self.captures.arrived(&note),
                        Ok(None) => {}
                    }
                    if self.was_last() {
                        // They have all they wanted: how the connection ends is of no interest.
                        drop(socket.close(None).await);
                        return Ok(End::Done);
                    }
                }
                Ok(Some(Ok(_))) => {}
            }
        }
    }

    /// The handshake.
    async fn open(&self) -> anyhow::Result<Result<Socket, Refusal>> {
        let mut request = self
            .url
            .as_str()
            .into_client_request()
            .map_err(|error| anyhow!("`{}` is no address: {error}", self.url))?;
        if let Some(token) = &self.token {
            // In a header, where no log of a proxy will show it.
            let value = HeaderValue::try_from(format!("Bearer {token}"))
                .context("the token has characters that no token has")?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
        let opening = tokio_tungstenite::connect_async_with_config(request, Some(config), true);
        let opened = timeout(Duration::from_secs(HANDSHAKE_S), opening).await;
        Ok(match opened {
            Err(_) => Err(Refusal::timeout(&self.url, HANDSHAKE_S)),
            Ok(Err(error)) => Err(Refusal::of(&error, &self.url)),
            Ok(Ok((socket, _))) => Ok(socket),
        })
    }

    /// Counts a message; whether it was the last one that was asked for.
    fn was_last(&mut self) -> bool {
        self.left.as_mut().is_some_and(|left| {
            *left = left.saturating_sub(1);
            *left == 0
        })
    }
}

async fn send(socket: &mut Socket, messages: Vec<String>) -> Result<(), tungstenite::Error> {
    for message in messages {
        socket.feed(Message::text(message)).await?;
    }
    socket.flush().await
}

fn lost(why: String) -> End {
    End::Lost { why, opened: true }
}

/// What a close code of the server means for another attempt.
fn closed(frame: &CloseFrame) -> End {
    let code = u16::from(frame.code);
    let why = format!("closed with {code} {}", print::printable(&frame.reason));
    let why = why.trim_end().to_owned();
    match code {
        1008 => End::Refused(format!(
            "{why}: the token was revoked, the user suspended, or there are too many connections"
        )),
        1002 | 1007 | 1009 => End::Refused(format!("{why}: the server refuses what was sent")),
        _ => lost(why),
    }
}

/// The address of the stream of a server.
fn streaming_url(origin: &str) -> anyhow::Result<String> {
    let origin = origin.trim_end_matches('/');
    let (scheme, rest) = match origin.split_once("://") {
        Some(("http" | "ws", rest)) => ("ws", rest),
        Some(("https" | "wss", rest)) => ("wss", rest),
        Some((other, _)) => bail!("unknown scheme `{other}`: use `http` or `https`"),
        None => ("wss", origin),
    };
    let rest = rest.strip_suffix("/streaming").unwrap_or(rest);
    Ok(format!("{scheme}://{rest}/streaming"))
}

#[cfg(test)]
mod tests {
    use super::streaming_url;

    #[test]
    fn origins_become_addresses_of_the_stream() {
        let cases = [
            ("http://127.0.0.1:3000", "ws://127.0.0.1:3000/streaming"),
            ("https://example.com/", "wss://example.com/streaming"),
            ("example.com", "wss://example.com/streaming"),
            ("wss://example.com/streaming", "wss://example.com/streaming"),
        ];
        for (origin, url) in cases {
            assert_eq!(streaming_url(origin).unwrap(), url);
        }
        assert!(streaming_url("ftp://example.com").is_err());
    }
}
