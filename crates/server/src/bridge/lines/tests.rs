//! What goes in and what is to be done, with a server upstream that the test plays.

use bytes::Bytes;
use hub::ConnId;
use protocol::command::{BridgeConnect, ClientId};
use serde_json::json;
use session::Login;

use super::super::link::BridgeFrame;
use super::*;

/// Lines, and the tries that are under way.
struct Bench {
    lines: Lines,
    now_ms: u64,
    tries: BTreeMap<LineNo, Try>,
}

impl Bench {
    fn new() -> Self {
        Self::with(&Limits::default())
    }

    fn with(limits: &Limits) -> Self {
        Self {
            lines: Lines::new(limits),
            now_ms: 0,
            tries: BTreeMap::new(),
        }
    }

    fn join(&mut self, who: Option<&str>, seat: Seat, channel: &str) -> Vec<String> {
        let login = who.map(|who| Login {
            user: UserId::parse(who).unwrap(),
            grant: Grant::Native,
        });
        let token = who.map(Token::of);
        let connect = BridgeConnect {
            channel: channel.into(),
            id: ClientId::parse(&format!("c{}", seat.sub.0)).unwrap(),
            params: None,
            pong: true,
        };
        let joining = Joining {
            seat,
            asker: Arc::new(Asker { login, token }),
            connect,
            silent: channel == "reversiGame",
        };
        self.lines.join(joining, self.now_ms);
        self.effects()
    }

    fn leave(&mut self, seat: Seat) -> Vec<String> {
        self.lines.leave(seat, self.now_ms);
        self.effects()
    }

    /// Takes an operation, and says whether it was passed on.
    fn operate(&mut self, seat: Seat, kind: &str, body: &str) -> bool {
        self.lines.operate(seat, kind, &raw(body));
        self.lines.take_counts().operations == 0
    }

    fn opened(&mut self, line: u64) -> Vec<String> {
        self.lines.opened(self.tries[&LineNo(line)]);
        self.effects()
    }

    fn lost(&mut self, line: u64) -> Vec<String> {
        let of = self.tries[&LineNo(line)];
        self.lines.lost(of, false, 1.0, self.now_ms);
        self.effects()
    }

    fn message(&mut self, line: u64, kind: &str, body: serde_json::Value) -> Vec<String> {
        let text = json!({"type": kind, "body": body}).to_string();
        self.lines.message(self.tries[&LineNo(line)], &text);
        self.effects()
    }

    fn pass(&mut self, ms: u64) -> Vec<String> {
        self.now_ms += ms;
        self.lines.timeout(self.now_ms);
        self.effects()
    }

    /// The effects in few words.
    fn effects(&mut self) -> Vec<String> {
        let mut words = Vec::new();
        while let Some(effect) = self.lines.poll_effect() {
            words.push(match effect {
                Effect::Open(of, asker) => {
                    self.tries.insert(of.line, of);
                    let who = asker.login.as_ref().map(|login| login.user.to_string());
                    format!("{} open {}", of.line.0, who.unwrap_or_default())
                }
                Effect::Send(line, text) | Effect::Operate(line, text) => {
                    let sent: serde_json::Value = serde_json::from_str(&text).unwrap();
                    let (kind, body) = (sent["type"].as_str().unwrap(), &sent["body"]);
                    format!("{} {kind} {}", line.0, body["id"].as_str().unwrap())
                }
                Effect::Close(line) => format!("{} close", line.0),
                Effect::Deliver(told) => {
                    let frame = match &told.frame {
                        BridgeFrame::Joined => "joined",
                        BridgeFrame::Event(rest) => std::str::from_utf8(rest).unwrap(),
                    };
                    format!("to {}.{}: {frame}", told.seat.place.conn.0, told.seat.sub.0)
                }
            });
        }
        words
    }
}

fn seat(conn: u32, sub: u8) -> Seat {
    Seat {
        place: Place {
            worker: 0,
            conn: ConnId(conn),
            generation: 0,
        },
        sub: SubId(sub),
        serial: 0,
    }
}

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

