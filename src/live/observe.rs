//! Reads every scope once, concurrently, and turns each failure into a gap.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::StreamExt as _;
use jiff::Timestamp;

use crate::cloud::{CloudError, Readers};
use crate::desired::{Counterpart, Desired};
use crate::kinds::{self, Ask, Kind, Memo, Observation};
use crate::model::{Address, Gap, GapCode, Object, Resource, Scope};
use crate::state::AppliedRecord;

/// How many scopes are read at once; the rate limits decide how fast.
const CONCURRENCY: usize = 32;

/// Something that forbids reading anything.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The credentials belong to another account than Git declares.
    #[error("{0}; nothing was read")]
    WrongAccount(CloudError),
    /// What was to be read could not be.
    #[error("{0}")]
    Unreadable(CloudError),
    /// The applied record names a kind that this version does not know.
    #[error("the applied record holds {0}, whose kind this version of drsync does not know")]
    UnknownKind(Address),
}

/// How one kind's part of a scope was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRead {
    /// Whether everything in it was read, declared or not.
    pub whole: bool,
    /// How, for people.
    pub method: String,
    /// The moment at which it was read: `now` for everything after it.
    pub at: Timestamp,
}

/// What was observed.
#[derive(Debug, Default)]
pub struct Live {
    /// Sorted by address.
    resources: Vec<Resource>,
    scopes: BTreeMap<(Scope, &'static str), ScopeRead>,
    by_scope: BTreeMap<Scope, Vec<Address>>,
    gaps: Vec<Gap>,
    /// What could not be observed, each with the cause.
    unknown: BTreeMap<Address, Arc<str>>,
}

impl Live {
    /// Returns an observed object.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Resource> {
        let at = self
            .resources
            .binary_search_by(|resource| resource.address.cmp(address));
        at.ok().map(|at| &self.resources[at])
    }

    /// Iterates over all observed objects in the order of their addresses.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter()
    }

    /// Returns how a kind's part of a scope was read; none if it was not.
    #[must_use]
    pub fn read(&self, scope: &Scope, kind: &str) -> Option<&ScopeRead> {
        self.scopes
            .iter()
            .find(|((own, name), _)| own == scope && *name == kind)
            .map(|(_, read)| read)
    }

    /// Iterates over the scopes that were read, with the objects observed in each.
    pub fn scopes(&self) -> impl Iterator<Item = (&Scope, &'static str, &ScopeRead)> {
        self.scopes
            .iter()
            .map(|((scope, kind), read)| (scope, *kind, read))
    }

    /// Returns the observed objects of a scope.
    #[must_use]
    pub fn in_scope(&self, scope: &Scope) -> &[Address] {
        self.by_scope
            .get(scope)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Returns what could not be observed, sorted by scope.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Returns whether an object could not be observed.
    #[must_use]
    pub fn is_unknown(&self, address: &Address) -> bool {
        self.unknown.contains_key(address)
    }

    /// Returns why an object could not be observed.
    #[must_use]
    pub fn cause(&self, address: &Address) -> Option<&str> {
        self.unknown.get(address).map(AsRef::as_ref)
    }

    fn answer(&mut self, part: &Part<'_>, observation: Observation, at: Timestamp) {
        let read = ScopeRead {
            whole: observation.whole,
            method: observation.method,
            at,
        };
        self.scopes
            .insert((part.scope.clone(), part.kind.name()), read);
        let own = self.by_scope.entry(part.scope.clone()).or_default();
        let addresses = observation
            .resources
            .iter()
            .map(|resource| resource.address.clone());
        own.extend(addresses);
        if self.resources.is_empty() {
            self.resources = observation.resources;
        } else {
            self.resources.extend(observation.resources);
        }
    }

    /// Sorts the gaps, and says what several kinds found in one scope once.
    fn merge_gaps(&mut self) {
        self.gaps.sort();
        self.gaps.dedup_by(|next, first| {
            let same =
                (&next.scope, next.code, &next.cause) == (&first.scope, first.code, &first.cause);
            if same {
                first.addresses.append(&mut next.addresses);
                first.addresses.sort();
            }
            same
        });
    }

    /// Adds something that could not be observed beside the live world, such as the state.
    pub fn add_gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
        self.merge_gaps();
    }

    fn gap(&mut self, part: &Part<'_>, code: GapCode, cause: String) {
        let mut addresses: Vec<Address> = part
            .objects
            .iter()
            .map(|object| object.address.clone())
            .collect();
        addresses.sort();
        let why: Arc<str> = cause.as_str().into();
        let partners = part.partners.iter().map(|object| &object.address);
        for address in addresses.iter().chain(partners) {
            self.unknown.insert(address.clone(), Arc::clone(&why));
        }
        // What is only looked at for parity leaves the plan as complete as it was.
        if addresses.is_empty() {
            return;
        }
        self.gaps.push(Gap {
            scope: part.scope.to_string(),
            code,
            cause,
            addresses,
        });
    }
}

/// The objects of one kind in one scope: what a kind is asked for at once.
struct Part<'a> {
    scope: Scope,
    kind: &'static dyn Kind,
    objects: Vec<&'a Object>,
    /// Objects that are looked at for parity alone.
    partners: Vec<&'a Object>,
    whole: bool,
}

