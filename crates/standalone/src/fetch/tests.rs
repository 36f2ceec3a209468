use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::limits::FETCH_HEAD_BYTES_MAX;

/// Answers each connection at this address with these bytes, and then ends it.
pub(crate) async fn serve(ip: &str, answer: impl Into<Vec<u8>>) -> SocketAddr {
    let listener = TcpListener::bind((ip, 0)).await.unwrap();
    let (address, answer) = (listener.local_addr().unwrap(), answer.into());
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(socket.read_u8().await.unwrap());
            }
            // Who was told enough may have gone.
            drop(socket.write_all(&answer).await);
        }
    });
    address
}

/// Fetches from a server that the operator allows: all others on this machine are private.
async fn fetch(answer: &str) -> Result<Vec<u8>, FetchError> {
    let address = serve("127.0.0.2", answer).await;
    let fetcher = Fetcher::new(vec!["127.0.0.2/32".parse().unwrap()]).unwrap();
    let url = Url::parse(&format!("http://{address}/a.gif")).unwrap();
    let mut fetched = fetcher.get(url, 1000).await?;
    let mut content = Vec::new();
    while let Some(chunk) = fetched.chunk().await? {
        content.extend_from_slice(&chunk);
    }
    Ok(content)
}

#[tokio::test]
async fn a_file_is_fetched_whole_or_not_at_all() {
    let whole = fetch("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc").await;
    assert_eq!(whole.unwrap(), b"abc");
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    assert_eq!(fetch(chunked).await.unwrap(), b"abc");
    for cut_off in [
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nContent-Len",
        "what?\r\n\r\n",
    ] {
        let failed = fetch(cut_off).await;
        assert!(
            matches!(failed, Err(FetchError::Http(_))),
            "{cut_off}: {failed:?}"
        );
    }
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let status = fetch("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
    assert!(matches!(
        status,
        Err(FetchError::Status(StatusCode::NOT_FOUND))
    ));
    let large = fetch("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n").await;
    assert!(matches!(large, Err(FetchError::TooLarge)));
    let encoded = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n";
    assert!(matches!(fetch(encoded).await, Err(FetchError::Encoded)));
    let head = format!(
        "HTTP/1.1 200 OK\r\nX: {}\r\n\r\n",
        "x".repeat(2 * FETCH_HEAD_BYTES_MAX)
    );
    assert!(matches!(fetch(&head).await, Err(FetchError::Http(_))));
}

#[tokio::test]
async fn redirects_are_followed_to_public_addresses_alone() {
    let redirect =
        |to: &str| format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    let file = serve(
        "127.0.0.2",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    )
    .await;
    let found = fetch(&redirect(&format!("http://{file}/b?c=d"))).await;
    assert_eq!(found.unwrap(), b"abc");

    let inside = serve(
        "127.0.0.1",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret",
    )
    .await;
    for private in [
        format!("http://{inside}/"),
        format!("http://localhost:{}/", inside.port()),
        format!("http://[::ffff:127.0.0.1]:{}/", inside.port()),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ] {
        let refused = fetch(&redirect(&private)).await;
        assert!(matches!(refused, Err(FetchError::Private(_))), "{private}");
    }
    for elsewhere in [
        "file:///etc/passwd",
        "gopher://127.0.0.2/",
        "http://a:b@127.0.0.2/",
    ] {
        let refused = fetch(&redirect(elsewhere)).await;
        assert!(
            matches!(refused, Err(FetchError::Address(_))),
            "{elsewhere}"
        );
    }
    // To itself, for ever.
    assert!(matches!(
        fetch(&redirect("/again")).await,
        Err(FetchError::Redirects)
    ));
    let nowhere = fetch("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n").await;
    assert!(matches!(nowhere, Err(FetchError::Location)));
}

#[test]
fn a_file_is_called_what_its_server_says() {
    for (disposition, name) in [
        ("inline; filename=\"a b.gif\"", Some("a b.gif")),
        ("attachment; filename=a.gif", Some("a.gif")),
        (
            "inline; filename=\"_.gif\"; filename*=UTF-8''%E3%81%82.gif",
            Some("あ.gif"),
        ),
        ("inline", None),
    ] {
        assert_eq!(file_name(disposition).as_deref(), name);
    }
}
