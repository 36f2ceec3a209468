//! Where an app wants to be called back.

/// Schemes that run or show something of the caller's in the browser, instead of opening an app.
const REFUSED: &[&str] = &[
    "about",
    "blob",
    "chrome",
    "data",
    "file",
    "filesystem",
    "ftp",
    "intent",
    "javascript",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// The address of an app: `http`, `https`, or a scheme of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Callback {
    url: String,
    host_end: usize,
}

impl Callback {
    /// Takes an absolute address; `None`: it is none that one may be sent to.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let scheme = scheme.to_ascii_lowercase();
        let mut letters = scheme.bytes();
        if !letters.next()?.is_ascii_lowercase()
            || !letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            || REFUSED.contains(&scheme.as_str())
        {
            return None;
        }
        // Browsers drop blanks and turn backslashes; what they would read isn't what we read.
        if rest
            .bytes()
            .any(|byte| byte <= b' ' || byte == 0x7f || byte == b'\\')
        {
            return None;
        }
        let is_web = matches!(scheme.as_str(), "http" | "https");
        let mut host_end = scheme.len() + 1;
        if is_web {
            let host = rest.strip_prefix("//")?;
            let host = &host[..host.find(['/', '?', '#']).unwrap_or(host.len())];
            let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
            if host.is_empty() || !host.bytes().all(is_part) {
                return None;
            }
            host_end += 2 + host.len();
        }
        Some(Self {
            url: format!("{scheme}:{}", encoded(rest)),
            host_end,
        })
    }

    /// What people see of it: the origin of a site, the scheme of an app.
    pub(super) fn origin(&self) -> &str {
        &self.url[..self.host_end]
    }

    /// The address with the session, by which the app knows what it is called for.
    pub(super) fn with_session(&self, session: &str) -> String {
        let (url, fragment) = match self.url.split_once('#') {
            Some((url, fragment)) => (url, Some(fragment)),
            None => (self.url.as_str(), None),
        };
        let joint = if url.contains('?') { '&' } else { '?' };
        let mut called = format!("{url}{joint}session={session}");
        if let Some(fragment) = fragment {
            called.push('#');
            called.push_str(fragment);
        }
        called
    }
}

/// What can't stand in an address or in a header is written as `%XX`.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii() && !b"\"<>`{}|^".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_and_apps_are_called_back() {
        for (text, origin, called) in [
            (
                "https://app.example",
                "https://app.example",
                "https://app.example?session=s",
            ),
            (
                "HTTPS://app.example:8443/a?b=c#d",
                "https://app.example:8443",
                "https://app.example:8443/a?b=c&session=s#d",
            ),
            (
                "http://[::1]:5000/a",
                "http://[::1]:5000",
                "http://[::1]:5000/a?session=s",
            ),
            ("miapp://back/here", "miapp:", "miapp://back/here?session=s"),
            (
                "com.example.app:/back",
                "com.example.app:",
                "com.example.app:/back?session=s",
            ),
            (
                "https://a/あ\"<",
                "https://a",
                "https://a/%E3%81%82%22%3C?session=s",
            ),
        ] {
            let callback = Callback::parse(text).unwrap();
            assert_eq!(callback.origin(), origin);
            assert_eq!(callback.with_session("s"), called);
        }
    }

    #[test]
    fn what_runs_in_the_browser_is_not() {
        for text in [
            "",
            "app.example",
            "/back",
            "//app.example",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\nscript:alert(1)",
            " javascript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "intent://x#Intent;end",
            "https:app.example",
            "https:///path",
            "https://good.example@evil.example/",
            "https://good.example\\@evil.example/",
            "https://a b/",
            "https://a/\r\nset-cookie: x",
            "1app:x",
        ] {
            assert_eq!(Callback::parse(text), None, "{text}");
        }
    }
}
