//! Which zone is meant: by id, or by a name that must be unambiguous.

use aws_sdk_route53::types::HostedZone;

use crate::cloud::{AwsReader, CloudError};
use crate::kinds::route53::names;
use crate::kinds::{KindError, Memo};
use crate::model::Map;

/// How a declaration names a zone; kept as one text in identities, so that it stays small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::kinds) enum ZoneRef {
    /// By its id.
    Id(String),
    /// The only zone of this name, public or private.
    Any(String),
    /// The public zone of this name.
    Public(String),
    /// The private zone of this name, of this VPC if one is given.
    Private(String, Option<String>),
}

impl ZoneRef {
    /// Reads the settings of a `[[route53_zone]]` entry.
    pub(in crate::kinds) fn of_entry(entry: &Map) -> Self {
        let name = || entry.text("name").unwrap_or_default().to_owned();
        match (entry.text("id"), entry.bool("private")) {
            (Some(id), _) => Self::Id(id.to_owned()),
            (None, Some(true)) => Self::Private(name(), entry.text("vpc").map(str::to_owned)),
            _ => Self::Public(name()),
        }
    }

    /// Returns the one-text form.
    pub(in crate::kinds) fn to_text(&self) -> String {
        match self {
            Self::Id(id) => ["id:", id].concat(),
            Self::Any(name) => ["any:", name].concat(),
            Self::Public(name) => ["public:", name].concat(),
            Self::Private(name, None) => ["private:", name].concat(),
            Self::Private(name, Some(vpc)) => ["private:", name, ":", vpc].concat(),
        }
    }

    /// Reads the one-text form.
    pub(in crate::kinds) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        match (parts.next()?, parts.next()?, parts.next()) {
            ("id", id, None) => Some(Self::Id(id.to_owned())),
            ("any", name, None) => Some(Self::Any(name.to_owned())),
            ("public", name, None) => Some(Self::Public(name.to_owned())),
            ("private", name, vpc) => Some(Self::Private(name.to_owned(), vpc.map(str::to_owned))),
            _ => None,
        }
    }

    /// Returns the id of the zone, or none if there is no such zone.
    pub(in crate::kinds) async fn resolve(
        &self,
        reader: &AwsReader,
        memo: &Memo,
    ) -> Result<Option<String>, KindError> {
        match self {
            Self::Id(id) => Ok(Some(id.clone())),
            Self::Any(name) => one_of(name, zones_named(reader, memo, name).await?.iter()),
            Self::Public(name) => one_of(
                name,
                zones_named(reader, memo, name)
                    .await?
                    .iter()
                    .filter(|zone| !is_private(zone)),
            ),
            Self::Private(name, vpc) => {
                let zones = zones_named(reader, memo, name).await?;
                let private: Vec<&HostedZone> =
                    zones.iter().filter(|zone| is_private(zone)).collect();
                let Some(vpc) = vpc.as_deref().filter(|_| private.len() > 1) else {
                    return one_of(name, private.into_iter());
                };
                let mut of_vpc = Vec::new();
                for zone in private {
                    let id = bare_id(zone.id());
                    let vpcs = zone_vpcs(reader, memo, &id).await?;
                    if vpcs.iter().any(|(own, _)| own == vpc) {
                        of_vpc.push(zone);
                    }
                }
                one_of(name, of_vpc.into_iter())
            }
        }
    }
}

/// Returns an id without the `/hostedzone/` or `/change/` that answers carry.
pub(in crate::kinds) fn bare_id(id: &str) -> String {
    id.rsplit('/').next().unwrap_or(id).to_owned()
}

fn is_private(zone: &HostedZone) -> bool {
    zone.config()
        .is_some_and(aws_sdk_route53::types::HostedZoneConfig::private_zone)
}

fn one_of<'a>(
    name: &str,
    zones: impl Iterator<Item = &'a HostedZone>,
) -> Result<Option<String>, KindError> {
    let ids: Vec<String> = zones.map(|zone| bare_id(zone.id())).collect();
    match ids.as_slice() {
        [] => Ok(None),
        [id] => Ok(Some(id.clone())),
        many => Err(KindError::Ambiguous(format!(
            "{} zones are named {name} ({}); say which by `id`, or by `private` and `vpc`",
            many.len(),
            many.join(", ")
        ))),
    }
}

/// Returns the zones of exactly this name.
///
/// Rule: the list is ordered by reversed labels and begins at the name asked for.
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html>
async fn zones_named(
    reader: &AwsReader,
    memo: &Memo,
    name: &str,
) -> Result<std::sync::Arc<Vec<HostedZone>>, KindError> {
    let key = format!("route53/zones-named/{}/{name}", reader.account());
    memo.once(key, async {
        let wire = names::to_wire(name);
        let mut zones = Vec::new();
        let (mut next_name, mut next_id) = (Some(wire.clone()), None);
        loop {
            let answer = reader
                .route53()
                .list_hosted_zones_by_name()
                .set_dns_name(next_name)
                .set_hosted_zone_id(next_id)
                .max_items(100)
                .send()
                .await
                .map_err(|error| {
                    KindError::Cloud(CloudError::of("ListHostedZonesByName", &error))
                })?;
            let here = answer
                .hosted_zones()
                .iter()
                .filter(|zone| names::from_wire(zone.name()) == name);
            let before = zones.len();
            zones.extend(here.cloned());
            let page_ends_with_name = zones.len() - before == answer.hosted_zones().len();
            if !answer.is_truncated() || !page_ends_with_name {
                return Ok(zones);
            }
            (next_name, next_id) = (
                answer.next_dns_name().map(str::to_owned),
                answer.next_hosted_zone_id().map(str::to_owned),
            );
        }
    })
    .await
}

/// Returns the VPCs of a zone, each with its region.
pub(in crate::kinds) async fn zone_vpcs(
    reader: &AwsReader,
    memo: &Memo,
    id: &str,
) -> Result<Vec<(String, String)>, KindError> {
    let zone = get_zone(reader, memo, id).await?;
    Ok(zone
        .as_ref()
        .as_ref()
        .map(|zone| {
            zone.vpcs()
                .iter()
                .map(|vpc| {
                    let region = vpc.vpc_region().map_or("", |region| region.as_str());
                    (
                        vpc.vpc_id().unwrap_or_default().to_owned(),
                        region.to_owned(),
                    )
                })
                .collect()
        })
        .unwrap_or_default())
}

/// Returns everything about a zone, or none if there is no such zone.
pub(in crate::kinds) async fn get_zone(
    reader: &AwsReader,
    memo: &Memo,
    id: &str,
) -> Result<
    std::sync::Arc<Option<aws_sdk_route53::operation::get_hosted_zone::GetHostedZoneOutput>>,
    KindError,
> {
    memo.once(format!("route53/zone/{}/{id}", reader.account()), async {
        match reader.route53().get_hosted_zone().id(id).send().await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) => match CloudError::of("GetHostedZone", &error) {
                error if error.is("NoSuchHostedZone") => Ok(None),
                error => Err(KindError::Cloud(error)),
            },
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_round_trips_as_text() {
        for zone in [
            ZoneRef::Id("Z1".into()),
            ZoneRef::Any("example.com".into()),
            ZoneRef::Public("example.com".into()),
            ZoneRef::Private("example.com".into(), None),
            ZoneRef::Private("example.com".into(), Some("vpc-1".into())),
        ] {
            assert_eq!(ZoneRef::parse(&zone.to_text()), Some(zone));
        }
    }
}
