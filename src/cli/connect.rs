//! What Git declares of connections, turned into what `cloud` needs.

use std::collections::BTreeMap;

use crate::cloud::{AwsSettings, Platform, Rate, Rates, Readers};
use crate::desired::{Aws, Desired, Limits};
use crate::model::GLOBAL;

/// Returns the readers of all connections of an environment; of none, none.
///
/// With the endpoint of a sandbox every connection goes there, with made-up credentials: an access
/// key of twelve digits is the account.
pub(crate) fn readers(desired: Option<&Desired>, sandbox: Option<&str>) -> Readers {
    let of = |desired: &Desired| {
        let names = desired.sites().keys().map(String::as_str).chain([GLOBAL]);
        names
            .filter_map(|name| {
                let aws = desired.aws(name)?;
                Some((name.to_owned(), settings(aws, desired.limits(), sandbox)))
            })
            .collect()
    };
    Readers::new(Platform::real(), desired.map(of).unwrap_or_default())
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
            endpoints: ["route53", "s3", "sts"]
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
    let with = |rate: Rate, per_second: Option<f64>, burst: Option<u32>| Rate {
        per_second: per_second
            .filter(|per_second| *per_second > 0.0)
            .unwrap_or(rate.per_second),
        burst: burst.filter(|burst| *burst > 0).unwrap_or(rate.burst),
    };
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
    }
}