#[test]
fn a_line_opens_with_its_first_channel_and_closes_after_its_last() {
    let mut bench = Bench::new();
    assert_eq!(bench.join(Some("a"), seat(0, 0), "x"), ["0 open a"]);
    assert_eq!(bench.join(Some("a"), seat(1, 0), "y"), [""; 0]);
    assert_eq!(bench.opened(0), ["0 connect 0", "0 connect 1"]);
    assert_eq!(bench.join(Some("a"), seat(1, 1), "z"), ["0 connect 2"]);
    assert_eq!(bench.leave(seat(0, 0)), ["0 disconnect 0"]);
    bench.lines.gone(seat(1, 0).place);
    let expected = ["0 disconnect 1", "0 disconnect 2", "0 close"];
    assert_eq!(bench.effects(), expected);
    assert!(bench.lines.channel_by_seat.is_empty() && bench.lines.line_by_key.is_empty());
    assert!(bench.lines.key_by_line.is_empty() && bench.lines.retries.is_empty());
    assert!(bench.lines.idle.is_empty());
    // What still comes of it is for nobody.
    assert_eq!(bench.message(0, "connected", json!({"id": "1"})), [""; 0]);
    assert_eq!(bench.lost(0), [""; 0]);
    assert_eq!(bench.lines.poll_timeout(), None);
}

#[test]
fn a_channel_that_may_be_shared_is_joined_once() {
    let mut bench = Bench::new();
    bench.join(Some("a"), seat(0, 0), "fork");
    bench.join(Some("a"), seat(1, 1), "fork");
    bench.join(Some("a"), seat(0, 2), "reversiGame");
    bench.join(Some("a"), seat(1, 3), "reversiGame");
    let joined = ["0 connect 0", "0 connect 1", "0 connect 2"];
    assert_eq!(bench.opened(0), joined);
    let told = bench.message(0, "connected", json!({"id": "0"}));
    assert_eq!(told, ["to 0.0: joined", "to 1.1: joined"]);
    // A third is told at once.
    let told = bench.join(Some("a"), seat(2, 4), "fork");
    assert_eq!(told, ["to 2.4: joined"]);
    let told = bench.message(0, "channel", json!({"id": "0", "type": "x"}));
    let expected = ["0.0", "1.1", "2.4"].map(|to| format!(r#"to {to}: ,"type":"x"}}}}"#));
    assert_eq!(told, expected);
    assert_eq!(bench.leave(seat(0, 0)), [""; 0]);
    assert_eq!(bench.leave(seat(2, 4)), [""; 0]);
    assert_eq!(bench.leave(seat(1, 1)), ["0 disconnect 0"]);
    // What is joined for operations alone hears of nothing.
    assert_eq!(bench.message(0, "connected", json!({"id": "1"})), [""; 0]);
    let event = json!({"id": "1", "type": "x"});
    assert_eq!(bench.message(0, "channel", event), [""; 0]);
}

#[test]
fn users_and_visitors_have_lines_of_their_own() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.join(Some("a"), seat(0, 0), "serverStats"),
        ["0 open a"]
    );
    assert_eq!(
        bench.join(Some("b"), seat(1, 0), "serverStats"),
        ["1 open b"]
    );
    assert_eq!(bench.join(None, seat(2, 0), "serverStats"), ["2 open "]);
    assert_eq!(bench.join(None, seat(3, 0), "serverStats"), [""; 0]);
    assert_eq!(bench.join(None, seat(2, 1), "fork"), ["3 open "]);
    assert_eq!(bench.join(None, seat(3, 1), "fork"), ["4 open "]);
    assert_eq!(bench.join(None, seat(3, 2), "fork2"), [""; 0]);
}

