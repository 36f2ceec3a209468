use super::*;

/// Renders what a text names as `@a @b@c #tag :emoji:`.
fn render(text: &str) -> String {
    let named = named([text]);
    let mentions = named.mentions.iter().map(|mention| match &mention.host {
        Some(host) => format!("@{}@{host}", mention.username),
        None => format!("@{}", mention.username),
    });
    let tags = named.hashtags.iter().map(|tag| format!("#{tag}"));
    let emojis = named.emojis.iter().map(|name| format!(":{name}:"));
    mentions
        .chain(tags)
        .chain(emojis)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A text and what it names. Compared with `mfm-js` 0.26.
const CASES: &[(&str, &str)] = &[
    ("hello @bob and @eve@example.com.", "@bob @eve@example.com"),
    ("mail me: a@b.example", ""),
    ("@alice, @bob-", "@alice @bob"),
    ("@-no @no.", "@no"),
    ("@a@b.c-d.", "@a@b.c-d"),
    ("x@bob", ""),
    ("日本語@bob", "@bob"),
    ("#tag #Tag #123 #1a", "#tag #Tag #1a"),
    ("#せせらぎ、#川", "#せせらぎ、 #川"),
    ("a#b 日#本", "#本"),
    ("#a(b) #a(b #「い」の", "#a(b) #a #「い」の"),
    ("#x.y #x:y #x/y", "#x"),
    ("#(1)", "#(1)"),
    ("ok :blob: :a:b: :no:1", ":blob: :b:"),
    (":a: :a:", ":a:"),
    (": :x y:", ""),
    ("`@no #no :no:` @yes", "@yes"),
    ("`@yes\n`", "@yes"),
    ("```\n@no #no\n```\n@yes", "@yes"),
    ("```rust\n@no\n```", ""),
    ("text ```\n@yes```", "@yes"),
    ("\\(@no\\) \\[@yes\\]", "@yes"),
    ("\\[@no\\]\n#yes", "#yes"),
    ("<plain>@no #no :no:</plain> #yes", "#yes"),
    ("<plain></plain>@yes", "@yes"),
    ("https://x.example/#no @yes", "@yes"),
    ("https://x.example/@no. #yes", "#yes"),
    ("<https://x.example/@no> <@yes>", "@yes"),
    ("[@no #no :yes:](https://x.example)", ":yes:"),
    ("?[#no](https://x.example) #yes", "#yes"),
    ("[@yes](not a link)", "@yes"),
    ("[#a](https://x.example", "#a"),
    ("**@yes** **@no", "@yes"),
    ("~~#yes~~ ~~@no\n@yes2", "@no @yes2 #yes~~"),
    ("<b>@yes</b> <small>#yes</small> <i>@no", "@yes #yes"),
    ("$[x2 @yes] $[tada.speed=1s #yes] $[x2 @no", "@yes #yes"),
    ("$[x2", ""),
    ("> @yes\n> #yes", "@yes #yes"),
    ("<center>@yes</center>", "@yes"),
    ("@first search\n@no search\n#yes", "@first #yes"),
    ("query [検索]", ""),
    ("search", ""),
    ("#a　#b\t#c", "#a #b #c"),
    ("@bob@example.com@x", "@bob@example.com"),
    ("(@bob) [@eve] 「#tag」", "@bob @eve #tag"),
    ("#<b>", ""),
    ("@_under_ @a_b", "@_under_ @a_b"),
    ("***@yes*** ***@no", "@yes"),
    ("@bob's", "@bob"),
    ("#a'b", "#a"),
    ("https://. @yes", "@yes"),
];

#[test]
fn texts_name_what_mfm_says() {
    for (text, expected) in CASES {
        assert_eq!(render(text), *expected, "in {text:?}");
    }
}

#[test]
fn parts_of_a_note_are_read_together() {
    let named = named(["@a #x", "#x :e:", "@b"]);
    assert_eq!(named.mentions.len(), 2);
    assert_eq!(named.hashtags, ["x"]);
    assert_eq!(named.emojis, ["e"]);
}
