//! Two objects of a pair, walked together by the field table of their kind.
//!
//! In: the field table, both objects' fields, the declared relations, the rules. Out: a judged
//! field each. Must not know where the objects came from.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::relation::{Judgement, judge};
use super::rules::ParityRules;
use crate::desired::DeclaredRelation;
use crate::model::{Field, Identity, Key, Map, Relation, Shape, Value, item_name, pointer};

/// A judged field.
#[derive(Debug)]
pub(super) struct Judged {
    /// The field, as a JSON Pointer.
    pub(super) path: String,
    /// The relation that was asked for.
    pub(super) relation: DeclaredRelation,
    /// The primary's value.
    pub(super) primary: Option<Value>,
    /// The DR site's value, as it is there.
    pub(super) dr: Option<Value>,
    /// What the relation says of them.
    pub(super) judgement: Judgement,
}

/// What is asked of a pair.
pub(super) struct Question<'a> {
    /// The kind.
    pub(super) kind: &'a str,
    /// Its field table.
    pub(super) shape: &'a Shape,
    /// The declared relations by path; empty for the whole object.
    pub(super) declared: Option<&'a BTreeMap<String, DeclaredRelation>>,
    /// The rules.
    pub(super) rules: &'a ParityRules,
    /// What each site calls its own: the DR site's word, and the primary's for the same thing.
    pub(super) terms: &'a [(String, String)],
}

impl Question<'_> {
    /// Returns the relation that is declared of a field itself.
    fn declared_at(&self, path: &str) -> Option<&DeclaredRelation> {
        self.declared?.get(path)
    }

    /// Returns the relation of the whole object.
    pub(super) fn of_object(&self) -> DeclaredRelation {
        self.declared_at("")
            .cloned()
            .or_else(|| self.rules.relation(self.kind, ""))
            .unwrap_or_else(|| default_of(self.shape))
    }

    /// Returns whether anything of the object is compared at all.
    pub(super) fn is_asked(&self) -> bool {
        let by_hand = self.declared.is_some_and(|own| {
            own.iter()
                .any(|(path, relation)| !path.is_empty() && !is_ignored(relation))
        });
        by_hand || !is_ignored(&self.of_object())
    }
}

/// Returns the relation of an object whose fields have these defaults: one whose fields are all
/// each site's own business is ignored as a whole.
fn default_of(shape: &Shape) -> DeclaredRelation {
    if shape.is_each_sites_own() {
        DeclaredRelation::Ignore(String::new())
    } else {
        DeclaredRelation::Equal
    }
}

const fn is_ignored(relation: &DeclaredRelation) -> bool {
    matches!(relation, DeclaredRelation::Ignore(_))
}

/// Returns the judged fields of two objects, in the order of the table.
pub(super) fn compare(question: &Question<'_>, primary: &Map, dr: &Map) -> Vec<Judged> {
    let mut walk = Walk {
        question,
        path: Vec::new(),
        judged: Vec::new(),
    };
    let whole = question.declared_at("").cloned();
    let renamed = renamed(dr, question.terms);
    walk.map(question.shape, primary, (dr, &renamed), whole.as_ref());
    walk.judged
}

struct Walk<'a> {
    question: &'a Question<'a>,
    path: Vec<Key>,
    judged: Vec<Judged>,
}

/// A value of the DR site: as it is, and in the primary's words.
type Both<'v, T> = (&'v T, &'v T);