/// Else whoever joins and leaves by turns would make a connection upstream each time.
#[test]
fn a_line_stays_open_for_a_while_after_its_last_channel() {
    let mut bench = Bench::new();
    bench.join(Some("a"), seat(0, 0), "x");
    bench.opened(0);
    for turn in 0..3 {
        assert_eq!(bench.leave(seat(0, 0)), [format!("0 disconnect {turn}")]);
        assert_eq!(bench.lines.poll_timeout(), Some(bench.now_ms + IDLE_MS));
        assert_eq!(bench.pass(IDLE_MS - 1), [""; 0]);
        let joined = bench.join(Some("a"), seat(0, 0), "x");
        assert_eq!(joined, [format!("0 connect {}", turn + 1)]);
        assert_eq!(bench.lines.poll_timeout(), None);
        assert_eq!(bench.pass(IDLE_MS), [""; 0]);
    }
    bench.leave(seat(0, 0));
    assert_eq!(bench.pass(IDLE_MS), ["0 close"]);
    assert_eq!(bench.lines.poll_timeout(), None);
    // One that can't be opened rests as well, and keeps its distance.
    bench.join(None, seat(1, 0), "x");
    bench.lost(1);
    bench.leave(seat(1, 0));
    assert_eq!(bench.join(None, seat(1, 0), "x"), [""; 0]);
    bench.leave(seat(1, 0));
    bench.lines.gone(seat(1, 0).place);
    assert_eq!(bench.effects(), ["1 close"]);
    assert!(bench.lines.idle.is_empty() && bench.lines.retries.is_empty());
}

#[test]
fn visitors_leave_room_for_users_and_nobody_takes_that_of_all_visitors() {
    let mut bench = Bench::with(&Limits {
        bridges_max: 5,
        ..Limits::default()
    });
    assert_eq!(bench.join(None, seat(0, 0), "fork").len(), 1);
    assert_eq!(bench.join(None, seat(1, 0), "fork").len(), 1);
    assert_eq!(bench.join(None, seat(2, 0), "fork"), [""; 0]);
    assert_eq!(bench.join(Some("a"), seat(3, 0), "fork").len(), 1);
    assert_eq!(bench.join(Some("b"), seat(4, 0), "fork").len(), 1);
    assert_eq!(bench.join(Some("c"), seat(5, 0), "fork"), [""; 0]);
    assert_eq!(bench.lines.take_counts().joins, 2);
    assert_eq!(bench.join(None, seat(2, 0), "serverStats"), ["4 open "]);
    assert_eq!(bench.lines.len(), 5);
    bench.lines.gone(seat(0, 0).place);
    bench.effects();
    assert_eq!(bench.join(None, seat(2, 1), "fork"), ["5 open "]);
    // One in which nothing is joined gives way.
    bench.leave(seat(3, 0));
    let joined = bench.join(Some("c"), seat(5, 0), "fork");
    assert_eq!(joined, ["2 close", "6 open c"]);
}

#[test]
fn a_broken_line_comes_back_later_and_later() {
    let mut bench = Bench::new();
    bench.join(Some("a"), seat(0, 0), "fork");
    for wait_ms in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
        assert_eq!(bench.lost(0), [""; 0]);
        assert_eq!(bench.lines.poll_timeout(), Some(bench.now_ms + wait_ms));
        // What is said twice counts once.
        assert_eq!(bench.lost(0), [""; 0]);
        assert_eq!(bench.pass(wait_ms - 1), [""; 0]);
        let before = bench.tries[&LineNo(0)];
        assert_eq!(bench.pass(1), ["0 open a"]);
        // An earlier try has nothing more to say.
        bench.lines.opened(before);
        assert_eq!(bench.effects(), [""; 0]);
    }
    assert_eq!(bench.opened(0), ["0 connect 0"]);
    bench.message(0, "connected", json!({"id": "0"}));
    bench.lost(0);
    assert_eq!(bench.lines.poll_timeout(), Some(bench.now_ms + 1_000));
    bench.pass(1_000);
    assert_eq!(bench.opened(0), ["0 connect 0"]);
    assert_eq!(
        bench.message(0, "connected", json!({"id": "0"})),
        [""; 0],
        "who was told is not told again"
    );
}

