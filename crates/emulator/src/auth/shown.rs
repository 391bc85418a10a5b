//! What of a request may be shown to others than its sender.

use std::borrow::Cow;

use hyper::Uri;

/// Path and query, without the signature and the session token of a presigned URL. HTTP/2 brings
/// the host with them, HTTP/1.1 does not.
pub(crate) fn shown(uri: &Uri) -> String {
    let Some(query) = uri.query() else { return uri.path().into() };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if SECRET.contains(&name) => Cow::Owned(format!("{name}=(left out)")),
        _ => Cow::Borrowed(pair),
    });
    format!("{}?{}", uri.path(), pairs.collect::<Vec<_>>().join("&"))
}

/// The members of a query with which somebody else could send the request again.
const SECRET: [&str; 3] = ["X-Amz-Signature", "X-Amz-Security-Token", "Signature"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_in_a_query_is_left_out() {
        let uri = "http://h:1/a%20b?x=1&X-Amz-Signature=0f&X-Amz-Security-Token=t&y&Signature=s";
        assert_eq!(
            shown(&uri.parse().unwrap()),
            "/a%20b?x=1&X-Amz-Signature=(left out)&X-Amz-Security-Token=(left out)&y&\
             Signature=(left out)"
        );
        assert_eq!(shown(&"/model/x/invoke".parse().unwrap()), "/model/x/invoke");
    }
}
