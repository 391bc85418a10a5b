//! What says whose account something is, taken out of texts.

use std::borrow::Cow;

/// The text with the account of each ARN in it replaced by zeros.
pub(crate) fn accounts(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("arn:aws") {
        let (before, arn) = rest.split_at(at);
        out.push_str(before);
        let (start, account, after) = parts(arn);
        out.push_str(start);
        out.push_str(if is_account(account) { NOBODY } else { account });
        rest = after;
    }
    if out.is_empty() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// An ARN up to its account, the account, and the rest: `arn:PARTITION:SERVICE:REGION:ACCOUNT:…`.
/// Where the text only looks like one, the account is empty.
fn parts(arn: &str) -> (&str, &str, &str) {
    let colons = arn.match_indices(':').map(|(at, _)| at);
    if let (Some(start), Some(end)) = (colons.clone().nth(3), colons.clone().nth(4))
        && let (Some(head), Some(account), Some(rest)) =
            (arn.get(..=start), arn.get(start + 1..end), arn.get(end..))
        && !head.contains(|c: char| c.is_whitespace() || c == '"')
    {
        return (head, account, rest);
    }
    let (start, rest) = arn.split_at("arn:aws".len());
    (start, "", rest)
}

fn is_account(text: &str) -> bool {
    text.len() == NOBODY.len() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Stands for any account.
const NOBODY: &str = "000000000000";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arn_loses_its_account_and_nothing_else() {
        let text = "see arn:aws:bedrock:us-east-1:111122223333:guardrail/g and \
                    \"arn:aws-us-gov:iam::444455556666:role/r\", 111122223333";
        let clean = "see arn:aws:bedrock:us-east-1:000000000000:guardrail/g and \
                     \"arn:aws-us-gov:iam::000000000000:role/r\", 111122223333";
        assert_eq!(accounts(text), clean);
        assert_eq!(accounts(clean), clean);
    }

    #[test]
    fn what_has_no_account_stays() {
        for text in [
            "arn:aws:bedrock:us-east-1::foundation-model/m:0",
            "arn:aws",
            "arn:aws:s3:::bucket",
            "an arn:aws then: a: b: 111122223333: c",
            "",
        ] {
            assert_eq!(accounts(text), text);
        }
    }
}
