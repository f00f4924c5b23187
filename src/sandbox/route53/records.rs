//! Record sets: their shape on the wire, their identity, and their order in a zone.
//!
//! In: a ResourceRecordSet element. Out: a [`RecordSet`] whose name is in stored form, and back.
//! What one set may hold by its shape alone is checked here (InvalidInput); what the service only
//! finds when it looks at the zone is in `rules`. It must not know batches.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;

use super::super::answer::Refusal;
use super::super::xml::Element;
use super::{names, values};

/// The place of a set in its zone: reversed name, type, set identifier.
pub(crate) type Key = (String, String, String);

/// A record set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RecordSet {
    /// The name, in stored form.
    pub(crate) name: String,
    /// The record type.
    pub(crate) kind: String,
    /// Tells apart the members of a policy.
    pub(crate) set_identifier: Option<String>,
    /// The routing policy.
    pub(crate) policy: Policy,
    /// What is answered.
    pub(crate) content: Content,
    /// The health check that decides whether it is answered.
    pub(crate) health_check_id: Option<String>,
    /// The traffic policy instance that owns it.
    pub(crate) traffic_policy_instance_id: Option<String>,
}

/// What a set answers: the two shapes exclude each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Content {
    /// Values with a time to live.
    Plain(u64, Vec<String>),
    /// The answers of another name.
    Alias {
        /// The zone of the target.
        zone: String,
        /// The target, in stored form.
        name: String,
        /// Whether the target's health counts.
        evaluate: bool,
    },
}

/// A routing policy, with what makes a member differ from the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Policy {
    /// No policy.
    Simple,
    /// A weight.
    Weighted(u64),
    /// `PRIMARY` or `SECONDARY`.
    Failover(String),
    /// An AWS region.
    Latency(String),
    /// A GeoLocation element.
    Geolocation(Element),
    /// A GeoProximityLocation element.
    Geoproximity(Element),
    /// A CidrRoutingConfig element.
    IpBased(Element),
    /// Up to eight healthy answers.
    Multivalue,
}

impl Policy {
    /// The policy's name, for messages and for comparing kinds of policies.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Weighted(_) => "weighted",
            Self::Failover(_) => "failover",
            Self::Latency(_) => "latency",
            Self::Geolocation(_) => "geolocation",
            Self::Geoproximity(_) => "geoproximity",
            Self::IpBased(_) => "cidr",
            Self::Multivalue => "multivalue answer",
        }
    }

    fn read(set: &Element) -> Result<Self, String> {
        let mut found = Vec::new();
        if let Some(text) = set.text_at(&["Weight"]) {
            let weight = text.parse().ok().filter(|weight| *weight <= 255);
            found.push(Self::Weighted(weight.ok_or_else(|| facet("Weight", text))?));
        }
        if let Some(text) = set.text_at(&["Failover"]) {
            if !["PRIMARY", "SECONDARY"].contains(&text) {
                return Err(facet("Failover", text));
            }
            found.push(Self::Failover(text.to_owned()));
        }
        if let Some(text) = set.text_at(&["Region"]) {
            found.push(Self::Latency(text.to_owned()));
        }
        if let Some(place) = set.child("GeoLocation") {
            found.push(Self::Geolocation(geolocation(place)?));
        }
        if let Some(place) = set.child("GeoProximityLocation") {
            found.push(Self::Geoproximity(geoproximity(place)?));
        }
        if let Some(config) = set.child("CidrRoutingConfig") {
            found.push(Self::IpBased(config.clone()));
        }
        match set.text_at(&["MultiValueAnswer"]) {
            Some("true") => found.push(Self::Multivalue),
            None | Some("false") => {}
            Some(other) => return Err(facet("MultiValueAnswer", other)),
        }
        match (found.pop(), found.pop()) {
            (policy, None) => Ok(policy.unwrap_or(Self::Simple)),
            (Some(one), Some(other)) => Err(format!(
                "Invalid request: Expected at most one routing policy, but found {} and {}",
                other.name(),
                one.name()
            )),
            (None, Some(_)) => Ok(Self::Simple),
        }
    }
}

impl RecordSet {
    /// Reads a ResourceRecordSet element; its refusal is the service's InvalidInput.
    pub(crate) fn read(set: &Element) -> Result<Self, Refusal> {
        Self::shape(set).map_err(|reason| Refusal::new(400, "InvalidInput", reason))
    }

