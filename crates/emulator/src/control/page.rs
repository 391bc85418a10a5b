//! Lists in pages: a token tells where the next page starts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A page, and the token of the next one if there is one.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
}

/// The first `limit` of these items. `number` of the last of them starts the next page.
pub(crate) fn cut<T>(mut items: Vec<T>, limit: usize, number: impl Fn(&T) -> u64) -> Page<T> {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| token(number(last)));
    Page { items, next }
}

/// The token of a place.
fn token(number: u64) -> String {
    STANDARD.encode(format!("after {number}"))
}

/// The place that a token names.
pub(crate) fn place(token: &str) -> Option<u64> {
    let bytes = STANDARD.decode(token).ok()?;
    std::str::from_utf8(&bytes).ok()?.strip_prefix("after ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_the_last_item_of_its_page() {
        let page = cut(vec![3, 5, 8], 2, |n| *n);
        assert_eq!((page.items, place(&page.next.unwrap())), (vec![3, 5], Some(5)));
        assert!(cut(vec![3, 5], 2, |n| *n).next.is_none());
        assert_eq!((place("after 5"), place("YWZ0ZXI="), place("")), (None, None, None));
    }
}
