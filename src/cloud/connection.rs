//! What a connection needs to know, and what the process gives it.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::http::ByScheme;
use super::line::Line;

/// A rate limit: tokens per second, and how many may gather.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Tokens per second.
    pub per_second: f64,
    /// The most tokens that gather.
    pub burst: u32,
}

/// The rate limits of one account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Route 53 requests.
    ///
    /// Rule: an account has 50 requests and gains 10 a second, shared with every other tool and
    /// the console. <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/throttling-api-requests.html>
    pub route53_requests: Rate,
    /// Route 53 record changes (same rule; the number is not published).
    pub route53_changes: Rate,
    /// S3 configuration requests; S3 publishes no number.
    pub s3_requests: Rate,
    /// EKS and Auto Scaling requests; neither publishes a number for all calls.
    pub other_requests: Rate,
}

impl Default for Rates {
    /// Returns a polite share: four fifths of the burst, half of the refill.
    fn default() -> Self {
        Self {
            route53_requests: Rate {
                per_second: 5.0,
                burst: 40,
            },
            route53_changes: Rate {
                per_second: 100.0,
                burst: 1000,
            },
            s3_requests: Rate {
                per_second: 100.0,
                burst: 400,
            },
            other_requests: Rate {
                per_second: 5.0,
                burst: 50,
            },
        }
    }
}

/// How to reach the AWS account and region of a site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AwsSettings {
    /// The twelve digits of the account; the identity of the credentials must match.
    pub account: String,
    /// The region of the site.
    pub region: String,
    /// The profile of the usual AWS configuration files.
    pub profile: Option<String>,
    /// The role that readers assume.
    pub read_role: Option<String>,
    /// The role that writers assume.
    pub write_role: Option<String>,
    /// Endpoints by service (`route53`, `s3`, `sts`), over the `AWS_ENDPOINT_URL*` variables.
    pub endpoints: BTreeMap<String, String>,
    /// Whether bucket names stand in the path and not in the host name.
    pub path_style: bool,
    /// Made-up credentials, for the sandbox.
    pub made_up_key: Option<String>,
    /// The rate limits.
    pub rates: Rates,
}

/// What the process gives: a way to send, to sleep, and to know the time.
#[derive(Clone, Debug)]
pub struct Platform {
    /// Sends HTTP requests.
    pub http: SharedHttpClient,
    /// Sleeps.
    pub sleep: SharedAsyncSleep,
    /// Tells the time.
    pub time: SharedTimeSource,
    /// Carries requests to clusters and data services; none for the real network.
    pub line: Option<Arc<dyn Line>>,
}

impl Platform {
    /// Returns the real network and the real clock.
    #[must_use]
    pub fn real() -> Self {
        // One crate of cryptography for every client; whoever was first has chosen the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            http: SharedHttpClient::new(ByScheme::new()),
            sleep: SharedAsyncSleep::new(TokioSleep::new()),
            time: SharedTimeSource::new(SystemTimeSource::new()),
            line: None,
        }
    }
}
