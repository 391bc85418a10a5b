//! Texts as vectors: near for texts that share words or parts of words.

/// A vector of length one, the same for the same text on every run.
pub(crate) fn unit(text: &str, dimensions: usize) -> Vec<f64> {
    let mut vector = raw(text, dimensions);
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    vector.iter_mut().for_each(|x| *x /= length);
    vector
}

/// The same vector as long as it comes: each word and each run of three letters adds to the place
/// that its hash names.
pub(crate) fn raw(text: &str, dimensions: usize) -> Vec<f64> {
    let mut vector = vec![0.0; dimensions];
    let mut add = |feature: &str, weight: f64| {
        let hash = hash(feature);
        let place = usize::try_from(hash % (1 << 32)).unwrap_or(0) % dimensions.max(1);
        let sign = if hash >> 63 == 0 { 1.0 } else { -1.0 };
        if let Some(x) = vector.get_mut(place) {
            *x += sign * weight;
        }
    };
    // Every text has this in common, so that none is without a direction.
    add("", 0.25);
    let lower = text.to_lowercase();
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        add(word, 1.0);
        let letters: Vec<char> = word.chars().collect();
        for three in letters.windows(3) {
            add(&three.iter().collect::<String>(), 0.3);
        }
    }
    // What has been added may have taken itself away.
    if vector.iter().all(|x| *x == 0.0) {
        vector.iter_mut().take(1).for_each(|x| *x = 1.0);
    }
    vector
}

/// How near two texts are, from 0 to 1.
pub(crate) fn nearness(a: &str, b: &str) -> f64 {
    let (a, b) = (unit(a, COMPARED), unit(b, COMPARED));
    a.iter().zip(&b).map(|(x, y)| x * y).sum::<f64>().clamp(0.0, 1.0)
}

/// The 64-bit FNV-1a hash, whose high bits are then spread.
fn hash(text: &str) -> u64 {
    let folded = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    crate::ids::mix(folded)
}

const COMPARED: usize = 4096;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_vector_has_length_one(text in any::<String>(), dimensions in 1usize..2000) {
            let vector = unit(&text, dimensions);
            prop_assert_eq!(vector.len(), dimensions);
            let length = vector.iter().map(|x| x * x).sum::<f64>();
            prop_assert!((length - 1.0).abs() < 1e-9, "{}", length);
        }
    }

    #[test]
    fn texts_that_share_words_are_nearer() {
        let question = "What is the capital of France?";
        let near = nearness(question, "Paris is the capital of France.");
        let far = nearness(question, "Bread is baked from flour and water.");
        assert!(near > 0.5 && far < 0.3, "{near} {far}");
        assert!((nearness(question, question) - 1.0).abs() < 1e-9);
    }
}
