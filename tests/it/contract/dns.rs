//! The kinds of Route 53: a zone, records of every shape, health checks of every type.

use super::body::{Again, Case, Meddle};
use super::clients::text;

/// The zone of a case, to which the record is added.
const ZONE: &str = "[[route53_zone]]\nname = \"{case}.example\"\n";

macro_rules! meddle {
    (|$clients:ident| $body:expr) => {
        |$clients| Box::pin(async move { $body })
    };
}
pub(super) use meddle;

fn record(
    name: &'static str,
    id: &'static str,
    declared: &'static str,
    meddle: Meddle,
    drifts: &'static [&'static str],
) -> Case {
    Case {
        name,
        kind: "route53_record",
        setup: meddle!(|clients| clients.zone().await),
        declared,
        id,
        meddle,
        drifts,
        left: ZONE,
        again: Again::Create,
    }
}

macro_rules! records {
    ($($name:literal, $kind:literal, $drifts:expr, $meddle:expr, $fields:literal;)+) => {
        vec![$(record(
            $name,
            concat!("{case}.example/x.{case}.example/", $kind),
            concat!(
                "[[route53_zone]]\nname = \"{case}.example\"\n",
                "[[route53_record]]\nzone = \"{case}.example\"\nname = \"x\"\ntype = \"", $kind,
                "\"\nprune = true\n", $fields, "\n"
            ),
            $meddle,
            $drifts,
        )),+]
    };
}

/// Another lifetime.
const TTL: Meddle = meddle!(|clients| {
    clients
        .replace("x.", |set| set.ttl = set.ttl.map(|ttl| ttl + 7))
        .await
});
/// Another weight.
const WEIGHT: Meddle = meddle!(|clients| {
    clients
        .replace("x.", |set| set.weight = set.weight.map(|weight| weight + 7))
        .await
});
/// Another answer to the question whether the target's health counts.
const HEALTH: Meddle = meddle!(|clients| {
    clients
        .replace("x.", |set| {
            if let Some(alias) = &mut set.alias_target {
                alias.evaluate_target_health = !alias.evaluate_target_health;
            }
        })
        .await
});

pub(super) fn cases() -> Vec<Case> {
    let mut cases = records![
        "plain-a", "A", &["/ttl"], TTL, "ttl = \"60s\"\nvalues = [\"192.0.2.2\", \"192.0.2.1\"]";
        "plain-aaaa", "AAAA", &["/ttl"], TTL, "ttl = \"60s\"\nvalues = [\"2001:DB8:0:0::1\"]";
        "plain-txt", "TXT", &["/ttl"], TTL, "ttl = \"60s\"\nvalues = [\"v=spf1 \\\"x\\\" -all; é\"]";
        "plain-mx", "MX", &["/ttl"], TTL, "ttl = \"60s\"\nvalues = [\"10 mail.example.com\"]";
        "plain-srv", "SRV", &["/ttl"], TTL, "ttl = \"60s\"\nvalues = [\"1 10 5269 xmpp.example.com\"]";
        "plain-cname", "CNAME", &["/ttl"], TTL, "ttl = \"60s\"\nvalues = [\"Other.Example.com\"]";
        "plain-caa", "CAA", &["/ttl"], TTL, "ttl = \"60s\"\nvalues = ['0 issue \"ca.example.com\"']";
        "alias-outside", "A", &["/alias/evaluate_target_health"], HEALTH,
            "alias = { target = \"lb-1.eu-central-1.elb.amazonaws.com\", zone = \"Z215JYRZR1TBD5\" }";
        "weighted", "A", &["/weighted/[id=a]/weight"], WEIGHT,
            "ttl = \"60s\"\nweighted = [{ id = \"a\", weight = 1, values = [\"192.0.2.1\"] }, { id = \"b\", weight = 0, values = [\"192.0.2.2\"] }]";
        "failover", "A", &["/failover/[id=a]/ttl"], TTL,
            "ttl = \"60s\"\nfailover = [{ id = \"a\", role = \"primary\", values = [\"192.0.2.1\"] }, { id = \"b\", role = \"secondary\", values = [\"192.0.2.2\"] }]";
        "latency", "A", &["/latency/[id=a]/ttl"], TTL,
            "ttl = \"60s\"\nlatency = [{ id = \"a\", region = \"eu-central-1\", values = [\"192.0.2.1\"] }, { id = \"b\", region = \"eu-west-1\", values = [\"192.0.2.2\"] }]";
        "geolocation", "A", &["/geolocation/[id=a]/ttl"], TTL,
            "ttl = \"60s\"\ngeolocation = [{ id = \"a\", continent = \"EU\", values = [\"192.0.2.1\"] }, { id = \"b\", country = \"*\", values = [\"192.0.2.2\"] }]";
        "geoproximity", "A", &["/geoproximity/[id=a]/ttl"], TTL,
            "ttl = \"60s\"\ngeoproximity = [{ id = \"a\", region = \"eu-central-1\", bias = 5, values = [\"192.0.2.1\"] }]";
        "by-ip", "A", &["/ip/[id=a]/ttl"], TTL,
            "ttl = \"60s\"\nip = [{ id = \"a\", collection = \"c-1\", location = \"*\", values = [\"192.0.2.1\"] }]";
        "multivalue", "A", &["/multivalue/[id=a]/ttl"], TTL,
            "ttl = \"60s\"\nmultivalue = [{ id = \"a\", values = [\"192.0.2.1\"] }, { id = \"b\", values = [\"192.0.2.2\"] }]";
    ];
    cases.extend(names());
    cases.extend(checks());
    cases.push(Case {
        name: "made-zone",
        kind: "route53_zone",
        setup: meddle!(|_clients| Ok(())),
        declared: "[[route53_zone]]\nname = \"{case}.example\"\ncreate = true\ncomment = \"ours\"\nprune = true\n",
        id: "{case}.example",
        meddle: meddle!(|clients| clients.comment("theirs").await),
        drifts: &["/comment"],
        left: "",
        again: Again::Create,
    });
    cases
}

