//! Random records of every shape, written both as people declare them and as a world holds them.
//!
//! The two texts are made side by side from one value, each in a spelling of its own, and share no
//! code with drsync or the sandbox.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// A health check that is there and that nobody declares.
pub(crate) const CHECK: &str = "11111111-2222-4333-8444-555555555555";
const ZONE: &str = "example.com";
/// Records that are always declared and always there, so that aliases have something to point at.
const BASE: [(&str, &str); 2] = [("A", "192.0.2.1"), ("AAAA", "2001:db8::1")];

/// A record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) shape: Shape,
}

/// What it answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    One(Answer),
    Group(&'static str, u32, Vec<Member>),
}

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Values(u32, Vec<String>),
    Alias(bool),
    Outside,
}

/// A member of a group: its number tells it from the others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    number: usize,
    weight: u8,
    checked: bool,
    answer: Answer,
}

const GROUPS: [&str; 7] = [
    "weighted",
    "failover",
    "latency",
    "geolocation",
    "geoproximity",
    "ip",
    "multivalue",
];
const KINDS: [&str; 8] = ["A", "A", "AAAA", "TXT", "MX", "SRV", "CNAME", "CAA"];
const NAMES: [&str; 9] = [
    "a",
    "b",
    "c.b",
    "*.w",
    "x-y",
    "_srv._tcp",
    "@",
    "deep.er.a",
    "at@sign",
];

fn value(kind: &'static str) -> BoxedStrategy<String> {
    match kind {
        "A" => any::<u8>().prop_map(|n| format!("192.0.2.{n}")).boxed(),
        "AAAA" => any::<u16>()
            .prop_map(|n| format!("2001:db8::{n:x}"))
            .boxed(),
        "MX" => (0..99_u8, "[a-z]{1,8}")
            .prop_map(|(n, host)| format!("{n} {host}.example.net"))
            .boxed(),
        "SRV" => (0..99_u8, "[a-z]{1,8}")
            .prop_map(|(n, host)| format!("{n} 1 443 {host}.example.net"))
            .boxed(),
        "CNAME" => "[a-z]{1,8}"
            .prop_map(|host| format!("{host}.example.net"))
            .boxed(),
        "CAA" => "[a-z]{1,8}"
            .prop_map(|host| format!("0 issue \"{host}.example.net\""))
            .boxed(),
        // A text that begins with a quote is a list of strings already.
        _ => "[a-zé;=\\\\ ][a-z\"\\\\é; ]{0,300}[a-z.]".boxed(),
    }
}

fn values(kind: &'static str, most: usize) -> BoxedStrategy<Vec<String>> {
    let most = if kind == "CNAME" { 1 } else { most };
    proptest::collection::btree_set(value(kind), 1..=most)
        .prop_map(|set| set.into_iter().collect())
        .boxed()
}

fn answer(kind: &'static str, most: usize) -> BoxedStrategy<Answer> {
    let plain =
        (1..100_000_u32, values(kind, most)).prop_map(|(ttl, list)| Answer::Values(ttl, list));
    if kind == "A" || kind == "AAAA" {
        prop_oneof![3 => plain, 1 => any::<bool>().prop_map(Answer::Alias), 1 => Just(Answer::Outside)].boxed()
    } else {
        plain.boxed()
    }
}

fn member(
    kind: &'static str,
    group: &'static str,
    ttl: u32,
    number: usize,
) -> BoxedStrategy<Member> {
    let most = if group == "weighted" || group == "multivalue" {
        1
    } else {
        3
    };
    (any::<u8>(), any::<bool>(), answer(kind, most))
        .prop_map(move |(weight, checked, answer)| {
            let answer = match (group, answer) {
                // All weighted members have one TTL, and a group that answers many at once has none
                // that answers for another.
                ("weighted", Answer::Values(_, list)) => Answer::Values(ttl, list),
                ("failover", Answer::Alias(_) | Answer::Outside) => Answer::Alias(true),
                ("multivalue", Answer::Alias(_) | Answer::Outside) => Answer::Values(
                    ttl,
                    vec![if kind == "A" {
                        "192.0.2.77".to_owned()
                    } else {
                        "2001:db8::77".to_owned()
                    }],
                ),
                (_, answer) => answer,
            };
            Member {
                number,
                weight,
                checked,
                answer,
            }
        })
        .boxed()
}

fn shape(kind: &'static str) -> BoxedStrategy<Shape> {
    let one = answer(kind, 4).prop_map(Shape::One);
    let group = (select(&GROUPS[..]), 1..100_000_u32, 1..=3_usize).prop_flat_map(
        move |(group, ttl, count)| {
            let count = if group == "failover" { 2 } else { count };
            let members: Vec<_> = (0..count)
                .map(|number| member(kind, group, ttl, number))
                .collect();
            members.prop_map(move |members| Shape::Group(group, ttl, members))
        },
    );
    // A CNAME cannot answer many at once, and CAA records are tested enough as plain ones.
    if kind == "CNAME" || kind == "CAA" {
        one.boxed()
    } else {
        prop_oneof![2 => one, 3 => group].boxed()
    }
}

