//! The wire, checked by clients that others wrote: the AWS SDK for Rust over a real socket.

use aws_config::BehaviorVersion;
use aws_credential_types::Credentials;
use aws_sdk_route53::error::ProvideErrorMetadata;
use aws_sdk_route53::types as dns;
use aws_sdk_s3::types as s3;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Effect, Fault, Sandbox, SandboxError, World, serve};

const WORLD: &str = r#"
[behaviour]
insync_after_ms = 30

[[account]]
id = "111111111111"
[[account]]
id = "222222222222"

[[health_check]]
id = "hc-1"
type = "CALCULATED"
config = { ChildHealthChecks = ["hc-2"], HealthThreshold = 1, Inverted = true }
[[health_check]]
id = "hc-2"
type = "HTTPS"
config = { FullyQualifiedDomainName = "a.example.com" }
status = "unhealthy"

[[zone]]
id = "Z1"
name = "example.com"
records = [
  { name = "*", type = "TXT", ttl = 5, values = ['"a \"quoted\" <text> & more"'] },
  { name = "g", type = "A", ttl = 5, values = ["192.0.2.1"], set_identifier = "g", geoproximity = { coordinates = { latitude = "1.5", longitude = "2" }, bias = -3 } },
  { name = "m", type = "A", ttl = 5, values = ["192.0.2.1"], set_identifier = "m", multivalue = true, health_check_id = "hc-2" },
  { name = "c", type = "A", ttl = 5, values = ["192.0.2.1"], set_identifier = "c", cidr = { collection_id = "col", location_name = "*" } },
  { name = "al", type = "A", alias = { name = "g", evaluate_target_health = true } },
]

[[bucket]]
name = "source"
region = "eu-central-1"
versioning = "Enabled"
lifecycle = { TransitionDefaultMinimumObjectSize = "varies_by_storage_class", Rule = [{ ID = "x", Filter = { And = { Prefix = "p", Tag = [{ Key = "a", Value = "b" }, { Key = "c", Value = "d" }] } }, Status = "Enabled", NoncurrentVersionExpiration = { NoncurrentDays = 3, NewerNoncurrentVersions = 2 } }] }
policy = { Version = "2012-10-17", Statement = [] }
[[bucket]]
name = "target"
region = "eu-west-1"
versioning = "Enabled"
"#;

/// A sandbox behind a socket, and a configuration for a client of it.
struct Cloud {
    sandbox: Arc<Mutex<Sandbox>>,
    endpoint: String,
}

impl Cloud {
    async fn start() -> Self {
        let world = World::parse(WORLD).unwrap();
        let sandbox = Arc::new(Mutex::new(Sandbox::new(&world).unwrap()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, Arc::clone(&sandbox)));
        Self { sandbox, endpoint }
    }

    fn config(&self, key: &str, region: &'static str, attempts: u32) -> aws_types::SdkConfig {
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        aws_types::SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http)
            .endpoint_url(&self.endpoint)
            .region(aws_types::region::Region::new(region))
            .credentials_provider(
                aws_credential_types::provider::SharedCredentialsProvider::new(Credentials::new(
                    key, "secret", None, None, "test",
                )),
            )
            .retry_config(RetryConfig::standard().with_max_attempts(attempts))
            .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
                aws_smithy_async::rt::sleep::TokioSleep::new(),
            ))
            .time_source(aws_smithy_async::time::SystemTimeSource::new())
            .timeout_config(
                TimeoutConfig::builder()
                    .operation_attempt_timeout(Duration::from_millis(500))
                    .build(),
            )
            .build()
    }

    fn dns(&self, attempts: u32) -> aws_sdk_route53::Client {
        aws_sdk_route53::Client::new(&self.config("111111111111", "us-east-1", attempts))
    }

    fn s3(&self, region: &'static str) -> aws_sdk_s3::Client {
        let config = self.config("111111111111", region, 1);
        let config = aws_sdk_s3::config::Builder::from(&config)
            .force_path_style(true)
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    fn script(&self, fault: Fault) {
        self.sandbox.lock().unwrap().script(fault);
    }
}

fn create(name: &str) -> dns::ChangeBatch {
    let set = dns::ResourceRecordSet::builder()
        .name(name)
        .r#type(dns::RrType::A)
        .ttl(60)
        .resource_records(
            dns::ResourceRecord::builder()
                .value("192.0.2.1")
                .build()
                .unwrap(),
        )
        .build()
        .unwrap();
    let change = dns::Change::builder()
        .action(dns::ChangeAction::Create)
        .resource_record_set(set)
        .build()
        .unwrap();
    dns::ChangeBatch::builder().changes(change).build().unwrap()
}

