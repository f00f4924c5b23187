//! The declared parity relations of an entry.
//!
//! In: the decoded `parity` table. Out: relations by kind and field path. Must not know any live
//! value.

use super::codes;
use super::decode::Decoder;
use super::group::Group;
use super::places::Places;
use super::suggest;
use crate::kinds::Kind;
use crate::model::{Field, Identity, Map, Shape, Value};

/// How the DR object must relate to the primary object in one field.
#[derive(Clone, Debug, PartialEq)]
pub enum DeclaredRelation {
    /// Both are the same.
    Equal,
    /// Both are not the same.
    Differs,
    /// The DR value is this share of the primary's, rounded up.
    Ratio(f64),
    /// The DR value is this share of the primary's or more.
    AtLeast(f64),
    /// The DR value is this share of the primary's or less.
    AtMost(f64),
    /// The values differ by this share of the primary's at most.
    Within(f64),
    /// Nothing is compared, for this reason.
    Ignore(String),
}

/// A relation of the objects of one kind of an entry.
pub(super) struct EntryRelation {
    /// The kind.
    pub(super) kind: &'static str,
    /// The field path; empty for the whole object.
    pub(super) path: String,
    /// The relation.
    pub(super) relation: DeclaredRelation,
}

/// Reads the decoded `parity` table of an entry.
pub(super) fn read(
    decoder: &mut Decoder<'_>,
    group: &Group,
    table: &Map,
    places: &Places,
) -> Vec<EntryRelation> {
    let mut relations = Vec::new();
    for (key, value) in table.iter() {
        let span = places.of(key);
        let Some((kind, path)) = resolve(group, key) else {
            let message = format!(
                "`[[{}]]` has no field `{key}` to relate",
                group.section.array
            );
            let help = suggest::help(key, group.keys());
            decoder.error(codes::UNKNOWN_KEY, span, message, help);
            continue;
        };
        let shape = shape_at(kind.shape(), &path);
        let kind = kind.name();
        match relation(value).and_then(|relation| fits(relation, shape)) {
            Ok(relation) => relations.push(EntryRelation {
                kind,
                path,
                relation,
            }),
            Err(why) => decoder.error(
                codes::BAD_RELATION,
                span,
                format!("the relation of `{key}` {why}"),
                "write \"equal\", \"differs\", or one of { ratio = 0.5 }, { at_least = 1.0 }, \
                 { at_most = 1.0 }, { within = 0.1 }, { ignore = \"the reason\" }",
            ),
        }
    }
    relations
}

/// Returns the kind and the field path that a key of `parity` names, such as `min`,
/// `versioning/status` or `/rules/[id=logs]/days`.
fn resolve(group: &Group, key: &str) -> Option<(&'static dyn Kind, String)> {
    let key = key.strip_prefix('/').unwrap_or(key);
    let (first, rest) = key
        .split_once('/')
        .map_or((key, None), |(a, b)| (a, Some(b)));
    if let Some(kind) = group.part(first) {
        let path = rest.map_or(String::new(), |rest| format!("/{rest}"));
        return leads_somewhere(kind.shape(), rest).then_some((kind, path));
    }
    let kind = group.flat?;
    leads_somewhere(kind.shape(), Some(key)).then(|| (kind, format!("/{key}")))
}

/// Returns the type of the field at a path; none for the whole object and for an item of a list.
fn shape_at(shape: &'static Shape, path: &str) -> Option<&'static Shape> {
    let mut shape = Some(shape);
    for step in path.split('/').skip(1) {
        shape = match shape? {
            Shape::Table(fields) => fields
                .iter()
                .find(|field| field.name == step)
                .map(|field| &field.shape),
            Shape::Open(item) | Shape::List(item, _) => Some(item),
            _ => None,
        };
    }
    shape
}

/// Refuses a share of what has no shares: it would never hold, or always.
fn fits(relation: DeclaredRelation, shape: Option<&Shape>) -> Result<DeclaredRelation, String> {
    let is_number = matches!(
        shape,
        Some(
            Shape::Int(..) | Shape::Float | Shape::Seconds(..) | Shape::Days(..) | Shape::OneOf(_)
        )
    );
    let is_ranked = matches!(
        shape,
        Some(Shape::Bool | Shape::Choice(_) | Shape::List(..))
    );
    let is_whole = |number: f64| (number - 1.0).abs() < f64::EPSILON;
    match &relation {
        DeclaredRelation::Ratio(_) | DeclaredRelation::Within(_) if !is_number => {
            Err("is a share, and the field is no number".to_owned())
        }
        DeclaredRelation::AtLeast(number) | DeclaredRelation::AtMost(number)
            if !is_number && (!is_ranked || !is_whole(*number)) =>
        {
            Err("is a share, and the field is no number; of a word or a list, say 1.0".to_owned())
        }
        _ => Ok(relation),
    }
}

fn leads_somewhere(shape: &Shape, path: Option<&str>) -> bool {
    let Some(path) = path else {
        return true;
    };
    let (step, rest) = path
        .split_once('/')
        .map_or((path, None), |(a, b)| (a, Some(b)));
    match shape {
        Shape::Table(fields) => fields
            .iter()
            .find(|field: &&Field| field.name == step)
            .is_some_and(|field| leads_somewhere(&field.shape, rest)),
        Shape::Open(item) => leads_somewhere(item, rest),
        Shape::List(item, Identity::Keyed(key)) => {
            step.starts_with(&format!("[{key}=")) && leads_somewhere(item, rest)
        }
        _ => false,
    }
}

fn relation(value: &Value) -> Result<DeclaredRelation, String> {
    let table = match value {
        Value::Text(word) if word.as_ref() == "equal" => return Ok(DeclaredRelation::Equal),
        Value::Map(table) => table,
        // The shape has no other word.
        _ => return Ok(DeclaredRelation::Differs),
    };
    let mut given = table.iter();
    let (Some((name, value)), None) = (given.next(), given.next()) else {
        return Err("is not exactly one relation".to_owned());
    };
    let number = match value {
        Value::Float(number) if *number >= 0.0 => *number,
        Value::Text(reason) => return Ok(DeclaredRelation::Ignore(reason.to_string())),
        _ => return Err("is negative".to_owned()),
    };
    Ok(match name {
        "ratio" => DeclaredRelation::Ratio(number),
        "at_least" => DeclaredRelation::AtLeast(number),
        "at_most" => DeclaredRelation::AtMost(number),
        _ => DeclaredRelation::Within(number),
    })
}
