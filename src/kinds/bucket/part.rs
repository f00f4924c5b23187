//! What the nine kinds have in common: one part of a bucket, with one call to read it, one to
//! write the whole of it, and one to remove it.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::call::{Bucket, From, PAUSES, To};
use super::{AWS, CEPH, MINIO, SECTION, name};
use crate::cloud::{CloudError, Effect};
use crate::kinds::{
    Ask, Declaration, Declared, Entry, Kind, KindError, Observation, Section, Write, Written,
};
use crate::model::{
    Action, Address, Change, Fact, Finding, GapCode, Map, Object, Resource, Scope, Shape,
};

/// One part of a bucket.
pub(super) trait Part: Send + Sync + 'static {
    /// The name of the kind.
    const NAME: &'static str;
    /// The key of the section that is its own.
    const KEY: &'static str;
    /// What it is, in one sentence without a full stop.
    const DOC: &'static str;
    /// The address of the service's documentation of it.
    const REFERENCE: &'static str;
    /// Its fields.
    const SHAPE: &'static Shape;
    /// The flavors that have it.
    const FLAVORS: &'static [&'static str] = &[AWS, MINIO, CEPH];
    /// The error codes that say that it is not set.
    const ABSENT: &'static [&'static str] = &[];
    /// Why it cannot be removed, if it cannot.
    const STAYS: Option<&'static str> = None;

    /// What a write carries.
    type Body: Send + Sync;

    /// Completes a declaration, and reports what is wrong with its fields.
    fn complete(_entry: &mut Entry<'_>, _declaration: &mut Declaration) {}

    /// Checks what only shows when all objects are known.
    fn check_all(_all: &BTreeMap<Address, Declared>, _findings: &mut Vec<Finding>) {}

    /// Reads it; none if it is not set.
    fn get(from: &From<'_>) -> impl Future<Output = Result<Option<Found>, CloudError>> + Send;

    /// Turns a change into what a write carries.
    fn encode(change: &Change) -> Result<Self::Body, KindError>;

    /// Writes the whole of it.
    fn put(to: To<'_>, body: &Self::Body) -> impl Future<Output = Result<(), CloudError>> + Send;

    /// Removes it.
    fn remove(to: To<'_>, change: &Change) -> impl Future<Output = Result<(), CloudError>> + Send;

    /// Returns whether this is what a removal leaves behind.
    fn is_removed(live: &Resource) -> bool {
        live.intrinsic
    }

    /// Returns whether a refusal passes by itself when an earlier write has spread.
    fn passes(_error: &CloudError) -> bool {
        false
    }

    /// Returns what the reader of a refusal should know.
    fn advice(_error: &CloudError) -> Option<&'static str> {
        None
    }
}

/// What was read of a part.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The fields.
    pub(super) fields: Map,
    /// What was only measured.
    pub(super) facts: Vec<Fact>,
    /// What a write must repeat and is no field.
    pub(super) raw: Option<Map>,
    /// Whether this is what every bucket has where nobody set anything.
    pub(super) intrinsic: bool,
}

impl Found {
    /// Returns fields that somebody set.
    pub(super) fn set(fields: Map) -> Self {
        Self {
            fields,
            ..Self::default()
        }
    }
}

#[async_trait]
impl<P: Part> Kind for P {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn doc(&self) -> &'static str {
        P::DOC
    }

    fn reference(&self) -> &'static str {
        P::REFERENCE
    }

    fn section(&self) -> &'static Section {
        &SECTION
    }

    fn part(&self) -> Option<&'static str> {
        Some(P::KEY)
    }

    fn shape(&self) -> &'static Shape {
        P::SHAPE
    }

    fn declare(&self, entry: &mut Entry<'_>) -> Option<Declaration> {
        let bucket = name::of(entry)?;
        let before = entry.findings.len();
        let settings = entry.settings;
        let flavor = settings.text("flavor").unwrap_or(AWS);
        if !P::FLAVORS.contains(&flavor) {
            entry.error(
                "wrong-flavor",
                &format!("/{}", P::KEY),
                format!("a bucket of the flavor {flavor} has no `{}`", P::KEY),
                format!("it is known to: {}", P::FLAVORS.join(", ")),
            );
        }
        let mut declaration = Declaration {
            scope: scope_of(&bucket),
            identity: identity(&bucket, flavor, settings.text("region")),
            fields: std::mem::take(&mut entry.fields),
            id: bucket,
            ..Declaration::default()
        };
        P::complete(entry, &mut declaration);
        if entry.findings.len() > before {
            return None;
        }
        declaration.fields = P::SHAPE.canonical(declaration.fields);
        Some(declaration)
    }

    fn locate(&self, entry: &mut Entry<'_>) -> Option<Declaration> {
        let settings = entry.settings;
        let flavor = settings.text("flavor").unwrap_or(AWS);
        let bucket = name::of(entry).filter(|_| P::FLAVORS.contains(&flavor))?;
        Some(Declaration {
            scope: scope_of(&bucket),
            identity: identity(&bucket, flavor, settings.text("region")),
            id: bucket,
            ..Declaration::default()
        })
    }

    fn check(&self, all: &BTreeMap<Address, Declared>, findings: &mut Vec<Finding>) {
        P::check_all(all, findings);
    }

    fn is_removed(&self, live: &Resource) -> bool {
        P::is_removed(live)
    }

    fn stays(&self) -> Option<&'static str> {
        P::STAYS
    }

    async fn observe(&self, ask: &Ask<'_>) -> Result<Observation, KindError> {
        let mut observation = Observation {
            whole: true,
            method: "with one call".to_owned(),
            ..Observation::default()
        };
        for object in ask.objects {
            if let Some(found) = read::<P>(ask, object).await? {
                let fields = P::SHAPE.canonical(found.fields);
                observation.resources.push(Resource {
                    facts: found.facts,
                    raw: found.raw,
                    intrinsic: found.intrinsic,
                    ..Resource::new(object.address.clone(), Map::new(), fields)
                });
            }
        }
        Ok(observation)
    }

    async fn write(&self, write: &Write<'_>) -> Written {
        let Some(change) = write.changes.first() else {
            return Written::done_at(write.writer.reader().now());
        };
        if change.action != Action::Delete {
            return match P::encode(change) {
                Ok(body) => send::<P>(write, change, Some(&body)).await,
                Err(error) => Written::Refused(error),
            };
        }
        match P::STAYS {
            Some(why) => Written::Refused(KindError::Unwritable(why.to_owned())),
            None => send::<P>(write, change, None).await,
        }
    }

    fn lookup(&self, connection: &str, name: &str) -> Option<Object> {
        Some(Object {
            address: Address::new(connection, P::NAME, name),
            scope: Scope::new(connection, scope_of(name)),
            identity: identity(name, AWS, None),
            fields: Map::new(),
        })
    }

    fn import(&self, resource: &Resource) -> Option<Map> {
        (!resource.intrinsic).then(|| resource.fields.clone())
    }
}