fn record() -> impl Strategy<Value = Record> {
    (select(&NAMES[..]), select(&KINDS[..])).prop_flat_map(|(name, kind)| {
        shape(kind).prop_map(move |shape| Record {
            name: name.to_owned(),
            kind,
            shape,
        })
    })
}

/// Random records that may stand in one zone together.
pub(crate) fn records(most: usize) -> impl Strategy<Value = Vec<Record>> {
    proptest::collection::vec(record(), 0..=most).prop_map(|records| {
        let mut seen = BTreeMap::new();
        for record in records {
            if record.kind == "CNAME" && record.name == "@" {
                continue;
            }
            seen.entry((record.name.clone(), record.kind))
                .or_insert(record);
        }
        let names: BTreeSet<String> = seen
            .keys()
            .filter(|(_, kind)| *kind == "CNAME")
            .map(|(name, _)| name.clone())
            .collect();
        // A name with a CNAME has nothing else.
        seen.into_values()
            .filter(|record| record.kind == "CNAME" || !names.contains(&record.name))
            .collect()
    })
}

/// Random records, and a part of them that is live in another form.
pub(crate) fn two_worlds() -> impl Strategy<Value = (Vec<Record>, Vec<Record>)> {
    (records(10), records(10)).prop_flat_map(|(desired, other)| {
        let most = desired.len();
        (
            Just(desired.clone()),
            subsequence(desired, 0..=most),
            Just(other),
        )
            .prop_map(|(desired, same, other)| {
                let mut live = same;
                for record in other {
                    let clashes = live.iter().any(|one| {
                        one.name == record.name
                            && (one.kind == record.kind
                                || one.kind == "CNAME"
                                || record.kind == "CNAME")
                    });
                    // What is live and not declared must leave the declared a place to be made.
                    let blocks = desired.iter().any(|one| {
                        one.name == record.name
                            && one.kind != record.kind
                            && (one.kind == "CNAME" || record.kind == "CNAME")
                    });
                    if !clashes && !blocks {
                        live.push(record);
                    }
                }
                (desired, live)
            })
    })
}

fn text(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn list(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(", "))
}

/// A text as a zone may hold it: strings of odd lengths, every byte but letters escaped.
fn stored(kind: &str, value: &str) -> String {
    match kind {
        "TXT" => {
            let strings: Vec<String> = value
                .as_bytes()
                .chunks(97)
                .map(|chunk| {
                    let mut out = String::from("\"");
                    for byte in chunk {
                        if byte.is_ascii_alphanumeric() {
                            out.push(char::from(*byte));
                        } else {
                            write!(out, "\\{byte:03o}").unwrap();
                        }
                    }
                    out + "\""
                })
                .collect();
            strings.join(" ")
        }
        "MX" | "SRV" | "CNAME" => format!("{value}."),
        _ => value.to_owned(),
    }
}

impl Record {
    /// The entry that declares it.
    pub(crate) fn entry(&self) -> String {
        let mut out = format!(
            "[[route53_record]]\nzone = \"{ZONE}\"\nname = {}\ntype = \"{}\"\nconvert = true\n",
            text(&self.name),
            self.kind
        );
        match &self.shape {
            Shape::One(answer) => {
                for (key, value) in Self::answered(answer) {
                    writeln!(out, "{key} = {value}").unwrap();
                }
            }
            Shape::Group(group, _, members) => {
                let members = members.iter().map(|member| {
                    let mut parts = vec![format!("id = \"m{}\"", member.number)];
                    parts.extend(place(group, member, true));
                    parts.extend(
                        Self::answered(&member.answer)
                            .into_iter()
                            .map(|(key, value)| format!("{key} = {value}")),
                    );
                    if member.checked {
                        parts.push(format!("health_check = \"{CHECK}\""));
                    }
                    format!("{{ {} }}", parts.join(", "))
                });
                writeln!(out, "{group} = {}", list(members)).unwrap();
            }
        }
        out
    }

    fn answered(answer: &Answer) -> Vec<(&'static str, String)> {
        match answer {
            Answer::Values(ttl, values) => vec![
                ("ttl", format!("\"{ttl}s\"")),
                ("values", list(values.iter().map(|value| text(value)))),
            ],
            Answer::Alias(health) => vec![(
                "alias",
                format!("{{ target = \"base.{ZONE}\", evaluate_target_health = {health} }}"),
            )],
            Answer::Outside => vec![("alias", "{ target = \"d111.cloudfront.net\" }".to_owned())],
        }
    }

