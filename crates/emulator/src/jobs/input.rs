//! The input of a job: its files, and their lines.

use std::path::{Path, PathBuf};

use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use super::record;
use super::s3_uri::S3Uri;
use crate::settings::BatchLimits;

/// One `.jsonl` object.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InputFile {
    /// The last segment of its key.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

/// The records of a file, one at a time.
#[derive(Debug)]
pub(super) struct Lines {
    reader: BufReader<File>,
    line: Vec<u8>,
    number: u64,
}

/// The files at a place: the object of that key, or all `.jsonl` objects directly below it.
pub(super) async fn files(root: &Path, place: &S3Uri) -> Result<Vec<InputFile>, String> {
    let bucket = place.bucket_path(root);
    if tokio::fs::metadata(&bucket).await.is_err() {
        return Err(format!("The bucket {} does not exist.", place.bucket));
    }
    let path = place.path(root);
    let found = tokio::fs::metadata(&path).await;
    let mut files = match found {
        Ok(found) if found.is_file() => {
            let name = place.key.rsplit('/').next().unwrap_or_default().into();
            vec![InputFile { name, path, bytes: found.len() }]
        }
        Ok(_) => folder(&path).await.map_err(|error| format!("Cannot list {place}: {error}."))?,
        Err(_) => return Err(format!("There is no object at {place}.")),
    };
    files.retain(|file| file.name.ends_with(".jsonl"));
    if files.is_empty() {
        return Err(format!("There is no object at {place} whose name ends in .jsonl."));
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Reads all files once, and counts their records, within the limits.
pub(super) async fn validate(
    files: &[InputFile],
    limits: &BatchLimits,
    job_id: &str,
) -> Result<u64, String> {
    let too_large = |what: &str, bytes: u64, limit: u64| {
        Err(format!("{what} has {bytes} bytes, more than the quota of {limit}."))
    };
    for file in files {
        if file.bytes > limits.max_file_bytes {
            return too_large(
                &format!("Input file {}", file.name),
                file.bytes,
                limits.max_file_bytes,
            );
        }
    }
    let bytes = files.iter().map(|file| file.bytes).sum();
    if bytes > limits.max_job_bytes {
        return too_large("The input of the job", bytes, limits.max_job_bytes);
    }
    let mut records = 0;
    for file in files {
        let mut lines = Lines::open(file).await?;
        while let Some((number, line)) = lines.next().await? {
            record::check(line).map_err(|reason| {
                format!("Line {number} of {} is malformed: {reason}.", file.name)
            })?;
            records += 1;
            if records > limits.max_records {
                return Err(format!(
                    "Batch job {job_id} contains more records than the allowed maximum of: {}",
                    limits.max_records
                ));
            }
        }
    }
    if records < limits.min_records {
        return Err(format!(
            "Batch job {job_id} contains less records ({records}) than the required minimum of: {}",
            limits.min_records
        ));
    }
    Ok(records)
}

impl Lines {
    pub(super) async fn open(file: &InputFile) -> Result<Self, String> {
        let opened = File::open(&file.path).await;
        let opened = opened.map_err(|error| format!("Cannot read {}: {error}.", file.name))?;
        Ok(Self { reader: BufReader::with_capacity(BUFFER, opened), line: Vec::new(), number: 0 })
    }

    /// The next line that is not blank, with its number from 1.
    pub(super) async fn next(&mut self) -> Result<Option<(u64, &[u8])>, String> {
        loop {
            self.line.clear();
            let mut limited = (&mut self.reader).take(MAX_LINE);
            let read = limited.read_until(b'\n', &mut self.line).await;
            let read = read.map_err(|error| format!("Cannot read the input: {error}."))?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.line.len() as u64 == MAX_LINE {
                return Err(format!("Line {} has more than {MAX_LINE} bytes.", self.number));
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some((self.number, &self.line)));
            }
        }
    }
}

async fn folder(path: &Path) -> std::io::Result<Vec<InputFile>> {
    let mut files = Vec::new();
    let mut entries = tokio::fs::read_dir(path).await?;
    while let Some(entry) = entries.next_entry().await? {
        let about = entry.metadata().await?;
        if about.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.push(InputFile { name, path: entry.path(), bytes: about.len() });
        }
    }
    Ok(files)
}

const BUFFER: usize = 64 * 1024;
/// More than the largest body of a call.
const MAX_LINE: u64 = 26_000_000;
