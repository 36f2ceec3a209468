//! Where the server upstream is.

use std::fmt;

/// The origin of a server, such as `http://127.0.0.1:3000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    secure: bool,
    /// The host, with the port if there is one.
    authority: Box<str>,
}

/// An address that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address upstream must be an origin such as `http://127.0.0.1:3000`")]
pub struct AddressError;

impl Address {
    /// Reads an origin.
    ///
    /// # Errors
    ///
    /// When it has another scheme, a path, a user or no host.
    pub fn parse(origin: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = origin.split_once("://").ok_or(AddressError)?;
        let secure = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(AddressError),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
        if authority.is_empty() || !authority.bytes().all(plain) {
            return Err(AddressError);
        }
        let address = Self {
            secure,
            authority: authority.into(),
        };
        let (host, port) = address.split();
        let port_is_one = host.len() == authority.len() || port.is_some();
        (port_is_one && !address.host().is_empty())
            .then_some(address)
            .ok_or(AddressError)
    }

    /// Whether it speaks TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host, with the port if one is written there.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The host alone, an IPv6 address without its brackets.
    pub(crate) fn host(&self) -> &str {
        let (host, _) = self.split();
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// Where to connect.
    pub(crate) fn target(&self) -> (&str, u16) {
        let (_, port) = self.split();
        let usual = if self.secure { 443 } else { 80 };
        (self.host(), port.unwrap_or(usual))
    }

    fn split(&self) -> (&str, Option<u16>) {
        let authority = &*self.authority;
        match authority.rsplit_once(':') {
            // Within brackets it belongs to an IPv6 address.
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
            _ => (authority, None),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_addresses() {
        let check = |text: &str, target: (&str, u16)| {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.target(), target);
            assert_eq!(address.to_string(), text.trim_end_matches('/'));
        };
        check("http://127.0.0.1:3000", ("127.0.0.1", 3000));
        check("http://[::1]:3000/", ("::1", 3000));
        check("http://[::1]", ("::1", 80));
        check("http://misskey.example", ("misskey.example", 80));
        check("https://misskey.example", ("misskey.example", 443));
    }

    #[test]
    fn others_are_not() {
        for text in [
            "",
            "misskey.example",
            "http://",
            "http://:3000",
            "ws://misskey.example",
            "http://misskey.example:",
            "http://misskey.example:99999",
            "http://misskey.example:port",
            "http://misskey.example/api",
            "http://user:secret@misskey.example",
            "http://misskey.example?i=1",
            "http://missk ey",
        ] {
            assert_eq!(Address::parse(text), Err(AddressError), "{text}");
        }
    }
}
