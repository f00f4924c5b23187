//! The rules of the Route 53 sandbox, each by the requests that meet it.

use super::super::probe::{Probe, alias, plain, with};

const WORLD: &str = r#"
[[account]]
id = "111111111111"
[[account]]
id = "222222222222"

[[health_check]]
account = "111111111111"
id = "hc-1"
type = "HTTPS"
config = { FullyQualifiedDomainName = "www.example.com", FailureThreshold = 2 }

[[zone]]
account = "111111111111"
id = "Z1"
name = "Example.com"
comment = "first"
records = [
  { name = "www", type = "A", ttl = 300, values = ["192.0.2.1", "192.0.2.2"] },
  { name = "*", type = "CNAME", ttl = 60, values = ["www.example.com."] },
  { name = "", type = "MX", ttl = 300, values = ["10 mail.example.com."] },
  { name = "w", type = "A", ttl = 60, values = ["192.0.2.1"], set_identifier = "a", weight = 1 },
  { name = "w", type = "A", ttl = 60, values = ["192.0.2.2"], set_identifier = "b", weight = 0 },
  { name = "f", type = "A", ttl = 60, values = ["192.0.2.1"], set_identifier = "p", failover = "PRIMARY", health_check_id = "hc-1" },
  { name = "f", type = "A", ttl = 60, values = ["192.0.2.2"], set_identifier = "s", failover = "SECONDARY" },
  { name = "tp", type = "A", ttl = 60, values = ["192.0.2.9"], traffic_policy_instance_id = "tpi" },
  { name = "al", type = "A", alias = { name = "www" } },
  { name = "lat", type = "A", ttl = 60, values = ["192.0.2.1"], set_identifier = "eu", region = "eu-west-1" },
]

[[zone]]
account = "111111111111"
id = "Z2"
name = "other.org"

[[zone]]
account = "222222222222"
id = "Z9"
name = "example.com"
"#;

const W: &str = "<SetIdentifier>c</SetIdentifier><Weight>5</Weight>";

