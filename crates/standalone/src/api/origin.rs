//! Where a request comes from, as far as the user is told of it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

/// The headers that say which client it was. All others, which may hold secrets, are left out.
const TELLING: [header::HeaderName; 2] = [header::USER_AGENT, header::ACCEPT_LANGUAGE];

/// Where a request comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    address: Option<IpAddr>,
    headers: Map<String, Value>,
}

impl Origin {
    /// Reads the peer, or what a proxy nearby says of it.
    pub(crate) fn of(parts: &Parts) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|peer| peer.0.ip());
        let address = match peer {
            Some(address) if !is_near(address) => Some(address),
            Some(_) | None => forwarded_for(&parts.headers).or(peer),
        };
        let headers = TELLING.iter().filter_map(|name| {
            let value = parts.headers.get(name)?.to_str().ok()?;
            Some((name.as_str().to_owned(), value.into()))
        });
        Self {
            address,
            headers: headers.collect(),
        }
    }

    /// The address; `None` where it isn't known.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The address as text; empty where it isn't known, as on a Unix socket.
    #[must_use]
    pub fn ip(&self) -> String {
        self.address.map(|ip| ip.to_string()).unwrap_or_default()
    }

    /// The headers that say which client it was.
    #[must_use]
    pub fn headers(&self) -> &Map<String, Value> {
        &self.headers
    }
}

/// Whether a proxy may sit at this address: on this machine or in a private network.
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// The last address of `X-Forwarded-For`: the one that the nearest proxy saw.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn origin(peer: Option<&str>, forwarded: Option<&str>) -> Origin {
        let mut request = Request::get("/")
            .header("user-agent", "a client")
            .header("cookie", "secret");
        if let Some(forwarded) = forwarded {
            request = request.header("x-forwarded-for", forwarded);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        if let Some(peer) = peer {
            let peer = SocketAddr::new(peer.parse().unwrap(), 1);
            parts.extensions.insert(ConnectInfo(peer));
        }
        Origin::of(&parts)
    }

    #[test]
    fn a_proxy_is_believed_nearby_alone() {
        for (peer, forwarded, ip) in [
            (None, None, ""),
            (Some("127.0.0.1"), None, "127.0.0.1"),
            (None, Some("1.1.1.1, 2.2.2.2"), "2.2.2.2"),
            (Some("::1"), Some("2.2.2.2"), "2.2.2.2"),
            (Some("10.1.2.3"), Some("2.2.2.2"), "2.2.2.2"),
            (Some("172.16.0.1"), Some("2.2.2.2"), "2.2.2.2"),
            (Some("192.168.0.1"), Some("2.2.2.2"), "2.2.2.2"),
            (Some("fd00::1"), Some("2.2.2.2"), "2.2.2.2"),
            (Some("::ffff:127.0.0.1"), Some("2.2.2.2"), "2.2.2.2"),
            (Some("3.3.3.3"), Some("2.2.2.2"), "3.3.3.3"),
            (Some("172.32.0.1"), Some("2.2.2.2"), "172.32.0.1"),
            (Some("2001:db8::1"), Some("2.2.2.2"), "2001:db8::1"),
            (Some("::ffff:3.3.3.3"), Some("2.2.2.2"), "::ffff:3.3.3.3"),
            (Some("127.0.0.1"), Some("nonsense"), "127.0.0.1"),
        ] {
            assert_eq!(origin(peer, forwarded).ip(), ip, "{peer:?} {forwarded:?}");
        }
    }

    #[test]
    fn no_secret_of_a_request_is_kept() {
        let origin = origin(None, None);
        assert_eq!(
            Value::from(origin.headers().clone()).to_string(),
            r#"{"user-agent":"a client"}"#
        );
    }
}
