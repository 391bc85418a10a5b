//! Files that are whole or not there: written under another name, renamed when they are done.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use crate::error::Error;

/// A file that gets its name when it is finished, and vanishes if it never is.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    file: BufWriter<File>,
    temporary: TempPath,
}

impl NewFile {
    /// Begins the file that will be called `path`, in the same folder.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = builder().tempfile_in(folder.unwrap_or_else(|| Path::new(".")));
        let (file, temporary) =
            file.map(NamedTempFile::into_parts).map_err(|source| Error::write(path, source))?;
        if path.is_dir() {
            return Err(Error::write(path, std::io::ErrorKind::IsADirectory.into()));
        }
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file), temporary })
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), Error> {
        writeln!(self.file, "{line}").map_err(|source| Error::write(&self.path, source))
    }

    /// Gives the file its name, in place of any that had it.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let Self { path, mut file, temporary } = self;
        let whole = file.flush().and_then(|()| file.get_ref().sync_all());
        whole.map_err(|source| Error::write(&path, source))?;
        temporary.persist(&path).map_err(|failed| Error::write(&path, failed.error))
    }
}

/// A temporary file that may be read by whom a new file may be read by.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".outcrop-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        let count = || std::fs::read_dir(folder.path()).unwrap().count();

        let mut file = NewFile::create(&path).unwrap();
        file.line("half").unwrap();
        drop(file);
        assert_eq!(count(), 0);

        for text in ["one", "two"] {
            let mut file = NewFile::create(&path).unwrap();
            file.line(text).unwrap();
            file.finish().unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{text}\n"));
        }
        assert_eq!(count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_found_out_at_once() {
        let folder = tempfile::tempdir().unwrap();
        assert!(NewFile::create(&folder.path().join("no/out.jsonl")).is_err());
        assert!(NewFile::create(folder.path()).is_err());
    }
}