/// Each case: a name, changes, the expected code (empty: accepted) and a part of the message.
type Case = (
    &'static str,
    Vec<(&'static str, String)>,
    &'static str,
    &'static str,
);

fn a(name: &str) -> String {
    plain(name, "A", 60, &["192.0.2.7"])
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    let many = |count: usize| -> Vec<(&'static str, String)> {
        (0..count)
            .map(|n| ("CREATE", a(&format!("n{n}.example.com"))))
            .collect()
    };
    let upserts = |count: usize| -> Vec<(&'static str, String)> {
        (0..count)
            .map(|n| ("UPSERT", a(&format!("n{n}.example.com"))))
            .collect()
    };
    let long = |count: usize, action: &'static str| -> Vec<(&'static str, String)> {
        let value = format!(
            "\"{}\" \"{}\" \"{}\" \"{}\"",
            "a".repeat(250),
            "a".repeat(250),
            "a".repeat(250),
            "a".repeat(239)
        );
        assert_eq!(value.len(), 1000);
        (0..count)
            .map(|n| {
                (
                    action,
                    plain(&format!("t{n}.example.com"), "TXT", 60, &[&value]),
                )
            })
            .collect()
    };
    let hundred: Vec<String> = (0..101).map(|n| format!("192.0.2.{n}")).collect();
    let hundred: Vec<&str> = hundred.iter().map(String::as_str).collect();
    let weight = |id: &str, weight: &str| {
        format!("<SetIdentifier>{id}</SetIdentifier><Weight>{weight}</Weight>")
    };
    let role = |id: &str, role: &str| {
        format!("<SetIdentifier>{id}</SetIdentifier><Failover>{role}</Failover>")
    };
    let invalid = "InvalidChangeBatch";
    vec![
        ("create", vec![("CREATE", a("new.example.com"))], "", ""),
        ("create there", vec![("CREATE", a("www.example.com"))], invalid,
         "Tried to create resource record set [name='www.example.com.', type='A'] but it already exists"),
        ("delete exact, other order", vec![("DELETE", plain("WWW.example.com", "A", 300, &["192.0.2.2", "192.0.2.1"]))], "", ""),
        ("delete other ttl", vec![("DELETE", plain("www.example.com", "A", 301, &["192.0.2.1", "192.0.2.2"]))], invalid, "do not match the current values"),
        ("delete other values", vec![("DELETE", plain("www.example.com", "A", 300, &["192.0.2.1"]))], invalid, "do not match"),
        ("delete other weight", vec![("DELETE", with("w.example.com", "A", &weight("a", "2"), 60, &["192.0.2.1"]))], invalid, "do not match"),
        ("delete absent", vec![("DELETE", a("no.example.com"))], invalid, "but it was not found"),
        ("delete twice", vec![("DELETE", plain("www.example.com", "A", 300, &["192.0.2.1", "192.0.2.2"])); 2], invalid, "invalid set of changes"),
        ("delete by escape", vec![("DELETE", plain("\\052.example.com", "CNAME", 60, &["www.example.com."]))], "", ""),
        ("two reasons", vec![("CREATE", a("www.example.com")), ("DELETE", a("no.example.com"))], invalid, "already exists, Tried to delete"),
        ("swap in one batch", vec![("DELETE", plain("www.example.com", "A", 300, &["192.0.2.1", "192.0.2.2"])), ("CREATE", a("www.example.com"))], "", ""),
        ("1000 records", many(1000), "", ""),
        ("1001 records", many(1001), invalid, "Number of records limit of 1000 exceeded"),
        ("500 upserts", upserts(500), "", ""),
        ("501 upserts", upserts(501), invalid, "Number of records limit"),
        ("32,000 characters", long(32, "CREATE"), "", ""),
        ("33,000 characters", long(33, "CREATE"), invalid, "Number of characters limit of 32000"),
        ("16,000 characters by upsert", long(16, "UPSERT"), "", ""),
        ("17,000 characters by upsert", long(17, "UPSERT"), invalid, "Number of characters limit"),
        ("outside", vec![("CREATE", a("www.example.org"))], invalid, "is not permitted in zone example.com."),
        ("outside by a hair", vec![("CREATE", a("myexample.com"))], invalid, "is not permitted in zone"),
        ("apex cname", vec![("CREATE", plain("example.com", "CNAME", 60, &["a.b"]))], invalid, "not permitted at apex"),
        ("cname beside", vec![("CREATE", plain("www.example.com", "CNAME", 60, &["a.b"]))], invalid, "conflicts with other records"),
        ("beside cname", vec![("CREATE", a("*.example.com"))], invalid, "conflicting RRSet of type CNAME"),
        ("cname with two values", vec![("CREATE", plain("c.example.com", "CNAME", 60, &["a.b", "c.d"]))], invalid, "more than one"),
        ("unquoted txt", vec![("CREATE", plain("t.example.com", "TXT", 60, &["hello"]))], invalid, "InvalidCharacterString"),
        ("long txt", vec![("CREATE", plain("t.example.com", "TXT", 60, &[&format!("\"{}\"", "x".repeat(256))]))], invalid, "CharacterStringTooLong"),
        ("bad address", vec![("CREATE", plain("x.example.com", "A", 60, &["nope"]))], invalid, "ARRDATAIllegalIPv4Address"),
        ("duplicate value", vec![("CREATE", plain("x.example.com", "A", 60, &["192.0.2.1", "192.0.2.1"]))], invalid, "Duplicate Resource Record: '192.0.2.1'"),
        ("101 values", vec![("CREATE", plain("x.example.com", "A", 60, &hundred))], invalid, "the limit is 100"),
        ("100 values", vec![("CREATE", plain("x.example.com", "A", 60, &hundred[1..]))], "", ""),
        ("root ns", vec![("DELETE", plain("example.com", "NS", 172_800, &["ns-2048.awsdns-64.com.", "ns-2049.awsdns-65.net.", "ns-2050.awsdns-66.org.", "ns-2051.awsdns-67.co.uk."]))], invalid, "at least one NS"),
        ("root soa", vec![("DELETE", plain("example.com", "SOA", 900, &["ns-2048.awsdns-64.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"]))], invalid, "exactly one SOA"),
        ("soa below", vec![("CREATE", plain("x.example.com", "SOA", 900, &["a. b. 1 2 3 4 5"]))], invalid, "only permitted at apex"),
        ("simple beside weighted", vec![("CREATE", a("w.example.com"))], invalid, "cannot be created because a non simple"),
        ("weighted beside simple", vec![("UPSERT", with("www.example.com", "A", W, 300, &["192.0.2.1"]))], invalid, "because a non weighted rrset exists"),
        ("failover beside weighted", vec![("CREATE", with("w.example.com", "A", &role("p", "PRIMARY"), 60, &["192.0.2.1"]))], invalid, "because a non failover"),
        ("simple to weighted in one batch", vec![("DELETE", plain("www.example.com", "A", 300, &["192.0.2.1", "192.0.2.2"])), ("CREATE", with("www.example.com", "A", W, 300, &["192.0.2.1"]))], "", ""),
        ("create before delete", vec![("CREATE", with("www.example.com", "A", W, 300, &["192.0.2.1"])), ("DELETE", plain("www.example.com", "A", 300, &["192.0.2.1", "192.0.2.2"]))], invalid, "non weighted"),
        ("third weighted", vec![("CREATE", with("w.example.com", "A", W, 60, &["192.0.2.1"]))], "", ""),
        ("weighted, other ttl", vec![("CREATE", with("w.example.com", "A", W, 61, &["192.0.2.1"]))], invalid, "TTL 61"),
        ("weighted, all ttls at once", vec![("UPSERT", with("w.example.com", "A", &weight("a", "1"), 30, &["192.0.2.1"])), ("UPSERT", with("w.example.com", "A", &weight("b", "0"), 30, &["192.0.2.2"]))], "", ""),
        ("weighted, one ttl", vec![("UPSERT", with("w.example.com", "A", &weight("a", "1"), 30, &["192.0.2.1"]))], invalid, "TTL 30"),
        ("weighted, two values", vec![("CREATE", with("w.example.com", "A", W, 60, &["192.0.2.1", "192.0.2.2"]))], invalid, "more than one"),
        ("weight 255", vec![("CREATE", with("w.example.com", "A", &weight("c", "255"), 60, &["192.0.2.1"]))], "", ""),
        ("weight 256", vec![("CREATE", with("w.example.com", "A", &weight("c", "256"), 60, &["192.0.2.1"]))], "InvalidInput", "Weight"),
        ("two primaries", vec![("CREATE", with("f.example.com", "A", &role("x", "PRIMARY"), 60, &["192.0.2.1"]))], invalid, "same failover value"),
        ("two secondaries", vec![("CREATE", with("f.example.com", "A", &role("x", "SECONDARY"), 60, &["192.0.2.1"]))], invalid, "same failover value"),
        ("roles change places", vec![("UPSERT", with("f.example.com", "A", &role("p", "SECONDARY"), 60, &["192.0.2.1"])), ("UPSERT", with("f.example.com", "A", &role("s", "PRIMARY"), 60, &["192.0.2.2"]))], "", ""),
        ("same region", vec![("CREATE", with("lat.example.com", "A", "<SetIdentifier>x</SetIdentifier><Region>eu-west-1</Region>", 60, &["192.0.2.1"]))], invalid, "same latency value"),
        ("weight without id", vec![("CREATE", with("x.example.com", "A", "<Weight>1</Weight>", 60, &["192.0.2.1"]))], "InvalidInput", "Missing field 'SetIdentifier'"),
        ("id without policy", vec![("CREATE", with("x.example.com", "A", "<SetIdentifier>a</SetIdentifier>", 60, &["192.0.2.1"]))], "InvalidInput", "Missing field 'Weight'"),
        ("long id", vec![("CREATE", with("x.example.com", "A", &weight(&"i".repeat(129), "1"), 60, &["192.0.2.1"]))], "InvalidInput", "SetIdentifier"),
        ("two policies in a set", vec![("CREATE", with("x.example.com", "A", "<SetIdentifier>a</SetIdentifier><Weight>1</Weight><Failover>PRIMARY</Failover>", 60, &["192.0.2.1"]))], "InvalidInput", "weighted and failover"),
        ("greatest ttl", vec![("CREATE", plain("x.example.com", "A", 2_147_483_647, &["192.0.2.1"]))], "", ""),
        ("ttl too great", vec![("CREATE", plain("x.example.com", "A", 2_147_483_648, &["192.0.2.1"]))], "InvalidInput", "TTL"),
        ("no ttl", vec![("CREATE", "<Name>x.example.com</Name><Type>A</Type><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords>".to_owned())], "InvalidInput", "Expected exactly one of"),
        ("unknown type", vec![("CREATE", plain("x.example.com", "WKS", 60, &["x"]))], "InvalidInput", "Type"),
        ("unknown health check", vec![("CREATE", with("x.example.com", "A", "<HealthCheckId>nope</HealthCheckId>", 60, &["192.0.2.1"]))], "NoSuchHealthCheck", "nope"),
        ("alias", vec![("CREATE", alias("x.example.com", "A", "", "Z1", "www.example.com", true))], "", ""),
        ("alias to an ELB", vec![("CREATE", alias("x.example.com", "A", "", "Z32O12XQLNTSW2", "lb.eu-west-1.elb.amazonaws.com", true))], "", ""),
        ("alias to nothing", vec![("CREATE", alias("x.example.com", "A", "", "Z1", "no.example.com", true))], invalid, "that target was not found"),
        ("alias to another type", vec![("CREATE", alias("x.example.com", "AAAA", "", "Z1", "www.example.com", true))], invalid, "that target was not found"),
        ("alias before its target", vec![("CREATE", alias("x.example.com", "A", "", "Z1", "y.example.com", true)), ("CREATE", a("y.example.com"))], invalid, "not found"),
        ("alias after its target", vec![("CREATE", a("y.example.com")), ("CREATE", alias("x.example.com", "A", "", "Z1", "y.example.com", true))], "", ""),
        ("alias into another own zone", vec![("CREATE", alias("x.example.com", "A", "", "Z2", "www.other.org", true))], invalid, "own zone"),
        ("alias outside", vec![("CREATE", alias("x.example.com", "A", "", "Z1", "www.other.org", true))], invalid, "does not lie within"),
        ("alias with ttl", vec![("CREATE", alias("x.example.com", "A", "<TTL>5</TTL>", "Z1", "www.example.com", true))], "InvalidInput", "more than one"),
        ("failover alias", vec![("CREATE", alias("x.example.com", "A", &role("p", "PRIMARY"), "Z1", "www.example.com", true))], "", ""),
        ("failover alias, health not evaluated", vec![("CREATE", alias("x.example.com", "A", &role("p", "PRIMARY"), "Z1", "www.example.com", false))], invalid, "must be true for a failover alias"),
        ("cloudfront, health evaluated", vec![("CREATE", alias("x.example.com", "A", "", "Z2FDTNDATAQYW2", "d1.cloudfront.net", true))], invalid, "must be false"),
        ("multivalue alias", vec![("CREATE", alias("x.example.com", "A", "<SetIdentifier>a</SetIdentifier><MultiValueAnswer>true</MultiValueAnswer>", "Z1", "www.example.com", true))], invalid, "cannot be an alias"),
        ("traffic policy", vec![("UPSERT", a("tp.example.com"))], invalid, "managed by a traffic policy"),
        ("empty label", vec![("CREATE", a("a..example.com"))], "InvalidInput", "DomainLabelEmpty"),
        ("no changes", vec![], "InvalidInput", "no changes"),
        ("geo", vec![("CREATE", with("g.example.com", "A", "<SetIdentifier>a</SetIdentifier><GeoLocation><CountryCode>*</CountryCode></GeoLocation>", 60, &["192.0.2.1"]))], "", ""),
        ("geo, two places", vec![("CREATE", with("g.example.com", "A", "<SetIdentifier>a</SetIdentifier><GeoLocation><ContinentCode>EU</ContinentCode><CountryCode>DE</CountryCode></GeoLocation>", 60, &["192.0.2.1"]))], "InvalidInput", "GeoLocation"),
        ("geoproximity, bias", vec![("CREATE", with("g.example.com", "A", "<SetIdentifier>a</SetIdentifier><GeoProximityLocation><AWSRegion>eu-west-1</AWSRegion><Bias>100</Bias></GeoProximityLocation>", 60, &["192.0.2.1"]))], "InvalidInput", "Bias"),
    ]
}

