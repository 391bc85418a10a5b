//! What addresses show, and what cannot be one.

use alloc::string::String;

use super::{AddressKind, ModelRef, ModelRefError};

/// An address, and the geography, provider, model and region that it shows.
type Case = (&'static str, [Option<&'static str>; 4]);

const CASES: &[Case] = &[
    ("anthropic.claude-opus-4-6-v1", [None, Some("anthropic"), Some("claude-opus-4-6-v1"), None]),
    ("us.amazon.nova-lite-v1:0", [Some("us"), Some("amazon"), Some("nova-lite-v1:0"), None]),
    ("mars.meta.llama9-v1:0", [Some("mars"), Some("meta"), Some("llama9-v1:0"), None]),
    ("us.newco.model-2.5", [Some("us"), Some("newco"), Some("model-2.5"), None]),
    ("zai.glm-4.7-flash", [None, Some("zai"), Some("glm-4.7-flash"), None]),
    ("newco.model.v2", [None, Some("newco"), Some("model.v2"), None]),
    ("my-throughput", [None, None, None, None]),
    (
        "arn:aws:bedrock:us-west-2::foundation-model/amazon.titan-tg1-large",
        [None, Some("amazon"), Some("titan-tg1-large"), Some("us-west-2")],
    ),
    (
        "arn:aws:bedrock:::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
        [None, Some("anthropic"), Some("claude-3-haiku-20240307-v1:0"), None],
    ),
    (
        "arn:aws-us-gov:bedrock:us-gov-west-1:1:inference-profile/us-gov.meta.llama3-8b-instruct-v1:0",
        [Some("us-gov"), Some("meta"), Some("llama3-8b-instruct-v1:0"), Some("us-gov-west-1")],
    ),
    (
        "arn:aws:bedrock:eu-west-1:1:custom-model/amazon.titan-text-lite-v1:0:4k/abcdefghijkl",
        [None, Some("amazon"), Some("titan-text-lite-v1:0:4k"), Some("eu-west-1")],
    ),
    (
        "arn:aws:bedrock:eu-west-1:1:application-inference-profile/a.b.c",
        [None, None, None, Some("eu-west-1")],
    ),
];

#[test]
fn an_address_shows_its_parts() {
    for (address, expected) in CASES {
        let model = ModelRef::parse(address).unwrap();
        let shown = [model.geo(), model.provider(), model.model(), model.region()];
        assert_eq!(&shown, expected, "{address}");
        assert_eq!(model.address(), *address);
    }
}

#[test]
fn the_form_of_an_address_shows_what_it_names() {
    let arn = |resource: &str| alloc::format!("arn:aws:bedrock:us-east-1:111122223333:{resource}");
    let nova = "amazon.nova-lite-v1:0";
    for (address, kind) in [
        (nova.into(), AddressKind::Model),
        (arn("foundation-model/amazon.nova-lite-v1:0"), AddressKind::Model),
        ("newco.model.v2".into(), AddressKind::Model),
        ("us.amazon.nova-lite-v1:0".into(), AddressKind::Profile),
        (arn("inference-profile/global.amazon.nova-lite-v1:0"), AddressKind::Profile),
        (arn("application-inference-profile/a.b.c"), AddressKind::ApplicationProfile),
        (arn("provisioned-model/abcdefghijkl"), AddressKind::Provisioned),
        (arn("custom-model/amazon.nova-lite-v1:0:300k/abc"), AddressKind::Other),
        (arn("custom-model-deployment/abc"), AddressKind::Other),
        (arn("default-prompt-router/anthropic.claude:1"), AddressKind::Other),
        (arn("inference-profile/amazon.nova-lite-v1:0"), AddressKind::Other),
        ("my-throughput".into(), AddressKind::Other),
    ] {
        assert_eq!(ModelRef::parse(&address).unwrap().kind(), kind, "{address}");
    }
}

#[test]
fn the_family_follows_from_the_address_or_is_given() {
    let cases = [
        ("anthropic.claude-v2:1", Some("anthropic")),
        ("global.anthropic.claude-of-next-year", Some("anthropic")),
        ("amazon.nova-2-lite-v1:0", Some("nova")),
        ("amazon.nova-canvas-v1:0", None),
        ("amazon.nova-2-sonic-v1:0", None),
        ("amazon.nova-2-multimodal-embeddings-v1:0", None),
        ("us.meta.llama4-scout-17b-instruct-v1:0", Some("llama")),
        ("amazon.titan-text-express-v1", Some("titan")),
        ("amazon.titan-embed-text-v2:0", None),
        ("us.deepseek.r1-v1:0", Some("deepseek")),
        ("mistral.mistral-7b-instruct-v0:2", Some("mistral")),
        ("openai.gpt-oss-20b-1:0", Some("openai")),
        ("in.moonshotai.kimi-k3", Some("kimi")),
        ("moonshot.kimi-k2-thinking", Some("kimi")),
        ("zai.glm-4.7", Some("glm")),
        ("google.gemma-3-4b-it", Some("gemma")),
        ("ai21.jamba-1-5-mini-v1:0", Some("jamba")),
        ("cohere.command-light-text-v14", Some("command")),
        ("cohere.command-r-plus-v1:0", Some("command-r")),
        ("cohere.embed-v4:0", None),
        ("ai21.j2-ultra-v1", Some("jurassic")),
        ("my-throughput", None),
    ];
    for (address, expected) in cases {
        let model = ModelRef::parse(address).unwrap();
        assert_eq!(model.family().map(|family| family.name()), expected, "{address}");
        let given = model.with_family("nova").unwrap();
        assert_eq!(given.family().map(|family| family.name()), Some("nova"), "{address}");
    }
}

#[test]
fn an_unknown_family_names_the_known_ones() {
    let error = ModelRef::parse("my-throughput").unwrap().with_family("gpt").unwrap_err();
    let ModelRefError::UnknownFamily { given, known } = error else { panic!("{error}") };
    assert_eq!(given, "gpt");
    assert!(["anthropic", "nova", "openai"].iter().all(|name| known.contains(name)), "{known:?}");
}

#[test]
fn what_cannot_be_an_address_is_refused() {
    let long = "m".repeat(2049);
    let cases = [
        ("", ModelRefError::Blank),
        (" \t", ModelRefError::Blank),
        (&long, ModelRefError::TooLong { len: 2049 }),
        ("a b", ModelRefError::Character { character: ' ', at: 1 }),
        ("ab\u{0}", ModelRefError::Character { character: '\0', at: 2 }),
        ("..", ModelRefError::DotSegment),
        ("a/../b", ModelRefError::DotSegment),
        ("a/.", ModelRefError::DotSegment),
        ("arn:aws:bedrock", ModelRefError::ShortArn),
        ("arn:aws:bedrock:us-east-1:1:provisioned-model/", ModelRefError::ShortArn),
    ];
    for (address, expected) in cases {
        assert_eq!(ModelRef::parse(address), Err(expected), "{address:?}");
    }
    let longest: String = "m".repeat(2048);
    assert!(ModelRef::parse(&longest).is_ok());
}
