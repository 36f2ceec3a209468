use super::*;

fn layers(file: &str) -> Layers {
    let mut layers = Layers::defaults();
    file::apply(&mut layers, file, "test.toml").unwrap();
    layers
}

#[test]
fn defaults_are_valid() {
    let config = Config::resolve(&Layers::defaults()).unwrap();
    assert_eq!(
        config.listen,
        [Listen::Tcp("127.0.0.1:3000".parse().unwrap())]
    );
    assert_eq!(config.data, Some("data".into()));
    assert!(config.workers >= 1);
}

#[test]
fn a_stronger_layer_replaces_a_weaker_one() {
    let mut layers = layers("listen = [\"127.0.0.1:0\", \"unix:/run/s.sock\"]\ndemo = true");
    layers.set("demo", vec!["false".to_owned()], Source::CommandLine);
    let config = Config::resolve(&layers).unwrap();
    assert_eq!(config.listen.len(), 2);
    assert!(!config.demo);
}

#[test]
fn all_problems_are_named_at_once() {
    let error = Config::resolve(&layers(
        "url = \"ftp://x\"\nworkers = -1\nlog-format = \"xml\"",
    ));
    let text = error.unwrap_err().to_string();
    for part in [
        "`url` = `ftp://x` (file test.toml)",
        "`workers` = `-1`",
        "`log-format` = `xml`",
    ] {
        assert!(text.contains(part), "{part} is missing from {text}");
    }
}

#[test]
fn bad_files_say_which_key() {
    let cases = [
        ("nonsense = 1", "unknown key `nonsense`"),
        ("url = 1.5", "key `url`"),
    ];
    for (file, expected) in cases {
        let mut layers = Layers::defaults();
        let error = file::apply(&mut layers, file, "test.toml").unwrap_err();
        assert!(format!("{error:#}").contains(expected), "{error:#}");
    }
}

#[test]
fn the_bridge_is_on_unless_it_is_switched_off() {
    let beside = "database-url = \"postgres://u@h/d\"\nredis-url = \"redis://h\"\nhost = \"h\"\n\
                  upstream = \"http://127.0.0.1:3000\"\nbridge-frame-bytes-max = 70000";
    let bytes_max = |more: &str| {
        let config = Config::resolve(&layers(&format!("{beside}\n{more}"))).unwrap();
        config.companion.unwrap().bridge_frame_bytes_max
    };
    assert_eq!(bytes_max(""), Some(70_000));
    assert_eq!(bytes_max("bridge = \"off\""), None);
    for bad in ["http://h/path", "ws://h", "http://user@h"] {
        let bad = beside.replace("http://127.0.0.1:3000", bad);
        let error = Config::resolve(&layers(&bad)).unwrap_err().to_string();
        assert!(error.contains("`upstream`"), "{error}");
    }
}

#[test]
fn tls_takes_both_files_or_neither() {
    let config = Config::resolve(&layers("tls-cert = \"a.pem\"\ntls-key = \"b.pem\"")).unwrap();
    assert_eq!(config.tls.unwrap().key, PathBuf::from("b.pem"));
    let error = Config::resolve(&layers("tls-cert = \"a.pem\"")).unwrap_err();
    assert!(error.to_string().contains("`tls-key`"), "{error}");
}