#[test]
fn batches() {
    for (name, changes, code, part) in cases() {
        let mut probe = Probe::new(WORLD);
        let before = probe.dns("GET", "hostedzone/Z1/rrset", "").text;
        let seen = probe.batch("Z1", &changes);
        assert_eq!(seen.code(), code, "{name}: {}", seen.text);
        if code.is_empty() {
            seen.ok();
            continue;
        }
        let message = seen
            .tree()
            .text_at(&["Error", "Message"])
            .unwrap()
            .to_owned();
        assert!(message.contains(part), "{name}: {message}");
        assert_eq!(
            message.starts_with('['),
            code == "InvalidChangeBatch",
            "{name}: {message}"
        );
        assert_eq!(seen.tree().text_at(&["Error", "Type"]), Some("Sender"));
        let after = probe.dns("GET", "hostedzone/Z1/rrset", "").text;
        assert_eq!(before, after, "{name}: nothing is applied");
    }
}

#[test]
fn a_batch_is_atomic() {
    let mut probe = Probe::new(WORLD);
    let before = probe.dns("GET", "hostedzone/Z1/rrset", "").text;
    let changes = [
        ("UPSERT", plain("www.example.com", "A", 5, &["192.0.2.99"])),
        ("CREATE", a("new.example.com")),
        (
            "DELETE",
            plain("*.example.com", "CNAME", 60, &["www.example.com."]),
        ),
        ("DELETE", a("no.example.com")),
    ];
    assert_eq!(probe.batch("Z1", &changes).code(), "InvalidChangeBatch");
    assert_eq!(probe.dns("GET", "hostedzone/Z1/rrset", "").text, before);
}