    /// The record sets of a world that are it.
    pub(crate) fn sets(&self) -> String {
        let head = format!("name = {}, type = \"{}\"", text(&self.name), self.kind);
        let answer = |answer: &Answer| match answer {
            Answer::Values(ttl, values) => format!(
                "ttl = {ttl}, values = {}",
                list(values.iter().map(|value| text(&stored(self.kind, value))))
            ),
            Answer::Alias(health) => {
                format!("alias = {{ name = \"base\", evaluate_target_health = {health} }}")
            }
            Answer::Outside => {
                "alias = { zone_id = \"Z2FDTNDATAQYW2\", name = \"D111.CloudFront.net.\" }"
                    .to_owned()
            }
        };
        match &self.shape {
            Shape::One(one) => format!("  {{ {head}, {} }},\n", answer(one)),
            Shape::Group(group, _, members) => members
                .iter()
                .map(|member| {
                    let mut parts = vec![
                        head.clone(),
                        format!("set_identifier = \"m{}\"", member.number),
                        answer(&member.answer),
                    ];
                    parts.extend(place(group, member, false));
                    if member.checked {
                        parts.push(format!("health_check_id = \"{CHECK}\""));
                    }
                    format!("  {{ {} }},\n", parts.join(", "))
                })
                .collect::<Vec<_>>()
                .concat(),
        }
    }
}

/// What tells a member from the others of its group: as declared, or as a world holds it.
fn place(group: &str, member: &Member, declared: bool) -> Vec<String> {
    let number = member.number;
    let region = ["eu-central-1", "eu-west-1", "us-east-1"][number % 3];
    let country = ["DE", "IE", "*"][number % 3];
    let role = ["primary", "secondary"][number % 2];
    let bias = i32::from(member.weight % 99);
    let one = match (group, declared) {
        ("weighted", _) => format!("weight = {}", member.weight),
        ("failover", true) => format!("role = \"{role}\""),
        ("failover", false) => format!("failover = \"{}\"", role.to_uppercase()),
        ("latency", _) => format!("region = \"{region}\""),
        ("geolocation", true) => format!("country = \"{country}\""),
        ("geolocation", false) => format!("geo = {{ country = \"{country}\" }}"),
        ("geoproximity", true) => format!("region = \"{region}\", bias = {bias}"),
        ("geoproximity", false) => {
            format!("geoproximity = {{ aws_region = \"{region}\", bias = {bias} }}")
        }
        ("ip", true) => format!("collection = \"c-1\", location = \"l{number}\""),
        ("ip", false) => {
            format!("cidr = {{ collection_id = \"c-1\", location_name = \"l{number}\" }}")
        }
        (_, true) => return Vec::new(),
        (_, false) => "multivalue = true".to_owned(),
    };
    vec![one]
}

/// The records that aliases point at, as declared.
pub(crate) fn base_entries() -> String {
    BASE.iter()
        .map(|(kind, value)| {
            format!(
                "[[route53_record]]\nzone = \"{ZONE}\"\nname = \"base\"\ntype = \"{kind}\"\nttl = \"60s\"\nvalues = [\"{value}\"]\n"
            )
        })
        .collect::<Vec<_>>()
        .concat()
}

/// A world with these records, the base, the check and things that nobody declares.
pub(crate) fn world(records: &[Record]) -> String {
    let base: String = BASE
        .iter()
        .map(|(kind, value)| {
            format!(
                "  {{ name = \"base\", type = \"{kind}\", ttl = 60, values = [\"{value}\"] }},\n"
            )
        })
        .collect::<Vec<_>>()
        .concat();
    let sets: String = records.iter().map(Record::sets).collect();
    format!(
        "[[account]]\nid = \"111111111111\"\n\
         [[health_check]]\nid = \"{CHECK}\"\ntype = \"TCP\"\nconfig = {{ IPAddress = \"192.0.2.9\", Port = 443 }}\n\
         [[zone]]\nid = \"ZMAIN\"\nname = \"{ZONE}\"\nrecords = [\n{base}{sets}]\n\
         [[zone]]\nid = \"ZOTHER\"\nname = \"other.example\"\nrecords = [{{ name = \"x\", type = \"A\", ttl = 5, values = [\"192.0.2.8\"] }}]\n\
         [[bucket]]\nname = \"nobodys-bucket\"\nregion = \"eu-central-1\"\nversioning = \"Enabled\"\n"
    )
}

/// An environment that declares these records and the base.
pub(crate) fn environment(records: &[Record], exclusive: bool) -> String {
    let entries: String = records.iter().map(Record::entry).collect();
    format!("{}{}{entries}", zone_entry(exclusive), base_entries())
}

/// The entry of the zone.
pub(crate) fn zone_entry(exclusive: bool) -> String {
    format!("[[route53_zone]]\nname = \"{ZONE}\"\nadopt = true\nexclusive = {exclusive}\n")
}
