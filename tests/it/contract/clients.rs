//! The second client: the SDK without drsync, as somebody at a console.

use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecordSet};
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration,
    VersioningConfiguration,
};

use crate::support::room::Room;

/// Clients for all services, and the name of the case.
pub(super) struct Clients {
    pub(super) name: String,
    pub(super) dns: aws_sdk_route53::Client,
    frankfurt: aws_sdk_s3::Client,
    ireland: aws_sdk_s3::Client,
}

/// Turns any error into its text.
pub(super) fn text(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

impl Clients {
    pub(super) fn new(room: &Room, name: &str) -> Self {
        let s3 = |region: &str| {
            let config = aws_sdk_s3::config::Builder::from(&room.sdk(region));
            aws_sdk_s3::Client::from_conf(config.force_path_style(true).build())
        };
        Self {
            name: name.to_owned(),
            dns: aws_sdk_route53::Client::new(&room.sdk("us-east-1")),
            frankfurt: s3("eu-central-1"),
            ireland: s3("eu-west-1"),
        }
    }

    /// Makes the zone of the case.
    pub(super) async fn zone(&self) -> Result<(), String> {
        self.dns
            .create_hosted_zone()
            .name(format!("{}.example.", self.name))
            .caller_reference(&self.name)
            .send()
            .await
            .map(drop)
            .map_err(text)
    }

    async fn zone_id(&self) -> Result<String, String> {
        let answer = self
            .dns
            .list_hosted_zones_by_name()
            .dns_name(format!("{}.example.", self.name))
            .send()
            .await
            .map_err(text)?;
        Ok(answer.hosted_zones()[0].id().to_owned())
    }

    /// Changes the first set whose name begins like this.
    pub(super) async fn replace(
        &self,
        name: &str,
        change: impl Fn(&mut ResourceRecordSet),
    ) -> Result<(), String> {
        self.replace_type(name, "", change).await
    }

    async fn replace_type(
        &self,
        name: &str,
        kind: &str,
        change: impl Fn(&mut ResourceRecordSet),
    ) -> Result<(), String> {
        let id = self.zone_id().await?;
        let answer = self
            .dns
            .list_resource_record_sets()
            .hosted_zone_id(&id)
            .send()
            .await
            .map_err(text)?;
        let mut set = answer
            .resource_record_sets()
            .iter()
            .find(|set| set.name().starts_with(name) && set.r#type().as_str().starts_with(kind))
            .cloned()
            .ok_or_else(|| format!("no record begins with {name}"))?;
        let before = set.clone();
        change(&mut set);
        let wire = |action, set: &ResourceRecordSet| {
            let change = Change::builder().action(action);
            change.resource_record_set(set.clone()).build()
        };
        // Not one UPSERT: moto keeps both sets after it, and then nothing else could be seen.
        let batch = ChangeBatch::builder()
            .changes(wire(ChangeAction::Delete, &before).map_err(text)?)
            .changes(wire(ChangeAction::Create, &set).map_err(text)?)
            .build()
            .map_err(text)?;
        self.dns
            .change_resource_record_sets()
            .hosted_zone_id(id)
            .change_batch(batch)
            .send()
            .await
            .map(drop)
            .map_err(text)
    }

    /// Changes the lifetime of an A record whose name begins with one of these.
    pub(super) async fn replace_any(&self, starts: &[&str]) -> Result<(), String> {
        let mut result = Err("no name to look for".to_owned());
        for start in starts {
            result = self
                .replace_type(start, "A", |set| set.ttl = set.ttl.map(|ttl| ttl + 7))
                .await;
            if result.is_ok() {
                break;
            }
        }
        result
    }

    /// Changes the comment of the zone.
    pub(super) async fn comment(&self, comment: &str) -> Result<(), String> {
        let id = self.zone_id().await?;
        let call = self.dns.update_hosted_zone_comment().id(id);
        call.comment(comment).send().await.map(drop).map_err(text)
    }

    /// The id of the health check of the case.
    pub(super) async fn check_id(&self, name: &str) -> Result<String, String> {
        let answer = self.dns.list_health_checks().send().await.map_err(text)?;
        let start = format!("drsync:proof:{name}:");
        answer
            .health_checks()
            .iter()
            .find(|check| check.caller_reference().starts_with(&start))
            .map(|check| check.id().to_owned())
            .ok_or_else(|| format!("no health check was made for {name}"))
    }

    /// S3 at the site of the source.
    pub(super) const fn s3(&self) -> &aws_sdk_s3::Client {
        &self.frankfurt
    }

    /// The bucket of the case.
    pub(super) fn source(&self) -> String {
        format!("{}-source", self.name)
    }

    /// Makes the two buckets of the case, one for each site.
    pub(super) async fn buckets(&self) -> Result<(), String> {
        for (client, region, end) in [
            (&self.frankfurt, "eu-central-1", "source"),
            (&self.ireland, "eu-west-1", "target"),
        ] {
            let place = CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region))
                .build();
            client
                .create_bucket()
                .bucket(format!("{}-{end}", self.name))
                .create_bucket_configuration(place)
                .object_lock_enabled_for_bucket(false)
                .send()
                .await
                .map_err(text)?;
        }
        Ok(())
    }

    /// Makes the two buckets, both with versioning.
    pub(super) async fn versioned_buckets(&self) -> Result<(), String> {
        self.buckets().await?;
        for (client, end) in [(&self.frankfurt, "source"), (&self.ireland, "target")] {
            client
                .put_bucket_versioning()
                .bucket(format!("{}-{end}", self.name))
                .versioning_configuration(
                    VersioningConfiguration::builder()
                        .status(BucketVersioningStatus::Enabled)
                        .build(),
                )
                .send()
                .await
                .map_err(text)?;
        }
        Ok(())
    }
}