#[test]
fn operations_wait_for_their_channel_and_go_with_it() {
    let mut bench = Bench::with(&Limits {
        bridge_queue_bytes_max: 400,
        ..Limits::default()
    });
    bench.join(Some("a"), seat(0, 0), "x");
    bench.join(Some("a"), seat(0, 1), "y");
    for sub in [0, 1, 0] {
        assert!(bench.operate(seat(0, sub), "k", "1"));
    }
    assert!(!bench.operate(seat(0, 0), "k", &"1".repeat(100)));
    // Channels have the other half, and no more.
    assert_eq!(bench.lines.take_counts().joins, 0);
    bench.join(Some("a"), seat(0, 2), &"z".repeat(70));
    assert_eq!(bench.lines.take_counts().joins, 1);
    bench.leave(seat(0, 0));
    // One that left under the same number is another.
    let other = Seat {
        serial: 1,
        ..seat(0, 1)
    };
    bench.operate(other, "k", "1");
    assert_eq!(bench.opened(0), ["0 connect 1", "0 channel 1"]);
    assert!(bench.operate(seat(0, 1), "k", "1"));
    assert_eq!(bench.effects(), ["0 channel 1"]);
}

#[test]
fn a_line_has_as_many_channels_as_a_client() {
    let mut bench = Bench::new();
    for at in 0..40 {
        bench.join(Some("a"), seat(at, 0), &format!("fork{at}"));
    }
    assert_eq!(bench.opened(0).len(), 32);
    assert_eq!(bench.lines.take_counts().joins, 8);
}

#[test]
fn a_log_is_for_whoever_asked() {
    let mut bench = Bench::new();
    bench.join(None, seat(0, 0), "queueStats");
    bench.join(None, seat(1, 1), "queueStats");
    assert!(bench.operate(seat(1, 1), "requestLog", "{}"));
    // It waits, and still does where the stream could not be opened.
    bench.lost(0);
    bench.pass(RETRY_MS);
    assert_eq!(bench.opened(0), ["0 connect 0", "0 channel 0"]);
    assert!(bench.operate(seat(1, 1), "requestLog", "{}"));
    assert_eq!(bench.effects(), ["0 channel 0"]);
    let log = json!({"id": "0", "type": "statsLog", "body": 1});
    let rest = Bytes::from(r#","type":"statsLog","body":1}}"#);
    let expected = format!("to 1.1: {}", std::str::from_utf8(&rest).unwrap());
    for _ in 0..2 {
        assert_eq!(bench.message(0, "channel", log.clone()), [&*expected]);
    }
    assert_eq!(bench.message(0, "channel", log.clone()), [""; 0]);
    // One that was lost with its stream is not awaited in the next.
    assert!(bench.operate(seat(1, 1), "requestLog", "{}"));
    bench.lost(0);
    bench.pass(RETRY_MS);
    bench.opened(0);
    assert_eq!(bench.message(0, "channel", log), [""; 0]);
}

/// Visitors share a stream: none may fill it with what nobody needs.
#[test]
fn statistics_take_requests_for_logs_and_few_of_them() {
    let mut bench = Bench::new();
    for conn in [0, 1] {
        bench.join(None, seat(conn, 0), "serverStats");
    }
    bench.opened(0);
    assert!(!bench.operate(seat(0, 0), "anything", "{}"));
    let long = format!(r#""{}""#, "x".repeat(300));
    assert!(!bench.operate(seat(0, 0), "requestLog", &long));
    assert_eq!(bench.effects(), [""; 0]);
    for asked in 0..20 {
        assert_eq!(bench.operate(seat(0, 0), "requestLog", "{}"), asked < 8);
    }
    assert!(bench.operate(seat(1, 0), "requestLog", "{}"));
    let log = json!({"id": "0", "type": "statsLog", "body": 1});
    assert_eq!(bench.effects().len(), 9);
    assert_eq!(bench.message(0, "channel", log).len(), 2);
    assert!(bench.operate(seat(0, 0), "requestLog", "{}"));
}
