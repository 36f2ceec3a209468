//! `seseragi watch ORIGIN`: a client that joins channels and prints what comes.

mod join;
mod print;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::ArgMatches;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};

use join::Join;
use print::{Printer, Style};

/// How long to wait before the first new attempt; doubled each time.
const RETRY_FIRST: Duration = Duration::from_millis(500);
/// The longest wait between two attempts.
const RETRY_LONGEST: Duration = Duration::from_secs(30);
/// The library's own default reserves 128 KiB and clears it at each read.
const READ_BUFFER_BYTES: usize = 4096;

/// What to watch.
struct Watch {
    url: String,
    token: Option<String>,
    joins: Vec<Join>,
    left: Option<u64>,
    printer: Printer,
}

/// How a connection ended.
enum End {
    /// As many messages came as were asked for.
    Done,
    /// The server or the network ended it.
    Lost(String),
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
        let style = if matches.get_flag("json") {
            Style::Json
        } else if std::io::stdout().is_terminal() {
            Style::Coloured
        } else {
            Style::Plain
        };
        Ok(Self {
            url: streaming_url(origin)?,
            token,
            joins,
            left: matches.get_one("count").copied(),
            printer: Printer::new(style),
        })
    }

    /// Connects, and again whenever the connection is lost. The first attempt must succeed.
    async fn run(mut self) -> anyhow::Result<()> {
        let mut wait = RETRY_FIRST;
        let mut opened_once = false;
        loop {
            let lost = match self.connection().await {
                Ok(End::Done) => return Ok(()),
                Ok(End::Lost(why)) => {
                    opened_once = true;
                    wait = RETRY_FIRST;
                    why
                }
                Err(error) if opened_once => format!("{error:#}"),
                Err(error) => return Err(error),
            };
            self.printer.lost(&lost, wait)?;
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(RETRY_LONGEST);
        }
    }

    /// One connection, from the handshake to its end.
    async fn connection(&mut self) -> anyhow::Result<End> {
        let mut request = self.url.as_str().into_client_request()?;
        if let Some(token) = &self.token {
            // In a header, where no log of a proxy will show it.
            let value = HeaderValue::try_from(format!("Bearer {token}"))
                .context("the token has characters that no token has")?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
        let (mut socket, _) =
            tokio_tungstenite::connect_async_with_config(request, Some(config), true)
                .await
                .map_err(|error| explain(error, &self.url))?;
        for (at, join) in self.joins.iter().enumerate() {
            socket.send(Message::text(join.message(at))).await?;
        }
        while let Some(message) = socket.next().await {
            match message {
                Ok(Message::Text(text)) => {
                    let capture = self.printer.message(&text, &self.joins)?;
                    if self.left.as_mut().is_some_and(|left| {
                        *left = left.saturating_sub(1);
                        *left == 0
                    }) {
                        socket.close(None).await?;
                        return Ok(End::Done);
                    }
                    if let Some(note) = capture {
                        let body = serde_json::json!({"type": "subNote", "body": {"id": note}});
                        socket.send(Message::text(body.to_string())).await?;
                    }
                }
                Ok(Message::Close(Some(frame))) => {
                    return Ok(End::Lost(format!(
                        "closed with {}: {}",
                        frame.code, frame.reason
                    )));
                }
                Ok(_) => {}
                Err(error) => return Ok(End::Lost(error.to_string())),
            }
        }
        Ok(End::Lost("closed".to_owned()))
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

/// Why a handshake failed, and what to do.
fn explain(error: tungstenite::Error, url: &str) -> anyhow::Error {
    let tungstenite::Error::Http(response) = &error else {
        return anyhow::Error::new(error).context(format!("cannot connect to `{url}`"));
    };
    match response.status().as_u16() {
        401 => anyhow::anyhow!("`{url}` refused the token: check `--token` or SESERAGI_TOKEN"),
        403 => anyhow::anyhow!("`{url}` refused the user: the account is suspended"),
        status => anyhow::anyhow!("`{url}` answered with HTTP status {status}, not a stream"),
    }
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
