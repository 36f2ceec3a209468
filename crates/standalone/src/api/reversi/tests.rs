use std::slice::from_ref;

use backend::{Backend, Play};
use protocol::id::{GameId, UserId};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use crate::Data;
use crate::limits::{REVERSI_MATCH_MS, REVERSI_OPEN_MAX, REVERSI_OPEN_MS};
use crate::reversi::game::START_DELAY_MS;
use crate::testing::{Person, World, keys};

const START_MS: u64 = 1_795_462_686_720;
const NOBODY: &str = "0000000000000000";

/// Lets a player do something over the stream.
async fn play(world: &World, game: &Value, player: &Person, kind: &str, body: Value) {
    let play = Play {
        player: UserId::parse(&player.id).unwrap(),
        game: GameId::parse(game["id"].as_str().unwrap()).unwrap(),
        kind: kind.to_owned(),
        body: to_raw_value(&body).unwrap(),
    };
    world.app.play(&play).await.unwrap();
}

/// A game that the first asked for and the second accepted.
async fn agreed(world: &World, first: &Person, second: &Person) -> Value {
    world
        .ok("reversi/match", first, json!({ "userId": second.id }))
        .await;
    world
        .ok("reversi/match", second, json!({ "userId": first.id }))
        .await
}

/// A game that has begun, in which the first has black.
async fn begun(world: &World, first: &Person, second: &Person) -> Value {
    let game = agreed(world, first, second).await;
    let black = json!({ "key": "bw", "value": "1" });
    play(world, &game, first, "updateSettings", black).await;
    play(world, &game, first, "ready", json!(true)).await;
    play(world, &game, second, "ready", json!(true)).await;
    world.clock.set(START_MS + START_DELAY_MS);
    world.app.do_due().await.unwrap();
    show(world, &game).await
}

async fn show(world: &World, game: &Value) -> Value {
    let (status, game) = world
        .post("reversi/show-game", None, json!({ "gameId": game["id"] }))
        .await;
    assert_eq!(status, 200);
    game
}

#[tokio::test]
async fn a_game_has_the_keys_that_clients_know() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let game = begun(&world, &alice, &bob).await;
    let lite = [
        "id",
        "createdAt",
        "startedAt",
        "endedAt",
        "isStarted",
        "isEnded",
        "user1Id",
        "user2Id",
        "user1",
        "user2",
        "winnerId",
        "winner",
        "surrenderedUserId",
        "timeoutUserId",
        "black",
        "bw",
        "isLlotheo",
        "canPutEverywhere",
        "loopedBoard",
        "timeLimitForEachTurn",
        "noIrregularRules",
    ];
    let detailed = ["form1", "form2", "user1Ready", "user2Ready", "logs", "map"];
    let (_, listed) = world.post("reversi/games", None, json!({})).await;
    assert_eq!(keys(&listed[0]), lite);
    let mut expected = [&lite[..], &detailed].concat();
    let mut actual = keys(&game);
    expected.sort_unstable();
    actual.sort_unstable();
    assert_eq!(actual, expected);
}

#[tokio::test]
async fn who_can_not_be_played_with_is_told_so() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let gone = world.signup("gone").await;
    let far = world.signup("far@example.net").await;
    world
        .sql("UPDATE user SET is_suspended = 1 WHERE username = 'gone'")
        .await;
    for (other, code) in [
        (alice.id.as_str(), "TARGET_IS_YOURSELF"),
        (NOBODY, "NO_SUCH_USER"),
        (&gone.id, "NO_SUCH_USER"),
        (&far.id, "NO_SUCH_USER"),
    ] {
        let body = json!({ "userId": other });
        let answer = world.err("reversi/match", Some(&alice), body).await;
        assert_eq!(answer, (400, code.to_owned()));
    }
    for body in [json!({ "userId": 5 }), json!({ "multiple": "yes" })] {
        let answer = world.err("reversi/match", Some(&alice), body).await;
        assert_eq!(answer, (400, "INVALID_PARAM".to_owned()));
    }
}

#[tokio::test]
async fn an_invitation_is_in_force_as_long_as_it_is_said_again() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let invite = json!({ "userId": bob.id });
    let invitations = async |world: &World| world.ok("reversi/invitations", &bob, json!({})).await;
    world.ok("reversi/match", &alice, invite.clone()).await;
    world.clock.set(START_MS + REVERSI_MATCH_MS - 1);
    assert_eq!(invitations(&world).await[0]["id"], json!(alice.id));
    world.ok("reversi/match", &alice, invite).await;
    world.clock.set(START_MS + 2 * REVERSI_MATCH_MS - 2);
    assert_eq!(invitations(&world).await[0]["id"], json!(alice.id));
    world.clock.set(START_MS + 2 * REVERSI_MATCH_MS - 1);
    assert_eq!(invitations(&world).await, json!([]));
    let accepted = world
        .ok("reversi/match", &bob, json!({ "userId": alice.id }))
        .await;
    assert_eq!(
        accepted,
        Value::Null,
        "it came too late, and invites in turn"
    );
}

#[tokio::test]
async fn a_game_that_never_begins_is_forgotten() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let game = agreed(&world, &alice, &bob).await;
    world.clock.set(START_MS + REVERSI_OPEN_MS + 10);
    world.ok("reversi/match", &alice, json!({})).await;
    let body = json!({ "gameId": game["id"] });
    let answer = world.err("reversi/show-game", None, body).await;
    assert_eq!(answer, (400, "NO_SUCH_GAME".to_owned()));
}

