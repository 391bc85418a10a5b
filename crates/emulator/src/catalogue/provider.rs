//! The names of providers, as the service shows them.

use codec::catalog::Model;

/// The name of the provider that model ids begin with.
pub(crate) fn title(provider: &'static str) -> &'static str {
    let row = TITLES.iter().find(|(known, _)| *known == provider);
    row.map_or(provider, |(_, title)| title)
}

/// A model's name with that of its provider before it, once.
pub(crate) fn full_name(model: &Model) -> String {
    let title = title(model.provider);
    if model.name.starts_with(title) {
        return model.name.into();
    }
    format!("{title} {}", model.name)
}

const TITLES: &[(&str, &str)] = &[
    ("ai21", "AI21 Labs"),
    ("amazon", "Amazon"),
    ("anthropic", "Anthropic"),
    ("cohere", "Cohere"),
    ("deepseek", "DeepSeek"),
    ("google", "Google"),
    ("meta", "Meta"),
    ("minimax", "MiniMax"),
    ("mistral", "Mistral AI"),
    ("moonshot", "Moonshot AI"),
    ("moonshotai", "Moonshot AI"),
    ("nvidia", "NVIDIA"),
    ("openai", "OpenAI"),
    ("qwen", "Qwen"),
    ("stability", "Stability AI"),
    ("writer", "Writer"),
    ("xai", "xAI"),
    ("zai", "Z.AI"),
];

#[cfg(test)]
mod tests {
    use codec::catalog::MODELS;

    use super::*;

    #[test]
    fn every_provider_of_the_catalogue_has_a_name() {
        for model in MODELS {
            assert_ne!(title(model.provider), model.provider);
        }
    }
}