    fn shape(set: &Element) -> Result<Self, String> {
        let text = |name: &str| set.text_at(&[name]).filter(|text| !text.is_empty());
        let kind = text("Type").unwrap_or_default();
        if !values::TYPES.contains(&kind) {
            return Err(facet("Type", kind));
        }
        let name = names::canonical(text("Name").unwrap_or_default())?;
        let set_identifier = set.raw("SetIdentifier").map(str::to_owned);
        let described = format!(
            "Change with [Name={name}, Type={kind}, SetIdentifier={}]",
            set_identifier.as_deref().unwrap_or("null")
        );
        if let Some(id) = &set_identifier
            && !(1..=128).contains(&id.chars().count())
        {
            return Err(facet("SetIdentifier", id));
        }
        let policy = Policy::read(set)?;
        let owned = text("TrafficPolicyInstanceId").map(str::to_owned);
        match (&policy, &set_identifier) {
            (Policy::Simple, Some(_)) => {
                return Err(format!(
                    "Invalid request: Missing field 'Weight', 'Region', 'Failover', 'GeoLocation', \
                     'GeoProximityLocation', 'CidrRoutingConfig' or 'MultiValueAnswer' in {described}"
                ));
            }
            (Policy::Simple, None) | (_, Some(_)) => {}
            (_, None) => {
                return Err(format!(
                    "Invalid request: Missing field 'SetIdentifier' in {described}"
                ));
            }
        }
        Ok(Self {
            content: Content::read(set, &described)?,
            name,
            kind: kind.to_owned(),
            set_identifier,
            policy,
            health_check_id: text("HealthCheckId").map(str::to_owned),
            traffic_policy_instance_id: owned,
        })
    }

    /// The ResourceRecordSet element, its members in the order of the service's model.
    pub(crate) fn write(&self) -> Element {
        let mut set = Element::new("ResourceRecordSet")
            .with_leaf("Name", &self.name)
            .with_leaf("Type", &self.kind);
        set = set.with_some("SetIdentifier", self.set_identifier.as_ref());
        set = match &self.policy {
            Policy::Simple => set,
            Policy::Weighted(weight) => set.with_leaf("Weight", weight),
            Policy::Failover(role) => set.with_leaf("Failover", role),
            Policy::Latency(region) => set.with_leaf("Region", region),
            Policy::Multivalue => set.with_leaf("MultiValueAnswer", true),
            Policy::Geolocation(place) | Policy::Geoproximity(place) | Policy::IpBased(place) => {
                set.with(place.clone())
            }
        };
        set = match &self.content {
            Content::Plain(ttl, values) => set.with_leaf("TTL", ttl).with(
                Element::new("ResourceRecords").with_all(
                    values
                        .iter()
                        .map(|value| Element::new("ResourceRecord").with_leaf("Value", value)),
                ),
            ),
            Content::Alias {
                zone,
                name,
                evaluate,
            } => set.with(
                Element::new("AliasTarget")
                    .with_leaf("HostedZoneId", zone)
                    .with_leaf("DNSName", name)
                    .with_leaf("EvaluateTargetHealth", evaluate),
            ),
        };
        set.with_some("HealthCheckId", self.health_check_id.as_ref())
            .with_some(
                "TrafficPolicyInstanceId",
                self.traffic_policy_instance_id.as_ref(),
            )
    }

    /// The identity and place in the zone.
    pub(crate) fn key(&self) -> Key {
        let id = self.set_identifier.clone().unwrap_or_default();
        (names::reversed(&self.name), self.kind.clone(), id)
    }

    /// The identity as the service's messages write it.
    pub(crate) fn label(&self) -> String {
        match &self.set_identifier {
            Some(id) => format!(
                "[name='{}', type='{}', set identifier='{id}']",
                self.name, self.kind
            ),
            None => format!("[name='{}', type='{}']", self.name, self.kind),
        }
    }

    /// Whether two sets say the same; the order of values carries no meaning.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let sorted = |set: &Self| {
            let mut set = set.clone();
            if let Content::Plain(_, values) = &mut set.content {
                values.sort_unstable();
            }
            set
        };
        sorted(self) == sorted(other)
    }

    /// What a set adds to a batch: ResourceRecord elements (an alias counts as one) and characters.
    pub(crate) fn size(&self) -> (usize, usize) {
        match &self.content {
            Content::Plain(_, values) => (
                values.len(),
                values.iter().map(|value| value.chars().count()).sum(),
            ),
            Content::Alias { .. } => (1, 0),
        }
    }
}

