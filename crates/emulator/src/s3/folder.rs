//! Folders of the file system, where S3 has only beginnings of keys.

use std::io;
use std::path::Path;

use s3s::dto::{ETag, GetObjectOutput, HeadObjectOutput};

/// Whether a path of a key is an object: a file, or the folder that a key with a slash at its end
/// names, which is an object without bytes.
pub(super) fn is_object(path: &Path, key: &str) -> bool {
    if is_marker(key) { path.is_dir() } else { path.is_file() }
}

/// Whether a key names a folder as an object.
pub(super) fn is_marker(key: &str) -> bool {
    key.ends_with('/')
}

/// The answer for the head of a folder.
pub(super) fn head(path: &Path) -> io::Result<HeadObjectOutput> {
    Ok(HeadObjectOutput {
        content_length: Some(0),
        e_tag: Some(e_tag()),
        last_modified: Some(path.metadata()?.modified()?.into()),
        ..HeadObjectOutput::default()
    })
}

/// The answer for a folder as an object.
pub(super) fn get(path: &Path) -> io::Result<GetObjectOutput> {
    let head = head(path)?;
    Ok(GetObjectOutput {
        content_length: head.content_length,
        e_tag: head.e_tag,
        last_modified: head.last_modified,
        ..GetObjectOutput::default()
    })
}

/// The tag of every folder: the MD5 digest of no bytes.
pub(super) fn e_tag() -> ETag {
    ETag::Strong("d41d8cd98f00b204e9800998ecf8427e".into())
}

/// Whether there is a file in a folder, at any depth.
pub(super) fn holds_files(folder: &Path) -> io::Result<bool> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() || holds_files(&entry.path())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes a folder and those in it.
///
/// # Errors
/// With [`io::ErrorKind::DirectoryNotEmpty`] where there is a file in one of them, which stays.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove(&entry.path())?;
        }
    }
    std::fs::remove_dir(folder)
}
