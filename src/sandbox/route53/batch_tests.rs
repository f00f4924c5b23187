//! The rules of a batch of record changes, each by the requests that meet it.

use super::super::probe::{Probe, alias, plain, with};
use super::tests::WORLD;

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
