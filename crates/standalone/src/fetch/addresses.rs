//! Which addresses files are fetched from: public ones, and those that the operator allows.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

use super::FetchError;

/// IPv4 addresses that are not public, after IANA's registry of special purposes.
const SPECIAL_V4: &[Ipv4Net] = &[
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// The IPv6 addresses that are given out at all. Local ones, and those that stand for an IPv4
/// address behind a translator, are elsewhere.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0], 3);

/// What in there is not public: protocols' own (Teredo among them), examples, 6to4.
const SPECIAL_V6: &[Ipv6Net] = &[
    v6([0x2001, 0], 23),
    v6([0x2001, 0xdb8], 32),
    v6([0x2002, 0], 16),
    v6([0x3fff, 0], 20),
];

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b]: [u16; 2], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// Refuses what isn't the plain address of a file: what carries a password, or names a port at
/// which something other than the web answers.
pub(super) fn check_url(url: &Url) -> Result<(), FetchError> {
    let refusal = match url.scheme() {
        "http" | "https" => None,
        _ => Some("its scheme"),
    };
    let refusal = refusal
        .or_else(|| (!url.username().is_empty()).then_some("it has a user"))
        .or_else(|| url.password().is_some().then_some("it has a password"))
        .or_else(|| url.port().is_some_and(is_taken).then_some("its port"))
        .or_else(|| url.host().is_none().then_some("it has no host"));
    refusal.map_or(Ok(()), |why| Err(FetchError::Address(why)))
}

/// Whether a port belongs to another protocol.
fn is_taken(port: u16) -> bool {
    port < 1024 && port != 80 && port != 443
}

/// The addresses of a host, if none of them is private.
pub(super) async fn of(url: &Url, allowed: &[IpNet]) -> Result<Vec<SocketAddr>, FetchError> {
    let port = url.port_or_known_default().unwrap_or_default();
    let found = match url.host() {
        Some(Host::Ipv4(ip)) => vec![SocketAddr::new(ip.into(), port)],
        Some(Host::Ipv6(ip)) => vec![SocketAddr::new(ip.into(), port)],
        Some(Host::Domain(name)) => tokio::net::lookup_host((name, port))
            .await
            .map_err(FetchError::Unresolved)?
            .collect(),
        None => Vec::new(),
    };
    checked(found, allowed)
}

/// One private address among public ones is enough to refuse them all.
fn checked(found: Vec<SocketAddr>, allowed: &[IpNet]) -> Result<Vec<SocketAddr>, FetchError> {
    let private = found.iter().map(SocketAddr::ip).find(|ip| {
        // An IPv4 address written as an IPv6 one is still that.
        let ip = ip.to_canonical();
        !is_public(ip) && !allowed.iter().any(|network| network.contains(&ip))
    });
    if let Some(ip) = private {
        return Err(FetchError::Private(ip));
    }
    if found.is_empty() {
        return Err(FetchError::Unresolved(io::ErrorKind::NotFound.into()));
    }
    Ok(found)
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !SPECIAL_V4.iter().any(|network| network.contains(&ip)),
        IpAddr::V6(ip) => {
            GLOBAL_V6.contains(&ip) && !SPECIAL_V6.iter().any(|network| network.contains(&ip))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_public_addresses_are_reached() {
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.0.0.1",
            "128.0.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.167.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2400::1",
            "2001:4860:4860::8888",
            "3ffe::1",
        ] {
            assert!(is_public(ip(public)), "{public}");
        }
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
        ] {
            assert!(!is_public(ip(special)), "{special}");
        }
    }

    #[test]
    fn one_private_address_refuses_a_host_however_it_is_written() {
        let at = |text: &str| SocketAddr::new(ip(text), 80);
        let public = at("1.1.1.1");
        assert_eq!(checked(vec![public], &[]).unwrap(), [public]);
        for private in [
            "127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::1",
            "fe80::1",
        ] {
            let found = checked(vec![public, at(private)], &[]);
            assert!(matches!(found, Err(FetchError::Private(it)) if it == ip(private)));
        }
        assert!(matches!(
            checked(Vec::new(), &[]),
            Err(FetchError::Unresolved(_))
        ));
        // The operator may allow some.
        let allowed = ["10.0.0.0/8".parse().unwrap()];
        for inside in ["10.0.0.1", "::ffff:10.0.0.1"] {
            assert!(checked(vec![at(inside)], &allowed).is_ok());
        }
        assert!(checked(vec![at("127.0.0.1")], &allowed).is_err());
    }

    #[tokio::test]
    async fn names_and_odd_spellings_of_private_addresses_are_seen_through() {
        for url in [
            "http://localhost/",
            "http://127.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://017700000001/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:7f00:1]/",
            "http://0/",
            "http://127.0.0.1%2f@127.0.0.1/",
        ] {
            let Ok(url) = Url::parse(url) else { continue };
            let refused = of(&url, &[]).await;
            assert!(matches!(refused, Err(FetchError::Private(_))), "{url}");
        }
    }

    #[test]
    fn addresses_of_other_protocols_are_refused() {
        for url in [
            "ftp://example.com/",
            "file:///etc/passwd",
            "data:,x",
            "http://a@example.com/",
            "http://:b@example.com/",
            "http://example.com:25/",
            "https://example.com:22/",
        ] {
            let refused = check_url(&Url::parse(url).unwrap());
            assert!(matches!(refused, Err(FetchError::Address(_))), "{url}");
        }
        for url in [
            "http://example.com/",
            "https://example.com:8443/a?b",
            "http://example.com:443/",
        ] {
            assert!(check_url(&Url::parse(url).unwrap()).is_ok(), "{url}");
        }
    }
}
