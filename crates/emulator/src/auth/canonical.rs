//! The form of a request that is signed.

use hyper::header::HOST;
use hyper::http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// How a service has the path of a request signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathForm {
    /// Normalised, and percent-encoded once more than it came.
    Twice,
    /// As it is, percent-encoded once: S3, whose keys may hold dots and double slashes.
    Once,
}

/// The canonical request, over these headers and a body of this hash.
pub(super) fn request(
    request: &Parts,
    form: PathForm,
    signed_headers: &[String],
    payload_hash: &str,
) -> String {
    let method = &request.method;
    let path = path(request.uri.path(), form);
    let query = query(request.uri.query().unwrap_or_default());
    let headers: String =
        signed_headers.iter().map(|name| format!("{name}:{}\n", header(request, name))).collect();
    let names = signed_headers.join(";");
    format!("{method}\n{path}\n{query}\n{headers}\n{names}\n{payload_hash}")
}

fn path(path: &str, form: PathForm) -> String {
    match form {
        PathForm::Twice => percent_encode(normal(path).as_bytes(), PATH).to_string(),
        PathForm::Once => {
            percent_encode(&percent_decode_str(path).collect::<Vec<u8>>(), PATH).to_string()
        }
    }
}

/// A path without empty segments, and with `.` and `..` followed.
fn normal(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    let is_folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    let end = if is_folder && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

/// The query sorted by its encoded names and values, without the signature itself.
fn query(query: &str) -> String {
    // A plus is a space, as forms have it; an encoded one is itself.
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).collect::<Vec<u8>>();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut pairs: Vec<(String, String)> =
        pairs.map(|(name, value)| (encode(decode(name)), encode(decode(value)))).collect();
    pairs.retain(|(name, _)| name != "X-Amz-Signature");
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// A name or a value as queries have it.
pub(super) fn encode(text: impl AsRef<[u8]>) -> String {
    percent_encode(text.as_ref(), MEMBER).to_string()
}

/// The values of a header, each with its runs of spaces shortened to one. HTTP/2 brings the host
/// as a part of the URI, and clients sign it under either name.
fn header(request: &Parts, name: &str) -> String {
    match (name, request.uri.authority()) {
        (AUTHORITY, Some(authority)) => return authority.to_string(),
        ("host", Some(authority)) if !request.headers.contains_key(HOST) => {
            return authority.to_string();
        }
        _ => {}
    }
    let values = request.headers.get_all(name).iter().map(|value| {
        let value = String::from_utf8_lossy(value.as_bytes());
        value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    });
    values.collect::<Vec<_>>().join(",")
}

/// The name under which HTTP/2 has the host.
pub(super) const AUTHORITY: &str = ":authority";
/// What is escaped in names and values of a query: all but the unreserved characters.
const MEMBER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What is escaped in a path.
const PATH: &AsciiSet = &MEMBER.remove(b'/');
