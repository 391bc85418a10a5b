//! The operations of S3: those of `s3s-fs`, and what it leaves out.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};
use s3s_fs::FileSystem;

/// Objects as files, with some things added: an upload whose checksum is wrong changes nothing,
/// open multipart uploads can be listed, a folder is no object, and listings are encoded on request.
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

    /// The file system has folders where S3 has only beginnings of keys.
    fn is_no_folder(&self, bucket: &str, key: &str) -> S3Result<()> {
        if self.root.join(bucket).join(key).is_dir() {
            return Err(worded(S3ErrorCode::NoSuchKey.into()));
        }
        Ok(())
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
    head_bucket: HeadBucketInput => HeadBucketOutput,
    list_buckets: ListBucketsInput => ListBucketsOutput,
    list_parts: ListPartsInput => ListPartsOutput,
    upload_part: UploadPartInput => UploadPartOutput,
    upload_part_copy: UploadPartCopyInput => UploadPartCopyOutput,

    {async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        self.is_no_folder(&request.input.bucket, &request.input.key)?;
        self.files.get_object(request).await.map_err(worded)
    }}

    {async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        self.is_no_folder(&request.input.bucket, &request.input.key)?;
        self.files.head_object(request).await.map_err(worded)
    }}

    {async fn list_objects(
        &self,
        mut request: S3Request<ListObjectsInput>,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        // An empty delimiter is none.
        request.input.delimiter.take_if(|delimiter| delimiter.is_empty());
        let mut listed = self.files.list_objects(request).await?;
        let output = &mut listed.output;
        if is_url(output.encoding_type.as_ref()) {
            let single = [&mut output.prefix, &mut output.marker, &mut output.next_marker];
            encode(single, &mut output.contents, &mut output.common_prefixes);
        }
        Ok(listed)
    }}

    {async fn list_objects_v2(
        &self,
        mut request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        // An empty delimiter is none.
        request.input.delimiter.take_if(|delimiter| delimiter.is_empty());
        let mut listed = self.files.list_objects_v2(request).await?;
        let output = &mut listed.output;
        if is_url(output.encoding_type.as_ref()) {
            let single = [&mut output.prefix, &mut output.start_after];
            encode(single, &mut output.contents, &mut output.common_prefixes);
        }
        Ok(listed)
    }}

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

/// Whether a listing is to be percent-encoded, so that XML can carry any key.
fn is_url(encoding: Option<&EncodingType>) -> bool {
    encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL)
}

/// Percent-encodes what a listing holds of keys.
fn encode<const N: usize>(
    single: [&mut Option<String>; N],
    objects: &mut Option<Vec<Object>>,
    prefixes: &mut Option<Vec<CommonPrefix>>,
) {
    let keys = objects.iter_mut().flatten().map(|object| &mut object.key);
    let prefixes = prefixes.iter_mut().flatten().map(|common| &mut common.prefix);
    for text in keys.chain(prefixes).chain(single).flatten() {
        *text = utf8_percent_encode(text, IN_LISTING).to_string();
    }
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

/// What is escaped in the keys of a listing.
const IN_LISTING: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
