//! The timelines: the same notes that their channels of the stream carry.

use backend::PolicyRecord;
use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind};
use super::paging::{Paging, paged};
use super::schema::{Field, Params};
use crate::feed::{Feed, carries, source};
use crate::model::list;
use crate::pack::For;
use crate::roles::Policies;

const NO_SUCH_LIST: ErrorKind = ErrorKind::client(
    "NO_SUCH_LIST",
    "8fb1fbd5-e476-4c37-9fb0-43d55b63a2ff",
    "No such list.",
);

const LOCAL_WITH_REPLIES_AND_FILES: ErrorKind = ErrorKind::client(
    "BOTH_WITH_REPLIES_AND_WITH_FILES",
    "dd9c8400-1cb5-4eef-8a31-200c5f933793",
    "Specifying both withReplies and withFiles is not supported",
);

const HYBRID_WITH_REPLIES_AND_FILES: ErrorKind = ErrorKind::client(
    "BOTH_WITH_REPLIES_AND_WITH_FILES",
    "dfaa3eb7-8002-4cb7-bcc4-1095df46656f",
    "Specifying both withReplies and withFiles is not supported",
);

const LTL_DISABLED: ErrorKind = ErrorKind::client(
    "LTL_DISABLED",
    "45a6eb02-7695-4393-b023-dd3be9aaaefd",
    "Local timeline has been disabled.",
);

const STL_DISABLED: ErrorKind = ErrorKind::client(
    "STL_DISABLED",
    "620763f4-f621-4533-ab33-0577a1a3c342",
    "Hybrid timeline has been disabled.",
);

const GTL_DISABLED: ErrorKind = ErrorKind::client(
    "GTL_DISABLED",
    "0332fc13-6ab2-4427-ae80-a9fadffd1a6b",
    "Global timeline has been disabled.",
);

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::login("notes/timeline", "read:account"), home);
    registry.add(Endpoint::open("notes/local-timeline"), local);
    registry.add(
        Endpoint::login("notes/hybrid-timeline", "read:account"),
        hybrid,
    );
    registry.add(Endpoint::open("notes/global-timeline"), global);
    registry.add(
        Endpoint::login("notes/user-list-timeline", "read:account"),
        user_list,
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the parameters, each a boolean of its own"
)]
struct Wishes {
    with_files: bool,
    with_renotes: bool,
    with_replies: bool,
    include_my_renotes: bool,
    include_renoted_my_notes: bool,
    include_local_renotes: bool,
    #[serde(flatten)]
    paging: Paging,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            with_files: false,
            with_renotes: true,
            with_replies: false,
            include_my_renotes: true,
            include_renoted_my_notes: true,
            include_local_renotes: true,
            paging: Paging::default(),
        }
    }
}

macro_rules! wishes {
    ($($field:expr),* $(,)?) => {
        paged![
            $($field,)*
            Field::boolean("withFiles"),
            Field::boolean("withRenotes"),
            Field::boolean("withReplies"),
            Field::boolean("allowPartial"),
            Field::boolean("includeMyRenotes"),
            Field::boolean("includeRenotedMyNotes"),
            Field::boolean("includeLocalRenotes"),
        ]
    };
}

impl Params for Wishes {
    const SCHEMA: &'static [Field] = wishes![];
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListParams {
    list_id: String,
    #[serde(flatten)]
    wishes: Wishes,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = wishes![Field::id("listId").required()];
}

async fn home(ctx: Ctx, wishes: Wishes) -> Result<Vec<Value>, ApiError> {
    let feed = Feed::of(source::ALL)
        .only(carries::HOME)
        .only(carries::REPLIES_AS_FOLLOWED)
        .only(carries::NO_RENOTE_INTO_CLOSED_CIRCLE);
    answer(&ctx, feed, wishes).await
}

async fn local(ctx: Ctx, wishes: Wishes) -> Result<Vec<Value>, ApiError> {
    if !policies(&ctx).await?.local_timeline {
        return Err(LTL_DISABLED.into());
    }
    if wishes.with_replies && wishes.with_files {
        return Err(LOCAL_WITH_REPLIES_AND_FILES.into());
    }
    let few_replies = ctx.viewer().is_some() && !wishes.with_replies;
    let feed = Feed::of(source::LOCAL)
        .only(carries::NOT_IN_CHANNEL)
        .only_if(few_replies, carries::REPLIES_ON_LOCAL);
    answer(&ctx, feed, wishes).await
}

async fn hybrid(ctx: Ctx, wishes: Wishes) -> Result<Vec<Value>, ApiError> {
    if !policies(&ctx).await?.local_timeline {
        return Err(STL_DISABLED.into());
    }
    if wishes.with_replies && wishes.with_files {
        return Err(HYBRID_WITH_REPLIES_AND_FILES.into());
    }
    let replies = match wishes.with_replies {
        true => carries::REPLIES_ASKED_FOR,
        false => carries::REPLIES_AS_FOLLOWED,
    };
    let feed = Feed::of(source::ALL)
        .only(carries::HYBRID)
        .only(replies)
        .only(carries::NO_RENOTE_INTO_CLOSED_CIRCLE);
    answer(&ctx, feed, wishes).await
}

async fn global(ctx: Ctx, wishes: Wishes) -> Result<Vec<Value>, ApiError> {
    if !policies(&ctx).await?.global_timeline {
        return Err(GTL_DISABLED.into());
    }
    let feed = Feed::of(source::PUBLIC).only(carries::NOT_IN_CHANNEL);
    answer(&ctx, feed, wishes).await
}

async fn user_list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    let (me, id) = (ctx.my_id()?, params.list_id.clone());
    let list = ctx.read(move |view| Ok(list::of_owner(view, &id, &me)?));
    let list = list.await?.ok_or(NO_SUCH_LIST)?;
    let feed = Feed::of(source::ALL)
        .only(carries::NOT_IN_CHANNEL)
        .only(carries::ON_LIST)
        .only(carries::REPLIES_AS_LISTED)
        .with(":list", list.id.as_str());
    answer(&ctx, feed, params.wishes).await
}

/// What decides which timelines are open, here as on the stream.
async fn policies(ctx: &Ctx) -> Result<PolicyRecord, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| Ok(Policies::of_id(view, viewer.as_ref())?.of_stream()))
        .await
}

/// The page of a timeline, with what all timelines let a client choose.
async fn answer(ctx: &Ctx, feed: Feed, wishes: Wishes) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    let feed = feed
        .only_if(wishes.with_files, carries::WITH_FILES)
        .only_if(!wishes.with_renotes, carries::NO_RENOTES)
        .only_if(!wishes.include_local_renotes, carries::NO_RENOTES_OF_LOCAL)
        .only_if(
            !wishes.include_my_renotes && viewer.is_some(),
            carries::NO_RENOTES_BY_ME,
        )
        .only_if(
            !wishes.include_renoted_my_notes && viewer.is_some(),
            carries::NO_RENOTES_OF_MINE,
        );
    ctx.read(move |view| {
        let page = wishes.paging.page(10);
        Ok(feed.read(view, For::viewer(viewer.as_ref()), &page)?)
    })
    .await
}
