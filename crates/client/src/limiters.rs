//! The limiters of a client: which of them a call goes through.

mod key;

use std::collections::HashMap;
use std::sync::Arc;

use codec::ModelRef;
use quota::Quotas;
use transport::rt::{Clock, Timer};

use self::key::QuotaKey;
pub(crate) use self::key::Stated;
use crate::error::{Error, ErrorKind};
use crate::limiter::{Account, Limiter, QuotaSnapshot, Rank, Tenants, lock};
use crate::options::Options;
use crate::sync::Mutex;

/// The limiters of a client, one for each quota that it has drawn from.
#[derive(Debug)]
pub(crate) struct Limiters {
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    stated: Stated,
    by_key: HashMap<QuotaKey, Quotas>,
    tenants: Arc<Tenants>,
    account: Option<Arc<Account>>,
    made: Mutex<HashMap<QuotaKey, Arc<Limiter>>>,
}

/// What calls to an address draw from.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// The model whose quota it is.
    pub(crate) model: &'a ModelRef,
    pub(crate) quotas: &'a Quotas,
    /// `None`, if nothing is limited.
    pub(crate) limiter: Option<Arc<Limiter>>,
}

impl Limiters {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
        stated: Stated,
        tenants: Tenants,
        account: Option<quota::Limits>,
    ) -> Self {
        let account = account.map(|limits| Arc::new(Account::new(limits)));
        let (by_key, tenants) = (stated.by_key(), Arc::new(tenants));
        Self { clock, timer, stated, by_key, tenants, account, made: Mutex::default() }
    }

    /// Where such calls stand in every queue.
    pub(crate) fn rank(&self, options: &Options) -> Result<Rank, Error> {
        let name = options.tenant.as_deref();
        self.tenants.rank(name, options.priority).ok_or_else(|| {
            let name = name.unwrap_or_default();
            let message = format!("no tenant is named `{name}`: name it with Builder::tenant");
            Error::new(ErrorKind::Config, message)
        })
    }

    /// What calls to this address draw from.
    pub(crate) fn source<'a>(&'a self, model: &'a ModelRef) -> Source<'a> {
        let model = self.stated.payers.get(model.address()).unwrap_or(model);
        let key = QuotaKey::of(model);
        let quotas = self.by_key.get(&key).unwrap_or(&self.stated.default);
        let account = self.account.as_ref().filter(|_| key.is_on_demand());
        let is_limited = !quotas.is_unlimited() || account.is_some();
        let limiter = is_limited.then(|| self.limiter(key, quotas, account));
        Source { model, quotas, limiter }
    }

    fn limiter(
        &self,
        key: QuotaKey,
        quotas: &Quotas,
        account: Option<&Arc<Account>>,
    ) -> Arc<Limiter> {
        let limiter = || {
            let (clock, timer) = (Arc::clone(&self.clock), Arc::clone(&self.timer));
            let admission = |now| quota::Admission::new(now, quotas);
            let limiter = Limiter::new(clock, timer, Arc::clone(&self.tenants), admission);
            match account {
                Some(account) => limiter.within(account),
                None => Arc::new(limiter),
            }
        };
        Arc::clone(lock(&self.made).entry(key).or_insert_with(limiter))
    }

    pub(crate) fn snapshot(&self, model: &ModelRef) -> Option<QuotaSnapshot> {
        self.source(model).limiter.map(|limiter| limiter.snapshot())
    }
}