/// Names that the service writes in another way than people do.
fn names() -> Vec<Case> {
    vec![
        record(
            "wild-card",
            "{case}.example/*.{case}.example/A",
            "[[route53_zone]]\nname = \"{case}.example\"\n[[route53_record]]\nzone = \"{case}.example\"\nname = \"*\"\ntype = \"A\"\nttl = \"60s\"\nvalues = [\"192.0.2.1\"]\nprune = true\n",
            meddle!(|clients| clients.replace_any(&["\\052", "*"]).await),
            &["/ttl"],
        ),
        record(
            "apex",
            "{case}.example/{case}.example/A",
            "[[route53_zone]]\nname = \"{case}.example\"\n[[route53_record]]\nzone = \"{case}.example\"\nname = \"@\"\ntype = \"A\"\nttl = \"60s\"\nvalues = [\"192.0.2.1\"]\nprune = true\n",
            meddle!(|clients| clients.replace_any(&["apex.example."]).await),
            &["/ttl"],
        ),
    ]
}

macro_rules! checks {
    ($($name:literal, $drifts:expr, $meddle:expr, $fields:literal, $before:literal;)+) => {
        vec![$(Case {
            name: $name,
            kind: "route53_health_check",
            setup: meddle!(|_clients| Ok(())),
            declared: concat!($before, "[[route53_health_check]]\nname = \"{case}\"\nprune = true\n", $fields, "\n"),
            id: "{case}",
            meddle: $meddle,
            drifts: $drifts,
            left: $before,
            again: Again::Create,
        }),+]
    };
}

/// Another number of failures.
const FAILURES: Meddle = meddle!(|clients| {
    let id = clients.check_id(&clients.name).await?;
    let call = clients.dns.update_health_check().health_check_id(id);
    call.failure_threshold(7)
        .send()
        .await
        .map(drop)
        .map_err(text)
});
/// Turned around.
const INVERTED: Meddle = meddle!(|clients| {
    let id = clients.check_id(&clients.name).await?;
    let call = clients.dns.update_health_check().health_check_id(id);
    call.inverted(true).send().await.map(drop).map_err(text)
});

fn checks() -> Vec<Case> {
    checks![
        "check-https", &["/failures"], FAILURES,
            "type = \"HTTPS\"\nhost = \"a.example.com\"\npath = \"/health\"", "";
        "check-tcp", &["/failures"], FAILURES,
            "type = \"TCP\"\nip = \"192.0.2.1\"\nport = 443\ninterval = \"10s\"", "";
        "check-text", &["/failures"], FAILURES,
            "type = \"HTTP_STR_MATCH\"\nhost = \"a.example.com\"\nsearch = \"ok\"", "";
        "check-inverted", &["/inverted"], INVERTED,
            "type = \"HTTP\"\nhost = \"a.example.com\"", "";
        "check-calculated", &["/inverted"], INVERTED,
            "type = \"CALCULATED\"\nchildren = [\"child\"]\nhealthy_children = 1",
            "[[route53_health_check]]\nname = \"child\"\ntype = \"TCP\"\nip = \"192.0.2.1\"\nport = 443\n";
        "check-alarm", &["/inverted"], INVERTED,
            "type = \"CLOUDWATCH_METRIC\"\nalarm = { region = \"eu-central-1\", name = \"down\" }\ninsufficient_data = \"LastKnownStatus\"", "";
        "check-control", &["/inverted"], INVERTED,
            "type = \"RECOVERY_CONTROL\"\nrouting_control = \"arn:aws:route53-recovery-control::111111111111:controlpanel/abc/routingcontrol/def\"", "";
    ]
}
