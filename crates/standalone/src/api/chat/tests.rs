mod messages;
mod rooms;

use serde_json::{Value, json};

use crate::testing::{Person, World};

/// Two people who may write to each other.
async fn friends(world: &mut World) -> (Person, Person) {
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    for person in [&alice, &bob] {
        world
            .ok("i/update", person, json!({ "chatScope": "everyone" }))
            .await;
    }
    world.events();
    (alice, bob)
}

async fn write(world: &World, from: &Person, to: &Person, text: &str) -> Value {
    let body = json!({ "toUserId": to.id, "text": text });
    world.ok("chat/messages/create-to-user", from, body).await
}

/// A room of `owner` that these people have joined; the id of it.
async fn room(world: &World, owner: &Person, members: &[&Person]) -> String {
    let room = world
        .ok("chat/rooms/create", owner, json!({ "name": "room" }))
        .await;
    for member in members {
        let invitation = json!({ "roomId": room["id"], "userId": member.id });
        world
            .ok("chat/rooms/invitations/create", owner, invitation)
            .await;
        world
            .ok("chat/rooms/join", member, json!({ "roomId": room["id"] }))
            .await;
    }
    room["id"].as_str().unwrap().to_owned()
}

/// The `newChatMessage`s that fall due by now, as who got them and the text.
async fn reminders(world: &mut World, people: &[(&str, &Person)]) -> Vec<String> {
    world.events();
    world.app.do_due().await.unwrap();
    let events = world.events().into_iter();
    events
        .filter(|(_, event)| event["type"] == "newChatMessage")
        .map(|(topic, event)| {
            let (name, _) = people
                .iter()
                .find(|(_, person)| topic == format!("mainStream:{}", person.id))
                .unwrap();
            format!("{name} {}", event["body"]["text"].as_str().unwrap())
        })
        .collect()
}

/// The texts of messages, in their order.
fn texts(messages: &Value) -> Vec<&str> {
    let messages = messages.as_array().unwrap();
    messages
        .iter()
        .map(|message| message["text"].as_str().unwrap())
        .collect()
}
