//! Checks the shape of the house: which crate may know which, and what is pure.

mod arrows;
mod purity;
mod table;

use std::path::Path;

use crate::failure::Failure;
use crate::metadata;
use crate::tree::Tree;

/// Checks every arrow and every purity rule, and prints each breach.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let packages = metadata::packages(root)?;
    let mut breaches = arrows::breaches(&packages);
    breaches.extend(purity::breaches(root, &Tree::read(root)?)?);
    for breach in &breaches {
        println!("{breach}");
    }
    match breaches.len() {
        0 => {
            println!("layers: {} crates, all arrows as they should be", packages.len());
            Ok(())
        }
        count => Err(Failure::Breaches { task: "layers", count }),
    }
}