#[tokio::test]
async fn what_others_do_in_a_game_comes_to_nothing() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let carol = world.signup("carol").await;
    let game = begun(&world, &alice, &bob).await;
    world.events();
    for (kind, body) in [
        ("ready", json!(true)),
        ("updateSettings", json!({ "key": "bw", "value": "2" })),
        ("cancel", Value::Null),
        ("putStone", json!({ "pos": 19 })),
        ("claimTimeIsUp", json!({})),
        ("reaction", json!("🎉")),
    ] {
        play(&world, &game, &carol, kind, body).await;
    }
    let nowhere = json!({ "id": NOBODY });
    play(&world, &nowhere, &alice, "putStone", json!({ "pos": 19 })).await;
    assert_eq!(world.events(), []);
    assert_eq!(show(&world, &game).await, game);
}

#[tokio::test]
async fn who_gives_up_says_it_of_their_own_running_game() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let carol = world.signup("carol").await;
    let open = agreed(&world, &alice, &carol).await;
    let game = begun(&world, &alice, &bob).await;
    let surrender = async |who: &Person, id: &Value| {
        let answer = world
            .post("reversi/surrender", Some(who), json!({ "gameId": id }))
            .await;
        (
            answer.0,
            answer.1["error"]["code"].as_str().map(str::to_owned),
        )
    };
    let error = |code: &str| (400, Some(code.to_owned()));
    assert_eq!(
        surrender(&alice, &json!(NOBODY)).await,
        error("NO_SUCH_GAME")
    );
    assert_eq!(surrender(&alice, &open["id"]).await, error("NOT_STARTED"));
    assert_eq!(surrender(&carol, &game["id"]).await, error("ACCESS_DENIED"));
    assert_eq!(surrender(&bob, &game["id"]).await, (204, None));
    assert_eq!(surrender(&alice, &game["id"]).await, error("ALREADY_ENDED"));
    let ended = show(&world, &game).await;
    assert_eq!(ended["winnerId"], json!(alice.id));
    assert_eq!(ended["surrenderedUserId"], json!(bob.id));
}

#[tokio::test]
async fn a_board_is_verified_by_its_checksum() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let game = begun(&world, &alice, &bob).await;
    play(&world, &game, &alice, "putStone", json!({ "pos": 19 })).await;
    play(&world, &game, &bob, "putStone", json!({ "pos": 18 })).await;
    let verify = async |crc32: &str| {
        let body = json!({ "gameId": game["id"], "crc32": crc32 });
        world.post("reversi/verify", None, body).await.1
    };
    // That of the same moves on a real server.
    assert_eq!(verify("-238577073").await, json!({ "desynced": false }));
    let wrong = verify("4056390223").await;
    assert_eq!(wrong["desynced"], json!(true));
    assert_eq!(wrong["game"], show(&world, &game).await);
    let body = json!({ "gameId": NOBODY, "crc32": "0" });
    let answer = world.err("reversi/verify", None, body).await;
    assert_eq!(answer, (400, "NO_SUCH_GAME".to_owned()));
}

#[tokio::test]
async fn games_are_ones_own_or_those_that_have_begun() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let carol = world.signup("carol").await;
    let open = agreed(&world, &carol, &alice).await;
    let game = begun(&world, &alice, &bob).await;
    let games = async |who: &Person, body: Value| -> Vec<Value> {
        let games = world.ok("reversi/games", who, body).await;
        let games = games.as_array().unwrap().iter();
        games.map(|game| game["id"].clone()).collect()
    };
    let (open, game) = (open["id"].clone(), game["id"].clone());
    assert_eq!(games(&carol, json!({})).await, from_ref(&game));
    assert_eq!(games(&carol, json!({ "my": true })).await, from_ref(&open));
    assert_eq!(
        games(&alice, json!({ "my": true })).await,
        [game.clone(), open.clone()]
    );
    assert_eq!(
        games(&alice, json!({ "my": true, "untilId": game })).await,
        from_ref(&open)
    );
    assert_eq!(
        games(&alice, json!({ "my": true, "sinceId": open })).await,
        from_ref(&game)
    );
}

#[tokio::test]
async fn games_that_never_begin_do_not_pile_up() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let another = |other: &Person| json!({ "userId": other.id, "multiple": true });
    let mut made = Vec::new();
    for _ in 0..=REVERSI_OPEN_MAX {
        world.ok("reversi/match", &alice, another(&bob)).await;
        made.push(world.ok("reversi/match", &bob, another(&alice)).await["id"].clone());
    }
    let body = json!({ "my": true, "limit": 100 });
    let kept = world.ok("reversi/games", &bob, body).await;
    let kept: Vec<Value> = kept
        .as_array()
        .unwrap()
        .iter()
        .map(|game| game["id"].clone())
        .collect();
    made.reverse();
    assert_eq!(kept, made[..REVERSI_OPEN_MAX]);
}

#[tokio::test]
async fn who_does_too_much_in_a_game_has_to_wait() {
    let mut world = World::with(Data::Memory, false);
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let game = agreed(&world, &alice, &bob).await;
    world.events();
    let done = async |world: &mut World, who: &Person, often: usize| {
        for n in 0..often {
            play(world, &game, who, "ready", json!(n % 2 == 1)).await;
        }
        world.events().len()
    };
    assert_eq!(done(&mut world, &alice, 610).await, 600);
    assert_eq!(done(&mut world, &bob, 20).await, 20, "it is for each");
    world.clock.set(START_MS + 1_000);
    assert_eq!(done(&mut world, &alice, 20).await, 10);
}
