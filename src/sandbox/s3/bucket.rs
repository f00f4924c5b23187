//! Buckets as such: who may see them from where, and when a setting shows.
//!
//! In: a visit. Out: the service's answers. It must not know what a setting means.
//!
//! A request that is signed for another region than the bucket's gets what the regional endpoints
//! of S3 give: 301 PermanentRedirect with `x-amz-bucket-region` and the right endpoint in the
//! body. (400 AuthorizationHeaderMalformed is for a signature whose region is not that of the
//! endpoint it was sent to, which one endpoint for all regions cannot see.)

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::super::answer::{Answer, Refusal};
use super::super::sandbox::Visit;
use super::super::state::{State, Undo, instant};
use super::super::wire::Service;
use super::super::xml::Element;

/// A bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Bucket {
    /// The name.
    pub(crate) name: String,
    /// The owner.
    pub(crate) account: String,
    /// The region.
    pub(crate) region: String,
    /// When it was made.
    pub(crate) created: i64,
    /// What was ever set, by the sub-resource's query parameter.
    pub(crate) settings: BTreeMap<String, Setting>,
}

/// A setting, which shows some time after it was written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Setting {
    value: Option<Element>,
    before: Option<Element>,
    changed: i64,
}

impl Bucket {
    /// A bucket where nothing was ever set.
    pub(crate) fn new(name: &str, account: &str, region: &str, created: i64) -> Self {
        Self {
            name: name.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            created,
            settings: BTreeMap::new(),
        }
    }

    /// What a reader sees of a setting.
    pub(crate) fn shown(&self, sub: &str, now: i64, delay: i64) -> Option<&Element> {
        let setting = self.settings.get(sub)?;
        let shows = now >= setting.changed.saturating_add(delay);
        if shows {
            setting.value.as_ref()
        } else {
            setting.before.as_ref()
        }
    }

    /// What was written last.
    pub(crate) fn written(&self, sub: &str) -> Option<&Element> {
        self.settings.get(sub)?.value.as_ref()
    }

    /// Writes or removes a setting.
    pub(crate) fn write(&mut self, sub: &str, value: Option<Element>, now: i64, delay: i64) {
        let before = self.shown(sub, now, delay).cloned();
        self.settings.insert(
            sub.to_owned(),
            Setting {
                value,
                before,
                changed: now,
            },
        );
    }

    /// Writes or removes a setting as if it had always been so.
    pub(crate) fn settle(&mut self, sub: &str, value: Option<Element>) {
        let before = value.clone();
        self.settings.insert(
            sub.to_owned(),
            Setting {
                value,
                before,
                changed: 0,
            },
        );
    }

    /// Whether versioning is Enabled, for those who see it.
    pub(crate) fn versioned(&self, now: i64, delay: i64) -> bool {
        self.shown("versioning", now, delay)
            .and_then(|element| element.text_at(&["Status"]))
            == Some("Enabled")
    }

