//! A client for the unit tests: raw requests on a clock that the test turns.

use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};

use super::xml::Element;
use super::{Reply, Sandbox, World};

/// A sandbox, a clock, and who asks from where.
pub(crate) struct Probe {
    pub(crate) sandbox: Sandbox,
    pub(crate) now: Timestamp,
    pub(crate) key: String,
    pub(crate) region: String,
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) response: Response<Bytes>,
}

impl Seen {
    pub(crate) fn tree(&self) -> Element {
        Element::parse(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    /// The text of the first element of that name, wherever it is.
    pub(crate) fn find(&self, name: &str) -> String {
        let start = format!("<{name}>");
        let rest = self.text.split_once(&start).map_or("", |(_, rest)| rest);
        rest.split_once('<').map_or("", |(text, _)| text).to_owned()
    }

    pub(crate) fn code(&self) -> String {
        self.find("Code")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert!(self.status < 300, "{} {}", self.status, self.text);
        self
    }
}

impl Probe {
    pub(crate) fn new(world: &str) -> Self {
        Self {
            sandbox: Sandbox::new(&World::parse(world).unwrap()).unwrap(),
            now: "2026-11-24T12:00:00Z".parse().unwrap(),
            key: "111111111111".to_owned(),
            region: "us-east-1".to_owned(),
            headers: Vec::new(),
        }
    }

    pub(crate) fn wait(&mut self, milliseconds: i64) {
        self.now = self
            .now
            .checked_add(SignedDuration::from_millis(milliseconds))
            .unwrap();
    }

    pub(crate) fn reply(&mut self, service: &str, method: &str, target: &str, body: &str) -> Reply {
        let scope = format!(
            "{}/20261124/{}/{service}/aws4_request",
            self.key, self.region
        );
        let mut request = Request::builder().method(method).uri(target).header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"),
        );
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        self.sandbox.handle(self.now, request)
    }

    #[track_caller]
    pub(crate) fn send(&mut self, service: &str, method: &str, target: &str, body: &str) -> Seen {
        let reply = self.reply(service, method, target, body);
        let response = reply.response().expect("an answer");
        Seen {
            status: response.status().as_u16(),
            text: String::from_utf8(response.body().to_vec()).unwrap(),
            response,
        }
    }

    #[track_caller]
    pub(crate) fn dns(&mut self, method: &str, path: &str, body: &str) -> Seen {
        self.send("route53", method, &format!("/2013-04-01/{path}"), body)
    }

    #[track_caller]
    pub(crate) fn s3(&mut self, method: &str, path: &str, body: &str) -> Seen {
        self.send("s3", method, path, body)
    }

    /// Sends changes, each `ACTION` and the members of a ResourceRecordSet.
    #[track_caller]
    pub(crate) fn batch(&mut self, zone: &str, changes: &[(&str, String)]) -> Seen {
        let changes: Vec<String> = changes
            .iter()
            .map(|(action, set)| {
                format!(
                    "<Change><Action>{action}</Action>\
                     <ResourceRecordSet>{set}</ResourceRecordSet></Change>"
                )
            })
            .collect();
        let changes = changes.concat();
        let body = format!(
            "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">\
             <ChangeBatch><Changes>{changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
        );
        self.dns("POST", &format!("hostedzone/{zone}/rrset/"), &body)
    }

    /// The record sets of a zone as `name type id`, read page by page.
    pub(crate) fn names(&mut self, zone: &str, page: usize) -> Vec<String> {
        let mut all = Vec::new();
        let mut marker = String::new();
        loop {
            let path = format!("hostedzone/{zone}/rrset?maxitems={page}{marker}");
            let seen = self.dns("GET", &path, "").ok();
            let tree = seen.tree();
            for set in &tree.child("ResourceRecordSets").unwrap().children {
                let part = |name| set.raw(name).unwrap_or_default();
                all.push(format!(
                    "{} {} {}",
                    part("Name"),
                    part("Type"),
                    part("SetIdentifier")
                ));
            }
            if tree.raw("IsTruncated") == Some("false") {
                return all;
            }
            let part = |name| tree.raw(name).unwrap_or_default().replace('\\', "%5C");
            marker = format!(
                "&name={}&type={}&identifier={}",
                part("NextRecordName"),
                part("NextRecordType"),
                part("NextRecordIdentifier")
            );
        }
    }
}

/// The members of a plain set.
pub(crate) fn plain(name: &str, kind: &str, ttl: u64, values: &[&str]) -> String {
    with(name, kind, "", ttl, values)
}

/// The members of a plain set with more members, as `<SetIdentifier>..<Weight>..`.
pub(crate) fn with(name: &str, kind: &str, more: &str, ttl: u64, values: &[&str]) -> String {
    let values: String = values
        .iter()
        .map(|value| {
            Element::new("ResourceRecord")
                .with_leaf("Value", value)
                .document("")
                .lines()
                .skip(1)
                .collect::<String>()
        })
        .collect();
    format!(
        "<Name>{name}</Name><Type>{kind}</Type>{more}<TTL>{ttl}</TTL>\
         <ResourceRecords>{values}</ResourceRecords>"
    )
}

/// The members of an alias set.
pub(crate) fn alias(
    name: &str,
    kind: &str,
    more: &str,
    zone: &str,
    target: &str,
    evaluate: bool,
) -> String {
    format!(
        "<Name>{name}</Name><Type>{kind}</Type>{more}<AliasTarget><HostedZoneId>{zone}</HostedZoneId>\
         <DNSName>{target}</DNSName><EvaluateTargetHealth>{evaluate}</EvaluateTargetHealth></AliasTarget>"
    )
}
