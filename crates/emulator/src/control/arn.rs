//! Names of resources. There is one account here.

/// The ARN of a resource of the account.
pub(crate) fn own(region: &str, resource: &str) -> String {
    format!("arn:aws:bedrock:{region}:{ACCOUNT}:{resource}")
}

/// The ARN of a foundation model, which belongs to no account.
pub(crate) fn foundation_model(region: &str, id: &str) -> String {
    format!("arn:aws:bedrock:{region}::foundation-model/{id}")
}

/// The number of the account.
pub(crate) const ACCOUNT: &str = "123456789012";
