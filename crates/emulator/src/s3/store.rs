//! The operations of S3: those of `s3s-fs`, and what it leaves out.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use s3s::dto::*;
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};
use s3s_fs::FileSystem;

/// Objects as files, with two things added: an upload whose checksum is wrong changes nothing, and
/// open multipart uploads can be listed.
pub(super) struct Store {
    files: FileSystem,
    root: PathBuf,
    uploads: Mutex<Vec<Upload>>,
    puts: AtomicU64,
}

/// A multipart upload that is neither completed nor aborted.
struct Upload {
    bucket: String,
    listed: MultipartUpload,
}

impl Store {
    pub(super) fn new(root: &Path) -> Result<Self, s3s_fs::Error> {
        let files = FileSystem::new(root)?;
        Ok(Self { files, root: root.into(), uploads: Mutex::default(), puts: AtomicU64::new(0) })
    }

    fn uploads(&self) -> MutexGuard<'_, Vec<Upload>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, upload_id: &str) {
        self.uploads().retain(|upload| upload.listed.upload_id.as_deref() != Some(upload_id));
    }
}

/// Writes the trait: operations handed to the file system, and then those written out.
macro_rules! operations {
    ($($name:ident: $input:ident => $output:ident,)* $({$own:item})*) => {
        #[async_trait]
        impl S3 for Store {
            $(async fn $name(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                self.files.$name(request).await.map_err(worded)
            })*
            $($own)*
        }
    };
}

operations! {
    copy_object: CopyObjectInput => CopyObjectOutput,
    create_bucket: CreateBucketInput => CreateBucketOutput,
    delete_bucket: DeleteBucketInput => DeleteBucketOutput,
    delete_object: DeleteObjectInput => DeleteObjectOutput,
    delete_objects: DeleteObjectsInput => DeleteObjectsOutput,
    get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput,
    get_object: GetObjectInput => GetObjectOutput,
    head_bucket: HeadBucketInput => HeadBucketOutput,
    head_object: HeadObjectInput => HeadObjectOutput,
    list_buckets: ListBucketsInput => ListBucketsOutput,
    list_objects: ListObjectsInput => ListObjectsOutput,
    list_objects_v2: ListObjectsV2Input => ListObjectsV2Output,
    list_parts: ListPartsInput => ListPartsOutput,
    upload_part: UploadPartInput => UploadPartOutput,
    upload_part_copy: UploadPartCopyInput => UploadPartCopyOutput,

    {async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let number = self.puts.fetch_add(1, Ordering::Relaxed);
        let kept = self.root.join(format!(".outcrop-put-{number}.before"));
        let object = self.root.join(&request.input.bucket).join(&request.input.key);
        let before = Before::keep(object, kept);
        let put = self.files.put_object(request).await;
        if put.as_ref().is_err_and(|error| *error.code() == S3ErrorCode::BadDigest) {
            before.restore();
        }
        put
    }}

    {async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let created = self.files.create_multipart_upload(request).await?;
        let listed = MultipartUpload {
            key: Some(key),
            upload_id: created.output.upload_id.clone(),
            initiated: Some(crate::clock::system().into()),
            ..MultipartUpload::default()
        };
        self.uploads().push(Upload { bucket, listed });
        Ok(created)
    }}

    {async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let upload_id = request.input.upload_id.clone();
        let completed = self.files.complete_multipart_upload(request).await?;
        self.close(&upload_id);
        Ok(completed)
    }}

    {async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let upload_id = request.input.upload_id.clone();
        let aborted = self.files.abort_multipart_upload(request).await?;
        self.close(&upload_id);
        Ok(aborted)
    }}

    {async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let ListMultipartUploadsInput { bucket, prefix, .. } = request.input;
        let begins = |key: &str| prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix));
        let open = self.uploads();
        let open = open.iter().filter(|upload| upload.bucket == bucket).map(|u| &u.listed);
        let listed: Vec<_> =
            open.filter(|upload| upload.key.as_deref().is_some_and(begins)).cloned().collect();
        Ok(S3Response::new(ListMultipartUploadsOutput {
            bucket: Some(bucket),
            is_truncated: Some(false),
            prefix,
            uploads: Some(listed),
            ..ListMultipartUploadsOutput::default()
        }))
    }}
}

/// Gives the service's words to the one error that the file system leaves without any.
fn worded(mut error: S3Error) -> S3Error {
    if error.message().is_none() && *error.code() == S3ErrorCode::NoSuchKey {
        error.set_message("The specified key does not exist.");
    }
    error
}

/// The object as it was before an upload. The file system puts the new bytes in place before it
/// has checked them, so the old ones are kept by a second name until the upload is over.
struct Before {
    object: PathBuf,
    kept: Option<PathBuf>,
}

impl Before {
    fn keep(object: PathBuf, kept: PathBuf) -> Self {
        let exists = std::fs::hard_link(&object, &kept).is_ok();
        Self { object, kept: exists.then_some(kept) }
    }

    /// Brings the object back, or removes it if there was none.
    fn restore(&self) {
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
