//! Everything that the sandbox remembers between two calls.
//!
//! In: the changes that handlers make. Out: plain data that serde can keep in a file. Times are
//! milliseconds since 1970. It must not know requests, answers or rules, save the two that span
//! services: who owns an access key, and the token buckets.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

use super::answer::Refusal;
use super::autoscaling;
use super::eks;
use super::kubernetes::Cluster;
use super::route53::health::HealthCheck;
use super::route53::records::{Key, RecordSet};
use super::route53::zones::Zone;
use super::s3::bucket::Bucket;
use super::wire::{Service, form};
use super::world::Behaviour;

/// The account of calls whose access key says nothing, in a world without accounts.
const FALLBACK_ACCOUNT: &str = "123456789012";

/// What the sandbox remembers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// How the services behave in time.
    pub(crate) behaviour: Behaviour,
    /// The accounts.
    pub(crate) accounts: BTreeMap<String, Account>,
    /// The first account of the world.
    pub(crate) default_account: Option<String>,
    /// Hosted zones by id.
    pub(crate) zones: BTreeMap<String, Zone>,
    /// Health checks by id.
    pub(crate) health_checks: BTreeMap<String, HealthCheck>,
    /// Changes by id.
    pub(crate) changes: BTreeMap<String, Change>,
    /// Buckets by name: names are global.
    pub(crate) buckets: BTreeMap<String, Bucket>,
    /// Kubernetes clusters.
    #[serde(default)]
    pub(crate) clusters: Vec<Cluster>,
    /// EKS clusters.
    #[serde(default)]
    pub(crate) eks: Vec<eks::Cluster>,
    /// Auto Scaling groups.
    #[serde(default)]
    pub(crate) groups: Vec<autoscaling::Group>,
    /// Sessions by access key.
    pub(crate) sessions: BTreeMap<String, Session>,
    /// Feeds the ids.
    pub(crate) counter: u64,
    /// How each object was before its last change.
    pub(crate) undo: BTreeMap<String, Undo>,
    /// The object that changed last.
    pub(crate) latest: String,
}

/// An account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Account {
    /// Calls that are refused.
    pub(crate) deny: Vec<String>,
    /// What is left of its Route 53 allowance.
    tokens: Option<Tokens>,
}

/// Two token buckets.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Tokens {
    requests: f64,
    changes: f64,
    at: i64,
}

/// A submitted Route 53 change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Change {
    /// The account that made it.
    pub(crate) account: String,
    /// When.
    pub(crate) submitted: i64,
    /// The batch's comment.
    pub(crate) comment: Option<String>,
}

/// What AssumeRole gave.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The role's account.
    pub(crate) account: String,
    /// The ARN of the assumed role.
    pub(crate) arn: String,
    /// The id of the assumed role.
    pub(crate) user_id: String,
    /// When it ends.
    pub(crate) expires: i64,
}

/// How to make an object as it was before a change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Undo {
    /// Put the zone back, or take it away.
    Zone(String, Option<Box<Zone>>),
    /// Put records back, or take them away, last one first.
    Records(String, Vec<(Key, Option<RecordSet>)>),
    /// Put the health check back, or take it away.
    HealthCheck(String, Option<HealthCheck>),
    /// Put the bucket back, or take it away.
    Bucket(String, Option<Box<Bucket>>),
}

impl State {
    /// A number that was not used before.
    pub(crate) fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// Names a new change.
    pub(crate) fn submit(&mut self, account: &str, now: i64, comment: Option<String>) -> String {
        let number = self.next();
        let id = identifier("C", &format!("change {number}"));
        let change = Change {
            account: account.to_owned(),
            submitted: now,
            comment,
        };
        self.changes.insert(id.clone(), change);
        id
    }

    /// Remembers how an object was.
    pub(crate) fn remember(&mut self, undo: Undo) {
        let object = match &undo {
            Undo::Zone(id, _)
            | Undo::Records(id, _)
            | Undo::HealthCheck(id, _)
            | Undo::Bucket(id, _) => id.clone(),
        };
        self.latest.clone_from(&object);
        self.undo.insert(object, undo);
    }

    /// The state before the last change of an object, or of any object if that one has none.
    pub(crate) fn before(&self, object: &str) -> Self {
        let mut past = self.clone();
        match self
            .undo
            .get(object)
            .or_else(|| self.undo.get(&self.latest))
            .cloned()
        {
            Some(Undo::Zone(id, zone)) => restore(&mut past.zones, id, zone.map(|zone| *zone)),
            Some(Undo::Records(id, records)) => {
                if let Some(zone) = past.zones.get_mut(&id) {
                    zone.records.roll_back(records);
                }
            }
            Some(Undo::HealthCheck(id, check)) => restore(&mut past.health_checks, id, check),
            Some(Undo::Bucket(name, bucket)) => {
                restore(&mut past.buckets, name, bucket.map(|bucket| *bucket));
            }
            None => {}
        }
        past
    }