#[tokio::test]
async fn route_53_by_the_sdk() {
    let cloud = Cloud::start().await;
    let client = cloud.dns(1);
    let zones = client.list_hosted_zones().send().await.unwrap();
    assert_eq!(zones.hosted_zones()[0].id(), "/hostedzone/Z1");
    let sets = client
        .list_resource_record_sets()
        .hosted_zone_id("Z1")
        .send()
        .await
        .unwrap();
    let find = |name: &str| {
        sets.resource_record_sets()
            .iter()
            .find(|set| set.name().starts_with(name))
            .unwrap()
    };
    assert_eq!(
        find("\\052.").resource_records()[0].value(),
        r#""a \"quoted\" <text> & more""#
    );
    let near = find("g.").geo_proximity_location().unwrap();
    assert_eq!(
        (near.bias(), near.coordinates().unwrap().latitude()),
        (Some(-3), "1.5")
    );
    assert_eq!(find("m.").multi_value_answer(), Some(true));
    assert_eq!(
        find("c.").cidr_routing_config().unwrap().location_name(),
        "*"
    );
    assert!(find("al.").alias_target().unwrap().evaluate_target_health());
    let change = client.change_resource_record_sets().hosted_zone_id("Z1");
    let info = change
        .change_batch(create("New.example.com"))
        .send()
        .await
        .unwrap();
    let info = info.change_info().unwrap().clone();
    assert_eq!(info.status(), &dns::ChangeStatus::Pending);
    tokio::time::sleep(Duration::from_millis(40)).await;
    let seen = client.get_change().id(info.id()).send().await.unwrap();
    assert_eq!(
        seen.change_info().unwrap().status(),
        &dns::ChangeStatus::Insync
    );
    let error = client
        .change_resource_record_sets()
        .hosted_zone_id("Z1")
        .change_batch(create("new.example.com"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_invalid_change_batch());
    assert!(
        error.message().unwrap().starts_with("[Tried to create"),
        "{error:?}"
    );
    let error = client
        .get_hosted_zone()
        .id("ZNONE")
        .send()
        .await
        .unwrap_err();
    assert!(error.into_service_error().is_no_such_hosted_zone());
    let check = client
        .get_health_check()
        .health_check_id("hc-1")
        .send()
        .await
        .unwrap();
    let config = check.health_check().unwrap().health_check_config().unwrap();
    assert_eq!(config.child_health_checks(), ["hc-2"]);
    assert_eq!(config.inverted(), Some(true));
    let status = client
        .get_health_check_status()
        .health_check_id("hc-2")
        .send()
        .await
        .unwrap();
    let report = status.health_check_observations()[0]
        .status_report()
        .unwrap();
    assert!(report.status().unwrap().starts_with("Failure"));
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one walk through the operations")]
async fn s3_by_the_sdk() {
    let cloud = Cloud::start().await;
    let client = cloud.s3("eu-central-1");
    let versioning = client
        .get_bucket_versioning()
        .bucket("source")
        .send()
        .await
        .unwrap();
    assert_eq!(
        versioning.status(),
        Some(&s3::BucketVersioningStatus::Enabled)
    );
    let lifecycle = client
        .get_bucket_lifecycle_configuration()
        .bucket("source")
        .send()
        .await
        .unwrap();
    assert_eq!(
        lifecycle
            .transition_default_minimum_object_size()
            .unwrap()
            .as_str(),
        "varies_by_storage_class"
    );
    assert_eq!(
        lifecycle.rules()[0]
            .filter()
            .unwrap()
            .and()
            .unwrap()
            .tags()
            .len(),
        2
    );
    let error = client
        .get_bucket_replication()
        .bucket("source")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("ReplicationConfigurationNotFoundError"));
    let marker = s3::DeleteMarkerReplication::builder()
        .status(s3::DeleteMarkerReplicationStatus::Enabled)
        .build();
    let rule = s3::ReplicationRule::builder()
        .priority(1)
        .filter(s3::ReplicationRuleFilter::builder().prefix("").build())
        .status(s3::ReplicationRuleStatus::Enabled)
        .delete_marker_replication(marker)
        .destination(
            s3::Destination::builder()
                .bucket("arn:aws:s3:::target")
                .build()
                .unwrap(),
        )
        .build()
        .unwrap();
    let config = s3::ReplicationConfiguration::builder()
        .role("arn:aws:iam::111111111111:role/r")
        .rules(rule)
        .build()
        .unwrap();
    let put = client.put_bucket_replication().bucket("source");
    put.replication_configuration(config).send().await.unwrap();
    let seen = client
        .get_bucket_replication()
        .bucket("source")
        .send()
        .await
        .unwrap();
    let rule = &seen.replication_configuration().unwrap().rules()[0];
    assert!(!rule.id().unwrap().is_empty());
    assert_eq!(rule.filter().unwrap().prefix(), Some(""));
    let policy = client
        .get_bucket_policy()
        .bucket("source")
        .send()
        .await
        .unwrap();
    assert!(policy.policy().unwrap().contains("2012-10-17"));
    let encryption = client
        .get_bucket_encryption()
        .bucket("source")
        .send()
        .await
        .unwrap();
    assert_eq!(
        encryption
            .server_side_encryption_configuration()
            .unwrap()
            .rules()
            .len(),
        1
    );
    let buckets = client.list_buckets().send().await.unwrap();
    assert_eq!(buckets.buckets().len(), 2);
    let error = client
        .get_bucket_versioning()
        .bucket("target")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("PermanentRedirect"));
    let region = error
        .raw_response()
        .unwrap()
        .headers()
        .get("x-amz-bucket-region")
        .unwrap();
    assert_eq!(region, "eu-west-1");
    let error = client
        .get_bucket_versioning()
        .bucket("source")
        .expected_bucket_owner("222222222222")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("AccessDenied"));
    let head = client.head_bucket().bucket("source").send().await.unwrap();
    assert_eq!(head.bucket_region(), Some("eu-central-1"));
    let error = client
        .head_bucket()
        .bucket("none")
        .send()
        .await
        .unwrap_err();
    assert!(error.into_service_error().is_not_found());
    let location = client
        .get_bucket_location()
        .bucket("target")
        .send()
        .await
        .unwrap();
    assert_eq!(
        location.location_constraint().unwrap().as_str(),
        "eu-west-1"
    );
}

