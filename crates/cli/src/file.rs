//! Files that are whole or not there: written under another name, renamed when they are done.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::error::Error;

/// A file that gets its name when it is finished, and vanishes if it never is.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    file: BufWriter<File>,
    temporary: TempPath,
}

impl NewFile {
    /// Begins the file that will be called `path`, in the same folder, and is made from `input`.
    /// Where the path is a link, what it leads to is replaced.
    pub(crate) fn create(path: &Path, input: &Path) -> Result<Self, Error> {
        let target = target(path, input)?;
        // The kind alone: the error names the temporary file, which tells nobody anything.
        let file = builder().tempfile_in(folder(&target));
        let file = file.map_err(|error| place(path, error.kind().into()))?;
        let (file, temporary) = file.into_parts();
        Ok(Self { path: target, file: BufWriter::new(file), temporary })
    }

    /// The same for a file that nobody else writes now: it has one other name, under which the next
    /// try begins anew if this one is killed.
    pub(crate) fn create_alone(path: &Path, input: &Path) -> Result<Self, Error> {
        let target = target(path, input)?;
        let mut part = target.clone().into_os_string();
        part.push(".part");
        let file = File::create(&part).map_err(|error| place(path, error))?;
        let temporary = TempPath::try_from_path(part).map_err(|error| place(path, error))?;
        Ok(Self { path: target, file: BufWriter::new(file), temporary })
    }

    /// Finds out whether there can be such a file, as far as that shows without making one.
    pub(crate) fn check(path: &Path, input: &Path) -> Result<(), Error> {
        target(path, input).map(drop)
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), Error> {
        writeln!(self.file, "{line}").map_err(|source| Error::write(&self.path, source))
    }

    /// Gives the file its name, in place of any that had it. Name and bytes are on the disk when it
    /// is done.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let Self { path, mut file, temporary } = self;
        let whole = file.flush().and_then(|()| file.get_ref().sync_all());
        whole.map_err(|source| Error::write(&path, source))?;
        temporary.persist(&path).map_err(|failed| Error::write(&path, failed.error))?;
        sync_folder_of(&path);
        Ok(())
    }
}

/// The file that `path` leads to, if it can be replaced by one that is made from `input`.
fn target(path: &Path, input: &Path) -> Result<PathBuf, Error> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(found) = fs::metadata(&target) {
        if found.is_dir() {
            return Err(place(path, io::ErrorKind::IsADirectory.into()));
        }
        // A device or a pipe would be replaced, not written to.
        if !found.is_file() {
            return Err(place(path, io::Error::other("it is no regular file")));
        }
        if fs::canonicalize(input).is_ok_and(|input| input == target) {
            return Err(Error::SameFile { path: path.to_owned() });
        }
    }
    fs::metadata(folder(&target)).map_err(|error| place(path, error))?;
    Ok(target)
}

fn folder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or_else(|| Path::new("."))
}

fn place(path: &Path, source: io::Error) -> Error {
    Error::Place { path: path.to_owned(), source }
}

/// Has the names in the folder of this file written to the disk, where the system can do that: it is
/// no failure of the file if it cannot.
pub(crate) fn sync_folder_of(path: &Path) {
    if let Ok(folder) = File::open(folder(path)) {
        let _not_everywhere = folder.sync_all();
    }
}

/// A temporary file that may be read by whom a new file may be read by.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".outcrop-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
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
        let count = || fs::read_dir(folder.path()).unwrap().count();

        let input = Path::new("in.jsonl");
        let mut file = NewFile::create(&path, input).unwrap();
        file.line("half").unwrap();
        drop(file);
        assert_eq!(count(), 0);

        for text in ["one", "two"] {
            let mut file = NewFile::create(&path, input).unwrap();
            file.line(text).unwrap();
            file.finish().unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), format!("{text}\n"));
        }
        assert_eq!(count(), 1);
    }

    #[test]
    fn what_a_killed_writer_left_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        fs::write(folder.path().join("out.jsonl.part"), "much that is old").unwrap();
        let mut file = NewFile::create_alone(&path, Path::new("in.jsonl")).unwrap();
        file.line("new").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_found_out_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let input = Path::new("in.jsonl");
        let error = NewFile::create(&folder.path().join("no/out.jsonl"), input).unwrap_err();
        assert!(!error.to_string().contains(".part"), "{error}");
        assert!(NewFile::create(folder.path(), input).is_err());
    }

    #[test]
    fn the_input_is_not_replaced_under_any_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("in.jsonl");
        fs::write(&input, "records").unwrap();
        let name = folder.path().join("../").join(folder.path().file_name().unwrap());
        for path in [&input, &name.join("in.jsonl")] {
            let error = NewFile::create(path, &input).unwrap_err();
            assert!(matches!(error, Error::SameFile { .. }), "{error}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_left_alone_and_a_link_followed() {
        let input = Path::new("in.jsonl");
        assert!(NewFile::create(Path::new("/dev/null"), input).is_err());
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut file = NewFile::create(&link, input).unwrap();
        file.line("new").unwrap();
        file.finish().unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new\n");
    }
}