#[test]
fn listing_is_the_same_whatever_the_page() {
    let mut probe = Probe::new(WORLD);
    let whole = probe.names("Z1", 300);
    assert_eq!(whole.len(), 12);
    assert_eq!(
        whole[..3],
        ["example.com. MX ", "example.com. NS ", "example.com. SOA "]
    );
    assert_eq!(
        whole[3], "\\052.example.com. CNAME ",
        "escapes sort as written"
    );
    for page in 1..13 {
        assert_eq!(probe.names("Z1", page), whole, "pages of {page}");
    }
}

#[test]
fn a_page_has_at_most_300_and_large_zones_list_in_time() {
    use std::fmt::Write;
    let mut world =
        String::from("[[zone]]\naccount = '111111111111'\nid = 'ZB'\nname = 'big.com'\n");
    world.push_str("records = [\n");
    for n in 0..10_000 {
        writeln!(
            world,
            "{{name='h{n}',type='A',ttl=60,values=['192.0.2.1']}},"
        )
        .unwrap();
    }
    world.push(']');
    let mut probe = Probe::new(&world);
    let start = std::time::Instant::now();
    let mut marker = String::new();
    let mut pages = 0;
    loop {
        let path = format!("hostedzone/ZB/rrset?maxitems=1000{marker}");
        let seen = probe.dns("GET", &path, "").ok();
        pages += 1;
        assert!(seen.text.matches("<ResourceRecordSet>").count() <= 300);
        if seen.find("IsTruncated") == "false" {
            break;
        }
        marker = format!(
            "&name={}&type={}",
            seen.find("NextRecordName"),
            seen.find("NextRecordType")
        );
    }
    let took = start.elapsed();
    assert_eq!(pages, 34);
    assert!(took.as_millis() < 1000, "{took:?}");
    println!("10,000 record sets in {took:?}");
}

