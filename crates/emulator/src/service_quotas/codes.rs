//! The codes of quotas: those of AWS where they are known, and others made up from the name.

/// The codes of a model's quotas; empty where none is known. Of each pair, requests a minute come
/// before tokens a minute.
pub(super) struct Codes {
    model: &'static str,
    pub(super) on_demand: [&'static str; 2],
    pub(super) cross_region: [&'static str; 2],
    pub(super) global: [&'static str; 2],
    /// Tokens a day.
    pub(super) daily: &'static str,
    pub(super) global_daily: &'static str,
}

/// The codes of a model, by its id.
pub(super) fn of(model: &str) -> &'static Codes {
    KNOWN.iter().find(|codes| codes.model == model).unwrap_or(&Codes::NONE)
}

/// A code of the form of AWS's that depends on the name alone: its FNV-1a digest of 32 bits.
pub(super) fn made_up(name: &str) -> String {
    let digest = name
        .bytes()
        .fold(0x811c_9dc5_u32, |digest, byte| (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("L-{digest:08X}")
}

impl Codes {
    const NONE: Self = Self {
        model: "",
        on_demand: ["", ""],
        cross_region: ["", ""],
        global: ["", ""],
        daily: "",
        global_daily: "",
    };
}

/// What is known. Source: an index of Service Quotas in us-east-1, as of 2026-11-21.
const KNOWN: &[Codes] = &[
    Codes {
        model: "anthropic.claude-sonnet-4-5-20250929-v1:0",
        cross_region: ["L-4A6BFAB1", "L-F4DDD3EB"],
        global: ["L-DB84CE56", "L-27C57EE8"],
        daily: "L-381AD9EE",
        ..Codes::NONE
    },
    Codes {
        model: "anthropic.claude-sonnet-4-6",
        on_demand: ["L-9B878FAE", "L-5F5A169C"],
        cross_region: ["L-00FF3314", "L-15B8E632"],
        global: ["L-F6E116D7", "L-7BEE40FB"],
        ..Codes::NONE
    },
    Codes {
        model: "anthropic.claude-haiku-4-5-20251001-v1:0",
        cross_region: ["L-CCA5DF70", "L-58BE175A"],
        global: ["L-E5084BBA", "L-9A11C666"],
        daily: "L-6120CF2D",
        ..Codes::NONE
    },
    Codes {
        model: "anthropic.claude-opus-4-5-20251101-v1:0",
        cross_region: ["L-27989F42", "L-7007E9C9"],
        global: ["L-58424D95", "L-3ABF6ACC"],
        daily: "L-F397ECBF",
        global_daily: "L-E2985A8E",
        ..Codes::NONE
    },
    Codes {
        model: "anthropic.claude-opus-4-6-v1",
        on_demand: ["L-0491E43A", "L-98944717"],
        cross_region: ["L-11DFF789", "L-0AD9BBE8"],
        global: ["L-3DD46812", "L-3DCCFAA4"],
        ..Codes::NONE
    },
    Codes {
        model: "anthropic.claude-opus-4-7",
        cross_region: ["", "L-5DB28B7B"],
        global: ["", "L-34152C1D"],
        ..Codes::NONE
    },
    Codes {
        model: "anthropic.claude-sonnet-5",
        on_demand: ["", "L-B46CFAB8"],
        cross_region: ["", "L-D4FBCF4E"],
        global: ["", "L-DD84E5CA"],
        ..Codes::NONE
    },
    Codes {
        model: "anthropic.claude-opus-5",
        on_demand: ["", "L-2EFDF21F"],
        cross_region: ["", "L-99296DCD"],
        global: ["", "L-D73B1244"],
        ..Codes::NONE
    },
    Codes {
        model: "anthropic.claude-opus-5-5",
        cross_region: ["", "L-A4430697"],
        global: ["", "L-A103A344"],
        ..Codes::NONE
    },
    Codes {
        model: "anthropic.claude-sonnet-5-5",
        cross_region: ["", "L-94A31E46"],
        global: ["", "L-31AB82D0"],
        ..Codes::NONE
    },
    Codes {
        model: "amazon.nova-pro-v1:0",
        on_demand: ["L-F2717A44", "L-CE33604C"],
        cross_region: ["L-ED46B8C5", "L-C0326783"],
        daily: "L-D690997B",
        ..Codes::NONE
    },
    Codes {
        model: "amazon.nova-lite-v1:0",
        on_demand: ["L-E386A278", "L-70423BF8"],
        cross_region: ["L-89F8391A", "L-7C42E72A"],
        daily: "L-45E0AD92",
        ..Codes::NONE
    },
    Codes {
        model: "amazon.nova-micro-v1:0",
        on_demand: ["L-E118F160", "L-CFA4FA0D"],
        cross_region: ["L-3F110E0F", "L-DC7FF66C"],
        daily: "L-D2912E70",
        ..Codes::NONE
    },
    Codes {
        model: "amazon.nova-2-lite-v1:0",
        cross_region: ["L-F06F1187", "L-C6F5908D"],
        global: ["L-D5F39C2F", "L-71C69B70"],
        daily: "L-210172B5",
        global_daily: "L-AD940EDE",
        ..Codes::NONE
    },
    Codes {
        model: "meta.llama3-3-70b-instruct-v1:0",
        on_demand: ["L-22EF3256", "L-372A660C"],
        cross_region: ["L-DEDE703C", "L-0E7AA8B7"],
        ..Codes::NONE
    },
    Codes { model: "deepseek.v3.2", on_demand: ["L-3AE31EFC", "L-C43703DE"], ..Codes::NONE },
    Codes {
        model: "qwen.qwen3-235b-a22b-2507-v1:0",
        on_demand: ["L-548A1A32", "L-3875BCCF"],
        ..Codes::NONE
    },
    Codes {
        model: "openai.gpt-oss-120b-1:0",
        on_demand: ["L-25B50707", "L-9DC5F595"],
        daily: "L-41FDDA6B",
        ..Codes::NONE
    },
    Codes {
        model: "mistral.mistral-large-3-675b-instruct",
        on_demand: ["L-5B274E24", "L-C709F563"],
        ..Codes::NONE
    },
];

#[cfg(test)]
mod tests {
    use codec::catalog::MODELS;

    use super::*;

    #[test]
    fn every_code_is_that_of_a_model_of_the_catalogue() {
        for codes in KNOWN {
            assert!(MODELS.iter().any(|model| model.id == codes.model), "{}", codes.model);
        }
    }

    #[test]
    fn a_made_up_code_is_the_digest_of_its_name() {
        // The published test value of FNV-1a.
        assert_eq!(made_up("foobar"), "L-BF9CF968");
    }
}
