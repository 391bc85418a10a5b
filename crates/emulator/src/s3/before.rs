//! The object as it was before an upload.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What an upload replaces. The file system puts the new bytes in place before it has checked
/// them, so the old ones are kept by a second name until the upload is over.
pub(super) struct Before {
    object: PathBuf,
    /// The second name; `None` if there was no object.
    kept: Option<PathBuf>,
}

impl Before {
    /// Keeps the object by the name `kept`, which is taken away from any other file.
    ///
    /// # Errors
    /// Where there is an object and it cannot be kept.
    pub(super) fn keep(object: PathBuf, kept: PathBuf) -> io::Result<Self> {
        // A folder is no object, and no upload takes its place.
        let exists = !object.is_dir() && name_again(&object, &kept)?;
        Ok(Self { object, kept: exists.then_some(kept) })
    }

    /// Brings the object back, or removes it if there was none.
    pub(super) fn restore(&self) {
        let restored = match &self.kept {
            Some(kept) => std::fs::rename(kept, &self.object),
            None => std::fs::remove_file(&self.object),
        };
        if let Err(error) = restored {
            tracing::warn!(%error, object = %self.object.display(), "cannot undo an upload");
        }
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        if let Some(kept) = &self.kept {
            // After a restore there is nothing left to remove.
            let _ = std::fs::remove_file(kept);
        }
    }
}

/// Gives a file a second name, or its copy where the disk has no second names. Tells whether there
/// is such a file.
fn name_again(file: &Path, name: &Path) -> io::Result<bool> {
    match std::fs::remove_file(name) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let named = std::fs::hard_link(file, name).or_else(|_| std::fs::copy(file, name).map(drop));
    match named {
        Ok(()) => Ok(true),
        // The second is said where an object stands in place of a folder of the key.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_by_the_kept_name_is_no_reason_to_lose_the_object() {
        let folder = tempfile::tempdir().unwrap();
        let (object, kept) = (folder.path().join("a"), folder.path().join("kept"));
        std::fs::write(&object, "old").unwrap();
        std::fs::write(&kept, "of a run that was killed").unwrap();
        let before = Before::keep(object.clone(), kept.clone()).unwrap();
        // A file that is written anew is another file, as after an upload.
        std::fs::write(folder.path().join("new"), "new").unwrap();
        std::fs::rename(folder.path().join("new"), &object).unwrap();
        before.restore();
        drop(before);
        assert_eq!(std::fs::read_to_string(&object).unwrap(), "old");
        assert!(!kept.exists());
    }

    #[test]
    fn only_what_is_not_there_counts_as_no_object() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a"), "x").unwrap();
        for object in ["b", "a/b", "no/folder"] {
            assert!(Before::keep(path(object), path("kept")).unwrap().kept.is_none(), "{object}");
        }
        // The kept name cannot be made: the upload must not go on.
        std::fs::create_dir(path("folder")).unwrap();
        assert!(Before::keep(path("a"), path("folder")).is_err());
    }
}