#[test]
fn markers_need_each_other() {
    let mut probe = Probe::new(WORLD);
    for query in ["type=A", "name=www.example.com&identifier=a", "maxitems=0"] {
        let seen = probe.dns("GET", &format!("hostedzone/Z1/rrset?{query}"), "");
        assert_eq!(seen.code(), "InvalidInput", "{query}");
    }
    let seen = probe.dns(
        "GET",
        "hostedzone/Z1/rrset?name=w.example.com&type=A&identifier=b",
        "",
    );
    assert_eq!(seen.find("SetIdentifier"), "b");
}

#[test]
fn changes_become_insync() {
    let mut probe = Probe::new(WORLD);
    let seen = probe.batch("Z1", &[("CREATE", a("new.example.com"))]).ok();
    assert_eq!(seen.find("Status"), "PENDING");
    let id = seen.find("Id").trim_start_matches('/').to_owned();
    probe.wait(1499);
    assert_eq!(probe.dns("GET", &id, "").find("Status"), "PENDING");
    probe.wait(1);
    assert_eq!(probe.dns("GET", &id, "").find("Status"), "INSYNC");
    assert_eq!(probe.dns("GET", "change/CNOPE", "").code(), "NoSuchChange");
    probe.key = "222222222222".to_owned();
    assert_eq!(probe.dns("GET", &id, "").code(), "NoSuchChange");
}