impl Walk<'_> {
    fn map(
        &mut self,
        shape: &Shape,
        primary: &Map,
        dr: Both<'_, Map>,
        inherited: Option<&DeclaredRelation>,
    ) {
        match shape {
            Shape::Table(fields) => {
                for field in *fields {
                    let (name, own) = (field.name, (dr.0.get(field.name), dr.1.get(field.name)));
                    self.within(name, |walk| {
                        walk.field(field, primary.get(name), own, inherited);
                    });
                }
            }
            Shape::Open(item) => {
                let field = Field::new("", **item, "");
                let keys = primary.iter().chain(dr.1.iter()).map(|(key, _)| key);
                let mut keys: Vec<&str> = keys.collect();
                keys.sort_unstable();
                keys.dedup();
                for key in keys {
                    let own = (dr.0.get(key), dr.1.get(key));
                    self.within(key.to_owned(), |walk| {
                        walk.field(&field, primary.get(key), own, inherited);
                    });
                }
            }
            _ => {}
        }
    }

    fn field(
        &mut self,
        field: &Field,
        primary: Option<&Value>,
        dr: (Option<&Value>, Option<&Value>),
        inherited: Option<&DeclaredRelation>,
    ) {
        if primary.is_none() && dr.1.is_none() {
            return;
        }
        let path = pointer(&self.path);
        let declared = self.question.declared_at(&path);
        let relation = declared
            .or(inherited)
            .cloned()
            .or_else(|| self.question.rules.relation(self.question.kind, &path))
            .unwrap_or_else(|| of_table(field.parity));
        // What is said of a table or a list holds for all in it, until something nearer is said.
        let passed = if is_ignored(&relation) || declared.is_some() {
            Some(&relation)
        } else {
            inherited
        };
        let whole = matches!(relation, DeclaredRelation::Differs);
        match (&field.shape, primary, dr) {
            (
                shape @ (Shape::Table(_) | Shape::Open(_)),
                Some(Value::Map(primary)),
                (Some(Value::Map(own)), Some(Value::Map(renamed))),
            ) if !whole => self.map(shape, primary, (own, renamed), passed),
            (
                Shape::List(item, Identity::Keyed(key)),
                Some(Value::List(primary)),
                (Some(Value::List(own)), Some(Value::List(renamed))),
            ) if !whole => self.keyed(item, key, primary, (own, renamed), passed),
            (shape, primary, dr) => self.judge(path, relation, shape, primary, dr),
        }
    }

    fn keyed(
        &mut self,
        item: &Shape,
        key: &str,
        primary: &[Value],
        dr: (&[Value], &[Value]),
        inherited: Option<&DeclaredRelation>,
    ) {
        let name = |value: &Value| item_name(value, key);
        for one in primary {
            let at = dr.1.iter().position(|other| name(other) == name(one));
            self.item(
                item,
                name(one),
                Some(one),
                at.map(|at| (&dr.0[at], &dr.1[at])),
                inherited,
            );
        }
        for (own, renamed) in dr.0.iter().zip(dr.1) {
            if !primary.iter().any(|one| name(one) == name(renamed)) {
                self.item(item, name(renamed), None, Some((own, renamed)), inherited);
            }
        }
    }

    fn item(
        &mut self,
        shape: &Shape,
        name: String,
        primary: Option<&Value>,
        dr: Option<(&Value, &Value)>,
        inherited: Option<&DeclaredRelation>,
    ) {
        let field = Field::new("", *shape, "");
        self.within(name, |walk| {
            walk.field(
                &field,
                primary,
                (dr.map(|dr| dr.0), dr.map(|dr| dr.1)),
                inherited,
            );
        });
    }

    fn judge(
        &mut self,
        path: String,
        relation: DeclaredRelation,
        shape: &Shape,
        primary: Option<&Value>,
        dr: (Option<&Value>, Option<&Value>),
    ) {
        // Two sites must not share a thing whatever they call it: there the names themselves count.
        let other = match relation {
            DeclaredRelation::Differs => dr.0,
            _ => dr.1,
        };
        let judgement = judge(&relation, shape, primary, other);
        self.judged.push(Judged {
            path,
            relation,
            primary: primary.cloned(),
            dr: dr.0.cloned(),
            judgement,
        });
    }

    fn within(&mut self, name: impl Into<Key>, inner: impl FnOnce(&mut Self)) {
        self.path.push(name.into());
        inner(self);
        self.path.pop();
    }
}

fn of_table(relation: Relation) -> DeclaredRelation {
    match relation {
        Relation::Equal => DeclaredRelation::Equal,
        Relation::AtLeast => DeclaredRelation::AtLeast(1.0),
        Relation::Ignore => DeclaredRelation::Ignore(String::new()),
    }
}

/// Returns fields with the DR site's own words replaced by the primary's.
fn renamed(map: &Map, terms: &[(String, String)]) -> Map {
    map.iter()
        .map(|(key, value)| (rename(key, terms).into_owned(), rename_value(value, terms)))
        .collect()
}

fn rename_value(value: &Value, terms: &[(String, String)]) -> Value {
    match value {
        Value::Text(text) => match rename(text, terms) {
            Cow::Borrowed(_) => value.clone(),
            Cow::Owned(text) => Value::from(text),
        },
        Value::List(items) => {
            let items = items.iter().map(|item| rename_value(item, terms));
            Value::List(items.collect())
        }
        Value::Map(map) => Value::Map(renamed(map, terms)),
        other => other.clone(),
    }
}

/// Replaces whole words: a bucket's name inside an ARN is one, a part of another name is not.
fn rename<'t>(text: &'t str, terms: &[(String, String)]) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    for (from, to) in terms
        .iter()
        .filter(|(from, to)| !from.is_empty() && from != to)
    {
        if !text.contains(from.as_str()) {
            continue;
        }
        let is_part =
            |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        let (mut out, mut rest, mut last) = (String::new(), text.as_ref(), None);
        while let Some(at) = rest.find(from.as_str()) {
            let (before, after) = (&rest[..at], &rest[at + from.len()..]);
            let left = before.chars().next_back().or(last);
            let is_word = !is_part(left) && !is_part(after.chars().next());
            out.push_str(before);
            out.push_str(if is_word { to } else { from });
            last = from.chars().next_back();
            rest = after;
        }
        out.push_str(rest);
        text = Cow::Owned(out);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_are_renamed() {
        let terms = [("logs-dr".to_owned(), "logs".to_owned())];
        assert_eq!(
            rename("arn:aws:s3:::logs-dr/*", &terms),
            "arn:aws:s3:::logs/*"
        );
        assert_eq!(rename("old-logs-dr", &terms), "old-logs-dr");
        assert_eq!(rename("logs-dr2,logs-dr", &terms), "logs-dr2,logs");
    }
}
