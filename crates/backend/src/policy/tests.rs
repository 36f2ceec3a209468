use protocol::id::RoleId;
use protocol::record::PolicyRecord;
use serde_json::{Map, Value, json};

use super::*;

const NOW_MS: u64 = 1_800_000_000_000;
const DAY_SEC: u64 = 24 * 60 * 60;

fn facts() -> Facts {
    Facts {
        local: true,
        suspended: false,
        locked: false,
        bot: false,
        cat: true,
        explorable: true,
        created_ms: NOW_MS - DAY_SEC * 1000,
        followers: 10,
        following: 20,
        notes: 30,
    }
}

fn id(name: &str) -> RoleId {
    RoleId::parse(name).unwrap()
}

fn role(name: &str, policies: Value) -> Role {
    Role {
        id: id(name),
        target: Target::Manual,
        moderator: false,
        administrator: false,
        policies: Override::read_all(object(policies)),
    }
}

fn conditional(name: &str, formula: Value) -> Role {
    Role {
        target: Target::read("conditional", formula),
        ..role(name, json!({}))
    }
}

fn given(role: &str, expires_at_ms: Option<u64>) -> Assignment {
    Assignment {
        role: id(role),
        expires_at_ms,
    }
}

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn says(value: impl Into<Value>, priority: u64) -> Value {
    json!({ "useDefault": false, "priority": priority, "value": value.into() })
}

