//! Notes by what they are: public ones, those that name me, those with a tag or a text, the
//! liked ones, open polls.

use protocol::tag;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind};
use super::paging::{Paging, paged};
use super::schema::{Field, Params};
use crate::feed::{Feed, carries, filters, source};
use crate::id::first_of;
use crate::limits::{FEATURED_MS, QUERY_CHARS_MAX, TAG_CHARS_MAX, TAGS_SEARCHED_MAX};
use crate::pack::For;
use crate::roles::Policies;

/// Visitors don't search: it reads every note there is.
const SEARCH_UNAVAILABLE: ErrorKind = ErrorKind::client(
    "UNAVAILABLE",
    "0b44998d-77aa-4427-80d0-d2c9b8523011",
    "Search of notes unavailable.",
);

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("notes").also_get(), notes);
    registry.add(Endpoint::login("notes/mentions", "read:account"), mentions);
    registry.add(Endpoint::open("notes/search-by-tag"), by_tag);
    registry.add(Endpoint::open("notes/search"), by_text);
    registry.add(Endpoint::open("notes/featured").also_get(), featured);
    registry.add(
        Endpoint::login("notes/polls/recommendation", "read:account"),
        polls,
    );
}

/// A page of a feed for whoever asks, without the first `offset` notes.
async fn answer(
    ctx: &Ctx,
    feed: Feed,
    paging: Paging,
    offset: usize,
) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let to = For::viewer(viewer.as_ref());
        let notes = feed.rows(view, to, &paging.page(10), offset)?;
        Ok(view.pack().notes(&notes, to)?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NotesParams {
    #[serde(default)]
    local: bool,
    reply: Option<bool>,
    renote: Option<bool>,
    with_files: Option<bool>,
    poll: Option<bool>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for NotesParams {
    const SCHEMA: &'static [Field] = paged![
        Field::boolean("local"),
        Field::boolean("reply"),
        Field::boolean("renote"),
        Field::boolean("withFiles"),
        Field::boolean("poll"),
    ];
}

async fn notes(ctx: Ctx, params: NotesParams) -> Result<Vec<Value>, ApiError> {
    let source = match params.local {
        true => source::LOCAL,
        false => source::PUBLIC,
    };
    let feed = Feed::of(source)
        .only(filters::NOT_LOCAL_ONLY)
        .choose(params.reply, filters::REPLY)
        .choose(params.renote, filters::RENOTE)
        .choose(params.with_files, filters::FILES)
        .choose(params.poll, filters::POLL);
    answer(&ctx, feed, params.paging, 0).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MentionsParams {
    #[serde(default)]
    following: bool,
    visibility: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for MentionsParams {
    const SCHEMA: &'static [Field] =
        paged![Field::boolean("following"), Field::string("visibility")];
}

async fn mentions(ctx: Ctx, params: MentionsParams) -> Result<Vec<Value>, ApiError> {
    let feed = Feed::of(source::NAMING_ME)
        .only(filters::NO_MUTED_THREAD)
        .only_if(params.following, filters::FROM_MY_CIRCLE)
        .only_with(filters::OF_VISIBILITY, ":visibility", params.visibility);
    answer(&ctx, feed, params.paging, 0).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TagParams {
    tag: Option<String>,
    query: Option<Vec<Vec<String>>>,
    reply: Option<bool>,
    renote: Option<bool>,
    #[serde(default)]
    with_files: bool,
    poll: Option<bool>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for TagParams {
    const SCHEMA: &'static [Field] = paged![
        Field::string("tag").length(1, TAG_CHARS_MAX as i64),
        Field::array(
            "query",
            &Field::array("", &Field::string("").length(1, TAG_CHARS_MAX as i64))
                .items(1, TAGS_SEARCHED_MAX as i64),
        )
        .items(1, TAGS_SEARCHED_MAX as i64),
        Field::boolean("reply").nullable(),
        Field::boolean("renote").nullable(),
        Field::boolean("withFiles"),
        Field::boolean("poll").nullable(),
    ];
}

async fn by_tag(ctx: Ctx, params: TagParams) -> Result<Vec<Value>, ApiError> {
    let groups = match (params.tag, params.query) {
        (Some(tag), _) => vec![vec![tag]],
        (None, Some(groups)) => groups,
        (None, None) => {
            let reason = "must have required property 'tag'";
            return Err(ApiError::invalid_param("#/anyOf/0/required", reason));
        }
    };
    let groups: Vec<Vec<Box<str>>> = groups
        .iter()
        .map(|group| group.iter().map(|tag| tag::normalise(tag)).collect())
        .collect();
    let feed = match &groups[..] {
        [group] => Feed::of(source::TAGGED).with(":tag", &*group[0]),
        _ => Feed::of(source::TAGGED_IN_ANY),
    };
    let feed = feed
        .only(filters::WITH_TAGS)
        .with(":query", json!(groups).to_string())
        .choose(params.reply, filters::REPLY)
        .choose(params.renote, filters::RENOTE)
        .only_if(params.with_files, carries::WITH_FILES)
        .choose(params.poll, filters::POLL);
    answer(&ctx, feed, params.paging, 0).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TextParams {
    query: String,
    #[serde(default)]
    offset: usize,
    host: Option<String>,
    user_id: Option<String>,
    channel_id: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for TextParams {
    const SCHEMA: &'static [Field] = paged![
        Field::string("query")
            .required()
            .length(0, QUERY_CHARS_MAX as i64),
        Field::integer("offset").at_least(0),
        Field::string("host"),
        Field::id("userId").nullable(),
        Field::id("channelId").nullable(),
    ];
}

async fn by_text(ctx: Ctx, params: TextParams) -> Result<Vec<Value>, ApiError> {
    let Some(me) = ctx.viewer() else {
        return Err(SEARCH_UNAVAILABLE.into());
    };
    let allowed = ctx.read(move |view| {
        let policies = Policies::of_id(view, Some(&me))?;
        Ok(policies.allow("canSearchNotes"))
    });
    if !allowed.await? {
        return Err(SEARCH_UNAVAILABLE.into());
    }
    let source = match &params.user_id {
        Some(_) => source::BY_USER,
        None => source::ALL,
    };
    let is_here = params.host.as_deref() == Some(".");
    let host = params.host.filter(|_| !is_here);
    let feed = Feed::of(source)
        .readable_only()
        .only(filters::WITH_TEXT)
        .with(":like", like(&params.query))
        .with(":user", params.user_id.unwrap_or_default())
        .only_with(filters::IN_CHANNEL, ":channel", params.channel_id)
        .only_if(is_here, filters::FROM_HERE)
        .only_with(
            filters::FROM_HOST,
            ":host",
            host.map(|host| host.to_lowercase()),
        );
    answer(&ctx, feed, params.paging, params.offset).await
}

/// The pattern of what contains a text.
fn like(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeaturedParams {
    channel_id: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for FeaturedParams {
    const SCHEMA: &'static [Field] = &[
        Field::integer("limit").range(1, 100),
        Field::id("untilId"),
        Field::id("channelId").nullable(),
    ];
}

async fn featured(ctx: Ctx, params: FeaturedParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let since = first_of(view.now_ms().saturating_sub(FEATURED_MS));
        let feed = Feed::of(source::FEATURED)
            .with(":since", since)
            .only(filters::PUBLIC)
            .only_if(params.channel_id.is_none(), carries::NOT_IN_CHANNEL)
            .only_with(filters::IN_CHANNEL, ":channel", params.channel_id);
        let to = For::viewer(viewer.as_ref());
        Ok(feed.read(view, to, &params.paging.page(10))?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PollsParams {
    #[serde(default)]
    offset: usize,
    #[serde(default)]
    exclude_channels: bool,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for PollsParams {
    const SCHEMA: &'static [Field] = &[
        Field::integer("limit").range(1, 100),
        Field::integer("offset").at_least(0),
        Field::boolean("excludeChannels"),
    ];
}

async fn polls(ctx: Ctx, params: PollsParams) -> Result<Vec<Value>, ApiError> {
    let feed = Feed::of(source::POLLS)
        .readable_only()
        .only(filters::PUBLIC)
        .only(filters::NOT_MINE)
        .only(filters::OPEN_TO_MY_VOTE)
        .only_if(params.exclude_channels, carries::NOT_IN_CHANNEL);
    answer(&ctx, feed, params.paging, params.offset).await
}