#[test]
fn a_busy_zone_refuses_the_next_change() {
    let mut probe = Probe::new(&format!("[behaviour]\nbusy_ms = 1000\n{WORLD}"));
    probe.batch("Z1", &[("CREATE", a("one.example.com"))]).ok();
    assert_eq!(
        probe
            .batch("Z1", &[("CREATE", a("two.example.com"))])
            .code(),
        "PriorRequestNotComplete"
    );
    probe.batch("Z2", &[("CREATE", a("two.other.org"))]).ok();
    probe.wait(1000);
    probe.batch("Z1", &[("CREATE", a("two.example.com"))]).ok();
}

#[test]
fn token_buckets() {
    let world = "[behaviour]\nthrottle = true\nrequest_burst = 3\nrequest_rate = 2\nchange_burst = 2\nchange_rate = 1\n";
    let mut probe = Probe::new(&format!("{world}{WORLD}"));
    for _ in 0..3 {
        probe.dns("GET", "hostedzone", "").ok();
    }
    let seen = probe.dns("GET", "hostedzone", "");
    assert_eq!((seen.status, seen.code().as_str()), (400, "Throttling"));
    probe.key = "222222222222".to_owned();
    probe.dns("GET", "hostedzone", "").ok();
    probe.key = "111111111111".to_owned();
    probe.wait(500);
    probe.dns("GET", "hostedzone", "").ok();
    assert_eq!(probe.dns("GET", "hostedzone", "").code(), "Throttling");
    probe.wait(1500);
    let batch = |n: usize| vec![("CREATE", a(&format!("x{n}.example.com"))); 1];
    probe.batch("Z1", &batch(1)).ok();
    probe.batch("Z1", &batch(2)).ok();
    assert_eq!(probe.batch("Z1", &batch(3)).code(), "Throttling");
}

#[test]
fn zones_have_a_life() {
    let mut probe = Probe::new(WORLD);
    let body = "<CreateHostedZoneRequest><Name>New.example</Name><CallerReference>r1</CallerReference>\
                <HostedZoneConfig><Comment>c</Comment></HostedZoneConfig></CreateHostedZoneRequest>";
    let seen = probe.dns("POST", "hostedzone", body).ok();
    assert_eq!(
        (seen.status, seen.find("Name").as_str()),
        (201, "new.example.")
    );
    assert!(seen.header("location").is_some());
    assert_eq!(seen.text.matches("<NameServer>").count(), 4);
    let id = seen.find("Id").trim_start_matches('/').to_owned();
    assert_eq!(
        probe.dns("POST", "hostedzone", body).code(),
        "HostedZoneAlreadyExists"
    );
    let zone = id.rsplit('/').next().unwrap().to_owned();
    assert_eq!(
        probe.names(&zone, 300),
        ["new.example. NS ", "new.example. SOA "]
    );
    probe
        .dns(
            "POST",
            &id,
            "<UpdateHostedZoneCommentRequest><Comment>d</Comment></UpdateHostedZoneCommentRequest>",
        )
        .ok();
    assert_eq!(probe.dns("GET", &id, "").find("Comment"), "d");
    probe.batch(&zone, &[("CREATE", a("x.new.example"))]).ok();
    assert_eq!(probe.dns("DELETE", &id, "").code(), "HostedZoneNotEmpty");
    probe.batch(&zone, &[("DELETE", a("x.new.example"))]).ok();
    probe.dns("DELETE", &id, "").ok();
    assert_eq!(probe.dns("GET", &id, "").code(), "NoSuchHostedZone");
}

