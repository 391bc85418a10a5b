//! The end of a model's life: a warning with its date, or a refusal where that is asked for.

use codec::ModelRef;
use codec::catalog::{self, Advice, Date};

use crate::body::Response;
use crate::error::{Kind, Refusal, insert};
use crate::models::Model;
use crate::settings::Settings;

/// An end that is near, or past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ending {
    on: Date,
    past: bool,
}

/// Notes a call to a model whose life has ended or ends within half a year, or refuses it where
/// it has ended.
pub(crate) fn check(model: &Model, settings: &Settings) -> Result<Option<Ending>, Refusal> {
    // For most models no end is known, whatever the day.
    if model.facts().end_of_life.is_none() {
        return Ok(None);
    }
    let reference = &model.reference;
    let Some(ending) = settings.today().and_then(|today| ending(reference, today)) else {
        return Ok(None);
    };
    if ending.past && settings.eol_enforced {
        return Err(Refusal::new(
            Kind::NotFound,
            "This model version has reached the end of its life. Please refer to the AWS \
             documentation for more details.",
        ));
    }
    let Ending { on, past } = ending;
    tracing::warn!(model = reference.address(), end_of_life = %on, past, "the model's life ends");
    Ok(Some(ending))
}

/// Says in a header, which the access log repeats, when the model's life ends or ended.
pub(crate) fn warn(response: &mut Response, ending: Option<Ending>) {
    let Some(Ending { on, past }) = ending else { return };
    let word = if past { "reached" } else { "reaches" };
    insert(
        response.headers_mut(),
        WARNING,
        &format!("299 outcrop \"the model {word} the end of its life on {on}\""),
    );
}

/// The end of a model's life as the catalogue tells it `today`.
fn ending(model: &ModelRef, today: Date) -> Option<Ending> {
    catalog::advice(model, None, today).into_iter().find_map(|advice| match advice {
        Advice::EndOfLife { on, past, .. } => Some(Ending { on, past }),
        _ => None,
    })
}

/// The header of a warning.
pub(crate) const WARNING: &str = "warning";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_ends_on_the_day_that_the_catalogue_names_and_is_told_half_a_year_before() {
        let listed = catalog::MODELS.iter().filter_map(|m| Some((m.id, m.facts.end_of_life?)));
        let (id, on) = listed.max_by_key(|(_, end)| *end).unwrap();
        let day: jiff::civil::Date = on.to_string().parse().unwrap();
        let ending = |id, today| ending(&ModelRef::parse(id).unwrap(), today);
        let before = |days: i64| {
            let day = day.saturating_sub(jiff::Span::new().days(days));
            ending(id, Date::parse(&day.to_string()).unwrap())
        };
        assert_eq!(before(0), Some(Ending { on, past: true }));
        assert_eq!(before(1), Some(Ending { on, past: false }));
        assert_eq!(before(180), Some(Ending { on, past: false }));
        assert_eq!(before(200), None);
        assert_eq!(ending("amazon.nova-lite-v1:0", on), None);
    }
}
