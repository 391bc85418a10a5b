//! `outcrop quota show`: what the account may use of a model.

use client::{AppliedQuota, AppliedQuotas, Finding, Unit};
use serde_json::{Map, Value, json};

use super::number::number;
use crate::args::Globals;
use crate::connect::Session;
use crate::error::Error;
use crate::input;
use crate::output::Output;
use crate::remarks;

/// Which model.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Model id, inference profile id or ARN; `us.X`, `global.X` and `X` have quotas of their own
    #[arg(short, long)]
    model: String,
}

/// Reads every page of the account's quotas and of the defaults, and prints those of the model.
pub(crate) async fn run(args: &Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let model = input::model(&args.model, globals)?;
    let session = Session::open(globals, model.region()).await?;
    remarks::before(output, &model, Some(session.region()));
    let applied = session.client.applied_quotas(&model).await?;
    if output.is_json() {
        return output.json(&to_json(model.address(), session.region(), &applied));
    }
    let scope = applied.scope;
    let head = format!("{}, called {scope}, in {}\n", model.address(), session.region());
    let lines = applied.findings().into_iter().flat_map(|(unit, finding)| lines(unit, finding));
    output.text(&lines.fold(head, |text, line| text + &line))?;
    if applied.findings().iter().any(|(_, finding)| matches!(finding, Finding::Ambiguous(_))) {
        output.remark(
            "where several quotas fit, none is chosen: give --rpm and --tpm yourself, the smallest to \
             be safe",
        );
    }
    if applied.findings().iter().all(|(_, finding)| matches!(finding, Finding::Absent)) {
        output.remark(
            "no quota of the account is about this model: check its id, as `outcrop models` lists it, \
             or behind an ARN ask for the model itself",
        );
    }
    Ok(())
}

/// A line for each quota that may be the limit.
fn lines(unit: Unit, finding: &Finding) -> Vec<String> {
    let line = |said: &str| format!("  {:<20} {said}\n", unit.to_string());
    match finding {
        Finding::Found(quota) => vec![line(&words(quota))],
        Finding::Ambiguous(quotas) => {
            quotas.iter().map(|quota| line(&format!("{} ?", words(quota)))).collect()
        }
        Finding::Absent => vec![line("no quota")],
    }
}

fn words(quota: &AppliedQuota) -> String {
    let default = if quota.is_default { ", the default" } else { "" };
    format!("{:>13}  {}  {}{default}", number(quota.value), quota.code, quota.name)
}

fn to_json(model: &str, region: &str, applied: &AppliedQuotas) -> Value {
    let limits: Map<String, Value> = applied
        .findings()
        .into_iter()
        .map(|(unit, finding)| {
            let said = match finding {
                Finding::Found(quota) => quota_json(quota),
                Finding::Ambiguous(quotas) => {
                    json!({ "ambiguous": quotas.iter().map(quota_json).collect::<Vec<_>>() })
                }
                Finding::Absent => Value::Null,
            };
            (unit.key().to_owned(), said)
        })
        .collect();
    json!({ "model": model, "region": region, "scope": applied.scope.key(), "quotas": limits })
}

fn quota_json(quota: &AppliedQuota) -> Value {
    json!({
        "value": quota.value,
        "code": quota.code,
        "name": quota.name,
        "adjustable": quota.is_adjustable,
        "default": quota.is_default,
        "knownCode": quota.is_known_code,
    })
}
