//! The input of a job: its files, and their lines.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use super::failure::Failure;
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
pub(super) struct Lines<'a> {
    file: &'a InputFile,
    reader: BufReader<File>,
    line: Vec<u8>,
    number: u64,
}

/// The files at a place: the object of that key, or all `.jsonl` objects directly below it.
pub(super) async fn files(root: &Path, place: &S3Uri) -> Result<Vec<InputFile>, Failure> {
    if tokio::fs::metadata(place.bucket_path(root)).await.is_err() {
        return Err(Failure::NoBucket(place.bucket.clone()));
    }
    let path = place.path(root);
    let mut files = match tokio::fs::metadata(&path).await {
        Ok(found) if found.is_file() => {
            let name = place.key.rsplit('/').next().unwrap_or_default().into();
            vec![InputFile { name, path, bytes: found.len() }]
        }
        Ok(_) => {
            folder(&path).await.map_err(|source| Failure::List { place: place.clone(), source })?
        }
        Err(_) => return Err(Failure::NoObject(place.clone())),
    };
    files.retain(|file| file.name.ends_with(".jsonl"));
    if files.is_empty() {
        return Err(Failure::NoJsonl(place.clone()));
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Reads all files once, and counts their records, within the limits.
pub(super) async fn validate(
    files: &[InputFile],
    limits: &BatchLimits,
    job: &str,
) -> Result<u64, Failure> {
    if let Some(file) = files.iter().find(|file| file.bytes > limits.max_file_bytes) {
        let (bytes, limit) = (file.bytes, limits.max_file_bytes);
        return Err(Failure::FileTooLarge { file: file.name.clone(), bytes, limit });
    }
    let bytes = files.iter().map(|file| file.bytes).sum();
    if bytes > limits.max_job_bytes {
        return Err(Failure::JobTooLarge { bytes, limit: limits.max_job_bytes });
    }
    let mut records = 0;
    for file in files {
        let mut lines = Lines::open(file).await?;
        while lines.next().await?.is_some() {
            records += 1;
            if records > limits.max_records {
                return Err(Failure::TooManyRecords { job: job.into(), limit: limits.max_records });
            }
        }
    }
    if records < limits.min_records {
        let limit = limits.min_records;
        return Err(Failure::TooFewRecords { job: job.into(), records, limit });
    }
    Ok(records)
}

impl<'a> Lines<'a> {
    pub(super) async fn open(file: &'a InputFile) -> Result<Self, Failure> {
        let opened = File::open(&file.path).await;
        let opened = opened.map_err(|source| Failure::Read { file: file.name.clone(), source })?;
        let reader = BufReader::with_capacity(BUFFER, opened);
        Ok(Self { file, reader, line: Vec::new(), number: 0 })
    }

    /// The record of the next line that is not blank.
    pub(super) async fn next(&mut self) -> Result<Option<Map<String, Value>>, Failure> {
        let file = || self.file.name.clone();
        loop {
            self.line.clear();
            let mut limited = (&mut self.reader).take(MAX_LINE);
            let read = limited.read_until(b'\n', &mut self.line).await;
            if read.map_err(|source| Failure::Read { file: file(), source })? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let line = self.number;
            if self.line.len() as u64 == MAX_LINE {
                return Err(Failure::LongLine { file: file(), line, limit: MAX_LINE });
            }
            if !self.line.trim_ascii().is_empty() {
                let record = record::check(&self.line);
                let record =
                    record.map_err(|source| Failure::Malformed { file: file(), line, source })?;
                return Ok(Some(record));
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
