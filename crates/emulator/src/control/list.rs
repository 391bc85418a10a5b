//! What a list of resources shows: filters, order and pages.

use jiff::Timestamp;

use super::members::Form;
use super::page::{self, Page};
use super::query::Query;
use crate::constraint;
use crate::error::Refusal;

/// What a caller wants to see of a list.
#[derive(Debug)]
pub(crate) struct Selection {
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    status: Option<&'static str>,
    name: Option<String>,
    limit: usize,
    /// The number of the last resource on the page before.
    start: Option<u64>,
    ascending: bool,
}

/// What is to be known of a resource to select it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    /// Later resources have higher numbers.
    pub(crate) number: u64,
    pub(crate) created: Timestamp,
    pub(crate) status: &'a str,
    pub(crate) name: &'a str,
}

/// What a kind of list may be asked for.
pub(crate) struct Filters {
    /// The parameters that bound the time of creation: after, and before.
    pub(crate) times: [&'static str; 2],
    /// The states that there are.
    pub(crate) states: &'static [&'static str],
    /// The form of names.
    pub(crate) name: Form,
}

impl Selection {
    /// Reads what a query asks of a list.
    pub(crate) fn read(query: &Query, filters: &Filters) -> Result<Self, Refusal> {
        let [after, before] = filters.times;
        query.one_of("sortBy", &["CreationTime"])?;
        let order = query.one_of("sortOrder", &["Ascending", "Descending"])?;
        Ok(Self {
            after: query.time(after)?,
            before: query.time(before)?,
            status: query.one_of("statusEquals", filters.states)?,
            name: query.formed("nameContains", &filters.name)?.map(Into::into),
            limit: limit(query)?,
            start: start(query)?,
            ascending: order == Some("Ascending"),
        })
    }

    /// The page of these items, which come in the order in which they were made.
    pub(crate) fn page<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        row: impl for<'a> Fn(&'a T) -> Row<'a>,
    ) -> Page<T> {
        let mut chosen: Vec<T> = items.into_iter().filter(|item| self.shows(&row(item))).collect();
        if !self.ascending {
            chosen.reverse();
        }
        page::cut(chosen, self.limit, |item| row(item).number)
    }

    fn shows(&self, row: &Row<'_>) -> bool {
        // The page starts after the resource that the token names, even if that is gone by now.
        let is_due = self.start.is_none_or(|start| {
            if self.ascending { row.number > start } else { row.number < start }
        });
        is_due
            && self.after.is_none_or(|after| row.created > after)
            && self.before.is_none_or(|before| row.created < before)
            && self.status.is_none_or(|status| row.status == status)
            && self.name.as_ref().is_none_or(|name| row.name.contains(name.as_str()))
    }
}

/// How many items a page may have.
pub(crate) fn limit(query: &Query) -> Result<usize, Refusal> {
    let limit = query.whole("maxResults", 1..=1000)?.unwrap_or(DEFAULT_LIMIT);
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}

/// Where a page starts.
pub(crate) fn start(query: &Query) -> Result<Option<u64>, Refusal> {
    let read = |token| {
        let constraint = "Member must be a token of an earlier answer";
        page::place(token).ok_or_else(|| constraint::invalid("nextToken", token, constraint))
    };
    query.text("nextToken").map(read).transpose()
}

const DEFAULT_LIMIT: u64 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    const FILTERS: Filters = Filters {
        times: ["submitTimeAfter", "submitTimeBefore"],
        states: &["Completed", "Failed"],
        name: Form { length: 1..=63, pattern: ".*", fits: |_| true },
    };

    /// Numbers from 0, of which the even ones are completed.
    fn page(query: &str, count: u64) -> Page<(u64, String)> {
        let selection = Selection::read(&Query::read(query), &FILTERS).unwrap();
        let items = (0..count).map(|n| (n, format!("job-{n}")));
        selection.page(items, |(number, name)| Row {
            number: *number,
            created: Timestamp::from_second(1_700_000_000 + i64::try_from(*number).unwrap())
                .unwrap(),
            status: if number.is_multiple_of(2) { "Completed" } else { "Failed" },
            name,
        })
    }

    fn numbers(page: &Page<(u64, String)>) -> Vec<u64> {
        page.items.iter().map(|(number, _)| *number).collect()
    }

    #[test]
    fn pages_together_are_the_list_in_both_orders() {
        for order in ["Ascending", "Descending"] {
            let first = format!("maxResults=3&sortBy=CreationTime&sortOrder={order}");
            let mut query = first.clone();
            let mut seen = Vec::new();
            loop {
                let page = page(&query, 7);
                seen.extend(numbers(&page));
                let Some(token) = page.next else { break };
                query = format!("{first}&nextToken={token}");
            }
            let mut expected: Vec<u64> = (0..7).collect();
            if order == "Descending" {
                expected.reverse();
            }
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn a_list_that_just_fits_has_no_further_page() {
        let page = page("maxResults=7", 7);
        assert_eq!((page.items.len(), page.next), (7, None));
    }

    #[test]
    fn filters_choose_by_status_name_and_time() {
        let list = |query| numbers(&page(query, 5));
        assert_eq!(list("statusEquals=Failed"), [3, 1]);
        assert_eq!(list("nameContains=b-4"), [4]);
        assert_eq!(list("submitTimeAfter=2023-11-14T22%3A13%3A22Z"), [4, 3]);
        assert_eq!(list("submitTimeBefore=2023-11-14T22%3A13%3A21Z"), [0]);
    }

    #[test]
    fn what_is_not_valid_is_refused() {
        for query in [
            "maxResults=0",
            "maxResults=1001",
            "statusEquals=Gone",
            "nextToken=x",
            "submitTimeAfter=now",
            "sortBy=Name",
            "sortOrder=Random",
            "nameContains=",
        ] {
            assert!(Selection::read(&Query::read(query), &FILTERS).is_err(), "{query}");
        }
    }
}
