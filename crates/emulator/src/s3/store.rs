//! The operations of S3: those of `s3s-fs`, and what it leaves out.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

use super::before::Before;
use super::folder;
use crate::jobs::UNFINISHED;

/// Objects as files, with some things added: an upload whose checksum is wrong changes nothing,
/// open multipart uploads can be listed, a folder is no object, a bucket that holds objects is not
/// deleted, and listings are encoded on request.
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
        remove_leftovers(root)?;
        Ok(Self { files, root: root.into(), uploads: Mutex::default(), puts: AtomicU64::new(0) })
    }

    fn uploads(&self) -> MutexGuard<'_, Vec<Upload>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the file system has an object.
    fn path(&self, bucket: &str, key: &str) -> PathBuf {
        self.root.join(format!("{bucket}/{key}"))
    }

    /// Whether there is an object of this key. It is not for the file system to say, which takes
    /// folders for objects.
    fn holds(&self, bucket: &str, key: &str) -> bool {
        folder::is_object(&self.path(bucket, key), key)
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
    get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput,
    head_bucket: HeadBucketInput => HeadBucketOutput,
    list_buckets: ListBucketsInput => ListBucketsOutput,
    list_parts: ListPartsInput => ListPartsOutput,
    upload_part: UploadPartInput => UploadPartOutput,
    upload_part_copy: UploadPartCopyInput => UploadPartCopyOutput,

    {async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        let bucket = &request.input.bucket;
        if !self.path(bucket, "").is_dir() {
            return self.files.create_bucket(request).await;
        }
        // The oldest region has its own way with a bucket that its owner makes again.
        if request.region.as_ref().is_none_or(|region| region.as_str() == "us-east-1") {
            let location = Some(format!("/{bucket}"));
            return Ok(S3Response::new(CreateBucketOutput { location }));
        }
        Err(s3_error!(
            BucketAlreadyOwnedByYou,
            "Your previous request to create the named bucket succeeded and you already own it."
        ))
    }}

    {async fn delete_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> S3Result<S3Response<DeleteBucketOutput>> {
        let bucket = request.input.bucket;
        let path = self.path(&bucket, "");
        let is_full = folder::holds_files(&path).map_err(bucket_kept)?;
        if is_full {
            return Err(bucket_kept(ErrorKind::DirectoryNotEmpty.into()));
        }
        folder::remove(&path).map_err(bucket_kept)?;
        self.uploads().retain(|upload| upload.bucket != bucket);
        Ok(S3Response::new(DeleteBucketOutput {}))
    }}

    {async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        if !self.holds(&request.input.bucket, &request.input.key) {
            return Ok(S3Response::new(DeleteObjectOutput::default()));
        }
        self.files.delete_object(request).await
    }}

    {async fn delete_objects(
        &self,
        mut request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let bucket = request.input.bucket.clone();
        let named = std::mem::take(&mut request.input.delete.objects);
        let (objects, others): (Vec<_>, Vec<_>) =
            named.into_iter().partition(|object| self.holds(&bucket, &object.key));
        request.input.delete.objects = objects;
        let mut response = self.files.delete_objects(request).await?;
        // What does not exist counts as deleted.
        let gone = others.into_iter().map(|object| DeletedObject {
            key: Some(object.key),
            version_id: object.version_id,
            ..DeletedObject::default()
        });
        response.output.deleted.get_or_insert_default().extend(gone);
        Ok(response)
    }}

    {async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let GetObjectInput { bucket, key, .. } = &request.input;
        if !self.holds(bucket, key) {
            return Err(worded(S3ErrorCode::NoSuchKey.into()));
        }
        if folder::is_marker(key) {
            let found = folder::get(&self.path(bucket, key));
            return found.map(S3Response::new).map_err(S3Error::internal_error);
        }
        self.files.get_object(request).await.map_err(worded)
    }}

    {async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let HeadObjectInput { bucket, key, .. } = &request.input;
        if !self.holds(bucket, key) {
            return Err(worded(S3ErrorCode::NoSuchKey.into()));
        }
        if folder::is_marker(key) {
            let found = folder::head(&self.path(bucket, key));
            return found.map(S3Response::new).map_err(S3Error::internal_error);
        }
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
        let PutObjectInput { bucket, key, .. } = &request.input;
        let is_marker = folder::is_marker(key);
        let number = self.puts.fetch_add(1, Ordering::Relaxed);
        let kept = self.root.join(format!("{KEPT}{number}.before"));
        let before = Before::keep(self.path(bucket, key), kept).map_err(S3Error::internal_error)?;
        let mut put = self.files.put_object(request).await;
        if is_marker && let Ok(put) = &mut put {
            put.output.e_tag = Some(folder::e_tag());
        }
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

/// Why a bucket was not deleted.
fn bucket_kept(error: io::Error) -> S3Error {
    match error.kind() {
        ErrorKind::DirectoryNotEmpty => {
            s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty")
        }
        ErrorKind::NotFound => s3_error!(NoSuchBucket, "The specified bucket does not exist"),
        _ => S3Error::internal_error(error),
    }
}

/// Removes the files that a run which was killed has left beside the buckets: objects kept during
/// an upload, and results of jobs that were not whole.
fn remove_leftovers(root: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(KEPT) || name.starts_with(UNFINISHED));
        if is_ours && entry.file_type()?.is_file() {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// What the names of the files begin with that hold an object during an upload.
const KEPT: &str = ".outcrop-put-";

/// What is escaped in the keys of a listing.
const IN_LISTING: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
