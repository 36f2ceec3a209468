//! The console's build, embedded: one page, and files whose names change with their content.

use std::io::Write;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    HeaderName, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Everything comes from this server, and nothing becomes code or markup but what is built in.
/// Vue makes its static parts through a policy of its own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; img-src 'self' data:; media-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types vue";

const HTML: &[u8] = include_bytes!("../../../../console/dist/index.html");
const HASHED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/console.rs"));

static PAGE: LazyLock<Asset> = LazyLock::new(|| Asset::new("index.html", HTML));
static FILES: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    HASHED
        .iter()
        .map(|(name, plain)| Asset::new(name, plain))
        .collect()
});

/// A file as it is sent.
struct Asset {
    name: &'static str,
    plain: &'static [u8],
    gzipped: Vec<u8>,
}

/// The page itself. It names the files of one version, so it is never kept.
pub(super) async fn page(headers: HeaderMap) -> Response {
    let mut response = PAGE.response(&headers, "no-store");
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
    ] {
        response
            .headers_mut()
            .insert(name, axum::http::HeaderValue::from_static(value));
    }
    response
}

/// A file of the page. Another version has another name, so it is kept for ever.
pub(super) async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match FILES.iter().find(|file| file.name == name) {
        Some(file) => file.response(&headers, "public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Asset {
    fn new(name: &'static str, plain: &'static [u8]) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let gzipped = encoder
            .write_all(plain)
            .and_then(|()| encoder.finish())
            .expect("a vector takes everything");
        Self {
            name,
            plain,
            gzipped,
        }
    }

    fn media_type(&self) -> &'static str {
        match self.name.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            _ => "application/octet-stream",
        }
    }

    fn response(&'static self, asked: &HeaderMap, keep: &'static str) -> Response {
        let headers: [(HeaderName, &str); 4] = [
            (CONTENT_TYPE, self.media_type()),
            (CACHE_CONTROL, keep),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (VARY, "accept-encoding"),
        ];
        if takes_gzip(asked) {
            let body = self.gzipped.as_slice();
            (headers, [(CONTENT_ENCODING, "gzip")], body).into_response()
        } else {
            (headers, self.plain).into_response()
        }
    }
}

/// Whether a client takes gzip. One that weighs it with `q=0` refuses it.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter();
    let codings = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    codings
        .map(|coding| coding.split(';').map(str::trim))
        .any(|mut parts| {
            parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
                && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over the wire, in bytes.
    const COMPRESSED_MAX: usize = 400 * 1024;

    #[test]
    fn the_page_is_small_and_its_files_are_there() {
        let sizes = FILES.iter().map(|file| file.gzipped.len());
        let total: usize = sizes.sum::<usize>() + PAGE.gzipped.len();
        assert!(total < COMPRESSED_MAX, "{total} bytes");
        let html = std::str::from_utf8(HTML).unwrap();
        let named = html.matches("\"/console/").count();
        assert!(named >= 2, "a script and a style");
        for file in FILES.iter().filter(|file| file.name.starts_with("index-")) {
            assert!(html.contains(&format!("\"/console/{}\"", file.name)));
        }
    }

    #[test]
    fn nothing_in_the_page_is_inline() {
        let html = std::str::from_utf8(HTML).unwrap();
        assert!(!html.contains("<style") && !html.contains(" style="));
        assert_eq!(html.matches("<script").count(), 1);
    }

    #[test]
    fn gzip_goes_to_those_who_take_it() {
        let cases = [
            (Some("gzip, deflate, br"), true),
            (Some("br;q=1.0, GZIP;q=0.5"), true),
            (Some("gzip;q=0"), false),
            (Some("identity"), false),
            (None, false),
        ];
        for (value, expected) in cases {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
            }
            assert_eq!(takes_gzip(&headers), expected, "{value:?}");
        }
    }
}
