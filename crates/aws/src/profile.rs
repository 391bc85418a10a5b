//! The profile that is read, which has to be there: the SDK passes over a name that it does not find.

use std::borrow::Cow;

use aws_types::os_shim_internal::{Env, Fs};
use transport::Error;

use crate::builder::config_error;

/// Refuses the profile of this name, or else the one that `AWS_PROFILE` names, if no file has it.
pub(crate) async fn check(name: Option<&str>) -> Result<(), Error> {
    let given = name.map(|name| Cow::Owned(name.to_owned()));
    let files = Default::default();
    let profiles = match aws_config::profile::load(&Fs::real(), &Env::real(), &files, given).await {
        Ok(profiles) => profiles,
        Err(error) if name.is_some() => {
            let message = format!("the AWS configuration files cannot be read: {error}");
            return Err(config_error(&message).with_source(error));
        }
        // Whoever names no profile may do without the files.
        Err(_) => return Ok(()),
    };
    let selected = profiles.selected_profile();
    if (name.is_none() && selected == DEFAULT) || profiles.get_profile(selected).is_some() {
        return Ok(());
    }
    Err(config_error(&format!(
        "the AWS configuration files have no profile `{selected}`: check --profile, AWS_PROFILE \
         and ~/.aws/config"
    )))
}

const DEFAULT: &str = "default";
