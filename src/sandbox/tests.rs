//! What holds for all services: accounts, faults, overlays, and the state in a file.

use super::probe::{Probe, plain};
use super::{Effect, Fault, Reply, Sandbox, SandboxError, Store, World};

const WORLD: &str = r#"
[[account]]
id = "111111111111"
[[account]]
id = "222222222222"
deny = ["route53:List*"]

[[zone]]
account = "111111111111"
id = "Z1"
name = "example.com"
records = [
  { name = "www", type = "A", ttl = 300, values = ["192.0.2.1"] },
  { name = "old", type = "A", ttl = 300, values = ["192.0.2.1"] },
]

[[bucket]]
account = "111111111111"
name = "logs"
versioning = "Enabled"
tags = { team = "dr" }
"#;

const ZONE: &str = "hostedzone/Z1/rrset";

fn a(name: &str) -> (&'static str, String) {
    (
        "CREATE",
        plain(&format!("{name}.example.com"), "A", 60, &["192.0.2.7"]),
    )
}

fn assume(probe: &mut Probe, account: &str) -> super::probe::Seen {
    let body = format!(
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A{account}%3Arole%2Fp%2Fdr&RoleSessionName=test&DurationSeconds=900"
    );
    probe.send("sts", "POST", "/", &body)
}

#[test]
fn the_account_is_that_of_the_key() {
    let mut probe = Probe::new(WORLD);
    let me = |probe: &mut Probe| {
        let seen = probe.send(
            "sts",
            "POST",
            "/",
            "Action=GetCallerIdentity&Version=2011-06-15",
        );
        (seen.find("Account"), seen.find("Arn"))
    };
    assert_eq!(me(&mut probe).0, "111111111111");
    probe.key = "AKIAWHATEVER".to_owned();
    assert_eq!(me(&mut probe).0, "111111111111", "the world's first");
    let role = assume(&mut probe, "222222222222").ok();
    assert_eq!(role.find("Expiration"), "2026-11-24T12:15:00Z");
    probe.key = role.find("AccessKeyId");
    let (account, arn) = me(&mut probe);
    assert_eq!(account, "222222222222");
    assert_eq!(arn, "arn:aws:sts::222222222222:assumed-role/dr/test");
    probe.wait(900_000);
    assert_eq!(probe.dns("GET", "hostedzone/Z1", "").code(), "ExpiredToken");
    probe.key = "EXPIRED1".to_owned();
    let seen = probe.dns("GET", "hostedzone/Z1", "");
    assert_eq!((seen.status, seen.code().as_str()), (403, "ExpiredToken"));
    assert_eq!(
        probe.s3("GET", "/logs?versioning", "").code(),
        "ExpiredToken"
    );
    probe.key = "111111111111".to_owned();
    assert_eq!(assume(&mut probe, "333333333333").code(), "AccessDenied");
    assert_eq!(
        probe.send("sts", "POST", "/", "Action=Nope").code(),
        "InvalidAction"
    );
}

#[test]
fn denied_calls() {
    let mut probe = Probe::new(WORLD);
    probe.key = "222222222222".to_owned();
    let seen = probe.dns("GET", "hostedzone", "");
    assert_eq!((seen.status, seen.code().as_str()), (403, "AccessDenied"));
    assert!(seen.find("Message").contains("route53:ListHostedZones"));
    probe.dns("GET", "hostedzonecount", "").ok();
}

#[test]
fn calls_are_counted() {
    let mut probe = Probe::new(WORLD);
    probe.dns("GET", ZONE, "").ok();
    probe.dns("GET", ZONE, "").ok();
    probe.s3("GET", "/logs?tagging", "").ok();
    let calls: Vec<(&str, u64)> = probe
        .sandbox
        .calls()
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    assert_eq!(
        calls,
        [
            ("route53:ListResourceRecordSets", 2),
            ("s3:GetBucketTagging", 1)
        ]
    );
}

