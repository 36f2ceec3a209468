//! Turns, one by one.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

use bytes::Bytes;
use mio::Events;

use super::steps::{STEPS_MAX, STEPS_TURN_MAX};
use super::*;
use crate::metrics::Metrics;
use crate::seats::Seats;
use crate::source::Arrival;

/// A masked ping of one byte, and the pong to it.
const PING: &[u8] = &[0x89, 0x81, 0, 0, 0, 0, b'p'];
const PONG: &[u8] = &[0x8A, 0x01, b'p'];

fn worker() -> Worker {
    let (source, _) = SourceLink::new();
    let metrics = Metrics::new().worker();
    let (worker, _) = Worker::new(0, Arc::new(Limits::default()), source, metrics).unwrap();
    worker
}

/// A client of a worker, who has sent this already.
fn client(worker: &mut Worker, sent: &[u8]) -> UnixStream {
    let (mut client, server) = UnixStream::pair().unwrap();
    client.set_nonblocking(true).unwrap();
    server.set_nonblocking(true).unwrap();
    client.write_all(sent).unwrap();
    let seat = Seats::new(Limits::default()).take(None, None).unwrap();
    worker.open(Opening {
        number: 0,
        arrival: Arrival {
            socket: server.into(),
            compression: None,
            received: Bytes::new(),
            login: None,
            token: None,
            seat: Ok(seat),
        },
        login: None,
    });
    client
}

/// How many pongs have come since the last look.
fn pongs(client: &mut UnixStream) -> usize {
    let mut bytes = Vec::new();
    match client.read_to_end(&mut bytes) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        other => panic!("the stream goes on: {other:?}"),
    }
    assert!(bytes.chunks(PONG.len()).all(|frame| frame == PONG));
    bytes.len() / PONG.len()
}

#[test]
fn a_flood_of_small_messages_is_spread_over_turns() {
    let mut worker = worker();
    let flood = PING.repeat(STEPS_MAX * 3);
    let mut client = client(&mut worker, &flood);
    let mut came = Vec::new();
    while worker.turn(&Events::with_capacity(1)) {
        came.push(pongs(&mut client));
    }
    came.push(pongs(&mut client));
    assert!(came.iter().all(|&pongs| pongs <= STEPS_MAX), "{came:?}");
    assert_eq!(
        came.iter().sum::<usize>(),
        STEPS_MAX * 3,
        "all are answered"
    );
}

#[test]
fn many_floods_leave_room_for_everyone() {
    let mut worker = worker();
    let flood = PING.repeat(STEPS_MAX * 3);
    let count = STEPS_TURN_MAX / STEPS_MAX + 8;
    let mut floods: Vec<UnixStream> = (0..count).map(|_| client(&mut worker, &flood)).collect();
    let mut polite = client(&mut worker, PING);
    let mut turns = 0;
    while pongs(&mut polite) == 0 {
        assert!(worker.turn(&Events::with_capacity(1)), "it is not done yet");
        let came: usize = floods.iter_mut().map(pongs).sum();
        assert!(came <= STEPS_TURN_MAX, "{came} in one turn");
        turns += 1;
    }
    // Whoever came before it had a share, and nobody a second one.
    assert_eq!(turns, 2);
}

#[test]
fn empty_fragments_count_as_well() {
    let mut worker = worker();
    let first = [0x01, 0x80, 0, 0, 0, 0];
    let empty = [0x00, 0x80, 0, 0, 0, 0];
    let sent = [&first[..], &empty.repeat(STEPS_MAX * 2), PING].concat();
    let mut client = client(&mut worker, &sent);
    assert!(worker.turn(&Events::with_capacity(1)));
    assert_eq!(pongs(&mut client), 0);
    while worker.turn(&Events::with_capacity(1)) {}
    assert_eq!(pongs(&mut client), 1);
}
