//! What a call counts for in the quotas of its model, told before it is made.

use std::num::NonZeroU64;

use codec::{AddressKind, ModelRef, Request, catalog};
use quota::{Accounting, TokenCounts, Tokens};

use crate::estimate::Size;

/// What one call holds and what it may cost, by the rules of the way in which it calls the model.
///
/// # Examples
///
/// ```
/// use outcrop::{Cost, ModelRef, MostOutput, Request};
///
/// let model = ModelRef::parse("us.anthropic.claude-sonnet-4-5-20250929-v1:0")?;
/// let cost = Cost::of(&model, &Request::user("Tell me a story.").with_max_tokens(1_000));
/// assert_eq!((cost.most_output(), cost.most_output_from()), (1_000, MostOutput::Asked));
/// assert_eq!(cost.reserved(), cost.input() + 1_000);
/// assert_eq!(cost.settled(200), cost.input() + 5 * 200);
/// # Ok::<(), outcrop::codec::ModelRefError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    most: TokenCounts,
    from: MostOutput,
    accounting: Accounting,
}

/// Where the most output of a call is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it is asked for, or the model's, or not known")]
pub enum MostOutput {
    /// The request's own `max_tokens`.
    Asked,
    /// The maximum of the model, which Bedrock holds where the request says nothing.
    Model,
    /// Nothing is known: the most that any known model gives.
    Unknown,
}

impl Cost {
    /// Reads it from the request, with the input guessed from its bytes and the burndown rate of the
    /// catalogue.
    pub fn of(model: &ModelRef, request: &Request) -> Self {
        let from = match (request.inference.max_tokens, catalog::max_output(model)) {
            (Some(_), _) => MostOutput::Asked,
            (None, Some(_)) => MostOutput::Model,
            (None, None) => MostOutput::Unknown,
        };
        let most = Size::of(model, request).tokens(|_| None);
        Self { most, from, accounting: accounting(model, None) }
    }

    /// Quota tokens for a token of output of this model: what the catalogue says; 1 of a provisioned
    /// throughput; and where nothing is known, such as behind an ARN that hides the model and with no
    /// family given, [`Accounting::UNKNOWN_BURNDOWN`].
    pub fn burndown_of(model: &ModelRef) -> NonZeroU64 {
        accounting(model, None).burndown()
    }

    /// The rules by which the call is charged.
    pub fn accounting(&self) -> Accounting {
        self.accounting
    }

    /// Tokens of the input, rather too many than too few.
    pub fn input(&self) -> u64 {
        self.most.input.get()
    }

    /// The most tokens that the output may have.
    pub fn most_output(&self) -> u64 {
        self.most.output.get()
    }

    /// Where [`most_output`](Self::most_output) is from.
    pub fn most_output_from(&self) -> MostOutput {
        self.from
    }

    /// Quota tokens for a token of output.
    pub fn burndown(&self) -> NonZeroU64 {
        self.accounting.burndown()
    }

    /// Quota tokens that are held from the start of the call to its end.
    pub fn reserved(&self) -> u64 {
        self.accounting.reserve(self.most).tokens.get()
    }

    /// Quota tokens that the call has cost once it ended with so many tokens of output.
    pub fn settled(&self, output: u64) -> u64 {
        let used = TokenCounts { output: Tokens::new(output), ..self.most };
        self.accounting.settle(used).tokens.get()
    }
}

/// The rules by which calls to this address are charged: those of a provisioned throughput, or else
/// those of on-demand inference, with the burndown rate that is stated, or that the catalogue has.
pub(crate) fn accounting(model: &ModelRef, stated: Option<NonZeroU64>) -> Accounting {
    match model.kind() {
        AddressKind::Provisioned => Accounting::Provisioned,
        _ => Accounting::on_demand(
            stated.or_else(|| catalog::burndown(model)).unwrap_or(Accounting::UNKNOWN_BURNDOWN),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(address: &str) -> ModelRef {
        ModelRef::parse(address).unwrap()
    }

    #[test]
    fn nothing_in_the_catalogue_exceeds_what_an_unknown_model_is_taken_for() {
        let of_models = catalog::MODELS.iter().map(|model| model.facts.max_output);
        let of_families = catalog::FAMILIES.iter().map(|family| family.facts.max_output);
        let outputs = of_models.chain(of_families).flatten();
        assert_eq!(outputs.max().map(u64::from), Some(TokenCounts::UNKNOWN_OUTPUT.get()));
        let refs = catalog::MODELS.iter().map(|model| ModelRef::parse(model.id).unwrap());
        let burndowns = refs.map(|model| Cost::burndown_of(&model));
        assert_eq!(burndowns.max(), Some(Accounting::UNKNOWN_BURNDOWN));
    }

    #[test]
    fn a_model_that_nobody_can_see_costs_as_much_as_any() {
        let hidden =
            parse("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc");
        assert_eq!(Cost::burndown_of(&hidden), Accounting::UNKNOWN_BURNDOWN);
        let nova = hidden.with_family("nova").unwrap();
        assert_eq!(Cost::burndown_of(&nova).get(), 1);
        let known = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8";
        assert_eq!(Cost::burndown_of(&parse(known)).get(), 15);
        assert_eq!(Cost::burndown_of(&parse("acme.new-v1:0")), Accounting::UNKNOWN_BURNDOWN);
    }

    #[test]
    fn a_provisioned_throughput_has_no_burndown_whatever_is_known_or_stated() {
        let arn = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl";
        for model in [parse(arn), parse(arn).with_family("anthropic").unwrap()] {
            let cost = Cost::of(&model, &Request::user("hello").with_max_tokens(100));
            assert_eq!((cost.accounting(), cost.burndown().get()), (Accounting::Provisioned, 1));
            assert_eq!(
                (cost.reserved(), cost.settled(70)),
                (cost.input() + 100, cost.input() + 70)
            );
            let stated = NonZeroU64::new(5);
            assert_eq!(accounting(&model, stated), Accounting::Provisioned);
        }
        let on_demand = accounting(&parse("anthropic.claude-opus-4-8"), NonZeroU64::new(5));
        assert_eq!(on_demand.burndown().get(), 5, "what is stated goes first");
    }
}
