//! HTML, and the headers that pages have.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Text that stands for itself in HTML, in an attribute's quotes too.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A page without scripts, that nobody frames and nobody stores. A form on it may lead to this
/// server, and by a redirect to `form_target`.
pub(super) fn page(
    status: StatusCode,
    title: &str,
    body: &str,
    form_target: Option<&str>,
) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<link rel=\"stylesheet\" href=\"/miauth/page.css\">\n\
         <main>\n{body}\n</main>\n</html>\n",
        escape(title),
    );
    let policy = format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self' {}",
        form_target.unwrap_or_default(),
    );
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = HeaderValue::try_from(policy.trim_end())
        .expect("a policy is made of ASCII text and of checked origins");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// A page that says something and asks nothing. Both texts are HTML.
pub(super) fn tell(title: &str, text: &str) -> Response {
    let body = format!("<h1>{title}</h1>\n<p>{text}</p>");
    page(StatusCode::OK, title, &body, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stands_for_itself() {
        assert_eq!(
            escape("<a href=\"x\" title='y'>&あ"),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;あ"
        );
    }
}
