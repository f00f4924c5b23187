//! The HTTP client of the real network.
//!
//! In: requests. Out: answers. TLS is made ready at the first `https://` address and not before:
//! reading the certificates of the system costs more than a run against a loopback endpoint.

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// Sends `http://` requests in the clear and all others over TLS.
#[derive(Debug)]
pub(super) struct ByScheme {
    clear: SharedHttpClient,
    tls: SharedHttpClient,
}

impl ByScheme {
    /// Returns a client; nothing is opened or read yet.
    pub(super) fn new() -> Self {
        Self {
            clear: Builder::new().build_http(),
            tls: Builder::new()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .build_https(),
        }
    }
}

impl HttpClient for ByScheme {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            clear: self.clear.http_connector(settings, components),
            tls: self.tls.clone(),
            settings: settings.clone(),
            components: components.clone(),
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.tls.connector_metadata()
    }
}

#[derive(Debug)]
struct Connector {
    clear: SharedHttpConnector,
    tls: SharedHttpClient,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let scheme = request.uri().split(':').next().unwrap_or_default();
        if scheme.eq_ignore_ascii_case("http") {
            return self.clear.call(request);
        }
        // The client keeps the connector that it makes here for the next request.
        self.tls
            .http_connector(&self.settings, &self.components)
            .call(request)
    }
}