#[test]
fn private_zones_have_vpcs() {
    let mut probe = Probe::new(WORLD);
    let vpc = |id: &str| format!("<VPC><VPCRegion>eu-west-1</VPCRegion><VPCId>{id}</VPCId></VPC>");
    let body = format!(
        "<R><Name>in.example</Name>{}<CallerReference>r</CallerReference></R>",
        vpc("vpc-1")
    );
    let seen = probe.dns("POST", "hostedzone", &body).ok();
    assert_eq!(seen.find("PrivateZone"), "true");
    let id = seen.find("Id").trim_start_matches('/').to_owned();
    let ask = |id: &str| format!("<R>{}</R>", vpc(id));
    assert_eq!(
        probe
            .dns("POST", &format!("{id}/disassociatevpc"), &ask("vpc-1"))
            .code(),
        "LastVPCAssociation"
    );
    probe
        .dns("POST", &format!("{id}/associatevpc"), &ask("vpc-2"))
        .ok();
    assert_eq!(probe.dns("GET", &id, "").text.matches("<VPCId>").count(), 2);
    probe
        .dns("POST", &format!("{id}/disassociatevpc"), &ask("vpc-1"))
        .ok();
    assert_eq!(
        probe
            .dns("POST", "hostedzone/Z1/associatevpc", &ask("vpc-1"))
            .code(),
        "PublicZoneVPCAssociation"
    );
    let seen = probe
        .dns(
            "GET",
            "hostedzonesbyvpc?vpcid=vpc-2&vpcregion=eu-west-1",
            "",
        )
        .ok();
    assert_eq!(seen.find("Name"), "in.example.");
}

#[test]
fn zones_are_listed_by_id_and_by_name() {
    let mut probe = Probe::new(WORLD);
    let seen = probe.dns("GET", "hostedzone?maxitems=1", "").ok();
    assert_eq!(
        (seen.find("Name"), seen.find("NextMarker")),
        ("example.com.".to_owned(), "Z2".to_owned())
    );
    let seen = probe.dns("GET", "hostedzone?maxitems=1&marker=Z2", "").ok();
    assert_eq!(
        (seen.find("Name"), seen.find("IsTruncated")),
        ("other.org.".to_owned(), "false".to_owned())
    );
    let seen = probe
        .dns(
            "GET",
            "hostedzonesbyname?dnsname=example.com&maxitems=1",
            "",
        )
        .ok();
    assert_eq!(
        (seen.find("Name"), seen.find("NextDNSName")),
        ("example.com.".to_owned(), "other.org.".to_owned())
    );
    let seen = probe.dns("GET", "hostedzonesbyname?dnsname=f.com", "").ok();
    assert_eq!(seen.find("Name"), "other.org.");
    assert_eq!(
        probe
            .dns("GET", "hostedzonecount", "")
            .find("HostedZoneCount"),
        "2"
    );
    let seen = probe
        .dns("GET", "hostedzonelimit/Z1/MAX_RRSETS_BY_ZONE", "")
        .ok();
    assert_eq!(
        (seen.find("Value"), seen.find("Count")),
        ("10000".to_owned(), "12".to_owned())
    );
    assert_eq!(
        probe.dns("GET", "hostedzone/Z9", "").code(),
        "NoSuchHostedZone",
        "another account's"
    );
}

