//! What every request passes through: the rate limit and a writer's fence before it, the count and
//! the limiter's feedback around it.

use std::sync::Arc;

use async_trait::async_trait;
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
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::calls::Calls;
use super::limiter::Limiter;

/// Says whether a writer may still write; the holder of a lock is one.
#[async_trait]
pub trait Fence: std::fmt::Debug + Send + Sync {
    /// Fails, with the reason for people, if nothing more may be written.
    async fn may_write(&self) -> Result<(), String>;
}

/// An HTTP client that takes a token before each request, and asks the fence if there is one.
#[derive(Debug)]
pub(super) struct Paced {
    pub(super) inner: SharedHttpClient,
    pub(super) limiter: Arc<Limiter>,
    pub(super) fence: Option<Arc<dyn Fence>>,
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
            fence: self.fence.clone(),
        })
    }
}

#[derive(Debug)]
struct PacedConnector {
    inner: SharedHttpConnector,
    limiter: Arc<Limiter>,
    fence: Option<Arc<dyn Fence>>,
}

impl HttpConnector for PacedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, limiter) = (self.inner.clone(), Arc::clone(&self.limiter));
        let fence = self.fence.clone();
        HttpConnectorFuture::new(async move {
            limiter.take(1).await;
            // Last, so that no wait lies between the answer and the request.
            if let Some(fence) = fence {
                let refused = |why| ConnectorError::user(Box::new(Fenced(why)));
                fence.may_write().await.map_err(refused)?;
            }
            inner.call(request).await
        })
    }
}

/// A request that was not sent, because its writer may not write any more.
#[derive(Debug, thiserror::Error)]
#[error("nothing was sent: {0}")]
pub(super) struct Fenced(String);

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