/// Formulas, and whether they hold for somebody with these [`facts`], a day old.
const KINDS: &[(&str, bool)] = &[
    (r#"{"type":"isLocal"}"#, true),
    (r#"{"type":"isRemote"}"#, false),
    (r#"{"type":"isSuspended"}"#, false),
    (r#"{"type":"isLocked"}"#, false),
    (r#"{"type":"isBot"}"#, false),
    (r#"{"type":"isCat"}"#, true),
    (r#"{"type":"isExplorable"}"#, true),
    (r#"{"type":"roleAssignedTo","roleId":"given"}"#, true),
    (r#"{"type":"roleAssignedTo","roleId":"ended"}"#, false),
    (r#"{"type":"roleAssignedTo","roleId":"other"}"#, false),
    (r#"{"type":"createdLessThan","sec":86401}"#, true),
    (r#"{"type":"createdLessThan","sec":86399}"#, false),
    (r#"{"type":"createdMoreThan","sec":86399}"#, true),
    (r#"{"type":"createdMoreThan","sec":86401}"#, false),
    (r#"{"type":"followersLessThanOrEq","value":10}"#, true),
    (r#"{"type":"followersLessThanOrEq","value":9.5}"#, false),
    (r#"{"type":"followersMoreThanOrEq","value":10}"#, true),
    (r#"{"type":"followersMoreThanOrEq","value":10.5}"#, false),
    (r#"{"type":"followingLessThanOrEq","value":20}"#, true),
    (r#"{"type":"followingLessThanOrEq","value":19.5}"#, false),
    (r#"{"type":"followingMoreThanOrEq","value":20}"#, true),
    (r#"{"type":"followingMoreThanOrEq","value":20.5}"#, false),
    (r#"{"type":"notesLessThanOrEq","value":30}"#, true),
    (r#"{"type":"notesLessThanOrEq","value":29.5}"#, false),
    (r#"{"type":"notesMoreThanOrEq","value":30}"#, true),
    (r#"{"type":"notesMoreThanOrEq","value":30.5}"#, false),
];

#[test]
fn every_kind_of_formula_asks_what_its_name_says() {
    for (formula, holds) in KINDS {
        let formula: Value = serde_json::from_str(formula).unwrap();
        let roles = [
            role("given", json!({})),
            role("ended", json!({})),
            conditional("asked", formula.clone()),
            conditional("not", json!({ "type": "not", "value": formula })),
        ];
        let assignments = [given("given", None), given("ended", Some(NOW_MS))];
        let held = held(&roles, &assignments, &facts(), NOW_MS);
        let names: Vec<&str> = held.iter().map(|role| role.id.as_str()).collect();
        let expected = if *holds { "asked" } else { "not" };
        assert_eq!(names, ["given", expected], "{:?}", roles[2].target);
    }
}

#[test]
fn formulas_combine_and_what_is_unknown_helps_nobody() {
    let (yes, no) = (json!({ "type": "isLocal" }), json!({ "type": "isRemote" }));
    let unknown = json!({ "type": "isMadeOfCheese" });
    for (kind, values, holds) in [
        ("and", json!([]), true),
        ("and", json!([yes, yes]), true),
        ("and", json!([yes, no]), false),
        ("and", json!([yes, unknown]), false),
        ("or", json!([]), false),
        ("or", json!([no, yes]), true),
        ("or", json!([no, no]), false),
        ("or", json!([unknown, yes]), true),
        ("or", json!([unknown, no]), false),
    ] {
        let formula = json!({ "type": kind, "values": values });
        let roles = [conditional("role", formula)];
        let found = held(&roles, &[], &facts(), NOW_MS);
        assert_eq!(found.len(), usize::from(holds), "{kind} {values}");
    }
    for formula in [
        unknown.clone(),
        json!({ "type": "not", "value": unknown }),
        json!({ "type": "not", "value": { "type": "and", "values": [yes, unknown] } }),
        json!({ "type": "not" }),
        json!({ "type": "createdMoreThan", "sec": "1" }),
        json!({}),
        json!(null),
    ] {
        let roles = [conditional("role", formula)];
        let found = held(&roles, &[], &facts(), NOW_MS);
        assert_eq!(found, Vec::<&Role>::new(), "{:?}", roles[0].target);
    }
}

#[test]
fn roles_are_given_until_they_end() {
    let roles = [role("role", json!({}))];
    for (assignments, has) in [
        (vec![], false),
        (vec![given("other", None)], false),
        (vec![given("role", None)], true),
        (vec![given("role", Some(NOW_MS + 1))], true),
        (vec![given("role", Some(NOW_MS))], false),
    ] {
        let found = held(&roles, &assignments, &facts(), NOW_MS);
        assert_eq!(found.len(), usize::from(has), "{assignments:?}");
    }
}

/// A base value, what roles say of it (`null`: nothing), and what comes of it.
fn merges() -> Vec<(Value, Value, Value)> {
    let default = json!({ "useDefault": true, "priority": 0, "value": false });
    let default_first = json!({ "useDefault": true, "priority": 2, "value": false });
    let row = |base: Value, roles: Value, expected: Value| (base, roles, expected);
    let (yes, no) = (json!(true), json!(false));
    let lists = json!([says(json!(["b"]), 0), says(json!(["b", "c"]), 0)]);
    let chats = json!([says("readonly", 0), says("unavailable", 0)]);
    vec![
        row(json!(true), json!([]), yes.clone()),
        row(json!(false), json!([]), no.clone()),
        row(json!(true), json!([says(false, 0)]), no.clone()),
        row(json!(false), json!([says(true, 0)]), yes.clone()),
        row(
            json!(false),
            json!([says(false, 0), says(true, 0)]),
            yes.clone(),
        ),
        row(
            json!(true),
            json!([says(true, 0), says(false, 1)]),
            no.clone(),
        ),
        row(
            json!(true),
            json!([says(true, 1), says(false, 2)]),
            no.clone(),
        ),
        row(
            json!(false),
            json!([says(true, 2), says(false, 1)]),
            yes.clone(),
        ),
        row(json!(true), json!([default, says(false, 0)]), yes.clone()),
        row(json!(true), json!([default_first, says(false, 1)]), yes),
        row(json!(true), json!([null, says(false, 1)]), no.clone()),
        row(json!(true), json!([says("yes", 0)]), no.clone()),
        row(json!(true), json!([{ "priority": 1 }]), no),
        row(json!(20), json!([says(5, 0), says(7.5, 0)]), json!(7.5)),
        row(
            json!(20),
            json!([says(5, 0), { "useDefault": true }]),
            json!(20),
        ),
        row(json!(20), json!([says("5", 0)]), json!(0)),
        row(
            json!("available"),
            json!([says("readonly", 0)]),
            json!("readonly"),
        ),
        row(json!("unavailable"), chats, json!("readonly")),
        row(
            json!("available"),
            json!([says("?", 0)]),
            json!("unavailable"),
        ),
        row(json!(["a"]), lists, json!(["b", "c"])),
    ]
}

#[test]
fn the_highest_priority_decides_and_then_the_most_generous_value() {
    for (base, said, expected) in merges() {
        let roles: Vec<Role> = said
            .as_array()
            .unwrap()
            .iter()
            .map(|policy| match policy {
                Value::Null => json!({ "other": says(true, 2) }),
                Value::Bool(_) | Value::Number(_) | Value::String(_) => panic!("{policy}"),
                Value::Array(_) | Value::Object(_) => json!({ "policy": policy }),
            })
            .map(|policies| role("role", policies))
            .collect();
        let held: Vec<&Role> = roles.iter().collect();
        assert_eq!(resolve("policy", &base, &held), expected, "{said}");
        let all = all(&object(json!({ "policy": base })), &held);
        assert_eq!(all, object(json!({ "policy": expected })));
    }
}

#[test]
fn a_role_without_a_policy_keeps_the_base_value_at_its_priority() {
    let roles = [
        role("silent", json!({})),
        role("no", json!({ "policy": says(false, 0) })),
    ];
    let held: Vec<&Role> = roles.iter().collect();
    assert_eq!(resolve("policy", &json!(true), &held), json!(true));
    assert_eq!(resolve("policy", &json!(false), &held), json!(false));
}

#[test]
fn the_stream_asks_for_two_policies() {
    let closes = role("closes", json!({ "ltlAvailable": says(false, 0) }));
    for (base, held, local_timeline, global_timeline) in [
        (json!({}), vec![], true, true),
        (json!({ "gtlAvailable": false }), vec![], true, false),
        (json!({ "ltlAvailable": "yes" }), vec![], false, true),
        (json!({}), vec![&closes], false, true),
    ] {
        let expected = PolicyRecord {
            local_timeline,
            global_timeline,
        };
        assert_eq!(of_stream(&object(base), &held), expected);
    }
}

#[test]
fn roles_make_moderators_and_administrators() {
    let nobody = role("nobody", json!({}));
    let moderator = Role {
        moderator: true,
        ..nobody.clone()
    };
    let administrator = Role {
        administrator: true,
        ..nobody.clone()
    };
    for (role, moderates, administers) in [
        (&nobody, false, false),
        (&moderator, true, false),
        (&administrator, true, true),
    ] {
        assert_eq!(is_moderator(&[&nobody, role]), moderates);
        assert_eq!(is_administrator(&[&nobody, role]), administers);
    }
}

#[test]
fn the_ages_are_those_at_which_something_changes() {
    let age = |kind: &str, sec: f64| json!({ "type": kind, "sec": sec });
    let roles = [
        role("manual", json!({})),
        conditional("cat", json!({ "type": "isCat" })),
        conditional(
            "young",
            json!({ "type": "not", "value": age("createdMoreThan", 60.0) }),
        ),
        conditional(
            "both",
            json!({ "type": "and", "values": [age("createdLessThan", 1.5), age("createdLessThan", 60.0)] }),
        ),
        conditional("never", age("createdMoreThan", f64::MAX)),
    ];
    assert_eq!(ages_ms(&roles), [1_500, 60_000, u64::MAX]);
    let at = |age_ms: u64| held(&roles, &[], &facts(), facts().created_ms + age_ms).len();
    assert_eq!([0, 1_499, 1_500, 59_999, 60_000].map(at), [3, 3, 2, 2, 1]);
}
