//! What the server is called.

use crate::store::OpenError;

/// The server's public address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    url: String,
    host: String,
    dev: bool,
}

impl Site {
    /// Takes an origin such as `https://example.com`; a slash at the end is dropped.
    pub(crate) fn new(url: &str, dev: bool) -> Result<Self, OpenError> {
        let url = url.trim_end_matches('/');
        let host = url
            .strip_prefix("https://")
            .or_else(|| url.strip_prefix("http://"))
            .filter(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@']))
            .ok_or_else(|| OpenError::Url(url.to_owned()))?;
        Ok(Self {
            host: host.to_ascii_lowercase(),
            url: url.to_owned(),
            dev,
        })
    }

    /// The origin, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The host, in lower case, with the port if the address names one.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the server is for people who test clients: see `--dev`.
    #[must_use]
    pub fn dev(&self) -> bool {
        self.dev
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_and_anything_else_is_not() {
        let site = Site::new("https://Example.com:8443/", false).unwrap();
        assert_eq!(
            (site.url(), site.host()),
            ("https://Example.com:8443", "example.com:8443")
        );
        for wrong in ["", "example.com", "https://", "https://a/b", "ftp://a"] {
            assert!(Site::new(wrong, false).is_err(), "{wrong}");
        }
    }
}
