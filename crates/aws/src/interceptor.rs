//! Carries the caller's bytes past the SDK's own serialisation, in both directions.

use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use transport::{Headers, Meta};

use crate::error;

/// The interceptor of one call. Copies share what it takes.
#[derive(Clone)]
pub(crate) struct Swap {
    inner: Arc<Inner>,
}

struct Inner {
    body: Bytes,
    headers: Headers,
    taken: Mutex<Option<Taken>>,
}

/// A response with status 200, before anyone has parsed it.
pub(crate) struct Taken {
    pub(crate) meta: Meta,
    pub(crate) body: ByteStream,
}

impl Swap {
    /// Sends this body, and these headers beside the SDK's.
    pub(crate) fn new(body: Bytes, headers: Headers) -> Self {
        Self { inner: Arc::new(Inner { body, headers, taken: Mutex::default() }) }
    }

    /// The response, if there was one with status 200.
    pub(crate) fn take(&self) -> Option<Taken> {
        self.taken().take()
    }

    fn taken(&self) -> MutexGuard<'_, Option<Taken>> {
        self.inner.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Swap {
    fn name(&self) -> &'static str {
        "outcrop::Swap"
    }

    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let length = self.inner.body.len().to_string();
        *request.body_mut() = SdkBody::from(self.inner.body.clone());
        let headers = request.headers_mut();
        headers.insert("content-length", length);
        headers.insert("content-type", "application/json");
        for (name, value) in self.inner.headers.iter() {
            headers
                .try_insert(name.to_owned(), value.to_owned())
                .map_err(|source| BadHeader { name: name.to_owned(), source: source.into() })?;
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        if response.status().as_u16() == 200 {
            let meta = Meta::new(error::headers(response));
            let body = mem::replace(response.body_mut(), SdkBody::empty());
            *self.taken() = Some(Taken { meta, body: ByteStream::new(body) });
        }
        Ok(())
    }
}

// Written by hand, since the SDK prints its interceptors and the body may be anything.
impl fmt::Debug for Swap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Swap").finish_non_exhaustive()
    }
}

/// A header of the caller's that cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error("the header `{name}` cannot be sent")]
pub(crate) struct BadHeader {
    name: String,
    source: BoxError,
}
