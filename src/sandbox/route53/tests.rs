//! The operations of the Route 53 sandbox, each by the requests that meet it.

use super::super::probe::{Probe, plain};

pub(super) const WORLD: &str = r#"
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

fn a(name: &str) -> String {
    plain(name, "A", 60, &["192.0.2.7"])
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
        .dns("GET", "accountlimit/MAX_HEALTH_CHECKS_BY_OWNER", "")
        .ok();
    assert_eq!(
        (seen.find("Value"), seen.find("Count")),
        ("200".to_owned(), "1".to_owned())
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

fn create_check(reference: &str, config: &str) -> String {
    format!(
        "<CreateHealthCheckRequest><CallerReference>{reference}</CallerReference>\
         <HealthCheckConfig>{config}</HealthCheckConfig></CreateHealthCheckRequest>"
    )
}

#[test]
fn health_checks_that_cannot_be() {
    let mut probe = Probe::new(WORLD);
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
            probe
                .dns("POST", "healthcheck", &create_check("x", bad))
                .code(),
            "InvalidInput",
            "{bad}"
        );
    }
}

#[test]
fn health_checks_have_a_life() {
    let mut probe = Probe::new(WORLD);
    let https = "<Type>HTTPS</Type><FullyQualifiedDomainName>a.b</FullyQualifiedDomainName>";
    let seen = probe
        .dns("POST", "healthcheck", &create_check("r", https))
        .ok();
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
            .dns("POST", "healthcheck", &create_check("r", https))
            .ok()
            .find("Id"),
        id
    );
    assert_eq!(
        probe
            .dns(
                "POST",
                "healthcheck",
                &create_check(
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
    let calculated = format!(
        "<Type>CALCULATED</Type><HealthThreshold>1</HealthThreshold><ChildHealthChecks><ChildHealthCheck>{id}</ChildHealthCheck></ChildHealthChecks>"
    );
    probe
        .dns("POST", "healthcheck", &create_check("c", &calculated))
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