#[test]
fn faults_that_answer() {
    for (effect, dns, s3) in [
        (Effect::Throttle, (400, "Throttling"), (503, "SlowDown")),
        (
            Effect::PriorRequestNotComplete,
            (400, "PriorRequestNotComplete"),
            (400, "PriorRequestNotComplete"),
        ),
        (
            Effect::Error500,
            (500, "InternalError"),
            (500, "InternalError"),
        ),
        (
            Effect::Error503,
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailable"),
        ),
        (
            Effect::AccessDenied,
            (403, "AccessDenied"),
            (403, "AccessDenied"),
        ),
        (
            Effect::ExpiredToken,
            (403, "ExpiredToken"),
            (400, "ExpiredToken"),
        ),
    ] {
        for after in [false, true] {
            let mut probe = Probe::new(WORLD);
            let fault = Fault::new("route53", "ChangeResourceRecordSets", effect);
            probe
                .sandbox
                .script(if after { fault.after() } else { fault });
            let seen = probe.batch("Z1", &[a("new")]);
            assert_eq!((seen.status, seen.code().as_str()), dns, "{effect:?}");
            let again = probe.batch("Z1", &[a("new")]).code();
            assert_eq!(
                again,
                if after { "InvalidChangeBatch" } else { "" },
                "{effect:?} {after}"
            );
            probe
                .sandbox
                .script(Fault::new("s3", "GetBucketTagging", effect));
            let seen = probe.s3("GET", "/logs?tagging", "");
            assert_eq!((seen.status, seen.code().as_str()), s3, "{effect:?}");
        }
    }
}

#[test]
fn faults_of_the_transport() {
    for effect in [
        Effect::Drop,
        Effect::Hang,
        Effect::Truncate,
        Effect::Html,
        Effect::Delay,
    ] {
        for after in [false, true] {
            let mut probe = Probe::new(WORLD);
            let fault = Fault::new("route53", "ChangeResourceRecordSets", effect);
            probe.sandbox.script(Fault {
                after,
                delay_ms: 7,
                ..fault
            });
            let body = "<R><ChangeBatch><Changes><Change><Action>CREATE</Action><ResourceRecordSet><Name>new.example.com</Name><Type>A</Type><TTL>1</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></R>";
            let reply = probe.reply("route53", "POST", "/2013-04-01/hostedzone/Z1/rrset", body);
            match (effect, &reply) {
                (Effect::Drop, Reply::Drop) | (Effect::Hang, Reply::Hang) => {}
                (Effect::Html, Reply::Answer(response)) => {
                    assert!(response.body().starts_with(b"<!DOCTYPE html>"));
                }
                (Effect::Truncate, Reply::Truncate(response))
                | (Effect::Delay, Reply::Delay(7, response)) => assert_eq!(response.status(), 200),
                other => panic!("{other:?}"),
            }
            let there = probe
                .names("Z1", 300)
                .iter()
                .any(|name| name.starts_with("new."));
            assert_eq!(there, after || effect == Effect::Delay, "{effect:?}");
        }
    }
}

#[test]
fn an_answer_without_a_body_is_cut_before_its_headers() {
    let mut probe = Probe::new(WORLD);
    probe
        .sandbox
        .script(Fault::new("s3", "DeleteBucketTagging", Effect::Truncate).after());
    assert!(matches!(
        probe.reply("s3", "DELETE", "/logs?tagging", ""),
        Reply::Drop
    ));
    assert_eq!(probe.s3("GET", "/logs?tagging", "").code(), "NoSuchTagSet");
}

#[test]
fn faults_choose_their_calls() {
    let mut probe = Probe::new(&format!(
        "{WORLD}\n[[fault]]\nservice = 'route53'\noperation = 'List*'\nresource = 'Z1'\nnth = 2\ntimes = 2\neffect = 'throttle'\n\
         [[fault]]\naccount = '222222222222'\ntimes = 0\neffect = 'error_503'\n"
    ));
    let codes: Vec<String> = (0..5).map(|_| probe.dns("GET", ZONE, "").code()).collect();
    assert_eq!(codes, ["", "Throttling", "Throttling", "", ""]);
    probe.dns("GET", "hostedzone", "").ok();
    probe.key = "222222222222".to_owned();
    for _ in 0..3 {
        assert_eq!(probe.dns("GET", "hostedzonecount", "").status, 503);
    }
}

