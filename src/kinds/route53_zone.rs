//! The kind `route53_zone`: a hosted zone, found by id or by an unambiguous name.
//!
//! In: a `[[route53_zone]]` entry, or GetHostedZone. Out: its comment and VPCs. A zone that is only
//! declared so that records can name it costs no call of its own.

use async_trait::async_trait;
use aws_sdk_route53::types::{HostedZoneConfig, Vpc, VpcRegion};

use super::route53::names;
use super::route53::sync::wait_insync;
use super::route53::zone::{ZoneRef, bare_id, get_zone, zone_vpcs};
use super::{
    Ask, Declaration, Entry, Family, Kind, KindError, Observation, Section, Write, Written,
};
use crate::cloud::{AwsWriter, CloudError, Effect};
use crate::model::units::{DOMAIN, NAME as NAME_RULE, PLAIN};
use crate::model::{
    Action, Address, Change, Class, Field, Identity, Map, Object, Resource, Scope, Shape, Value,
};

/// The name of the kind.
pub(super) const NAME: &str = "route53_zone";

pub(super) static SECTION: Section = Section {
    array: "route53_zone",
    doc: "A hosted zone of Route 53, which records refer to by name or label",
    fields: &[
        Field::new("name", Shape::Text(&DOMAIN), "The domain name").required(),
        Field::new(
            "label",
            Shape::Text(&NAME_RULE),
            "What records call it, if several zones have one name",
        ),
        Field::new(
            "id",
            Shape::Text(&NAME_RULE),
            "The hosted zone id; saves the look-up by name",
        ),
        Field::new("private", Shape::Bool, "Whether it answers in VPCs only"),
        Field::new(
            "vpc",
            Shape::Text(&NAME_RULE),
            "A VPC of the private zone, where several have one name",
        ),
        Field::new("create", Shape::Bool, "Make the zone if it is not there"),
        Field::new(
            "exclusive",
            Shape::Bool,
            "Delete records of the zone that are not declared",
        ),
        Field::new(
            "protected",
            Shape::List(&Shape::Text(&PLAIN), Identity::Set),
            "Names, relative to the zone, whose records only change when policy allows it",
        ),
    ],
    keys: &["label", "name"],
    within: &[],
    family: Family::Account,
    sited: false,
};

static VPC: &[Field] = &[
    Field::new("id", Shape::Text(&NAME_RULE), "The id of the VPC").required(),
    Field::new("region", Shape::Text(&NAME_RULE), "The region of the VPC").required(),
];

static SHAPE: Shape = Shape::Table(&[
    Field::new("comment", Shape::Text(&PLAIN), "A remark"),
    Field::new(
        "vpcs",
        Shape::List(&Shape::Table(VPC), Identity::Keyed("id")),
        "The VPCs in which a private zone answers",
    )
    .cut(Class::ProtectionCut),
]);

/// Returns the scope of everything in the zone with this label.
pub(super) fn scope_name(label: &str) -> String {
    [NAME, "/", label].concat()
}

/// Returns what is observed of records whose zone is not there: nothing, if the zone is to be
/// made; otherwise the zone is missing, and its records are unknown.
pub(super) fn absent(ask: &Ask<'_>) -> Result<Observation, KindError> {
    if ask
        .objects
        .iter()
        .any(|object| object.identity.bool("create") == Some(true))
    {
        return Ok(Observation {
            whole: true,
            method: "the zone is to be made".to_owned(),
            ..Observation::default()
        });
    }
    Err(KindError::MissingParent(format!(
        "there is no zone `{}` in account {}; check the name, or say `create = true` in its [[route53_zone]]",
        ask.scope.name.trim_start_matches(&scope_name("")),
        ask.aws()?.account()
    )))
}

/// Returns an object of a kind that lies in the zone with this name or id.
pub(super) fn lookup(kind: &str, connection: &str, name: &str) -> Object {
    // A zone id is a `Z` and capital letters and digits; a domain name has a dot or small letters.
    let is_id = name.starts_with('Z')
        && name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let name = if is_id {
        name.to_owned()
    } else {
        (DOMAIN.canonical)(name).unwrap_or_else(|_| name.to_owned())
    };
    let zone = if is_id {
        ZoneRef::Id(name.clone())
    } else {
        ZoneRef::Any(name.clone())
    };
    Object {
        address: Address::new(connection, kind, &name),
        scope: Scope::new(connection, scope_name(&name)),
        identity: [("zone", zone.to_text()), ("name", name)]
            .into_iter()
            .collect(),
        fields: Map::new(),
    }
}

/// A hosted zone.
#[derive(Debug)]
pub(super) struct Route53Zone;

