//! The way to an EKS cluster with AWS credentials alone: its address and a token.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_types::base64;
use aws_smithy_types::retry::RetryConfig;
use jiff::{SignedDuration, Timestamp};

use super::connection::AwsSettings;
use super::error::{CloudError, chain};
use super::reader::{Access, READ_ATTEMPTS, Shared};
use crate::model::GapCode;

/// How long the signed request behind a token is valid, in seconds.
const SIGNED_FOR: Duration = Duration::from_mins(1);
/// How long the cluster takes a token after it was made: 15 minutes, less a minute.
///
/// Rule: <https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster>
const TAKEN_FOR: SignedDuration = SignedDuration::from_mins(14);

/// What is needed to speak to an EKS cluster.
pub(super) struct EksAccess {
    /// The address of the API server.
    pub(super) endpoint: String,
    /// The certificates that sign it, in DER.
    pub(super) certificates: Vec<Vec<u8>>,
    /// The token.
    pub(super) token: String,
    /// When the token ends.
    pub(super) ends: Timestamp,
}

/// Finds a cluster by name and makes a token for it.
pub(super) async fn access(
    shared: &Shared,
    cluster: &str,
    settings: &AwsSettings,
    role: Access,
) -> Result<EksAccess, CloudError> {
    let config = shared.aws_config(settings, role).await;
    let retry = RetryConfig::standard().with_max_attempts(READ_ATTEMPTS);
    let answer = shared
        .eks(settings, &config, retry)
        .describe_cluster()
        .name(cluster)
        .send()
        .await
        .map_err(|error| CloudError::of("DescribeCluster", &error))?;
    let found = answer.cluster();
    let (Some(endpoint), Some(data)) = (
        found.and_then(|found| found.endpoint()),
        found
            .and_then(|found| found.certificate_authority())
            .and_then(|authority| authority.data()),
    ) else {
        return Err(CloudError::local(
            GapCode::Service,
            format!("the EKS cluster {cluster} has no endpoint yet; wait until it is ACTIVE"),
        ));
    };
    let credentials = config.credentials_provider().ok_or_else(|| {
        CloudError::local(
            GapCode::Credentials,
            format!("there are no AWS credentials for the EKS cluster {cluster}"),
        )
    })?;
    let credentials = credentials.provide_credentials().await.map_err(|error| {
        CloudError::local(
            GapCode::Credentials,
            format!("the EKS cluster {cluster}: {}", chain(&error)),
        )
    })?;
    let now = shared.now();
    let token = token(cluster, &settings.region, credentials, shared.system_time())
        .map_err(|error| CloudError::local(GapCode::Credentials, error))?;
    Ok(EksAccess {
        endpoint: endpoint.to_owned(),
        certificates: certificates(data),
        token,
        ends: now.saturating_add(TAKEN_FOR).unwrap_or(now),
    })
}

/// Makes a token: a signed request for the caller's identity that names the cluster.
fn token(
    cluster: &str,
    region: &str,
    credentials: aws_credential_types::Credentials,
    now: SystemTime,
) -> Result<String, String> {
    let text = |error: &dyn std::error::Error| error.to_string();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(SIGNED_FOR);
    let identity = credentials.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sts")
        .time(now)
        .settings(settings)
        .build()
        .map_err(|error| text(&error))?
        .into();
    let url =
        format!("https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15");
    let request = SignableRequest::new(
        "GET",
        &url,
        [("x-k8s-aws-id", cluster)].into_iter(),
        SignableBody::Bytes(&[]),
    )
    .map_err(|error| text(&error))?;
    let (instructions, _) = sign(request, &params)
        .map_err(|error| text(&error))?
        .into_parts();
    let mut signed = http::Request::builder()
        .uri(&url)
        .body(())
        .map_err(|error| text(&error))?;
    instructions.apply_to_request_http1x(&mut signed);
    let encoded = base64::encode(signed.uri().to_string());
    let url_safe = encoded.replace('+', "-").replace('/', "_");
    Ok(format!("k8s-aws-v1.{}", url_safe.trim_end_matches('=')))
}

/// Returns the certificates of a text of PEM blocks in base64.
fn certificates(data: &str) -> Vec<Vec<u8>> {
    let pem = base64::decode(data).unwrap_or_default();
    x509_parser::pem::Pem::iter_from_buffer(&pem)
        .filter_map(Result::ok)
        .map(|block| block.contents)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_signed_request_that_names_the_cluster() {
        let keys = aws_credential_types::Credentials::from_keys("AKIAEXAMPLE", "made-up", None);
        let token = token("prod-a", "eu-central-1", keys, SystemTime::UNIX_EPOCH).unwrap();
        let body = token.strip_prefix("k8s-aws-v1.").unwrap();
        assert!(!body.contains(['+', '/', '=']), "{body}");
        let padded = format!("{}{}", body, "=".repeat((4 - body.len() % 4) % 4));
        let url = base64::decode(padded.replace('-', "+").replace('_', "/")).unwrap();
        let url = String::from_utf8(url).unwrap();
        assert!(
            url.starts_with("https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity")
        );
        assert!(url.contains("X-Amz-Expires=60"), "{url}");
        assert!(
            url.contains("X-Amz-SignedHeaders=host%3Bx-k8s-aws-id"),
            "{url}"
        );
        assert!(!url.contains("made-up"));
    }
}