#[test]
fn health_checks_have_a_life() {
    let mut probe = Probe::new(WORLD);
    let create = |reference: &str, config: &str| {
        format!(
            "<CreateHealthCheckRequest><CallerReference>{reference}</CallerReference><HealthCheckConfig>{config}</HealthCheckConfig></CreateHealthCheckRequest>"
        )
    };
    let https = "<Type>HTTPS</Type><FullyQualifiedDomainName>a.b</FullyQualifiedDomainName>";
    let seen = probe.dns("POST", "healthcheck", &create("r", https)).ok();
    for (name, value) in [
        ("RequestInterval", "30"),
        ("FailureThreshold", "3"),
        ("Port", "443"),
        ("EnableSNI", "true"),
        ("Inverted", "false"),
        ("MeasureLatency", "false"),
        ("HealthCheckVersion", "1"),
    ] {
        assert_eq!(seen.find(name), value, "{name}");
    }
    let id = seen.find("Id");
    assert_eq!(
        probe
            .dns("POST", "healthcheck", &create("r", https))
            .ok()
            .find("Id"),
        id
    );
    assert_eq!(
        probe
            .dns(
                "POST",
                "healthcheck",
                &create(
                    "r",
                    "<Type>TCP</Type><Port>1</Port><IPAddress>192.0.2.1</IPAddress>"
                )
            )
            .code(),
        "HealthCheckAlreadyExists"
    );
    let update =
        |body: &str| format!("<UpdateHealthCheckRequest>{body}</UpdateHealthCheckRequest>");
    let path = format!("healthcheck/{id}");
    let seen = probe
        .dns(
            "POST",
            &path,
            &update("<HealthCheckVersion>1</HealthCheckVersion><Inverted>true</Inverted>"),
        )
        .ok();
    assert_eq!(
        (seen.find("Inverted"), seen.find("HealthCheckVersion")),
        ("true".to_owned(), "2".to_owned())
    );
    assert_eq!(seen.find("FullyQualifiedDomainName"), "a.b");
    assert_eq!(
        probe
            .dns(
                "POST",
                &path,
                &update("<HealthCheckVersion>1</HealthCheckVersion>")
            )
            .code(),
        "HealthCheckVersionMismatch"
    );
    assert_eq!(
        probe
            .dns(
                "POST",
                &path,
                &update("<RequestInterval>10</RequestInterval>")
            )
            .code(),
        "InvalidInput"
    );
    for bad in [
        "<Type>NOPE</Type>",
        "<Type>HTTP</Type>",
        "<Type>HTTP</Type><IPAddress>10.0.0.1</IPAddress>",
        "<Type>TCP</Type><IPAddress>192.0.2.1</IPAddress>",
        "<Type>HTTP_STR_MATCH</Type><IPAddress>192.0.2.1</IPAddress>",
        "<Type>HTTP</Type><IPAddress>192.0.2.1</IPAddress><RequestInterval>20</RequestInterval>",
        "<Type>HTTP</Type><IPAddress>192.0.2.1</IPAddress><FailureThreshold>11</FailureThreshold>",
        "<Type>CALCULATED</Type>",
        "<Type>CALCULATED</Type><ChildHealthChecks><ChildHealthCheck>nope</ChildHealthCheck></ChildHealthChecks>",
        "<Type>CLOUDWATCH_METRIC</Type>",
        "<Type>RECOVERY_CONTROL</Type>",
    ] {
        assert_eq!(
            probe.dns("POST", "healthcheck", &create("x", bad)).code(),
            "InvalidInput",
            "{bad}"
        );
    }
    let calculated = format!(
        "<Type>CALCULATED</Type><HealthThreshold>1</HealthThreshold><ChildHealthChecks><ChildHealthCheck>{id}</ChildHealthCheck></ChildHealthChecks>"
    );
    probe
        .dns("POST", "healthcheck", &create("c", &calculated))
        .ok();
    assert_eq!(
        probe
            .dns("GET", "healthcheckcount", "")
            .find("HealthCheckCount"),
        "3"
    );
    assert_eq!(
        probe
            .dns("GET", "healthcheck?maxitems=2", "")
            .find("IsTruncated"),
        "true"
    );
    assert!(
        probe
            .dns("GET", "healthcheck/hc-1/status", "")
            .find("Status")
            .starts_with("Success")
    );
    probe.dns("DELETE", &path, "").ok();
    assert_eq!(probe.dns("GET", &path, "").code(), "NoSuchHealthCheck");
}

#[test]
fn tags() {
    let mut probe = Probe::new(WORLD);
    let add = "<R><AddTags><Tag><Key>k</Key><Value>v</Value></Tag><Tag><Key>l</Key><Value/></Tag></AddTags></R>";
    probe.dns("POST", "tags/hostedzone/Z1", add).ok();
    probe.dns("POST", "tags/healthcheck/hc-1", add).ok();
    probe
        .dns(
            "POST",
            "tags/hostedzone/Z1",
            "<R><RemoveTagKeys><Key>l</Key></RemoveTagKeys></R>",
        )
        .ok();
    let seen = probe.dns("GET", "tags/hostedzone/Z1", "").ok();
    assert_eq!(
        (seen.find("Value"), seen.text.matches("<Tag>").count()),
        ("v".to_owned(), 1)
    );
    let many = "<R><ResourceIds><ResourceId>hc-1</ResourceId></ResourceIds></R>";
    assert_eq!(
        probe
            .dns("POST", "tags/healthcheck", many)
            .ok()
            .text
            .matches("<Tag>")
            .count(),
        2
    );
    assert_eq!(
        probe.dns("GET", "tags/hostedzone/ZX", "").code(),
        "NoSuchHostedZone"
    );
    assert_eq!(
        probe.dns("GET", "tags/healthcheck/x", "").code(),
        "NoSuchHealthCheck"
    );
}