#[async_trait]
impl Kind for Route53Zone {
    fn name(&self) -> &'static str {
        NAME
    }

    fn doc(&self) -> &'static str {
        "A hosted zone of Route 53"
    }

    fn reference(&self) -> &'static str {
        "https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html"
    }

    fn section(&self) -> &'static Section {
        &SECTION
    }

    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn declare(&self, entry: &mut Entry<'_>) -> Option<Declaration> {
        let settings = entry.settings;
        let label = settings
            .text("label")
            .or_else(|| settings.text("name"))
            .unwrap_or_default()
            .to_owned();
        let create = settings.bool("create") == Some(true);
        if create && settings.text("id").is_some() {
            entry.error(
                "zone-id-and-create",
                "/create",
                "a zone that is to be made has no id yet",
                "drop `id` or `create`",
            );
        }
        if settings.bool("private") == Some(true) && create && entry.fields.list("vpcs").is_empty()
        {
            entry.error(
                "private-zone-without-vpc",
                "/private",
                "a private zone is made in a VPC",
                "give `vpcs`",
            );
        }
        let mut identity: Map = [
            ("zone", ZoneRef::of_entry(settings).to_text()),
            ("name", settings.text("name").unwrap_or_default().to_owned()),
        ]
        .into_iter()
        .collect();
        if create {
            identity.insert("create", true);
        }
        if settings.bool("private") == Some(true) {
            identity.insert("private", true);
        }
        Some(Declaration {
            scope: scope_name(&label),
            id: label,
            identity,
            fields: SHAPE.canonical(std::mem::take(&mut entry.fields)),
            exclusive: settings.bool("exclusive").unwrap_or_default(),
            adopt: settings.bool("adopt").unwrap_or_default(),
            observe: false,
            depends: Vec::new(),
        })
    }

    /// Reads nothing of a zone that declares nothing of its own.
    fn is_reference(&self, declaration: &Declaration) -> bool {
        declaration.fields.is_empty() && !declaration.identity.contains("create")
    }

    async fn observe(&self, ask: &Ask<'_>) -> Result<Observation, KindError> {
        let mut observation = Observation {
            method: "by name and id".to_owned(),
            ..Observation::default()
        };
        for object in ask.objects {
            let zone = object.identity.text("zone").and_then(ZoneRef::parse);
            let zone = zone
                .ok_or_else(|| KindError::Garbled(format!("{} names no zone", object.address)))?;
            let Some(id) = zone.resolve(ask.aws()?, ask.memo).await? else {
                if object.identity.bool("create") == Some(true) {
                    continue;
                }
                return absent(ask);
            };
            let answer = get_zone(ask.aws()?, ask.memo, &id).await?;
            let Some(answer) = answer.as_ref() else {
                continue;
            };
            let mut fields = Map::new();
            let config = answer.hosted_zone().and_then(|zone| zone.config());
            fields.insert_some(
                "comment",
                config
                    .and_then(HostedZoneConfig::comment)
                    .filter(|text| !text.is_empty()),
            );
            let vpcs: Vec<Value> = zone_vpcs(ask.aws()?, ask.memo, &id)
                .await?
                .into_iter()
                .map(|(id, region)| {
                    Value::Map([("id", id), ("region", region)].into_iter().collect())
                })
                .collect();
            if !vpcs.is_empty() {
                fields.insert("vpcs", vpcs);
            }
            let mut identity = object.identity.clone();
            if let Some(zone) = answer.hosted_zone() {
                identity.insert("name", names::from_wire(zone.name()));
                if zone.config().is_some_and(HostedZoneConfig::private_zone) {
                    identity.insert("private", true);
                }
            }
            let raw: Map = [("id", id)].into_iter().collect();
            let resource = Resource::new(object.address.clone(), identity, SHAPE.canonical(fields));
            observation.resources.push(Resource {
                raw: Some(raw),
                ..resource
            });
        }
        Ok(observation)
    }

    async fn write(&self, write: &Write<'_>) -> Written {
        let Some(change) = write.changes.first() else {
            return Written::done_at(write.writer.reader().now());
        };
        let writer = match write.aws() {
            Ok(writer) => writer,
            Err(error) => return Written::Refused(error),
        };
        match change.action {
            Action::Create => create(write, writer, change).await,
            Action::Delete => delete(writer, change).await,
            _ => update(writer, change).await,
        }
    }

    fn lookup(&self, connection: &str, name: &str) -> Option<Object> {
        Some(lookup(NAME, connection, name))
    }

    fn import(&self, resource: &Resource) -> Option<Map> {
        let mut entry = resource.fields.clone();
        entry.insert("name", resource.identity.text("name")?);
        entry.insert("id", resource.raw.as_ref()?.text("id")?);
        entry.insert_some("private", resource.identity.bool("private"));
        Some(entry)
    }
}

fn vpc_of(value: &Value) -> Option<Vpc> {
    let map = value.as_map()?;
    Some(
        Vpc::builder()
            .vpc_id(map.text("id")?)
            .vpc_region(VpcRegion::from(map.text("region")?))
            .build(),
    )
}

