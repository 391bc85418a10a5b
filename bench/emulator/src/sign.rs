//! Signed S3 requests, whose body is not part of the signature.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::Result;
use crate::client::Call;

/// A request for S3 at `host`.
pub(crate) fn s3(
    host: &str,
    method: &'static str,
    path: &str,
    body: impl Into<Bytes>,
) -> Result<Call> {
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let scope = format!("{}/us-east-1/s3/aws4_request", &stamp[..8]);
    let canonical = format!(
        "{method}\n{path}\n\nhost:{host}\nx-amz-content-sha256:{UNSIGNED}\nx-amz-date:{stamp}\n\n\
         {NAMES}\n{UNSIGNED}"
    );
    let digest = hex(&Sha256::digest(canonical));
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}");
    let mut key = b"AWS4test".to_vec();
    for part in scope.split('/') {
        key = mac(&key, part)?;
    }
    let signature = hex(&mac(&key, &to_sign)?);
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=test/{scope}, SignedHeaders={NAMES}, Signature={signature}"
    );
    let headers = vec![
        ("authorization", authorization),
        ("x-amz-content-sha256", UNSIGNED.to_owned()),
        ("x-amz-date", stamp),
    ];
    Ok(Call { method, path: path.to_owned(), headers, body: body.into() })
}

fn mac(key: &[u8], text: &str) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const NAMES: &str = "host;x-amz-content-sha256;x-amz-date";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