/// Observes what is declared or was applied.
///
/// With `everything`, each scope is read whole, so that undeclared objects are seen too.
pub async fn observe(
    desired: &Desired,
    applied: Option<&AppliedRecord>,
    readers: &Readers,
    everything: bool,
) -> Result<Live, LiveError> {
    let formerly = formerly_applied(desired, applied);
    let objects = desired
        .declared()
        .map(|declared| &declared.object)
        .chain(&formerly);
    let mut parts: BTreeMap<(&Scope, &str), Part<'_>> = BTreeMap::new();
    for object in objects {
        let kind = kinds::by_name(object.address.kind())
            .ok_or_else(|| LiveError::UnknownKind(object.address.clone()))?;
        let part = parts
            .entry((&object.scope, kind.name()))
            .or_insert_with(|| Part {
                scope: object.scope.clone(),
                kind,
                objects: Vec::new(),
                partners: Vec::new(),
                whole: everything || desired.exclusive().contains_key(&object.scope),
            });
        part.objects.push(object);
    }
    for Counterpart { object, .. } in desired.counterparts() {
        let Some(kind) = kinds::by_name(object.address.kind()) else {
            continue;
        };
        let part = parts
            .entry((&object.scope, kind.name()))
            .or_insert_with(|| Part {
                scope: object.scope.clone(),
                kind,
                objects: Vec::new(),
                partners: Vec::new(),
                whole: everything,
            });
        part.partners.push(object);
    }
    // A scope in which nothing undeclared may be is read even if nothing is declared in it.
    for (scope, seed) in desired.exclusive() {
        for kind in kinds::all()
            .iter()
            .copied()
            .filter(|kind| kind.fills(&seed.address))
        {
            parts.entry((scope, kind.name())).or_insert_with(|| Part {
                scope: scope.clone(),
                kind,
                objects: vec![seed],
                partners: Vec::new(),
                whole: true,
            });
        }
    }
    let refused = verify(&parts, readers).await?;
    let memo = Memo::default();
    let mut live = Live::default();
    let mut reads = Vec::new();
    for part in parts.into_values() {
        match refused.get(part.scope.connection.as_ref()) {
            Some(error) => live.gap(&part, error.code, error.message.clone()),
            None => reads.push(part),
        }
    }
    let mut answers = futures::stream::iter(
        reads
            .into_iter()
            .map(|part| ask(part, desired.environment(), readers, &memo)),
    )
    .buffer_unordered(CONCURRENCY);
    while let Some((part, result)) = answers.next().await {
        match result {
            Ok((observation, at)) => live.answer(&part, observation, at),
            Err((code, cause)) => live.gap(&part, code, cause),
        }
    }
    live.resources
        .sort_unstable_by(|a, b| a.address.cmp(&b.address));
    live.merge_gaps();
    for addresses in live.by_scope.values_mut() {
        addresses.sort();
    }
    Ok(live)
}

/// Returns the objects that were applied and are declared no longer.
fn formerly_applied(desired: &Desired, applied: Option<&AppliedRecord>) -> Vec<Object> {
    applied
        .into_iter()
        .flat_map(AppliedRecord::iter)
        .filter(|(address, _)| desired.get(address).is_none())
        .map(|(address, applied)| Object {
            address: address.clone(),
            scope: applied.scope.clone(),
            identity: applied.identity.clone(),
            fields: applied.fields.clone(),
        })
        .collect()
}

/// Checks the account of every connection before anything else is read.
async fn verify(
    parts: &BTreeMap<(&Scope, &str), Part<'_>>,
    readers: &Readers,
) -> Result<BTreeMap<String, CloudError>, LiveError> {
    let connections: BTreeSet<&str> = parts
        .keys()
        .map(|(scope, _)| scope.connection.as_ref())
        .collect();
    let mut refused = BTreeMap::new();
    for connection in connections {
        match readers.verify(connection).await {
            Ok(()) => {}
            Err(error) if error.is("WrongAccount") => return Err(LiveError::WrongAccount(error)),
            Err(error) => {
                refused.insert(connection.to_owned(), error);
            }
        }
    }
    Ok(refused)
}

type Answer = Result<(Observation, Timestamp), (GapCode, String)>;

async fn ask<'a>(
    part: Part<'a>,
    environment: &str,
    readers: &Readers,
    memo: &Memo,
) -> (Part<'a>, Answer) {
    let result = async {
        let reader = readers.open(&part.scope.connection).await.map_err(|error| (error.code, error.message))?;
        let objects: Vec<&Object> = part.objects.iter().chain(&part.partners).copied().collect();
        let ask = Ask { environment, scope: &part.scope, objects: &objects, whole: part.whole, reader: &reader, memo };
        let observation = part.kind.observe(&ask).await.map_err(|error| (error.gap(), error.to_string()))?;
        tracing::debug!(scope = %part.scope, kind = part.kind.name(), objects = observation.resources.len(), "read");
        Ok((observation, readers.now()))
    }
    .await;
    (part, result)
}

/// Reads everything in the scope of one object that nothing declares yet.
pub async fn scan(
    environment: &str,
    readers: &Readers,
    kind: &'static dyn Kind,
    object: &Object,
) -> Result<Vec<Resource>, LiveError> {
    let connection = &object.scope.connection;
    readers
        .verify(connection)
        .await
        .map_err(LiveError::Unreadable)?;
    let part = Part {
        scope: object.scope.clone(),
        kind,
        objects: vec![object],
        partners: Vec::new(),
        whole: true,
    };
    let (_, answer) = ask(part, environment, readers, &Memo::default()).await;
    match answer {
        Ok((observation, _)) => Ok(observation.resources),
        Err((code, cause)) => Err(LiveError::Unreadable(CloudError::local(code, cause))),
    }
}
