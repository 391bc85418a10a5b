//! Laws: what was written is read back the same, and no bytes cause a panic.

use outcrop_codec::embed::{self, Encoding, Input, Media, MediaKind, Part, Purpose, Truncate};
use outcrop_codec::image::{self, Mask, Prompt, Task};
use outcrop_codec::{ModelRef, Source, count_tokens, guardrail, rerank};
use proptest::prelude::*;
use serde_json::Value;

use super::{EMBED, IMAGE, RERANK, again, read};
use crate::hostile::{any_json, places};
use crate::vectors::cases;

fn model(address: &str) -> ModelRef {
    ModelRef::parse(address).unwrap()
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z \"\\\\\u{e9}\u{1f600}]{0,8}"
}

fn image_of(format: Option<&'static str>) -> impl Strategy<Value = Media> {
    "[A-Za-z0-9+/]{4}".prop_map(move |bytes| {
        Media::new(MediaKind::Image, format.map(str::to_owned), Source::Bytes(bytes))
    })
}

fn purpose() -> impl Strategy<Value = Purpose> {
    prop_oneof![
        Just(Purpose::Document),
        Just(Purpose::Query),
        Just(Purpose::Classification),
        Just(Purpose::Clustering),
        Just(Purpose::Other("VIDEO_RETRIEVAL".to_owned())),
    ]
}

fn truncate() -> impl Strategy<Value = Truncate> {
    prop_oneof![
        Just(Truncate::None),
        Just(Truncate::Start),
        Just(Truncate::End),
        Just(Truncate::Other("LEFT".to_owned())),
    ]
}

fn encodings() -> impl Strategy<Value = Vec<Encoding>> {
    let one = prop_oneof![
        Just(Encoding::Float),
        Just(Encoding::Int8),
        Just(Encoding::Binary),
        Just(Encoding::Base64),
        Just(Encoding::Other("later".to_owned())),
    ];
    prop::collection::vec(one, 0..3)
}

/// Inputs that Cohere takes: all texts, all images, or all of parts.
fn cohere_inputs() -> impl Strategy<Value = Vec<Input>> {
    let part =
        prop_oneof![text().prop_map(Part::Text), image_of(Some("png")).prop_map(Part::Media),];
    let parts = prop::collection::vec(part, 0..3).prop_map(Input::Parts);
    prop_oneof![
        prop::collection::vec(text().prop_map(Input::Text), 1..4),
        prop::collection::vec(image_of(Some("jpeg")).prop_map(Input::Media), 1..4),
        prop::collection::vec(parts, 1..4),
    ]
}

fn picture_request() -> impl Strategy<Value = image::Request> {
    let sizes = (any::<Option<u32>>(), any::<Option<u32>>(), any::<Option<u64>>());
    let words = (text(), prop::option::of(text()), prop::option::of(text()));
    (words, sizes, prop::option::of(0.0..10.0_f64)).prop_map(
        |((prompt, against, quality), (width, count, seed), scale)| {
            let mut request = image::Request::text(prompt);
            request.prompts.extend(against.map(Prompt::against));
            request.quality = quality;
            (request.width, request.count, request.seed) = (width, count, seed);
            request.cfg_scale = scale;
            request
        },
    )
}

