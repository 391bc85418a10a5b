//! AWS signature version 4, enough of it for S3.

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use s3s::crypto::{Checksum, Sha256};

/// A signed S3 request. `path` may have a query, which must be sorted and encoded. With the header
/// `x-amz-content-sha256` among `extra` the body is signed as that says, or else left out.
pub(crate) fn signed(
    host: &str,
    secret: &str,
    method: &str,
    path: &str,
    extra: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Request<Full<Bytes>> {
    let stamp = stamp();
    let mut headers = vec![("host", host), ("x-amz-date", stamp.as_str())];
    if !extra.iter().any(|(name, _)| *name == "x-amz-content-sha256") {
        headers.push(("x-amz-content-sha256", "UNSIGNED-PAYLOAD"));
    }
    headers.extend(extra);
    headers.sort_unstable();
    let payload = headers.iter().find(|(name, _)| *name == "x-amz-content-sha256").unwrap().1;
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let (place, query) = path.split_once('?').unwrap_or((path, ""));
    let canonical = format!("{method}\n{place}\n{query}\n{lines}\n{names}\n{payload}");
    let scope = format!("{}/us-east-1/s3/aws4_request", &stamp[..8]);
    let digest = hex(&sha256(canonical.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}");
    let first = format!("AWS4{secret}").into_bytes();
    let key = scope.split('/').fold(first, |key, part| hmac(&key, part.as_bytes()).to_vec());
    let signature = hex(&hmac(&key, to_sign.as_bytes()));
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=test/{scope}, SignedHeaders={names}, Signature={signature}"
    );
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.header("authorization", authorization).body(Full::new(body.into())).unwrap()
}

/// Now, as `20260131T235959Z`.
fn stamp() -> String {
    jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn sha256(data: &[u8]) -> [u8; 32] {
    Sha256::checksum(data)
}

fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    let short = if key.len() > block.len() { sha256(key).to_vec() } else { key.to_vec() };
    block[..short.len()].copy_from_slice(&short);
    let inner: Vec<u8> = block.iter().map(|b| b ^ 0x36).chain(data.iter().copied()).collect();
    let outer = block.iter().map(|b| b ^ 0x5c).chain(sha256(&inner));
    sha256(&outer.collect::<Vec<u8>>())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
