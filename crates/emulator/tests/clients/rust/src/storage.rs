//! Objects in S3, and the list of batch jobs.

use aws_sdk_s3::primitives::ByteStream;

use crate::{Clients, Outcome, ensure, refused, told};

pub(crate) async fn objects(clients: &Clients) -> Outcome {
    let (s3, bucket) = (&clients.s3, "rust-objects");
    s3.create_bucket().bucket(bucket).send().await.map_err(told)?;
    for key in ["a/one.txt", "a/two.txt"] {
        let body = ByteStream::from(key.repeat(1000).into_bytes());
        s3.put_object().bucket(bucket).key(key).body(body).send().await.map_err(told)?;
    }
    let object = s3.get_object().bucket(bucket).key("a/one.txt").send().await.map_err(told)?;
    let bytes = object.body.collect().await.map_err(told)?.into_bytes();
    ensure(bytes == "a/one.txt".repeat(1000), bytes.len())?;
    let listed = s3.list_objects_v2().bucket(bucket).prefix("a/").send().await.map_err(told)?;
    let keys: Vec<_> = listed.contents().iter().filter_map(|object| object.key()).collect();
    ensure(keys == ["a/one.txt", "a/two.txt"], &keys)?;
    s3.delete_object().bucket(bucket).key("a/one.txt").send().await.map_err(told)?;
    let gone = s3.get_object().bucket(bucket).key("a/one.txt").send().await;
    let error = refused(gone)?.into_service_error();
    ensure(error.is_no_such_key(), &error)?;
    Ok(String::new())
}

pub(crate) async fn batch_listing(clients: &Clients) -> Outcome {
    let listed = clients.bedrock.list_model_invocation_jobs().send().await.map_err(told)?;
    ensure(listed.invocation_job_summaries().is_empty(), &listed)?;
    let arn = "arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/abcdefghijkl";
    let call = clients.bedrock.get_model_invocation_job().job_identifier(arn);
    let error = refused(call.send().await)?.into_service_error();
    ensure(error.is_resource_not_found_exception(), &error)?;
    Ok(told(error))
}
