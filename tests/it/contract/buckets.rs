//! The parts of a bucket.

use aws_sdk_s3::types::{
    BucketVersioningStatus, DefaultRetention, LifecycleRule, ObjectLockConfiguration,
    ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule, ObjectOwnership, OwnershipControls,
    OwnershipControlsRule, PublicAccessBlockConfiguration, ReplicationRuleStatus,
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule, Tag, Tagging, VersioningConfiguration,
};

use super::body::{Again, Case, Meddle};
use super::clients::{Clients, text};
use super::dns::meddle;

/// The buckets of the case and nothing of them.
const BUCKETS: Meddle = meddle!(|clients| clients.buckets().await);
/// The buckets of the case, which keep versions.
const VERSIONED: Meddle = meddle!(|clients| clients.versioned_buckets().await);

/// What is left of a bucket whose object lock left Git, which needs versioning for ever.
const VERSIONED_SOURCE: &str = "[[bucket]]\nname = \"{case}-source\"\nsite = \"frankfurt\"\nadopt = true\nversioning = { status = \"enabled\" }\n";

macro_rules! part {
    ($name:literal, $kind:literal, $setup:expr, $again:expr, $drifts:expr, $declared:literal, $meddle:expr) => {
        Case {
            name: $name,
            kind: $kind,
            setup: $setup,
            declared: concat!(
                "[[bucket]]\nname = \"{case}-source\"\nsite = \"frankfurt\"\nadopt = true\nprune = true\n",
                $declared,
                "\n"
            ),
            id: "{case}-source",
            meddle: $meddle,
            drifts: $drifts,
            left: "",
            again: $again,
        }
    };
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        part!(
            "keep-versions",
            "bucket_versioning",
            BUCKETS,
            Again::Default,
            &["/status"],
            "versioning = { status = \"enabled\" }",
            meddle!(|clients| suspend(clients).await)
        ),
        part!(
            "tagged",
            "bucket_tags",
            BUCKETS,
            Again::Create,
            &["/owner"],
            "tags = { owner = \"us\", tier = \"gold\" }",
            meddle!(|clients| tag(clients).await)
        ),
        part!(
            "encrypted",
            "bucket_encryption",
            BUCKETS,
            Again::Default,
            &["/algorithm", "/bucket_key", "/kms_key"],
            "encryption = { algorithm = \"aws:kms\", kms_key = \"arn:aws:kms:eu-central-1:111111111111:key/1\", bucket_key = true }",
            meddle!(|clients| encrypt(clients).await)
        ),
        part!(
            "owned",
            "bucket_ownership",
            BUCKETS,
            Again::Create,
            &["/rule"],
            "ownership = { rule = \"BucketOwnerPreferred\" }",
            meddle!(|clients| own(clients).await)
        ),
        part!(
            "blocked",
            "bucket_public_access_block",
            BUCKETS,
            Again::Create,
            &["/block_public_acls"],
            "public_access_block = { restrict_public_buckets = false }",
            meddle!(|clients| open(clients).await)
        ),
        part!(
            "policed",
            "bucket_policy",
            BUCKETS,
            Again::Create,
            &["/document"],
            "policy = { document = '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":[\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::policed-source/*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}' }",
            meddle!(|clients| police(clients).await)
        ),
        Case {
            left: VERSIONED_SOURCE,
            ..part!(
                "locked",
                "bucket_object_lock",
                VERSIONED,
                Again::InSync,
                &["/days"],
                "versioning = { status = \"enabled\" }\nobject_lock = { mode = \"governance\", days = \"30d\" }",
                meddle!(|clients| lock(clients).await)
            )
        },
        part!(
            "kept-versions",
            "bucket_versioning",
            VERSIONED,
            Again::Default,
            &["/status"],
            "versioning = { status = \"enabled\" }",
            meddle!(|clients| suspend(clients).await)
        ),
        part!(
            "expiring-simply",
            "bucket_lifecycle",
            BUCKETS,
            Again::Create,
            &["/rules/[id=old]/expire_after"],
            "lifecycle = { rules = [{ id = \"old\", prefix = \"logs/\", expire_after = \"90d\" }] }",
            meddle!(|clients| expire(clients).await)
        ),
        part!(
            "replicated-simply",
            "bucket_replication",
            VERSIONED,
            Again::Create,
            &["/rules/[id=all]/status"],
            "versioning = { status = \"enabled\" }\nreplication = { role = \"arn:aws:iam::111111111111:role/copy\", rules = [{ id = \"all\", priority = 1, destination = { bucket = \"replicated-simply-target\" } }] }\n[[bucket]]\nname = \"{case}-target\"\nsite = \"ireland\"\nprune = true\nversioning = { status = \"enabled\" }",
            meddle!(|clients| stop_copying(clients).await)
        ),
        part!(
            "expiring",
            "bucket_lifecycle",
            BUCKETS,
            Again::Create,
            &["/rules/[id=old]/expire_after"],
            "lifecycle = { rules = [{ id = \"old\", prefix = \"logs/\", expire_after = \"90d\", noncurrent_expire_after = \"30d\", keep_noncurrent = 3, transitions = [{ storage_class = \"STANDARD_IA\", after = \"30d\" }] }, { id = \"uploads\", abort_uploads_after = \"7d\" }] }",
            meddle!(|clients| expire(clients).await)
        ),
        part!(
            "replicated",
            "bucket_replication",
            VERSIONED,
            Again::Create,
            &["/rules/[id=all]/status"],
            "versioning = { status = \"enabled\" }\nreplication = { role = \"arn:aws:iam::111111111111:role/copy\", rules = [{ id = \"all\", priority = 1, delete_markers = true, destination = { bucket = \"replicated-target\", storage_class = \"STANDARD_IA\" } }, { id = \"some\", priority = 2, prefix = \"x/\", tags = { a = \"b\" }, destination = { bucket = \"replicated-target\" } }] }\n[[bucket]]\nname = \"{case}-target\"\nsite = \"ireland\"\nprune = true\nversioning = { status = \"enabled\" }",
            meddle!(|clients| stop_copying(clients).await)
        ),
    ]
}

async fn suspend(clients: &Clients) -> Result<(), String> {
    let configuration = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Suspended)
        .build();
    let call = clients
        .s3()
        .put_bucket_versioning()
        .bucket(clients.source());
    call.versioning_configuration(configuration)
        .send()
        .await
        .map(drop)
        .map_err(text)
}

async fn tag(clients: &Clients) -> Result<(), String> {
    let tag = |key, value| Tag::builder().key(key).value(value).build();
    let tagging = Tagging::builder()
        .tag_set(tag("owner", "them").map_err(text)?)
        .tag_set(tag("tier", "gold").map_err(text)?)
        .build()
        .map_err(text)?;
    let call = clients.s3().put_bucket_tagging().bucket(clients.source());
    call.tagging(tagging).send().await.map(drop).map_err(text)
}

async fn encrypt(clients: &Clients) -> Result<(), String> {
    let default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::Aes256)
        .build()
        .map_err(text)?;
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default)
        .bucket_key_enabled(false)
        .build();
    let configuration = ServerSideEncryptionConfiguration::builder()
        .rules(rule)
        .build()
        .map_err(text)?;
    let call = clients
        .s3()
        .put_bucket_encryption()
        .bucket(clients.source());
    call.server_side_encryption_configuration(configuration)
        .send()
        .await
        .map(drop)
        .map_err(text)
}

async fn own(clients: &Clients) -> Result<(), String> {
    let rule = OwnershipControlsRule::builder()
        .object_ownership(ObjectOwnership::ObjectWriter)
        .build()
        .map_err(text)?;
    let controls = OwnershipControls::builder()
        .rules(rule)
        .build()
        .map_err(text)?;
    let call = clients.s3().put_bucket_ownership_controls();
    call.bucket(clients.source())
        .ownership_controls(controls)
        .send()
        .await
        .map(drop)
        .map_err(text)
}

async fn open(clients: &Clients) -> Result<(), String> {
    let blocks = PublicAccessBlockConfiguration::builder()
        .block_public_acls(false)
        .ignore_public_acls(true)
        .block_public_policy(true)
        .restrict_public_buckets(false)
        .build();
    let call = clients
        .s3()
        .put_public_access_block()
        .bucket(clients.source());
    call.public_access_block_configuration(blocks)
        .send()
        .await
        .map(drop)
        .map_err(text)
}

async fn police(clients: &Clients) -> Result<(), String> {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{}/*"}}]}}"#,
        clients.source()
    );
    let call = clients.s3().put_bucket_policy().bucket(clients.source());
    call.policy(policy).send().await.map(drop).map_err(text)
}

async fn lock(clients: &Clients) -> Result<(), String> {
    let retention = DefaultRetention::builder()
        .mode(ObjectLockRetentionMode::Governance)
        .days(1)
        .build();
    let configuration = ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .rule(
            ObjectLockRule::builder()
                .default_retention(retention)
                .build(),
        )
        .build();
    let call = clients.s3().put_object_lock_configuration();
    call.bucket(clients.source())
        .object_lock_configuration(configuration)
        .send()
        .await
        .map(drop)
        .map_err(text)
}

/// Makes objects under `logs/` live longer, and leaves the rest as it is.
async fn expire(clients: &Clients) -> Result<(), String> {
    let call = clients.s3().get_bucket_lifecycle_configuration();
    let answer = call.bucket(clients.source()).send().await.map_err(text)?;
    let rules: Vec<LifecycleRule> = answer
        .rules()
        .iter()
        .cloned()
        .map(|mut rule| {
            if rule.id() == Some("old")
                && let Some(expiration) = &mut rule.expiration
            {
                expiration.days = Some(3650);
            }
            rule
        })
        .collect();
    let configuration = aws_sdk_s3::types::BucketLifecycleConfiguration::builder()
        .set_rules(Some(rules))
        .build()
        .map_err(text)?;
    let call = clients.s3().put_bucket_lifecycle_configuration();
    call.bucket(clients.source())
        .lifecycle_configuration(configuration)
        .send()
        .await
        .map(drop)
        .map_err(text)
}

/// Switches the rule off that copies everything.
async fn stop_copying(clients: &Clients) -> Result<(), String> {
    let call = clients.s3().get_bucket_replication();
    let answer = call.bucket(clients.source()).send().await.map_err(text)?;
    let mut configuration = answer
        .replication_configuration()
        .cloned()
        .ok_or("there is no replication")?;
    for rule in &mut configuration.rules {
        if rule.id.as_deref() == Some("all") {
            rule.status = ReplicationRuleStatus::Disabled;
        }
    }
    let call = clients.s3().put_bucket_replication();
    call.bucket(clients.source())
        .replication_configuration(configuration)
        .send()
        .await
        .map(drop)
        .map_err(text)
}