#[test]
fn stale_reads() {
    let mut probe = Probe::new(WORLD);
    let before = probe.dns("GET", ZONE, "").text;
    probe
        .batch(
            "Z1",
            &[
                a("new"),
                ("DELETE", plain("old.example.com", "A", 300, &["192.0.2.1"])),
            ],
        )
        .ok();
    probe.sandbox.script(Fault::new(
        "route53",
        "ListResourceRecordSets",
        Effect::StaleRead,
    ));
    assert_eq!(probe.dns("GET", ZONE, "").text, before);
    assert_ne!(probe.dns("GET", ZONE, "").text, before);
    probe.s3("DELETE", "/logs?tagging", "").ok();
    probe
        .sandbox
        .script(Fault::new("s3", "GetBucketTagging", Effect::StaleRead));
    assert_eq!(
        probe.s3("GET", "/logs?tagging", "").ok().find("Key"),
        "team"
    );
    assert_eq!(probe.s3("GET", "/logs?tagging", "").code(), "NoSuchTagSet");
}

#[test]
fn somebody_changes_things() {
    let mut probe = Probe::new(WORLD);
    let overlay = World::parse(
        r#"
        [[zone]]
        name = "example.com"
        records = [
          { name = "www", type = "A", ttl = 5, values = ["192.0.2.99"] },
          { name = "old", type = "A", absent = true },
          { name = "more", type = "TXT", ttl = 5, values = ['"x"'] },
        ]
        [[bucket]]
        name = "logs"
        remove = ["tags"]
        ownership = "ObjectWriter"
        "#,
    )
    .unwrap();
    probe.sandbox.merge(&overlay).unwrap();
    let names = probe.names("Z1", 300);
    assert_eq!(
        names[2..],
        ["more.example.com. TXT ", "www.example.com. A "]
    );
    let seen = probe.dns("GET", &format!("{ZONE}?name=www.example.com"), "");
    assert_eq!(
        (seen.find("TTL"), seen.find("Value")),
        ("5".to_owned(), "192.0.2.99".to_owned())
    );
    assert_eq!(probe.s3("GET", "/logs?tagging", "").code(), "NoSuchTagSet");
    assert_eq!(
        probe
            .s3("GET", "/logs?ownershipControls", "")
            .find("ObjectOwnership"),
        "ObjectWriter"
    );
    assert_eq!(
        probe.s3("GET", "/logs?versioning", "").find("Status"),
        "Enabled"
    );
    let gone = World::parse("[[zone]]\nid = 'Z1'\nname = 'example.com'\nabsent = true\n[[bucket]]\nname = 'logs'\nabsent = true").unwrap();
    probe.sandbox.merge(&gone).unwrap();
    assert_eq!(probe.dns("GET", ZONE, "").code(), "NoSuchHostedZone");
    assert_eq!(probe.s3("GET", "/logs?tagging", "").code(), "NoSuchBucket");
}

