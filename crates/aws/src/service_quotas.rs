//! The quotas of Bedrock, by Service Quotas.

use async_trait::async_trait;
use aws_sdk_servicequotas::types::ServiceQuota as Described;
use transport::{Error, QuotaPage, ServiceQuota, ServiceQuotas};

use crate::Bedrock;

#[async_trait]
impl ServiceQuotas for Bedrock {
    async fn applied(&self, next_token: Option<String>) -> Result<QuotaPage, Error> {
        let call = self.quotas().list_service_quotas().service_code(SERVICE);
        let page = call.max_results(MOST).set_next_token(next_token).send().await;
        let page = page.map_err(|failed| self.quotas_error(failed))?;
        Ok(to_page(page.quotas, page.next_token))
    }

    async fn defaults(&self, next_token: Option<String>) -> Result<QuotaPage, Error> {
        let call = self.quotas().list_aws_default_service_quotas().service_code(SERVICE);
        let page = call.max_results(MOST).set_next_token(next_token).send().await;
        let page = page.map_err(|failed| self.quotas_error(failed))?;
        Ok(to_page(page.quotas, page.next_token))
    }
}

fn to_page(quotas: Option<Vec<Described>>, next_token: Option<String>) -> QuotaPage {
    let mut page = QuotaPage::default();
    page.quotas = quotas.unwrap_or_default().into_iter().filter_map(to_quota).collect();
    page.next_token = next_token;
    page
}

/// A quota without a code, a name or a value says nothing.
fn to_quota(described: Described) -> Option<ServiceQuota> {
    let mut quota = ServiceQuota::default();
    quota.code = described.quota_code?;
    quota.name = described.quota_name?;
    quota.value = described.value?;
    quota.is_adjustable = described.adjustable;
    Some(quota)
}

/// What Service Quotas calls Bedrock.
const SERVICE: &str = "bedrock";
/// The largest page.
const MOST: i32 = 100;
