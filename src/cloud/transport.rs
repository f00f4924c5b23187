//! What every request passes through: the rate limit before it, the count and the limiter's
//! feedback around it.

use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::calls::Calls;
use super::limiter::Limiter;

/// An HTTP client that takes a token before each request.
#[derive(Debug)]
pub(super) struct Paced {
    pub(super) inner: SharedHttpClient,
    pub(super) limiter: Arc<Limiter>,
}

impl HttpClient for Paced {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(PacedConnector {
            inner: self.inner.http_connector(settings, components),
            limiter: Arc::clone(&self.limiter),
        })
    }
}

#[derive(Debug)]
struct PacedConnector {
    inner: SharedHttpConnector,
    limiter: Arc<Limiter>,
}

impl HttpConnector for PacedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, limiter) = (self.inner.clone(), Arc::clone(&self.limiter));
        HttpConnectorFuture::new(async move {
            limiter.take(1).await;
            inner.call(request).await
        })
    }
}

/// Counts each attempt, and tells the limiter how it went.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) calls: Calls,
    pub(super) limiter: Arc<Limiter>,
}

/// The error codes by which a service says that it is asked too fast.
const THROTTLES: [&[u8]; 5] = [
    b"Throttling",
    b"SlowDown",
    b"PriorRequestNotComplete",
    b"TooManyRequests",
    b"RequestLimitExceeded",
];

#[dyn_dispatch_hint]
impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "drsync-watch"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(metadata) = config.load::<Metadata>() {
            self.calls.add(metadata.service(), metadata.name());
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(response) = context.response() else {
            return Ok(());
        };
        let throttled = !response.status().is_success()
            && response.body().bytes().is_some_and(|body| {
                THROTTLES
                    .iter()
                    .any(|code| body.windows(code.len()).any(|at| at == *code))
            });
        if throttled {
            self.limiter.throttled();
        } else {
            self.limiter.answered();
        }
        Ok(())
    }
}
