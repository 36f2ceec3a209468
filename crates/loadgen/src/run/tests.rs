//! A small run against a real server with a store of its own.

use std::sync::Arc;

use protocol::limits::Limits;
use server::{Listener, Listeners, ServerConfig};
use standalone::{Data, Options, Standalone, SystemClock};
use tokio::sync::oneshot;

use super::*;

const SCENARIO: &str = r#"
    seconds = 4
    authors = 2
    notes = { per_second = 10.0, visibilities = ["public", "followers", "specified", "home"], react_to_one_of = 1 }

    [[group]]
    name = "people"
    connections = 6
    users = 3
    follows = 1
    channels = ["homeTimeline", "hybridTimeline"]
    captures = true

    [[group]]
    name = "visitors"
    connections = 2
    channels = ["localTimeline", "globalTimeline"]

    [[group]]
    name = "storm"
    connections = 3
    users = 1
    behaviour = "storm"
    channels = ["homeTimeline"]
"#;

/// Serves until the sender is dropped; gives the address.
fn serve() -> (String, oneshot::Sender<()>) {
    let listener = Listener::tcp(([127, 0, 0, 1], 0).into()).unwrap();
    let url = listener.address().to_owned();
    let options = Options {
        data: Data::Memory,
        url: url.clone(),
        dev: true,
        clock: Arc::new(SystemClock),
        features: standalone::Features::default(),
    };
    let store = Standalone::open(options).unwrap();
    let api = store.api();
    let config = ServerConfig {
        workers: 2,
        limits: Limits {
            drain_ms: 0,
            ..Limits::default()
        },
        compression: false,
    };
    let listeners = Listeners {
        public: vec![listener],
        admin: None,
    };
    let (stop, stopped) = oneshot::channel();
    let stopped = async { drop(stopped.await) };
    tokio::spawn(server::run(config, store, api, listeners, stopped));
    (url, stop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_server_loses_nothing_and_tells_nobody_else() {
    let (url, stop) = serve();
    tokio::task::spawn_blocking(move || check_runs(&url))
        .await
        .unwrap();
    drop(stop);
}

fn check_runs(url: &str) {
    let tokens = tempfile::NamedTempFile::new().unwrap();
    let target = Target {
        url,
        tokens: Some(tokens.path()),
        pid: Some(std::process::id()),
    };
    let scenario = || {
        toml::from_str::<Scenario>(SCENARIO)
            .unwrap()
            .check()
            .unwrap()
    };
    let outcome = run(&target, scenario()).unwrap();
    assert!(outcome.is_clean(), "{outcome:#?}");
    assert_eq!(outcome.notes, 40);
    let [people, visitors, storm] = &outcome.groups[..] else {
        panic!("{outcome:#?}");
    };
    // Of each eight notes two are public, two for followers, two to nobody and two for home. A
    // third of the people follows each author, or as good as: three of eight come at home, and
    // one more on the other channel. Visitors have two channels with two of eight.
    let notes = 6 * (3 + 4) * 5;
    assert!(
        people.tally.deliveries > notes && outcome.reactions > 0,
        "{outcome:#?}"
    );
    assert_eq!(visitors.tally.deliveries, 2 * 4 * 5);
    assert!(storm.did.is_some());
    // The same users once more: the file has their tokens.
    let kept = std::fs::read_to_string(tokens.path()).unwrap();
    assert_eq!(kept.lines().count(), 6);
    let again = Scenario {
        seconds: 1,
        ..scenario()
    };
    assert!(run(&target, again).unwrap().is_clean());
    assert_eq!(std::fs::read_to_string(tokens.path()).unwrap(), kept);
}

#[test]
fn an_address_of_no_server_is_refused() {
    for (url, expected) in [
        ("https://example.com", "it is no `http://` address"),
        ("localhost:3000", "it is no `http://` address"),
        ("http://[::1]:3000", "it has no IPv4 address"),
    ] {
        let error = format!("{:#}", resolve(url).unwrap_err());
        assert!(error.contains(expected), "{error}");
    }
}