    /// The account of an access key: its own twelve digits, the account of its session, or the
    /// world's first.
    pub(crate) fn account_of(
        &self,
        service: Service,
        access_key: &str,
        now: i64,
    ) -> Result<String, Refusal> {
        if access_key.starts_with("EXPIRED") {
            return Err(Refusal::expired(service));
        }
        if access_key.len() == 12 && access_key.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(access_key.to_owned());
        }
        match self.sessions.get(access_key) {
            Some(session) if session.expires <= now => Err(Refusal::expired(service)),
            Some(session) => Ok(session.account.clone()),
            None => Ok(self.first_account()),
        }
    }

    /// The account that signed the URL in a token of EKS.
    pub(crate) fn account_of_token(&self, token: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(token.trim_end_matches('=')).ok()?;
        let url = String::from_utf8(bytes).ok()?;
        let (_, query) = url.split_once('?')?;
        let pairs = form(query);
        let credential = pairs.iter().find(|(key, _)| key == "X-Amz-Credential")?;
        let key = credential.1.split('/').next()?;
        self.account_of(Service::Sts, key, 0).ok()
    }

    /// The account of what names none.
    pub(crate) fn first_account(&self) -> String {
        self.default_account
            .clone()
            .unwrap_or_else(|| FALLBACK_ACCOUNT.to_owned())
    }

    /// Takes one request out of the account's bucket; false if it is empty.
    pub(crate) fn take_request(&mut self, account: &str, now: i64) -> bool {
        let behaviour = self.behaviour.clone();
        let tokens = self.tokens(account, now);
        if behaviour.throttle && tokens.requests < 1.0 {
            return false;
        }
        tokens.requests -= 1.0;
        true
    }

    /// Takes changes out of the account's bucket; false if there are too few. A batch larger than
    /// the bucket needs a full one.
    pub(crate) fn take_changes(&mut self, account: &str, now: i64, count: usize) -> bool {
        let behaviour = self.behaviour.clone();
        let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX)).min(behaviour.change_burst);
        let tokens = self.tokens(account, now);
        if behaviour.throttle && tokens.changes < count {
            return false;
        }
        tokens.changes -= count;
        true
    }

    /// The account's buckets, filled up to now.
    fn tokens(&mut self, account: &str, now: i64) -> &mut Tokens {
        let behaviour = &self.behaviour;
        let (requests, changes) = (behaviour.request_burst, behaviour.change_burst);
        let entry = self.accounts.entry(account.to_owned()).or_default();
        let tokens = entry.tokens.get_or_insert(Tokens {
            requests,
            changes,
            at: now,
        });
        let passed = u32::try_from(now.saturating_sub(tokens.at).max(0)).unwrap_or(u32::MAX);
        let seconds = f64::from(passed) / 1000.0;
        tokens.requests = (tokens.requests + seconds * behaviour.request_rate).clamp(0.0, requests);
        tokens.changes = (tokens.changes + seconds * behaviour.change_rate).clamp(0.0, changes);
        tokens.at = tokens.at.max(now);
        tokens
    }
}

/// Puts an old value back, or takes away what was not there.
fn restore<T>(map: &mut BTreeMap<String, T>, key: String, old: Option<T>) {
    match old {
        Some(old) => {
            map.insert(key, old);
        }
        None => {
            map.remove(&key);
        }
    }
}

/// An id of the service's shape, made from a text: the same text gives the same id.
pub(crate) fn identifier(prefix: &str, seed: &str) -> String {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    Sha256::digest(seed.as_bytes())
        .iter()
        .take(20)
        .map(|byte| char::from(DIGITS[usize::from(*byte) % DIGITS.len()]))
        .fold(prefix.to_owned(), |mut id, digit| {
            id.push(digit);
            id
        })
}

/// An id in the shape of a UUID, made from a text.
pub(crate) fn uuid(seed: &str) -> String {
    let hash = Sha256::digest(seed.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// A time as the protocols write it.
pub(crate) fn instant(millisecond: i64) -> String {
    jiff::Timestamp::from_millisecond(millisecond)
        .unwrap_or_default()
        .to_string()
}