#[test]
fn worlds_that_cannot_be() {
    for (world, part) in [
        ("[[account]]\nid = '1'", "twelve digits"),
        ("[[zone]]\nname = 'a..b'", "DomainLabelEmpty"),
        (
            "[[zone]]\nname = 'a.b'\nrecords = [{ name = 'x', type = 'A', values = ['192.0.2.1'] }]",
            "TTL",
        ),
        (
            "[[zone]]\nname = 'a.b'\nrecords = [{ name = 'x.c.', type = 'A', ttl = 1, values = ['192.0.2.1'] }]",
            "not permitted in zone",
        ),
        (
            "[[zone]]\nname = 'a.b'\nrecords = [{ name = 'x', type = 'A', ttl = 1, values = ['192.0.2.1'] }, { name = 'X', type = 'A', ttl = 1, values = ['192.0.2.2'] }]",
            "twice",
        ),
        (
            "[[zone]]\nname = 'a.b'\nrecords = [{ name = 'x', type = 'A', ttl = 1, values = ['192.0.2.1'], health_check_id = 'h' }]",
            "no health check h",
        ),
        (
            "[[health_check]]\nid = 'h'\ntype = 'HTTP'",
            "needs IPAddress",
        ),
        (
            "[[bucket]]\nname = 'b'\nobject_lock = { ObjectLockEnabled = 'Enabled' }",
            "Versioning must be",
        ),
        (
            "[[bucket]]\nname = 'b'\n[[bucket]]\nname = 'b'\nregion = 'eu-west-1'",
            "in us-east-1",
        ),
        (
            "[[zone]]\nid = 'Z'\nname = 'a.b'\n[[zone]]\nid = 'Z'\nname = 'c.d'",
            "Z is a.b.",
        ),
        (
            "[[bucket]]\nname = 'b'\nremove = ['colour']",
            "no sub-resource colour",
        ),
        (
            "[[bucket]]\nname = 'b'\nversioning = 'On'",
            "Versioning element",
        ),
    ] {
        let error = Sandbox::new(&World::parse(world).unwrap())
            .unwrap_err()
            .to_string();
        assert!(error.contains(part), "{world}: {error}");
    }
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    let run = || {
        let mut probe = Probe::new(WORLD);
        let mut all = Vec::new();
        all.push(probe.batch("Z1", &[a("new")]).text);
        let zone = "<R><Name>n.example</Name><CallerReference>r</CallerReference></R>";
        all.push(probe.dns("POST", "hostedzone", zone).text);
        all.push(assume(&mut probe, "222222222222").text);
        all.push(probe.s3("PUT", "/fresh", "").text);
        all.push(probe.dns("GET", "hostedzone", "").text);
        all.push(probe.sandbox.to_json().unwrap());
        all
    };
    assert_eq!(run(), run());
}

#[test]
fn the_state_survives_as_text() {
    let mut probe = Probe::new(WORLD);
    probe.batch("Z1", &[a("new")]).ok();
    let text = probe.sandbox.to_json().unwrap();
    let mut other = Probe::new("");
    other.sandbox = Sandbox::from_json(&text).unwrap();
    assert_eq!(other.sandbox.to_json().unwrap(), text);
    assert_eq!(other.names("Z1", 300), probe.names("Z1", 300));
    let newer = text.replacen("\"version\":1", "\"version\":2", 1);
    assert!(matches!(
        Sandbox::from_json(&newer),
        Err(SandboxError::Version {
            found: 2,
            expected: 1
        })
    ));
}

#[test]
fn a_store_outlives_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deep/er");
    let world = World::parse(WORLD).unwrap();
    let mut probe = Probe::new(WORLD);
    let mut store = Store::open(&path, &world).unwrap();
    assert!(matches!(
        Store::open(&path, &world),
        Err(SandboxError::Locked(_))
    ));
    let request = |method: &str, path: &str| {
        http::Request::builder()
            .method(method)
            .uri(path)
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=111111111111/20261124/us-east-1/s3/aws4_request, x",
            )
            .body(bytes::Bytes::new())
            .unwrap()
    };
    let file = path.join("sandbox.json");
    let before = std::fs::read_to_string(&file).unwrap();
    store
        .handle(probe.now, request("GET", "/logs?tagging"))
        .unwrap();
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        before,
        "a read writes nothing"
    );
    store
        .handle(probe.now, request("DELETE", "/logs?tagging"))
        .unwrap();
    assert_ne!(std::fs::read_to_string(&file).unwrap(), before);
    drop(store);
    let other = World::parse("[[bucket]]\nname = 'other'").unwrap();
    let mut store = Store::open(&path, &other).unwrap();
    assert!(store.world_changed());
    probe.sandbox = store.sandbox().clone();
    assert_eq!(probe.s3("GET", "/logs?tagging", "").code(), "NoSuchTagSet");
    store.reset(&other).unwrap();
    assert!(!store.world_changed());
    drop(store);
    let store = Store::open(&path, &other).unwrap();
    assert!(!store.world_changed());
    probe.sandbox = store.sandbox().clone();
    assert_eq!(
        probe.s3("GET", "/logs?versioning", "").code(),
        "NoSuchBucket"
    );
    drop(store);
    std::fs::write(&file, "{").unwrap();
    assert!(matches!(
        Store::open(&path, &other),
        Err(SandboxError::State(_))
    ));
}
