//! Files and folders.

use protocol::id::UserId;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::store::Col;

/// A row of `drive_file`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct File {
    pub id: String,
    pub user_id: UserId,
    pub blob: String,
    pub name: String,
    pub kind: String,
    pub md5: String,
    pub size: u64,
    pub width: Option<u64>,
    pub height: Option<u64>,
    pub is_sensitive: bool,
    pub comment: Option<String>,
    pub folder_id: Option<String>,
}

/// A row of `drive_folder`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct Folder {
    pub id: String,
    pub user_id: UserId,
    pub name: String,
    pub parent_id: Option<String>,
}

impl File {
    /// Reads a row that has all the columns of `drive_file`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            user_id: row.get::<_, Col<UserId>>("user_id")?.0,
            blob: row.get("blob")?,
            name: row.get("name")?,
            kind: row.get("type")?,
            md5: row.get("md5")?,
            size: row.get("size")?,
            width: row.get("width")?,
            height: row.get("height")?,
            is_sensitive: row.get("is_sensitive")?,
            comment: row.get("comment")?,
            folder_id: row.get("folder_id")?,
        })
    }
}

impl Folder {
    /// Reads a row that has all the columns of `drive_folder`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            user_id: row.get::<_, Col<UserId>>("user_id")?.0,
            name: row.get("name")?,
            parent_id: row.get("parent_id")?,
        })
    }
}

/// The file with this id.
///
/// # Errors
///
/// If the database can't be read.
pub fn file(connection: &Connection, id: &str) -> Result<Option<File>> {
    connection
        .prepare_cached("SELECT * FROM drive_file WHERE id = ?1")?
        .query_row([id], File::from_row)
        .optional()
}

/// The file that is served under this part of an address.
///
/// # Errors
///
/// If the database can't be read.
pub fn file_by_blob(connection: &Connection, blob: &str) -> Result<Option<File>> {
    connection
        .prepare_cached("SELECT * FROM drive_file WHERE blob = ?1")?
        .query_row([blob], File::from_row)
        .optional()
}

/// The oldest of a user's files that have this MD5 sum.
///
/// # Errors
///
/// If the database can't be read.
pub fn file_by_md5(connection: &Connection, owner: &UserId, md5: &str) -> Result<Option<File>> {
    connection
        .prepare_cached("SELECT * FROM drive_file WHERE user_id = ?1 AND md5 = ?2 ORDER BY id")?
        .query_row(params![Col(owner), md5], File::from_row)
        .optional()
}

/// Writes a file, new or changed.
///
/// # Errors
///
/// If the database refuses.
pub fn save_file(connection: &Connection, file: &File) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO drive_file (id, user_id, blob, name, type, md5, size, width, height,
                                     is_sensitive, comment, folder_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (id) DO UPDATE SET name = ?4, is_sensitive = ?10, comment = ?11,
                                            folder_id = ?12",
        )?
        .execute(params![
            file.id,
            Col(&file.user_id),
            file.blob,
            file.name,
            file.kind,
            file.md5,
            file.size,
            file.width,
            file.height,
            file.is_sensitive,
            file.comment,
            file.folder_id,
        ])?;
    Ok(())
}

/// How many bytes a user's files have.
///
/// # Errors
///
/// If the database can't be read.
pub fn usage(connection: &Connection, owner: &UserId) -> Result<u64> {
    connection
        .prepare_cached("SELECT ifnull(sum(size), 0) FROM drive_file WHERE user_id = ?1")?
        .query_row([Col(owner)], |row| row.get(0))
}

/// How many files and folders a user has.
///
/// # Errors
///
/// If the database can't be read.
pub fn counts(connection: &Connection, owner: &UserId) -> Result<(usize, usize)> {
    connection
        .prepare_cached(
            "SELECT (SELECT count(*) FROM drive_file WHERE user_id = ?1),
                    (SELECT count(*) FROM drive_folder WHERE user_id = ?1)",
        )?
        .query_row([Col(owner)], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// A user's folder; that of another user is none.
///
/// # Errors
///
/// If the database can't be read.
pub fn folder(connection: &Connection, owner: &UserId, id: &str) -> Result<Option<Folder>> {
    connection
        .prepare_cached("SELECT * FROM drive_folder WHERE id = ?1 AND user_id = ?2")?
        .query_row(params![id, Col(owner)], Folder::from_row)
        .optional()
}

/// Writes a folder, new or changed.
///
/// # Errors
///
/// If the database refuses.
pub fn save_folder(connection: &Connection, folder: &Folder) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO drive_folder (id, user_id, name, parent_id) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET name = ?3, parent_id = ?4",
        )?
        .execute(params![
            folder.id,
            Col(&folder.user_id),
            folder.name,
            folder.parent_id
        ])?;
    Ok(())
}

/// How many folders and files are in a folder.
///
/// # Errors
///
/// If the database can't be read.
pub fn count(connection: &Connection, folder: &str) -> Result<(u64, u64)> {
    connection
        .prepare_cached(
            "SELECT (SELECT count(*) FROM drive_folder WHERE parent_id = ?1),
                    (SELECT count(*) FROM drive_file WHERE folder_id = ?1)",
        )?
        .query_row([folder], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Whether a folder is another one or lies somewhere in it.
///
/// # Errors
///
/// If the database can't be read.
pub fn is_within(connection: &Connection, folder: &str, outer: &str) -> Result<bool> {
    connection
        .prepare_cached(
            "WITH RECURSIVE up(id) AS (
                 VALUES (?1)
                 UNION SELECT parent_id FROM drive_folder JOIN up USING (id)
                 WHERE parent_id IS NOT NULL)
             SELECT 1 FROM up WHERE id = ?2",
        )?
        .exists([folder, outer])
}