async fn create(write: &Write<'_>, writer: &AwsWriter, change: &Change) -> Written {
    let fields = &change.object.fields;
    let name = change.object.identity.text("name").unwrap_or_default();
    let private = change.object.identity.bool("private").unwrap_or_default();
    // The service takes a reference once, even after the zone is gone: the moment makes it new.
    let reference = format!(
        "drsync:{}:{name}:{}",
        write.environment,
        writer.reader().now().as_second()
    );
    let mut vpcs = fields.list("vpcs").iter().filter_map(vpc_of);
    let first = vpcs.next();
    let config = HostedZoneConfig::builder()
        .private_zone(private)
        .set_comment(fields.text("comment").map(str::to_owned))
        .build();
    let effect = writer
        .send(|| async {
            let call = writer
                .route53()
                .create_hosted_zone()
                .name(names::to_wire(name))
                .caller_reference(&reference);
            let answer = call
                .hosted_zone_config(config.clone())
                .set_vpc(first.clone())
                .send()
                .await;
            answer.map_err(|error| CloudError::of("CreateHostedZone", &error))
        })
        .await;
    let answer = match effect {
        Effect::Done(answer) => answer,
        Effect::Refused(error) => return Written::Refused(KindError::Cloud(error)),
        Effect::Unknown(error) => return Written::Unknown(error.to_string()),
    };
    let zone_id = answer
        .hosted_zone()
        .map(|zone| bare_id(zone.id()))
        .unwrap_or_default();
    for vpc in vpcs {
        if let Err(error) = associate(writer, &zone_id, vpc).await {
            return Written::Unknown(error.to_string());
        }
    }
    let change_id = answer
        .change_info()
        .map(|info| bare_id(info.id()))
        .unwrap_or_default();
    match wait_insync(writer, &change_id, write.progress).await {
        Ok(receipt) => Written::Done(receipt),
        Err(why) => Written::Unknown(why),
    }
}

async fn associate(writer: &AwsWriter, zone_id: &str, vpc: Vpc) -> Result<(), CloudError> {
    let call = writer
        .route53()
        .associate_vpc_with_hosted_zone()
        .hosted_zone_id(zone_id)
        .vpc(vpc);
    call.send()
        .await
        .map(drop)
        .map_err(|error| CloudError::of("AssociateVPCWithHostedZone", &error))
}

/// Makes the changes one by one; what stops in the middle is judged by reading back.
async fn update(writer: &AwsWriter, change: &Change) -> Written {
    let client = writer.route53();
    let raw = change.raw.as_ref();
    let zone_id = raw.and_then(|raw| raw.text("id")).unwrap_or_default();
    let mut begun = false;
    if let Some(comment) = change.object.fields.text("comment") {
        let call = || async {
            let call = client
                .update_hosted_zone_comment()
                .id(zone_id)
                .comment(comment);
            let answer = call.send().await.map(drop);
            answer.map_err(|error| CloudError::of("UpdateHostedZoneComment", &error))
        };
        if let Some(stopped) = stopped(writer.send(call).await, &mut begun) {
            return stopped;
        }
    }
    let before = change.before.as_ref();
    let have = before.map(|before| before.list("vpcs")).unwrap_or_default();
    let want = match change.object.fields.get("vpcs") {
        Some(want) => want.as_list().unwrap_or_default(),
        None => have,
    };
    // Added first: a private zone always keeps one VPC.
    for vpc in want
        .iter()
        .filter(|vpc| !have.contains(vpc))
        .filter_map(vpc_of)
    {
        let call = || associate(writer, zone_id, vpc.clone());
        if let Some(stopped) = stopped(writer.send(call).await, &mut begun) {
            return stopped;
        }
    }
    for vpc in have
        .iter()
        .filter(|vpc| !want.contains(vpc))
        .filter_map(vpc_of)
    {
        let call = || async {
            let call = client.disassociate_vpc_from_hosted_zone();
            let answer = call
                .hosted_zone_id(zone_id)
                .vpc(vpc.clone())
                .send()
                .await
                .map(drop);
            answer.map_err(|error| CloudError::of("DisassociateVPCFromHostedZone", &error))
        };
        if let Some(stopped) = stopped(writer.send(call).await, &mut begun) {
            return stopped;
        }
    }
    Written::done_at(writer.reader().now())
}

/// Returns what is known if a step was not made; none if it was, and the next may follow.
fn stopped(effect: Effect<()>, begun: &mut bool) -> Option<Written> {
    match effect {
        Effect::Done(()) => {
            *begun = true;
            None
        }
        Effect::Refused(error) if !*begun => Some(Written::Refused(KindError::Cloud(error))),
        Effect::Refused(error) | Effect::Unknown(error) => {
            Some(Written::Unknown(error.to_string()))
        }
    }
}

async fn delete(writer: &AwsWriter, change: &Change) -> Written {
    let zone_id = change
        .raw
        .as_ref()
        .and_then(|raw| raw.text("id"))
        .unwrap_or_default();
    let effect = writer
        .send(|| async {
            let answer = writer
                .route53()
                .delete_hosted_zone()
                .id(zone_id)
                .send()
                .await;
            answer.map_err(|error| CloudError::of("DeleteHostedZone", &error))
        })
        .await;
    match effect {
        Effect::Done(_) => Written::done_at(writer.reader().now()),
        Effect::Refused(error) => Written::Refused(KindError::Cloud(error)),
        Effect::Unknown(error) => Written::Unknown(error.to_string()),
    }
}