#[tokio::test]
async fn sts_by_the_sdk() {
    let cloud = Cloud::start().await;
    let client = aws_sdk_sts::Client::new(&cloud.config("AKIAX", "us-east-1", 1));
    let me = client.get_caller_identity().send().await.unwrap();
    assert_eq!(me.account(), Some("111111111111"));
    let role = client
        .assume_role()
        .role_arn("arn:aws:iam::222222222222:role/dr")
        .role_session_name("drsync")
        .send()
        .await
        .unwrap();
    let key = role.credentials().unwrap().access_key_id().to_owned();
    let client = aws_sdk_sts::Client::new(&cloud.config(&key, "us-east-1", 1));
    let me = client.get_caller_identity().send().await.unwrap();
    assert_eq!(me.account(), Some("222222222222"));
    let error = client
        .assume_role()
        .role_arn("arn:aws:iam::333333333333:role/dr")
        .role_session_name("drsync")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("AccessDenied"));
}

/// An applied change whose answer is lost: one attempt sees no answer, a second sees its own work.
#[tokio::test]
async fn transport_faults_by_the_sdk() {
    for effect in [Effect::Drop, Effect::Truncate, Effect::Hang] {
        for (attempts, code) in [(1, None), (3, Some("InvalidChangeBatch"))] {
            let cloud = Cloud::start().await;
            cloud.script(Fault::new("route53", "ChangeResourceRecordSets", effect).after());
            let error = cloud
                .dns(attempts)
                .change_resource_record_sets()
                .hosted_zone_id("Z1")
                .change_batch(create("new.example.com"))
                .send()
                .await
                .unwrap_err();
            assert_eq!(error.code(), code, "{effect:?} {attempts} {error:?}");
        }
    }
    let cloud = Cloud::start().await;
    for effect in [
        Effect::Throttle,
        Effect::PriorRequestNotComplete,
        Effect::Error503,
    ] {
        cloud.script(Fault::new("route53", "ListHostedZones", effect));
        cloud.dns(2).list_hosted_zones().send().await.unwrap();
    }
    cloud.script(Fault::new("route53", "ListHostedZones", Effect::Html));
    cloud.dns(1).list_hosted_zones().send().await.unwrap_err();
}

#[tokio::test]
async fn only_loopback_is_served() {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let sandbox = Sandbox::new(&World::default()).unwrap();
    let error = serve(listener, Arc::new(Mutex::new(sandbox)))
        .await
        .unwrap_err();
    assert!(matches!(error, SandboxError::NotLoopback(_)));
}

/// What the faults are on the wire, byte by byte.
#[tokio::test]
async fn transport_faults_on_the_wire() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let cloud = Cloud::start().await;
    let address = cloud.endpoint.trim_start_matches("http://").to_owned();
    for effect in [Effect::Drop, Effect::Truncate] {
        cloud.script(Fault::new("route53", "ListHostedZones", effect));
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        let request = "GET /2013-04-01/hostedzone HTTP/1.1\r\nhost: x\r\nauthorization: AWS4-HMAC-SHA256 \
                       Credential=111111111111/20261124/us-east-1/route53/aws4_request\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.ok();
        let text = String::from_utf8(bytes).unwrap();
        if effect == Effect::Drop {
            assert_eq!(text, "");
            continue;
        }
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(body.len(), length / 2);
    }
}
