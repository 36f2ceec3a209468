//! Files from other servers, for `drive/files/upload-from-url`.
//!
//! Anyone with an account names the address, so it must lead to nothing inside. Every address that
//! a host's name stands for is checked, at each redirect anew, and the connection goes to the very
//! address that was checked: the name is not looked up again.

mod addresses;
mod connect;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, LOCATION};
use hyper::{Response, StatusCode};
use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::limits::{FETCHES_MAX, REDIRECTS_MAX};

/// Why a file was not fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("not an address of the web: {0}")]
    Address(&'static str),
    #[error("the name of the host is not known")]
    Unresolved(#[source] std::io::Error),
    #[error("the host has an address that is not public: {0}")]
    Private(std::net::IpAddr),
    #[error("cannot connect")]
    Connect(#[source] std::io::Error),
    #[error("cannot speak HTTP with the host")]
    Http(#[from] hyper::Error),
    #[error("the answer has the status {0}")]
    Status(StatusCode),
    #[error("there are too many redirects")]
    Redirects,
    #[error("a redirect leads nowhere")]
    Location,
    #[error("the content is encoded, which was not asked for")]
    Encoded,
    #[error("the file is too large")]
    TooLarge,
}

/// Why no file can be fetched at all.
#[derive(Debug, thiserror::Error)]
pub enum FetcherError {
    /// The machine's certificate authorities can't be read.
    #[error("this machine has no certificate authorities")]
    NoRoots,
    /// TLS can't be set up.
    #[error("cannot set up TLS")]
    Tls(#[from] tokio_rustls::rustls::Error),
}

/// Fetches files.
pub(crate) struct Fetcher {
    tls: TlsConnector,
    private_networks: Vec<IpNet>,
    /// The turns of those who fetch at the same time.
    pub(crate) turns: Semaphore,
    /// The places of those who fetch or wait for their turn.
    pub(crate) places: std::sync::Arc<Semaphore>,
}

/// A file that is being fetched.
pub(crate) struct Fetched {
    /// Where it was found in the end.
    url: Url,
    response: Response<Incoming>,
    /// Ends the connection when this is dropped.
    _connection: JoinSet<()>,
}

impl Fetcher {
    /// A fetcher that reaches public addresses, and these networks.
    pub(crate) fn new(private_networks: Vec<IpNet>) -> Result<Self, FetcherError> {
        Ok(Self {
            tls: connect::tls()?,
            private_networks,
            turns: Semaphore::new(FETCHES_MAX),
            places: std::sync::Arc::new(Semaphore::new(crate::limits::FETCHES_WAITING_MAX)),
        })
    }

    /// Asks for a file, and follows redirects to it.
    pub(crate) async fn get(&self, mut url: Url, bytes_max: u64) -> Result<Fetched, FetchError> {
        for _ in 0..=REDIRECTS_MAX {
            addresses::check_url(&url)?;
            let addresses = addresses::of(&url, &self.private_networks).await?;
            let (response, connection) = connect::get(&url, &addresses, &self.tls).await?;
            let status = response.status();
            if status == StatusCode::OK {
                check_head(response.headers(), bytes_max)?;
                return Ok(Fetched {
                    url,
                    response,
                    _connection: connection,
                });
            }
            if !status.is_redirection() {
                return Err(FetchError::Status(status));
            }
            url = target(&url, response.headers()).ok_or(FetchError::Location)?;
        }
        Err(FetchError::Redirects)
    }
}

impl Fetched {
    /// What the other server calls the file; else the last part of its address.
    pub(crate) fn name(&self) -> Option<String> {
        let said = self.response.headers().get(CONTENT_DISPOSITION);
        let said = said.and_then(|value| file_name(value.to_str().ok()?));
        said.or_else(|| {
            let last = self.url.path_segments()?.next_back()?;
            Some(percent_decode_str(last).decode_utf8().ok()?.into_owned())
        })
    }

    /// The next part of the content; `None`: that was all. A content that was cut off is an error.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, FetchError> {
        while let Some(frame) = self.response.frame().await {
            if let Ok(data) = frame?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

fn check_head(headers: &HeaderMap, bytes_max: u64) -> Result<(), FetchError> {
    let plain = |value: &hyper::header::HeaderValue| value.as_bytes() == b"identity";
    if !headers.get_all(CONTENT_ENCODING).iter().all(plain) {
        return Err(FetchError::Encoded);
    }
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > bytes_max) {
        return Err(FetchError::TooLarge);
    }
    Ok(())
}

/// The file's name in a `Content-Disposition`.
fn file_name(disposition: &str) -> Option<String> {
    let parts = || disposition.split(';').map(str::trim);
    let encoded = parts().find_map(|part| part.strip_prefix("filename*=UTF-8''"));
    if let Some(name) = encoded {
        return Some(percent_decode_str(name).decode_utf8().ok()?.into_owned());
    }
    let plain = parts().find_map(|part| part.strip_prefix("filename="))?;
    Some(plain.trim_matches('"').to_owned())
}

/// Where a redirect leads.
fn target(from: &Url, headers: &HeaderMap) -> Option<Url> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    from.join(location).ok()
}

#[cfg(test)]
pub(crate) mod tests;