fn embed_back(address: &str, request: &embed::Request) -> embed::Request {
    let model = model(address);
    embed::decode_request(&model, &embed::encode(&model, request).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn embeddings_that_were_asked_for_are_read_back_the_same(
        text in text(),
        image in image_of(None),
        inputs in cohere_inputs(),
        purpose in purpose(),
        truncate in truncate(),
        encodings in encodings(),
        (dimensions, max_tokens) in (any::<Option<u32>>(), any::<Option<u32>>()),
        normalize in any::<Option<bool>>(),
    ) {
        let mut titan = embed::Request::text(text.clone());
        (titan.dimensions, titan.normalize) = (dimensions, normalize);
        titan.encodings.clone_from(&encodings);
        prop_assert_eq!(&embed_back("amazon.titan-embed-text-v2:0", &titan), &titan);

        let parts = vec![Part::Text(text.clone()), Part::Media(image.clone())];
        for input in [Input::Text(text.clone()), Input::Media(image), Input::Parts(parts)] {
            let mut titan = embed::Request::new(vec![input]);
            titan.dimensions = dimensions;
            prop_assert_eq!(&embed_back("amazon.titan-embed-image-v1", &titan), &titan);
        }

        let mut cohere = embed::Request::new(inputs).with_purpose(purpose.clone());
        (cohere.dimensions, cohere.max_tokens) = (dimensions, max_tokens);
        (cohere.truncate, cohere.encodings) = (Some(truncate.clone()), encodings);
        prop_assert_eq!(&embed_back("cohere.embed-v4:0", &cohere), &cohere);

        let mut nova = embed::Request::text(text).with_purpose(purpose);
        (nova.dimensions, nova.truncate) = (dimensions, Some(truncate));
        prop_assert_eq!(&embed_back("amazon.nova-2-multimodal-embeddings-v1:0", &nova), &nova);
    }

    #[test]
    fn images_and_rankings_that_were_asked_for_are_read_back_the_same(
        mut request in picture_request(),
        source in "[A-Za-z0-9+/]{4}",
        texts in prop::collection::vec(text(), 0..4),
        top_n in any::<Option<u32>>(),
    ) {
        let canvas = model("amazon.nova-canvas-v1:0");
        let back = |request: &image::Request, model: &ModelRef| {
            image::decode_request(model, &image::encode(model, request).unwrap()).unwrap()
        };
        prop_assert_eq!(&back(&request, &canvas), &request);
        for task in [Task::Inpainting, Task::Outpainting, Task::Variation, Task::ColorGuided] {
            request.images = vec![source.clone()];
            request.task = task.clone();
            request.mask = matches!(task, Task::Inpainting | Task::Outpainting)
                .then(|| Mask::Prompt("x".into()));
            prop_assert_eq!(&back(&request, &canvas), &request);
        }
        let mut flat = request.clone();
        (flat.width, flat.count, flat.quality, flat.mask) = (None, None, None, None);
        flat.task = Task::Variation;
        prop_assert_eq!(&back(&flat, &model("stability.sd3-5-large-v1:0")), &flat);

        let mut ranked = rerank::Request::new("q", texts);
        ranked.top_n = top_n;
        for model in [model("cohere.rerank-v3-5:0"), model("amazon.rerank-v1:0")] {
            let body = rerank::encode(&model, &ranked).unwrap();
            prop_assert_eq!(&rerank::decode_request(&model, &body).unwrap(), &ranked);
        }
    }

    #[test]
    fn a_vector_with_a_part_replaced_is_read_or_refused(
        pick in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        part in any_json(),
    ) {
        let folders = [EMBED, RERANK, IMAGE].concat();
        let cases = [cases("request", &folders), cases("reply", &folders)].concat();
        let case = &cases[pick.index(cases.len())];
        let mut body = case.get("body").clone();
        let mut found = Vec::new();
        places(&body, "", &mut found);
        *body.pointer_mut(&found[place.index(found.len())]).unwrap() = part;
        let body = body.to_string();
        for folder in folders {
            let model = ModelRef::parse("m").unwrap().with_family(folder).unwrap();
            if let Ok(Ok(written)) = again(&model, folder, body.as_bytes()) {
                // What was read and written once is written alike the next time.
                let twice = again(&model, folder, &written).unwrap().unwrap();
                let [once, twice]: [Value; 2] = [&written, &twice].map(|body| serde_json::from_slice(body).unwrap());
                prop_assert_eq!(once, twice, "{}", folder);
            }
            drop(read(&model, folder, body.as_bytes()));
        }
    }

    #[test]
    fn random_json_is_read_or_refused(json in any_json(), bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        for body in [json.to_string().into_bytes(), bytes] {
            for folder in [EMBED, RERANK, IMAGE].concat() {
                let model = ModelRef::parse("m").unwrap().with_family(folder).unwrap();
                drop(again(&model, folder, &body));
                drop(read(&model, folder, &body));
            }
            drop(count_tokens::decode_request(&body));
            drop(count_tokens::decode(&body));
            drop(guardrail::decode_request(&body));
            drop(guardrail::decode(&body));
        }
    }
}
