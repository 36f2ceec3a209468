//! The contents of files: in the data directory, or in memory beside a store in memory.
//!
//! A blob has a random name that nobody can guess. It comes into being as a [`Draft`], which is
//! gone without a trace unless it is kept: whatever ends an upload leaves nothing behind.

use std::collections::HashMap;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use axum::body::Body;
use bytes::Bytes;
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

use crate::limits::{BLOBS_MEMORY_BYTES_MAX, UPLOAD_MS_MAX};
use crate::secret;
use crate::store::{Data, OpenError};

/// The length of a blob's name, in characters.
const NAME_LENGTH: usize = 32;

/// What a blob is called until it is whole.
const PART: &str = "part";

/// Where the contents of files are.
pub(crate) enum Blobs {
    Dir(PathBuf),
    Memory(Mutex<HashMap<String, Bytes>>),
}

impl Blobs {
    /// Makes the directory, and removes what a crash left in it.
    pub(crate) fn open(data: &Data) -> Result<Self, OpenError> {
        let Data::Dir(directory) = data else {
            return Ok(Self::Memory(Mutex::default()));
        };
        let path = directory.join("files");
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&path);
        match made.and_then(|()| remove_parts(&path)) {
            // A store that can't be written can still be read.
            Err(error) if error.kind() != io::ErrorKind::ReadOnlyFilesystem => {
                Err(OpenError::Directory {
                    path,
                    source: error,
                })
            }
            Ok(()) | Err(_) => Ok(Self::Dir(path)),
        }
    }

    /// Begins a new blob.
    pub(crate) async fn begin(self: &Arc<Self>) -> io::Result<Draft> {
        let name = secret::token(NAME_LENGTH).map_err(io::Error::other)?;
        let content = match &**self {
            Self::Dir(directory) => {
                let path = part(directory, &name);
                let mut options = OpenOptions::new();
                let file = options.write(true).create_new(true).mode(0o600);
                Content::File(file.open(path).await?)
            }
            Self::Memory(_) => Content::Memory(Vec::new()),
        };
        Ok(Draft {
            content,
            unkept: Unkept {
                blobs: Arc::clone(self),
                name,
                keep: false,
            },
        })
    }

    /// A second blob of the same content, which takes no more room; `None`: there is none of this
    /// name. Each of the two outlives the other.
    pub(crate) async fn copy(self: &Arc<Self>, name: &str) -> io::Result<Option<Unkept>> {
        let copied = Unkept {
            blobs: Arc::clone(self),
            name: secret::token(NAME_LENGTH).map_err(io::Error::other)?,
            keep: false,
        };
        let done = match &**self {
            Self::Dir(directory) => link(directory, name, copied.name()).await,
            Self::Memory(blobs) => {
                let mut blobs = lock(blobs);
                let content = blobs.get(name).cloned();
                let found = content.ok_or_else(|| io::ErrorKind::NotFound.into());
                found.map(|content| {
                    blobs.insert(copied.name.clone(), content);
                })
            }
        };
        match done {
            Ok(()) => Ok(Some(copied)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The content of a blob, to be sent; `None`: there is none of this name.
    pub(crate) async fn read(&self, name: &str) -> io::Result<Option<Body>> {
        let directory = match self {
            Self::Memory(blobs) => return Ok(lock(blobs).get(name).cloned().map(Body::from)),
            Self::Dir(directory) => directory,
        };
        match File::open(directory.join(name)).await {
            Ok(file) => Ok(Some(Body::from_stream(ReaderStream::new(file)))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes a blob, whole or not. That it can't be removed is for the operator to know: nobody
    /// can reach it any more.
    pub(crate) fn remove(&self, name: &str) {
        match self {
            Self::Memory(blobs) => drop(lock(blobs).remove(name)),
            Self::Dir(directory) => {
                for path in [directory.join(name), part(directory, name)] {
                    if let Err(error) = std::fs::remove_file(path)
                        && error.kind() != io::ErrorKind::NotFound
                    {
                        tracing::warn!(%error, "cannot remove the content of a file");
                    }
                }
            }
        }
    }
}

/// A blob that is being written.
pub(crate) struct Draft {
    content: Content,
    unkept: Unkept,
}

enum Content {
    File(File),
    Memory(Vec<u8>),
}

impl Draft {
    /// Adds to the content.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.content {
            Content::File(file) => file.write_all(bytes).await,
            Content::Memory(content) => {
                content.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// Ends the content, so that it survives a loss of power.
    pub(crate) async fn finish(self) -> io::Result<Unkept> {
        let Self { content, unkept } = self;
        match (content, &*unkept.blobs) {
            (Content::File(mut file), Blobs::Dir(directory)) => {
                file.flush().await?;
                file.sync_all().await?;
                let path = directory.join(&unkept.name);
                tokio::fs::rename(part(directory, &unkept.name), path).await?;
                File::open(directory).await?.sync_all().await?;
            }
            (Content::Memory(content), Blobs::Memory(blobs)) => {
                let mut blobs = lock(blobs);
                let held: usize = blobs.values().map(Bytes::len).sum();
                if held + content.len() > BLOBS_MEMORY_BYTES_MAX {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                blobs.insert(unkept.name.clone(), content.into());
            }
            (Content::File(_), Blobs::Memory(_)) | (Content::Memory(_), Blobs::Dir(_)) => {
                unreachable!("a draft is of the kind of its blobs")
            }
        }
        Ok(unkept)
    }
}

/// A blob that is removed when this is dropped, unless it is [kept](Unkept::keep).
pub(crate) struct Unkept {
    blobs: Arc<Blobs>,
    name: String,
    keep: bool,
}

impl Unkept {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Keeps it: call this once its row is committed.
    pub(crate) fn keep(mut self) {
        self.keep = true;
    }

    /// Width and height of an image, in pixels, as far as its head tells. Blocks.
    pub(crate) fn image_size(&self) -> Option<(u64, u64)> {
        let size = match &*self.blobs {
            Blobs::Dir(directory) => imagesize::size(directory.join(&self.name)).ok()?,
            Blobs::Memory(blobs) => {
                let content = lock(blobs).get(&self.name)?.clone();
                imagesize::blob_size(&content).ok()?
            }
        };
        Some((size.width.try_into().ok()?, size.height.try_into().ok()?))
    }
}

impl Drop for Unkept {
    fn drop(&mut self) {
        if !self.keep {
            self.blobs.remove(&self.name);
        }
    }
}

/// Gives a file a second name; where the file system has no such thing, copies it.
async fn link(directory: &Path, from: &str, to: &str) -> io::Result<()> {
    let (source, target) = (directory.join(from), directory.join(to));
    match tokio::fs::hard_link(&source, &target).await {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(error),
        Err(_) => {
            let part = part(directory, to);
            tokio::fs::copy(&source, &part).await?;
            File::open(&part).await?.sync_all().await?;
            tokio::fs::rename(part, target).await?;
        }
    }
    File::open(directory).await?.sync_all().await
}

fn part(directory: &Path, name: &str) -> PathBuf {
    directory.join(name).with_extension(PART)
}

/// Removes parts that no upload can be writing any more. Another process may have the store open.
fn remove_parts(directory: &Path) -> io::Result<()> {
    let oldest = SystemTime::now().checked_sub(Duration::from_millis(2 * UPLOAD_MS_MAX));
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == PART)
            && oldest.is_some_and(|oldest| is_older(&path, oldest))
        {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn is_older(path: &Path, than: SystemTime) -> bool {
    let modified = path.metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| modified < than)
}

fn lock(blobs: &Mutex<HashMap<String, Bytes>>) -> MutexGuard<'_, HashMap<String, Bytes>> {
    blobs.lock().unwrap_or_else(PoisonError::into_inner)
}
