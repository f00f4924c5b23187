//! What Git declares of connections, turned into what `cloud` needs.

use std::collections::BTreeMap;
use std::path::Path;

use crate::cloud::kubernetes::{ClusterAccess, ClusterSettings};
use crate::cloud::service::{ServiceSettings, ServiceUser};
use crate::cloud::{AwsSettings, Platform, Rate, Rates, Readers, Secret, Settings};
use crate::desired::{Aws, Cluster, Desired, Limits, Service, User};
use crate::model::{GLOBAL, cluster_connection, service_connection};

/// What the command line says of connections.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Where<'a> {
    /// The address of a sandbox.
    pub(crate) sandbox: Option<&'a str>,
    /// The kubeconfig.
    pub(crate) kubeconfig: Option<&'a Path>,
}

/// Returns the readers of all connections of an environment; of none, none.
///
/// With the address of a sandbox every connection goes there, with made-up credentials: an access
/// key of twelve digits is the account, and a cluster lies at `/clusters/<site>/<cluster>`.
pub(crate) fn readers(desired: Option<&Desired>, at: Where<'_>) -> Readers {
    Readers::new(
        Platform::real(),
        desired.map(|desired| all(desired, at)).unwrap_or_default(),
    )
}

fn all(desired: &Desired, at: Where<'_>) -> BTreeMap<String, Settings> {
    let limits = desired.limits();
    let mut all = BTreeMap::new();
    for name in desired.sites().keys().map(String::as_str).chain([GLOBAL]) {
        if let Some(aws) = desired.aws(name) {
            let own = settings(aws, limits, at.sandbox);
            all.insert(name.to_owned(), Settings::Account(own));
        }
    }
    for (site, declared) in desired.sites() {
        for (name, cluster) in &declared.clusters {
            let access = match at.sandbox {
                Some(url) => ClusterAccess::Fixed {
                    url: format!("{url}/clusters/{site}/{name}"),
                    token: Secret::new("made-up"),
                },
                None => access(cluster, declared.aws.as_ref(), limits, at.kubeconfig),
            };
            let mut own = ClusterSettings::new(access);
            own.requests = with(own.requests, limits.kubernetes_requests_per_second, None);
            all.insert(cluster_connection(site, name), Settings::Cluster(own));
        }
        for (name, service) in &declared.services {
            let mut own = match at.sandbox {
                Some(url) => ServiceSettings::new(vec![format!("{url}/services/{site}/{name}")]),
                None => asked(service),
            };
            own.requests = with(own.requests, limits.service_requests_per_second, None);
            all.insert(service_connection(site, name), Settings::Service(own));
        }
    }
    all
}

fn access(
    cluster: &Cluster,
    aws: Option<&Aws>,
    limits: &Limits,
    kubeconfig: Option<&Path>,
) -> ClusterAccess {
    match cluster {
        Cluster::Context(name) => ClusterAccess::Context {
            name: name.clone(),
            kubeconfig: kubeconfig.map(Path::to_owned),
        },
        Cluster::Eks(name) => ClusterAccess::Eks {
            name: name.clone(),
            aws: Box::new(aws.map_or_else(AwsSettings::default, |aws| settings(aws, limits, None))),
        },
        Cluster::InCluster => ClusterAccess::InCluster,
    }
}

fn asked(service: &Service) -> ServiceSettings {
    ServiceSettings {
        user: service.user.clone().map(|user| match user {
            User::Named(name) => ServiceUser::Named(name),
            User::Kept(reference) => ServiceUser::Kept(reference),
        }),
        password: service.password.clone(),
        token: service.token.clone(),
        ca: service.ca.clone(),
        certificate: service.certificate.clone(),
        key: service.key.clone(),
        ..ServiceSettings::new(service.urls.clone())
    }
}

/// Returns the account of each connection.
pub(crate) fn accounts(desired: &Desired) -> BTreeMap<String, String> {
    let names = desired.sites().keys().map(String::as_str).chain([GLOBAL]);
    names
        .filter_map(|name| Some((name.to_owned(), desired.aws(name)?.account.clone())))
        .collect()
}

fn settings(aws: &Aws, limits: &Limits, sandbox: Option<&str>) -> AwsSettings {
    let common = AwsSettings {
        account: aws.account.clone(),
        region: aws.region.clone(),
        rates: rates(limits),
        ..AwsSettings::default()
    };
    match sandbox {
        Some(endpoint) => AwsSettings {
            endpoints: ["autoscaling", "eks", "route53", "s3", "sts"]
                .map(|service| (service.to_owned(), endpoint.to_owned()))
                .into(),
            path_style: true,
            made_up_key: Some(aws.account.clone()),
            ..common
        },
        None => AwsSettings {
            profile: aws.profile.clone(),
            read_role: aws.read_role.clone(),
            write_role: aws.write_role.clone(),
            endpoints: aws.endpoints.clone(),
            path_style: aws.path_style,
            ..common
        },
    }
}

fn rates(limits: &Limits) -> Rates {
    let usual = Rates::default();
    Rates {
        route53_requests: with(
            usual.route53_requests,
            limits.route53_requests_per_second,
            limits.route53_burst,
        ),
        route53_changes: with(
            usual.route53_changes,
            limits.route53_changes_per_second,
            None,
        ),
        s3_requests: with(usual.s3_requests, limits.s3_requests_per_second, None),
        other_requests: usual.other_requests,
    }
}

fn with(rate: Rate, per_second: Option<f64>, burst: Option<u32>) -> Rate {
    Rate {
        per_second: per_second
            .filter(|per_second| *per_second > 0.0)
            .unwrap_or(rate.per_second),
        burst: burst.filter(|burst| *burst > 0).unwrap_or(rate.burst),
    }
}