impl Content {
    fn read(set: &Element, described: &str) -> Result<Self, String> {
        let expected = "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and \
                        ResourceRecords], or TrafficPolicyInstanceId], but found";
        let ttl = set.text_at(&["TTL"]);
        let records = set.child("ResourceRecords");
        let values: Vec<String> = records
            .into_iter()
            .flat_map(|records| records.all("ResourceRecord"))
            .map(|record| record.text_at(&["Value"]).unwrap_or_default().to_owned())
            .collect();
        match (set.child("AliasTarget"), ttl, values.is_empty()) {
            (Some(target), None, true) => {
                let text = |name: &str| target.text_at(&[name]).filter(|text| !text.is_empty());
                let missing =
                    |name: &str| format!("Invalid request: Missing field '{name}' in {described}");
                let evaluate =
                    text("EvaluateTargetHealth").ok_or_else(|| missing("EvaluateTargetHealth"))?;
                let zone = text("HostedZoneId").ok_or_else(|| missing("HostedZoneId"))?;
                Ok(Self::Alias {
                    zone: zone.trim_start_matches("/hostedzone/").to_owned(),
                    name: names::canonical(text("DNSName").ok_or_else(|| missing("DNSName"))?)?,
                    evaluate: evaluate
                        .parse()
                        .map_err(|_| facet("EvaluateTargetHealth", evaluate))?,
                })
            }
            (None, Some(text), false) => {
                let ttl = text.parse().ok().filter(|ttl| *ttl <= 2_147_483_647);
                Ok(Self::Plain(ttl.ok_or_else(|| facet("TTL", text))?, values))
            }
            (Some(_), _, _) => Err(format!("{expected} more than one in {described}")),
            (None, _, _) => Err(format!("{expected} none in {described}")),
        }
    }
}

/// At least one of three codes; the subdivision needs a country, a continent stands alone.
fn geolocation(place: &Element) -> Result<Element, String> {
    let code = |name: &str| place.text_at(&[name]).filter(|text| !text.is_empty());
    let (continent, country) = (code("ContinentCode"), code("CountryCode"));
    let subdivision = code("SubdivisionCode");
    if continent.is_some() == country.is_some() || (subdivision.is_some() && country.is_none()) {
        return Err(
            "Invalid request: Expected a ContinentCode, or a CountryCode with or without a \
                    SubdivisionCode in GeoLocation"
                .to_owned(),
        );
    }
    Ok(Element::new("GeoLocation")
        .with_some("ContinentCode", continent)
        .with_some("CountryCode", country)
        .with_some("SubdivisionCode", subdivision))
}

/// Exactly one of three places, and a bias from -99 to 99.
fn geoproximity(place: &Element) -> Result<Element, String> {
    let kinds = ["AWSRegion", "LocalZoneGroup", "Coordinates"];
    if kinds
        .iter()
        .filter(|kind| place.child(kind).is_some())
        .count()
        != 1
    {
        return Err(
            "Invalid request: Expected exactly one of AWSRegion, LocalZoneGroup or \
                    Coordinates in GeoProximityLocation"
                .to_owned(),
        );
    }
    if let Some(bias) = place.text_at(&["Bias"])
        && !bias
            .parse::<i64>()
            .is_ok_and(|bias| (-99..=99).contains(&bias))
    {
        return Err(facet("Bias", bias));
    }
    Ok(place.clone())
}

/// How the service reports a value that its XML schema refuses.
fn facet(name: &str, value: &str) -> String {
    format!("Invalid XML ; cvc-type: The value '{value}' of element '{name}' is not valid.")
}

/// The record sets of a zone, in listing order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<RecordSet>", into = "Vec<RecordSet>")]
pub(crate) struct Records(BTreeMap<Key, RecordSet>);

impl From<Vec<RecordSet>> for Records {
    fn from(sets: Vec<RecordSet>) -> Self {
        Self(sets.into_iter().map(|set| (set.key(), set)).collect())
    }
}

impl From<Records> for Vec<RecordSet> {
    fn from(records: Records) -> Self {
        records.0.into_values().collect()
    }
}

impl Records {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The set of that identity.
    pub(crate) fn get(&self, key: &Key) -> Option<&RecordSet> {
        self.0.get(key)
    }

    /// Puts a set in its place; gives what was there.
    pub(crate) fn put(&mut self, set: RecordSet) -> (Key, Option<RecordSet>) {
        let key = set.key();
        match self.0.entry(key.clone()) {
            Entry::Occupied(mut entry) => (key, Some(entry.insert(set))),
            Entry::Vacant(entry) => {
                entry.insert(set);
                (key, None)
            }
        }
    }

    /// Takes a set away.
    pub(crate) fn remove(&mut self, key: &Key) -> Option<RecordSet> {
        self.0.remove(key)
    }

    /// All sets from a place on.
    pub(crate) fn from(&self, start: Key) -> impl Iterator<Item = (&Key, &RecordSet)> {
        self.0.range((Bound::Included(start), Bound::Unbounded))
    }

    /// All sets of a name in stored form.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = (&Key, &RecordSet)> {
        let first = names::reversed(name);
        let start = (first.clone(), String::new(), String::new());
        self.from(start).take_while(move |(key, _)| key.0 == first)
    }

    /// Undoes changes, the last one first.
    pub(crate) fn roll_back(&mut self, changes: Vec<(Key, Option<RecordSet>)>) {
        for (key, before) in changes.into_iter().rev() {
            match before {
                Some(set) => {
                    self.0.insert(key, set);
                }
                None => {
                    self.0.remove(&key);
                }
            }
        }
    }
}
