//! Credential plugins of a kubeconfig: programs that print a token or a certificate.
//!
//! Our own and not the client library's, because a plugin that hangs must be ended.

use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use kube::config::{AuthInfo, Cluster, ExecConfig};
use serde_json::{Value as Json, json};
use tokio::process::Command;

use crate::cloud::error::CloudError;
use crate::model::GapCode;

/// How long a plugin may run: long enough for a slow login, short enough for a job.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// Runs the plugin of a user, if the user has one, and puts what it gave in its place. Returns
/// when that expires.
///
/// Rule: <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>
pub(super) async fn run(
    user: &mut AuthInfo,
    cluster: Option<&Cluster>,
    patience: Duration,
) -> Result<Option<Timestamp>, CloudError> {
    let Some(plugin) = user.exec.take() else {
        return Ok(None);
    };
    let name = plugin.command.clone().unwrap_or_default();
    let output = output(&plugin, cluster, &name, patience).await?;
    let answer: Json = serde_json::from_slice(&output)
        .map_err(|_| failed(&name, "it printed no ExecCredential as JSON"))?;
    let text = |key: &str| {
        let value = answer.pointer(&format!("/status/{key}"));
        value.and_then(Json::as_str).map(str::to_owned)
    };
    let (token, certificate, key) = (
        text("token"),
        text("clientCertificateData"),
        text("clientKeyData"),
    );
    if token.is_none() && (certificate.is_none() || key.is_none()) {
        return Err(failed(&name, "it gave neither a token nor a certificate"));
    }
    let encoded = |pem: String| aws_smithy_types::base64::encode(pem);
    user.token = token.map(Into::into);
    user.client_certificate_data = certificate.map(encoded);
    user.client_key_data = key.map(|key| encoded(key).into());
    Ok(text("expirationTimestamp").and_then(|moment| moment.parse().ok()))
}

async fn output(
    plugin: &ExecConfig,
    cluster: Option<&Cluster>,
    name: &str,
    patience: Duration,
) -> Result<Vec<u8>, CloudError> {
    let mut command = Command::new(name);
    command
        .args(plugin.args.iter().flatten())
        .env("KUBERNETES_EXEC_INFO", info(plugin, cluster).to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    for pair in plugin.env.iter().flatten() {
        if let (Some(name), Some(value)) = (pair.get("name"), pair.get("value")) {
            command.env(name, value);
        }
    }
    let child = command.spawn().map_err(|error| {
        let hint = plugin.install_hint.as_deref().unwrap_or_default();
        failed(name, &format!("it cannot be started: {error} {hint}"))
    })?;
    // The plugin ends with the future that waits for it.
    let ended = tokio::time::timeout(patience, child.wait_with_output()).await;
    let output = match ended {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(failed(name, &error.to_string())),
        Err(_) => {
            let seconds = patience.as_secs();
            let why = format!("it did not end within {seconds} s and was stopped");
            return Err(failed(name, &why));
        }
    };
    if output.status.success() {
        return Ok(output.stdout);
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    let why = format!("{}: {}", output.status, line.unwrap_or("it said nothing"));
    Err(failed(name, &why))
}

fn info(plugin: &ExecConfig, cluster: Option<&Cluster>) -> Json {
    let mut info = json!({
        "apiVersion": plugin.api_version,
        "kind": "ExecCredential",
        "spec": { "interactive": false },
    });
    if let Some(cluster) = cluster.filter(|_| plugin.provide_cluster_info) {
        info["spec"]["cluster"] = json!({
            "server": cluster.server,
            "tls-server-name": cluster.tls_server_name,
            "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
            "certificate-authority-data": cluster.certificate_authority_data,
        });
    }
    info
}

fn failed(name: &str, why: &str) -> CloudError {
    CloudError::local(
        GapCode::Credentials,
        format!(
            "the credential plugin `{name}` of the kubeconfig: {}",
            why.trim_end()
        ),
    )
}
