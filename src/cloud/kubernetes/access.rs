//! The ways to a cluster: a kubeconfig context, an EKS cluster, the pod's own, a sandbox.
//!
//! A kubeconfig comes from the usual places or from the command line, never from what Git holds:
//! its credential plugins are programs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use jiff::{SignedDuration, Timestamp};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::sync::Mutex;

use super::channel::Channel;
use super::exec;
use super::reader::ClusterReader;
use super::writer::ClusterWriter;
use crate::cloud::connection::{AwsSettings, Rate};
use crate::cloud::eks;
use crate::cloud::error::{CloudError, chain};
use crate::cloud::line::{ANSWER_TIMEOUT, CONNECT_TIMEOUT, Line, LineError};
use crate::cloud::reader::{Access, Shared};
use crate::cloud::secret::Secret;
use crate::model::GapCode;

/// How long before its end a credential is renewed.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// How a cluster is reached.
#[derive(Clone, Debug, PartialEq)]
pub enum ClusterAccess {
    /// By a context of a kubeconfig.
    Context {
        /// The name of the context.
        name: String,
        /// The kubeconfig that the command line names; none for the usual places.
        kubeconfig: Option<PathBuf>,
    },
    /// By the name of an EKS cluster, with the credentials of an account.
    Eks {
        /// The name.
        name: String,
        /// The account and region.
        aws: Box<AwsSettings>,
    },
    /// By the service account of the pod that drsync runs in.
    InCluster,
    /// At an address, with a token: a sandbox.
    Fixed {
        /// The address that paths are below.
        url: String,
        /// The token.
        token: Secret,
    },
}

/// A cluster and how fast it may be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterSettings {
    /// The way.
    pub access: ClusterAccess,
    /// Requests.
    pub requests: Rate,
}

impl ClusterSettings {
    /// Returns the settings of a way, at the rate that kubectl allows itself.
    #[must_use]
    pub const fn new(access: ClusterAccess) -> Self {
        Self {
            access,
            requests: Rate {
                per_second: 50.0,
                burst: 300,
            },
        }
    }
}

/// Opens a cluster for reading.
pub(in crate::cloud) async fn reader(
    shared: &Arc<Shared>,
    connection: &str,
    settings: &ClusterSettings,
) -> Result<ClusterReader, CloudError> {
    let channel = channel(shared, connection, settings, Access::Read).await?;
    Ok(ClusterReader(channel))
}

/// Opens a cluster for writing.
pub(in crate::cloud) async fn writer(
    shared: &Arc<Shared>,
    connection: &str,
    settings: &ClusterSettings,
) -> Result<ClusterWriter, CloudError> {
    let channel = channel(shared, connection, settings, Access::Write).await?;
    Ok(ClusterWriter::new(channel))
}

async fn channel(
    shared: &Arc<Shared>,
    connection: &str,
    settings: &ClusterSettings,
    access: Access,
) -> Result<Channel, CloudError> {
    let limiter = shared.limiter(connection, "kubernetes", settings.requests);
    let name = match &settings.access {
        ClusterAccess::Context { name, .. } | ClusterAccess::Eks { name, .. } => name.clone(),
        ClusterAccess::InCluster => "this cluster".to_owned(),
        ClusterAccess::Fixed { .. } => connection.rsplit('/').next().unwrap_or_default().to_owned(),
    };
    let played = shared.played();
    let (line, base, token): (Arc<dyn Line>, _, _) = match (&settings.access, played) {
        (ClusterAccess::Fixed { url, token }, Some(line)) => {
            let bearer = HeaderValue::try_from(format!("Bearer {}", token.expose())).ok();
            (line, url.clone(), bearer)
        }
        _ => (
            shared
                .kube_line(connection, &settings.access, access)
                .await?,
            String::new(),
            None,
        ),
    };
    Ok(Channel {
        shared: Arc::clone(shared),
        line,
        limiter,
        base,
        name,
        token,
    })
}

/// A client of a cluster, made anew when its credential ends.
pub(in crate::cloud) struct KubeLine {
    access: ClusterAccess,
    role: Access,
    shared: std::sync::Weak<Shared>,
    client: Mutex<(Client, Option<Timestamp>)>,
}

impl std::fmt::Debug for KubeLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KubeLine")
    }
}

impl KubeLine {
    /// Opens a cluster: reads the kubeconfig, runs its plugin, asks EKS; the cluster itself is not
    /// asked yet.
    pub(in crate::cloud) async fn open(
        shared: &Arc<Shared>,
        access: &ClusterAccess,
        role: Access,
    ) -> Result<Self, CloudError> {
        let client = client(shared, access, role).await?;
        Ok(Self {
            access: access.clone(),
            role,
            shared: Arc::downgrade(shared),
            client: Mutex::new(client),
        })
    }