fn scope_of(bucket: &str) -> String {
    format!("{}/{bucket}", SECTION.array)
}

fn identity(bucket: &str, flavor: &str, region: Option<&str>) -> Map {
    let mut identity: Map = [("bucket", bucket), ("flavor", flavor)]
        .into_iter()
        .collect();
    identity.insert_some("region", region);
    identity
}

/// Reads a part with one call, and with one more if the bucket is in another region than said.
async fn read<P: Part>(ask: &Ask<'_>, object: &Object) -> Result<Option<Found>, KindError> {
    let reader = ask.aws()?;
    let mut from = From {
        reader,
        object,
        bucket: Bucket::of(object, reader.account()),
    };
    let mut answer = P::get(&from).await;
    if let Some(moved) = answer
        .as_ref()
        .err()
        .and_then(|error| from.bucket.moved(error))
    {
        from.bucket = moved;
        answer = P::get(&from).await;
    }
    match answer {
        Err(error) if P::ABSENT.iter().any(|code| error.is(code)) => Ok(None),
        answer => answer.map_err(|error| from.bucket.explain(error)),
    }
}

/// Writes a part, or removes it if there is no body, and waits for refusals that pass.
async fn send<P: Part>(write: &Write<'_>, change: &Change, body: Option<&P::Body>) -> Written {
    let writer = match write.aws() {
        Ok(writer) => writer,
        Err(error) => return Written::Refused(error),
    };
    let reader = writer.reader();
    let mut bucket = Bucket::of(&change.object, writer.account());
    let mut has_moved = false;
    let mut pauses = PAUSES.iter();
    loop {
        let to = To {
            client: writer.s3(),
            bucket: &bucket,
        };
        let effect = writer
            .send(|| async {
                match body {
                    Some(body) => P::put(to, body).await,
                    None => P::remove(to, change).await,
                }
            })
            .await;
        let error = match effect {
            Effect::Done(()) => return Written::done_at(reader.now()),
            Effect::Unknown(error) => return Written::Unknown(error.to_string()),
            Effect::Refused(error) => error,
        };
        if let (Some(moved), false) = (bucket.moved(&error), has_moved) {
            (bucket, has_moved) = (moved, true);
            continue;
        }
        // Somebody else's write to the same bucket is still at work.
        let is_passing = error.is("OperationAborted") || P::passes(&error);
        let Some(pause) = pauses.next().filter(|_| is_passing) else {
            return Written::Refused(refusal::<P>(&bucket, error));
        };
        let seconds = pause.as_secs();
        (write.progress)(&format!("{error}; trying again in {seconds} s"));
        reader.sleep(*pause).await;
    }
}

fn refusal<P: Part>(bucket: &Bucket, mut error: CloudError) -> KindError {
    if let Some(advice) = P::advice(&error) {
        error.message.push_str("; ");
        error.message.push_str(advice);
    }
    bucket.explain(error)
}

/// Returns whether a refusal speaks of versioning, which takes some time to spread.
///
/// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html>
pub(super) fn is_about_versioning(error: &CloudError) -> bool {
    error.code == GapCode::Service && error.message.to_ascii_lowercase().contains("versioning")
}
