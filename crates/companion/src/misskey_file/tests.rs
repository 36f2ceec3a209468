use super::*;

const FILE: &str = r#"
# A comment
url: https://Misskey.Example/
port: 3000
db:
  host: db.internal
  port: 5433
  db: misskey
  user: mk
  pass: 0123hunter2
  extra:
    ssl:
      rejectUnauthorized: false
dbReplications: true
dbSlaves:
  - host: copy.internal
    port: 5434
    db: misskey
    user: mk
    pass: hunter2copy
redis:
  host: redis.internal
  port: 6380
  family: 0 # 0=Both, 4=IPv4, 6=IPv6
  pass: "hunter2 redis"
  db: 1
redisForPubsub:
  path: /run/pubsub.sock
  pass: hunter2pubsub
  prefix: other
id: 'meidg'
proxyBypassHosts:
  - api.deepl.com
"#;

#[test]
fn what_a_streaming_server_needs_is_read() {
    let file = MisskeyFile::parse(FILE).unwrap();
    assert_eq!(file.host, "misskey.example");
    assert_eq!(file.database.to_string(), "db.internal:5433/misskey");
    assert_eq!(file.database.tls, TlsMode::Unverified);
    let password = file.database.config.get_password();
    assert_eq!(password, Some(&b"0123hunter2"[..]));
    assert_eq!(file.replicas.len(), 1);
    assert_eq!(file.replicas[0].to_string(), "copy.internal:5434/misskey");
    assert_eq!(file.redis.to_string(), "redis.internal:6380/1");
    let login = file.redis.connection.redis_settings();
    assert_eq!(login.password(), Some("hunter2 redis"));
    assert_eq!(file.redis.prefix, None);
    assert_eq!(file.events.to_string(), "/run/pubsub.sock/0");
    assert_eq!(file.events.prefix.as_deref(), Some("other"));
    assert_eq!(file.id, Some(Generation::Meidg));
    let shown = format!("{file:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn replicas_count_only_where_they_are_on() {
    let file = FILE.replace("dbReplications: true", "dbReplications: false");
    assert_eq!(MisskeyFile::parse(&file).unwrap().replicas.len(), 0);
}

#[test]
fn hosts_are_what_javascript_makes_of_addresses() {
    for (url, expected) in [
        ("https://example.com", "example.com"),
        ("https://example.com:443/", "example.com"),
        ("http://example.com:80/", "example.com"),
        ("http://localhost:3000", "localhost:3000"),
        ("https://EXAMPLE.com:8443/", "example.com:8443"),
        ("https://みすきー.example/", "xn--w8jxa7itv.example"),
        ("http://[::1]:3000/", "[::1]:3000"),
    ] {
        assert_eq!(host(url).as_deref(), Ok(expected), "{url}");
    }
    assert!(host("example.com").is_err());
}

#[test]
fn encryption_is_asked_for_in_several_ways() {
    for (ssl, expected) in [
        ("false", TlsMode::Off),
        ("true", TlsMode::Verified),
        ("{}", TlsMode::Verified),
        ("{ rejectUnauthorized: true, ca: x }", TlsMode::Verified),
        ("{ rejectUnauthorized: false }", TlsMode::Unverified),
    ] {
        let file = FILE.replace(
            "ssl:\n      rejectUnauthorized: false",
            &format!("ssl: {ssl}"),
        );
        assert_eq!(
            MisskeyFile::parse(&file).unwrap().database.tls,
            expected,
            "{ssl}"
        );
    }
}

#[test]
fn errors_say_where_and_not_what() {
    let broken = [
        FILE.replace("port: 5433", "port: hunter2"),
        FILE.replace("pass: 0123hunter2", "pass: [hunter2, hunter2]"),
        FILE.replace("user: mk", "user: \"hunter2"),
        FILE.replace("redis:\n", "redis: hunter2\nredisX:\n"),
    ];
    for text in broken {
        let error = MisskeyFile::parse(&text).unwrap_err();
        assert!(
            matches!(error, FileError::Yaml { line: 1.., .. }),
            "{error:?}"
        );
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
    let missing = FILE.replace("url:", "url2:");
    assert_eq!(
        MisskeyFile::parse(&missing).unwrap_err(),
        FileError::Missing("url")
    );
}
