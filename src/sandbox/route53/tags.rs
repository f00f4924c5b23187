//! Tags of hosted zones and health checks.
//!
//! In: a visit. Out: the service's answers (ChangeTagsForResource, ListTagsForResource). It must
//! not know anything else about what is tagged.

use std::collections::BTreeMap;

use super::super::answer::{Answer, Refusal};
use super::super::sandbox::Visit;
use super::super::state::{State, Undo};
use super::super::xml::Element;
use super::health;
use super::zones::{document, invalid_input};

/// The tags of a resource of the account.
fn find<'a>(
    state: &'a State,
    visit: &Visit<'_>,
    id: &str,
) -> Result<&'a BTreeMap<String, String>, Refusal> {
    match kind(visit) {
        "hostedzone" => state
            .zones
            .get(id)
            .filter(|zone| zone.account == visit.account)
            .map(|zone| &zone.tags)
            .ok_or_else(|| {
                let message = format!("No hosted zone found with ID: {id}");
                Refusal::new(404, "NoSuchHostedZone", message)
            }),
        "healthcheck" => state
            .health_checks
            .get(id)
            .filter(|check| check.account == visit.account)
            .map(|check| &check.tags)
            .ok_or_else(|| health::missing(id)),
        _ => Err(invalid_input(
            "ResourceType must be hostedzone or healthcheck",
        )),
    }
}

fn kind<'a>(visit: &Visit<'a>) -> &'a str {
    visit
        .call
        .path
        .get(2)
        .map(String::as_str)
        .unwrap_or_default()
}

fn write(kind: &str, id: &str, tags: &BTreeMap<String, String>) -> Element {
    let tags = tags.iter().map(|(key, value)| {
        Element::new("Tag")
            .with_leaf("Key", key)
            .with_leaf("Value", value)
    });
    Element::new("ResourceTagSet")
        .with_leaf("ResourceType", kind)
        .with_leaf("ResourceId", id)
        .with(Element::new("Tags").with_all(tags))
}

/// ListTagsForResource.
pub(crate) fn list(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let tags = find(state, visit, visit.resource)?;
    let set = write(kind(visit), visit.resource, tags);
    Ok(Answer::xml(
        Element::new("ListTagsForResourceResponse").with(set),
    ))
}

/// ListTagsForResources: up to ten.
pub(crate) fn list_many(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let document = document(visit)?;
    let ids: Vec<&str> = document
        .child("ResourceIds")
        .into_iter()
        .flat_map(|ids| ids.all("ResourceId"))
        .map(|id| id.text.trim())
        .collect();
    if ids.is_empty() || ids.len() > 10 {
        return Err(invalid_input("ResourceIds must have 1 to 10 members"));
    }
    let sets = ids
        .into_iter()
        .map(|id| Ok(write(kind(visit), id, find(state, visit, id)?)))
        .collect::<Result<Vec<_>, Refusal>>()?;
    let response = Element::new("ListTagsForResourcesResponse")
        .with(Element::new("ResourceTagSets").with_all(sets));
    Ok(Answer::xml(response))
}

/// ChangeTagsForResource: keys are removed, then tags are added; at most ten stay.
pub(crate) fn change(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let document = document(visit)?;
    let mut tags = find(state, visit, visit.resource)?.clone();
    for key in document
        .child("RemoveTagKeys")
        .into_iter()
        .flat_map(|keys| keys.all("Key"))
    {
        tags.remove(&key.text);
    }
    for tag in document
        .child("AddTags")
        .into_iter()
        .flat_map(|tags| tags.all("Tag"))
    {
        let key = tag.raw("Key").unwrap_or_default();
        if key.is_empty() || key.chars().count() > 128 {
            return Err(invalid_input("A tag key must have 1 to 128 characters"));
        }
        tags.insert(
            key.to_owned(),
            tag.raw("Value").unwrap_or_default().to_owned(),
        );
    }
    if tags.len() > 10 {
        return Err(invalid_input("A resource can have at most 10 tags"));
    }
    let id = visit.resource.to_owned();
    let undo = if kind(visit) == "hostedzone" {
        state.zones.get_mut(&id).map(|zone| {
            let before = zone.clone();
            zone.tags = tags;
            Undo::Zone(id, Some(Box::new(before)))
        })
    } else {
        state.health_checks.get_mut(&id).map(|check| {
            let before = check.clone();
            check.tags = tags;
            Undo::HealthCheck(id, Some(before))
        })
    };
    if let Some(undo) = undo {
        state.remember(undo);
    }
    Ok(Answer::xml(Element::new("ChangeTagsForResourceResponse")))
}