    async fn current(&self) -> Result<Client, CloudError> {
        let mut own = self.client.lock().await;
        let Some(shared) = self.shared.upgrade() else {
            return Ok(own.0.clone());
        };
        let ends = own.1.and_then(|end| end.checked_sub(MARGIN).ok());
        if ends.is_some_and(|ends| ends <= shared.now()) {
            *own = client(&shared, &self.access, self.role).await?;
        }
        Ok(own.0.clone())
    }
}

#[async_trait]
impl Line for KubeLine {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, LineError> {
        let client = self.current().await.map_err(|error| LineError {
            code: error.code,
            message: error.message,
            maybe_sent: false,
        })?;
        let request = request.map(kube::client::Body::from);
        let answer = client
            .send(request)
            .await
            .map_err(|error| of_kube(&error))?;
        let (head, body) = answer.into_parts();
        // The head came, so the server has the request.
        let body = body.collect_bytes().await.map_err(|error| LineError {
            message: format!("the answer broke off: {}", chain(&error)),
            ..LineError::late()
        })?;
        Ok(Response::from_parts(head, body))
    }
}

fn of_kube(error: &kube::Error) -> LineError {
    match error {
        kube::Error::Auth(_) => LineError {
            code: GapCode::Credentials,
            message: chain(error),
            maybe_sent: false,
        },
        error => LineError::of(error),
    }
}

async fn client(
    shared: &Arc<Shared>,
    access: &ClusterAccess,
    role: Access,
) -> Result<(Client, Option<Timestamp>), CloudError> {
    let (mut config, ends) = config(shared, access, role).await?;
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    config.read_timeout = Some(ANSWER_TIMEOUT);
    config.write_timeout = Some(Duration::from_secs(30));
    // Each attempt is counted and paced here, so none is repeated below.
    config.default_retry = false;
    let client = Client::try_from(config).map_err(|error| {
        CloudError::local(
            GapCode::Credentials,
            format!("the cluster cannot be opened: {}", chain(&error)),
        )
    })?;
    Ok((client, ends))
}

async fn config(
    shared: &Arc<Shared>,
    access: &ClusterAccess,
    role: Access,
) -> Result<(Config, Option<Timestamp>), CloudError> {
    let wrong = |text: String| CloudError::local(GapCode::Credentials, text);
    match access {
        ClusterAccess::Context { name, kubeconfig } => context(name, kubeconfig.as_ref()).await,
        ClusterAccess::Eks { name, aws } => {
            let eks = eks::access(shared, name, aws, role).await?;
            let mut config = Config::new(uri(&eks.endpoint)?);
            config.root_cert = Some(eks.certificates);
            config.auth_info.token = Some(eks.token.into());
            Ok((config, Some(eks.ends)))
        }
        ClusterAccess::InCluster => {
            let config = Config::incluster().map_err(|error| {
                wrong(format!(
                    "there is no service account here: {}; `in_cluster` works inside of a pod",
                    chain(&error)
                ))
            })?;
            Ok((config, None))
        }
        ClusterAccess::Fixed { url, token } => {
            let mut config = Config::new(uri(url)?);
            config.auth_info.token = Some(token.expose().to_owned().into());
            Ok((config, None))
        }
    }
}

async fn context(
    name: &str,
    path: Option<&PathBuf>,
) -> Result<(Config, Option<Timestamp>), CloudError> {
    let wrong = |text: String| CloudError::local(GapCode::Credentials, text);
    let read = match path {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    let mut kubeconfig = read.map_err(|error| {
        wrong(format!(
            "no kubeconfig can be read: {}; set KUBECONFIG or --kubeconfig",
            chain(&error)
        ))
    })?;
    let found = kubeconfig.contexts.iter().find(|one| one.name == name);
    let Some(found) = found.and_then(|one| one.context.clone()) else {
        let mut known: Vec<&str> = kubeconfig
            .contexts
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        known.sort_unstable();
        return Err(wrong(format!(
            "the kubeconfig has no context `{name}`; it has: {}",
            known.join(", ")
        )));
    };
    let clusters = &kubeconfig.clusters;
    let cluster = clusters.iter().find(|one| one.name == found.cluster);
    let cluster = cluster.and_then(|one| one.cluster.clone());
    let users = &mut kubeconfig.auth_infos;
    let user = users
        .iter_mut()
        .find(|one| Some(&one.name) == found.user.as_ref());
    let ends = match user.and_then(|one| one.auth_info.as_mut()) {
        Some(user) => exec::run(user, cluster.as_ref(), exec::TIMEOUT).await?,
        None => None,
    };
    let options = KubeConfigOptions {
        context: Some(name.to_owned()),
        ..KubeConfigOptions::default()
    };
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
    let config = config.map_err(|error| {
        let error = chain(&error);
        wrong(format!("the context `{name}` of the kubeconfig: {error}"))
    })?;
    Ok((config, ends))
}

fn uri(text: &str) -> Result<http::Uri, CloudError> {
    text.parse().map_err(|error| {
        let text = format!("{text} is not the address of a cluster: {error}");
        CloudError::local(GapCode::Credentials, text)
    })
}
