//! What all calls share.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use s3s::service::S3Service;
use tempfile::TempDir;

use crate::cache::Cache;
use crate::calls::OpenCalls;
use crate::clock;
use crate::fault::Faults;
use crate::ids::Ids;
use crate::jobs::Jobs;
use crate::ledger::Ledger;
use crate::provisioned::Provisioned;
use crate::recent::Recent;
use crate::settings::Settings;
use crate::source::Source;
use crate::staged::Prepared;
use crate::tags::Tags;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) staged: HashMap<String, Prepared>,
    pub(crate) cache: Cache,
    pub(crate) calls: OpenCalls,
    pub(crate) faults: Arc<Faults>,
    pub(crate) ids: Ids,
    pub(crate) jobs: Jobs,
    pub(crate) ledger: Ledger,
    pub(crate) provisioned: Provisioned,
    pub(crate) recent: Recent,
    pub(crate) tags: Tags,
    pub(crate) source: Source,
    pub(crate) s3: S3Service,
    /// The folder that holds one folder a bucket.
    pub(crate) root: PathBuf,
    /// Removes the folder when the last task that uses it is gone.
    _temporary: Option<TempDir>,
}

impl State {
    pub(crate) fn new(
        settings: Settings,
        staged: HashMap<String, Prepared>,
        root: PathBuf,
        temporary: Option<TempDir>,
        s3: S3Service,
    ) -> Self {
        // A data folder outlives the process, so a job id must not come back in the next run.
        let seed = clock::wall().as_nanosecond() as u64;
        let ledger = Ledger::new(settings.quotas.clone());
        let faults = Arc::new(Faults::new(settings.scenario.clone()));
        Self {
            settings,
            staged,
            cache: Cache::default(),
            calls: OpenCalls::default(),
            faults,
            ids: Ids::new(seed),
            jobs: Jobs::default(),
            ledger,
            provisioned: Provisioned::default(),
            recent: Recent::default(),
            tags: Tags::default(),
            source: Source::Model,
            s3,
            root,
            _temporary: temporary,
        }
    }
}
