//! The results of a job: objects that appear line by whole line, in an order that is not the
//! input's.

use std::path::{Path, PathBuf};

use tokio::fs::File;
use tokio::io::{AsyncWriteExt, BufWriter};

use super::failure::Failure;
use super::record::Outcome;
use super::s3_uri::S3Uri;
use crate::ids::mix;

/// An object being written. What shows of it in the bucket is what was published last.
pub(super) struct OutputFile {
    writer: BufWriter<File>,
    part: PathBuf,
    target: PathBuf,
    window: Vec<Outcome>,
    finished: bool,
}

/// Whether the bucket of the output is there.
pub(super) async fn check(root: &Path, place: &S3Uri) -> Result<(), Failure> {
    match tokio::fs::metadata(place.bucket_path(root)).await {
        Ok(_) => Ok(()),
        Err(_) => Err(Failure::NoBucket(place.bucket.clone())),
    }
}

impl OutputFile {
    /// Starts the object at `place`. `part` names the file that holds it until it is finished.
    pub(super) async fn create(root: &Path, place: &S3Uri, part: &str) -> Result<Self, Failure> {
        check(root, place).await?;
        let part = root.join(format!("{UNFINISHED}{part}.part"));
        let writer = BufWriter::new(File::create(&part).await?);
        Ok(Self { writer, part, target: place.path(root), window: Vec::new(), finished: false })
    }

    /// Adds a result as so many lines, which is one unless something is to go wrong. Results leave in groups, each in an order of its own, since the service
    /// promises no order.
    pub(super) async fn push(&mut self, outcome: Outcome, lines: usize) -> Result<(), Failure> {
        self.window.extend(std::iter::repeat_n(outcome, lines));
        if self.window.len() >= WINDOW { self.write_window().await } else { Ok(()) }
    }

    /// Adds raw bytes.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.writer.write_all(bytes).await?)
    }

    /// Makes the object appear with the results until now.
    pub(super) async fn publish(&mut self) -> Result<(), Failure> {
        self.write_window().await?;
        self.writer.flush().await?;
        let copy = self.part.with_extension("copy");
        tokio::fs::copy(&self.part, &copy).await?;
        self.reveal(&copy).await
    }

    /// Makes the object appear whole.
    pub(super) async fn finish(mut self) -> Result<(), Failure> {
        self.write_window().await?;
        self.writer.flush().await?;
        self.reveal(&self.part).await?;
        self.finished = true;
        Ok(())
    }

    /// Puts a file in the place of the object, so that nobody sees half of it.
    async fn reveal(&self, file: &Path) -> Result<(), Failure> {
        if let Some(folder) = self.target.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        Ok(tokio::fs::rename(file, &self.target).await?)
    }

    async fn write_window(&mut self) -> Result<(), Failure> {
        let mut window: Vec<(u64, Outcome)> = (0..).zip(self.window.drain(..)).collect();
        window.sort_by_key(|(place, _)| mix(*place));
        for (_, outcome) in window {
            self.writer.write_all(outcome.line.as_bytes()).await?;
            self.writer.write_all(b"\n").await?;
        }
        Ok(())
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        if !self.finished {
            // What is left behind is a hidden file outside of every bucket.
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// What the names of the files begin with that hold results until their object is whole.
pub(crate) const UNFINISHED: &str = ".outcrop-job-";

/// How many results are shuffled together.
const WINDOW: usize = 16;
