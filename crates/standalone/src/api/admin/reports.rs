//! Reports of users to moderators: `users/report-abuse`, `admin/abuse-user-reports` and
//! `admin/resolve-abuse-user-report`.

use protocol::id::UserId;
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, Params};
use crate::events;
use crate::limits::REPORTS_OF_USER_MAX;
use crate::model::user;
use crate::pack::{For, time};
use crate::roles;
use crate::store::{Col, View};

const NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "1acefcb5-0959-43fd-9685-b48305736cb5",
    "No such user.",
);
const CANNOT_REPORT_YOURSELF: ErrorKind = ErrorKind::client(
    "CANNOT_REPORT_YOURSELF",
    "1e13149e-b1e8-43cf-902e-c01dbfcb202f",
    "Cannot report yourself.",
);
const CANNOT_REPORT_THE_ADMIN: ErrorKind = ErrorKind::client(
    "CANNOT_REPORT_THE_ADMIN",
    "35e166f5-05fb-4f87-a2d5-adb42676d48f",
    "Cannot report the admin.",
);
const NO_SUCH_REPORT: ErrorKind = ErrorKind::client(
    "NO_SUCH_ABUSE_REPORT",
    "ac3794dd-2ce4-d878-e546-73c60c06b398",
    "No such abuse report.",
);

pub(super) fn register(registry: &mut Registry) {
    registry.add(
        Endpoint::login("users/report-abuse", "write:report-abuse"),
        report,
    );
    registry.add(
        Endpoint::login("admin/abuse-user-reports", "read:admin:abuse-user-reports").moderator(),
        list,
    );
    registry.add(
        Endpoint::login(
            "admin/resolve-abuse-user-report",
            "write:admin:resolve-abuse-user-report",
        )
        .moderator(),
        resolve,
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportParams {
    user_id: String,
    comment: String,
}

impl Params for ReportParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("userId").required(),
        Field::string("comment").required().length(1, 2048),
    ];
}

/// Tells the moderators. Of one user's reports the oldest go first.
async fn report(ctx: Ctx, params: ReportParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let target = user::by_id(tx, &params.user_id)?.ok_or(NO_SUCH_USER)?;
        if target.id == me {
            return Err(CANNOT_REPORT_YOURSELF.into());
        }
        if roles::staff(tx, &target, tx.now_ms())?.administrator {
            return Err(CANNOT_REPORT_THE_ADMIN.into());
        }
        let id = tx.new_id();
        tx.execute(
            "INSERT INTO abuse_report (id, target_user_id, reporter_id, comment)
             VALUES (?1, ?2, ?3, ?4)",
            params![id, Col(&target.id), Col(&me), params.comment],
        )?;
        tx.execute(
            "DELETE FROM abuse_report WHERE reporter_id = ?1 AND id <= (
                 SELECT id FROM abuse_report WHERE reporter_id = ?1
                 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            params![Col(&me), REPORTS_OF_USER_MAX],
        )?;
        let body = json!({
            "id": id,
            "targetUserId": target.id.as_str(),
            "reporterId": me.as_str(),
            "comment": params.comment,
        });
        for moderator in moderators(tx, tx.now_ms())? {
            events::admin(tx, &moderator, "newAbuseUserReport", &body)?;
        }
        Ok(NoContent)
    })
    .await
}

/// Administrators, and those to whom a role was given that makes moderators.
fn moderators(connection: &Connection, now_ms: u64) -> rusqlite::Result<Vec<UserId>> {
    connection
        .prepare_cached(
            "SELECT id FROM user WHERE is_admin AND NOT is_suspended
             UNION SELECT a.user_id FROM role_assignment a JOIN role r ON r.id = a.role_id
             JOIN user u ON u.id = a.user_id
             WHERE (r.is_moderator OR r.is_administrator) AND NOT u.is_suspended
             AND (a.expires_at IS NULL OR a.expires_at > ?1)",
        )?
        .query_map([now_ms], |row| Ok(row.get::<_, Col<UserId>>(0)?.0))?
        .collect()
}

#[derive(Deserialize)]
struct ListParams {
    state: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = paged![
        Field::string("state").nullable(),
        Field::string("reporterOrigin").one_of(&["combined", "local", "remote"]),
        Field::string("targetUserOrigin").one_of(&["combined", "local", "remote"]),
    ];
}

struct Report {
    id: String,
    target: String,
    reporter: String,
    assignee: Option<String>,
    comment: String,
    resolved: bool,
    resolved_as: Option<String>,
}

async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let page = params.paging.page(10);
        let state = match params.state.as_deref() {
            Some("resolved") => "is_resolved",
            Some("unresolved") => "NOT is_resolved",
            Some(_) | None => "1",
        };
        let sql = format!(
            "SELECT * FROM abuse_report WHERE {state} AND id > ?1 AND id < ?2
             ORDER BY id {} LIMIT ?3",
            page.order
        );
        let reports = view
            .prepare_cached(&sql)?
            .query_map(params![page.after, page.before, page.limit], |row| {
                Ok(Report {
                    id: row.get("id")?,
                    target: row.get("target_user_id")?,
                    reporter: row.get("reporter_id")?,
                    assignee: row.get("assignee_id")?,
                    comment: row.get("comment")?,
                    resolved: row.get("is_resolved")?,
                    resolved_as: row.get("resolved_as")?,
                })
            })?
            .collect::<Result<Vec<_>, _>>()?;
        let packed = reports.into_iter().map(|report| pack(view, report, &me));
        Ok(packed.collect::<Result<_, _>>()?)
    })
    .await
}

fn pack(view: &View<'_>, report: Report, me: &UserId) -> rusqlite::Result<Value> {
    let user = |id: Option<&str>| -> rusqlite::Result<Value> {
        match id.map(|id| user::by_id(view, id)).transpose()?.flatten() {
            Some(user) => view.pack().user_detailed(&user, For::User(me)),
            None => Ok(Value::Null),
        }
    };
    Ok(json!({
        "id": report.id,
        "createdAt": time::created_at(&report.id),
        "comment": report.comment,
        "resolved": report.resolved,
        "reporterId": report.reporter,
        "targetUserId": report.target,
        "assigneeId": report.assignee,
        "reporter": user(Some(&report.reporter))?,
        "targetUser": user(Some(&report.target))?,
        "assignee": user(report.assignee.as_deref())?,
        "forwarded": false,
        "resolvedAs": report.resolved_as,
        "moderationNote": "",
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResolveParams {
    report_id: String,
    resolved_as: Option<String>,
}

impl Params for ResolveParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("reportId").required(),
        Field::string("resolvedAs")
            .nullable()
            .one_of(&["accept", "reject"]),
    ];
}

async fn resolve(ctx: Ctx, params: ResolveParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let changed = tx.execute(
            "UPDATE abuse_report SET is_resolved = 1, resolved_as = ?2, assignee_id = ?3
             WHERE id = ?1",
            params![params.report_id, params.resolved_as, Col(&me)],
        )?;
        if changed == 0 {
            return Err(NO_SUCH_REPORT.into());
        }
        Ok(NoContent)
    })
    .await
}