    /// Refuses who may not see the bucket, or asks in the wrong region.
    fn admit(&self, visit: &Visit<'_>) -> Result<(), Refusal> {
        if visit.call.region != self.region {
            return Err(Refusal::new(
                301,
                "PermanentRedirect",
                "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
            )
            .header("x-amz-bucket-region", &self.region)
            .detail("Endpoint", &format!("s3.{}.amazonaws.com", self.region))
            .detail("Bucket", &self.name));
        }
        let expected = visit.call.header("x-amz-expected-bucket-owner");
        if visit.account != self.account || expected.is_some_and(|owner| owner != self.account) {
            return Err(Refusal::denied(Service::S3, visit.account, "")
                .header("x-amz-bucket-region", &self.region));
        }
        Ok(())
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist")
        .detail("BucketName", name)
}

/// The bucket that the visit is about.
pub(crate) fn find<'a>(state: &'a State, visit: &Visit<'_>) -> Result<&'a Bucket, Refusal> {
    let bucket = state
        .buckets
        .get(visit.resource)
        .ok_or_else(|| missing(visit.resource))?;
    bucket.admit(visit)?;
    Ok(bucket)
}

/// HeadBucket.
pub(crate) fn head(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let bucket = find(state, visit)?;
    Ok(Answer::empty(200).header("x-amz-bucket-region", &bucket.region))
}

/// GetBucketLocation: answers in every region; us-east-1 has no constraint.
pub(crate) fn location(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let bucket = state
        .buckets
        .get(visit.resource)
        .ok_or_else(|| missing(visit.resource))?;
    if bucket.account != visit.account {
        return Err(Refusal::denied(Service::S3, visit.account, ""));
    }
    let region = if bucket.region == "us-east-1" {
        ""
    } else {
        &bucket.region
    };
    Ok(Answer::xml(Element::leaf("LocationConstraint", region)))
}

/// ListBuckets: all of the account, or those of a region or with a prefix.
#[expect(clippy::unnecessary_wraps, reason = "all operations have one type")]
pub(crate) fn list(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let call = visit.call;
    let most = call
        .given("max-buckets")
        .and_then(|text| text.parse().ok())
        .unwrap_or(10_000);
    let start = call
        .given("continuation-token")
        .unwrap_or_default()
        .to_owned();
    let prefix = call.given("prefix").unwrap_or_default();
    let mut buckets = state
        .buckets
        .range(start..)
        .map(|(_, bucket)| bucket)
        .filter(|bucket| {
            bucket.account == visit.account
                && bucket.name.starts_with(prefix)
                && call
                    .given("bucket-region")
                    .is_none_or(|region| region == bucket.region)
        });
    let page: Vec<Element> = buckets
        .by_ref()
        .take(most)
        .map(|bucket| {
            Element::new("Bucket")
                .with_leaf("Name", &bucket.name)
                .with_leaf("CreationDate", instant(bucket.created))
                .with_leaf("BucketRegion", &bucket.region)
        })
        .collect();
    let next = buckets.next();
    let response = Element::new("ListAllMyBucketsResult")
        .with(Element::new("Owner").with_leaf("ID", visit.account))
        .with(Element::new("Buckets").with_all(page))
        .with_some("ContinuationToken", next.map(|bucket| &bucket.name));
    Ok(Answer::xml(response))
}

/// CreateBucket: a new bucket has ACLs off and public access blocked (since April 2023).
pub(crate) fn create(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let name = visit.resource;
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    if !(3..=63).contains(&name.len()) || !name.bytes().all(allowed) {
        let message = "The specified bucket is not valid.";
        return Err(Refusal::new(400, "InvalidBucketName", message).detail("BucketName", name));
    }
    let constraint = if visit.call.body.is_empty() {
        None
    } else {
        super::settings::document(visit)?
            .text_at(&["LocationConstraint"])
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let region = visit.call.region.as_str();
    if constraint.as_deref().unwrap_or("us-east-1") != region {
        let which = constraint.as_deref().unwrap_or("unspecified");
        return Err(Refusal::new(
            400,
            "IllegalLocationConstraintException",
            format!(
                "The {which} location constraint is incompatible for the region specific endpoint this request was sent to."
            ),
        ));
    }
    match state.buckets.get(name) {
        Some(bucket) if bucket.account != visit.account => {
            let message = "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
            return Err(Refusal::new(409, "BucketAlreadyExists", message));
        }
        Some(bucket) if bucket.region != "us-east-1" => {
            let message = "Your previous request to create the named bucket succeeded and you already own it.";
            return Err(Refusal::new(409, "BucketAlreadyOwnedByYou", message));
        }
        Some(_) => {}
        None => {
            let mut bucket = Bucket::new(name, visit.account, region, visit.now);
            let blocked = super::configs::BLOCKS
                .iter()
                .map(|block| Element::leaf(block, true));
            bucket.settle(
                "publicAccessBlock",
                Some(Element::new("PublicAccessBlockConfiguration").with_all(blocked)),
            );
            let owner = visit
                .call
                .header("x-amz-object-ownership")
                .unwrap_or("BucketOwnerEnforced");
            bucket.settle(
                "ownershipControls",
                Some(super::configs::ownership_of(owner)),
            );
            if visit.call.header("x-amz-bucket-object-lock-enabled") == Some("true") {
                bucket.settle("versioning", Some(super::configs::versioning_of("Enabled")));
                let lock = Element::new("ObjectLockConfiguration");
                bucket.settle(
                    "object-lock",
                    Some(lock.with_leaf("ObjectLockEnabled", "Enabled")),
                );
            }
            state.buckets.insert(name.to_owned(), bucket);
            state.remember(Undo::Bucket(name.to_owned(), None));
        }
    }
    Ok(Answer::empty(200).header("location", format!("/{name}")))
}

/// DeleteBucket.
pub(crate) fn delete(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let bucket = find(state, visit)?.clone();
    state.buckets.remove(visit.resource);
    state.remember(Undo::Bucket(bucket.name.clone(), Some(Box::new(bucket))));
    Ok(Answer::empty(204))
}
