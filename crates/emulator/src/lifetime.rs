//! The end of a model's life: a warning with its date, or a refusal where that is asked for.

use codec::ModelRef;
use codec::catalog::{self, Date};
use hyper::HeaderMap;

use crate::clock;
use crate::error::{Kind, Refusal, insert};

/// The day on which a model's life ended, if that is `today` or before.
fn ended(model_id: &str, today: Date) -> Option<Date> {
    let model = ModelRef::parse(model_id).ok()?;
    catalog::find(&model)?.facts.end_of_life.filter(|end| *end <= today)
}

/// Notes a call to a model whose life has ended, or refuses it.
pub(crate) fn check(model_id: &str, enforced: bool) -> Result<Option<Date>, Refusal> {
    let Some(end) = today().and_then(|today| ended(model_id, today)) else {
        return Ok(None);
    };
    if enforced {
        return Err(Refusal::new(
            Kind::NotFound,
            "This model version has reached the end of its life. Please refer to the AWS \
             documentation for more details.",
        ));
    }
    tracing::warn!(model = model_id, %end, "the model has reached the end of its life");
    Ok(Some(end))
}

/// Says in a header when the model's life ended.
pub(crate) fn warn(headers: &mut HeaderMap, end: Date) {
    let text = format!("299 outcrop \"the model reached the end of its life on {end}\"");
    insert(headers, "warning", &text);
}

/// Today, in UTC.
pub(crate) fn today() -> Option<Date> {
    Date::parse(&clock::wall().strftime("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_ends_on_the_day_that_the_catalogue_names_and_not_before() {
        let listed = catalog::MODELS.iter().filter_map(|m| Some((m.id, m.facts.end_of_life?)));
        let (id, end) = listed.max_by_key(|(_, end)| *end).unwrap();
        assert_eq!(ended(id, end), Some(end));
        assert_eq!(ended(id, Date::parse("2020-01-01").unwrap()), None);
        assert_eq!(ended("amazon.nova-lite-v1:0", Date::parse("2020-01-01").unwrap()), None);
    }
}
