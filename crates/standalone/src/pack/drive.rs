//! Files and folders.

use rusqlite::Result;
use serde_json::{Value, json};

use super::{Object, Packer, object, time};
use crate::model::drive::{self, File, Folder};
use crate::model::user;

/// Whether a packed file says whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// It does, as in notes.
    Named,
    /// It doesn't: its owner alone gets it.
    Left,
}

impl Packer<'_> {
    /// The address of a file. Who knows it may read the file.
    #[must_use]
    pub fn file_url(&self, file: &File) -> String {
        format!("{}/files/{}", self.site.url(), file.blob)
    }

    /// A file.
    #[must_use]
    pub fn file(&self, file: &File, owner: Owner) -> Value {
        Value::Object(self.file_object(file, owner))
    }

    /// A file with its folder and its owner.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn file_detailed(&self, file: &File) -> Result<Value> {
        let mut packed = self.file_object(file, Owner::Named);
        if let Some(id) = &file.folder_id
            && let Some(folder) = drive::folder(self.connection, &file.user_id, id)?
        {
            packed.insert("folder".into(), self.folder(&folder));
        }
        if let Some(owner) = user::by_id(self.connection, file.user_id.as_str())? {
            packed.insert("user".into(), self.user_lite(&owner)?);
        }
        Ok(Value::Object(packed))
    }

    /// A folder.
    #[must_use]
    pub fn folder(&self, folder: &Folder) -> Value {
        json!({
            "id": folder.id,
            "createdAt": time::created_at(&folder.id),
            "name": folder.name,
            "parentId": folder.parent_id,
        })
    }

    /// The files with these ids, in their order; those that are gone are left out.
    pub(super) fn files(&self, ids: &[String]) -> Result<Vec<Value>> {
        let mut files = Vec::with_capacity(ids.len());
        for id in ids {
            let file = drive::file(self.connection, id)?;
            files.extend(file.map(|file| self.file(&file, Owner::Named)));
        }
        Ok(files)
    }

    /// The address of the file with this id.
    pub(super) fn url_of_file(&self, id: Option<&str>) -> Result<Option<String>> {
        let Some(id) = id else { return Ok(None) };
        let file = drive::file(self.connection, id)?;
        Ok(file.map(|file| self.file_url(&file)))
    }

    fn file_object(&self, file: &File, owner: Owner) -> Object {
        let url = self.file_url(file);
        let mut properties = Object::new();
        if let (Some(width), Some(height)) = (file.width, file.height) {
            properties.insert("width".into(), width.into());
            properties.insert("height".into(), height.into());
        }
        // There are no smaller images: an image stands for itself.
        let thumbnail = file.kind.starts_with("image/").then(|| url.clone());
        object(json!({
            "id": file.id,
            "createdAt": time::created_at(&file.id),
            "name": file.name,
            "type": file.kind,
            "md5": file.md5,
            "size": file.size,
            "isSensitive": file.is_sensitive,
            "blurhash": null,
            "properties": properties,
            "url": url,
            "thumbnailUrl": thumbnail,
            "comment": file.comment,
            "folderId": file.folder_id,
            "folder": null,
            "userId": (owner == Owner::Named).then(|| file.user_id.as_str()),
            "user": null,
        }))
    }
}
