//! How a field's value reads: by its type in the field table, and by its length.
//!
//! In: a path, the value before and after, and the kind's field table if it is known. Out: words
//! or lines of a difference, not laid out yet. Must not know which kinds there are.

use similar::{ChangeTag, TextDiff};

use crate::model::{FieldChange, Identity, Shape, Value, units};

use super::visible::visible;

/// The longest table, list or JSON text that is shown on one line.
const LONG: usize = 60;
/// The lines shown around a differing line.
const CONTEXT: usize = 2;

/// What a line of a difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Same,
    Added,
    Removed,
    /// Lines that do not differ were left out here.
    Skipped,
}

/// A line of a difference, or an item of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) tag: Tag,
    pub(super) text: String,
}

impl Line {
    fn new(tag: Tag, text: impl Into<String>) -> Self {
        Self {
            tag,
            text: text.into(),
        }
    }
}

/// How the difference of one field reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// One text becomes another; none stands for absence.
    Change(Option<String>, Option<String>),
    /// Items that leave and come.
    Items(Vec<Line>),
    /// Lines that leave, stay and come.
    Lines(Vec<Line>),
}

/// What the field table says about one path.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    shape: Option<Shape>,
    /// Whether a change of it forces a replacement.
    pub(super) replace: bool,
}

/// Looks a path up in a field table.
pub(super) fn look_up(table: Option<&'static Shape>, path: &str) -> Known {
    let mut known = Known {
        shape: table.copied(),
        replace: false,
    };
    for segment in path.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        known.shape = match known.shape {
            Some(Shape::Table(fields)) => {
                let field = fields.iter().find(|field| field.name == name);
                known.replace |= field.is_some_and(|field| field.replace);
                field.map(|field| field.shape)
            }
            Some(Shape::Open(item) | Shape::List(item, _)) => Some(*item),
            _ => None,
        };
    }
    known
}

/// Returns how the difference of a field reads.
pub(super) fn show(known: Known, change: &FieldChange) -> Shown {
    let shape = known.shape.as_ref();
    match (&change.before, &change.after) {
        (Some(Value::List(before)), Some(Value::List(after)))
            if is_unordered(shape) && (before.len() > 1 || after.len() > 1) =>
        {
            Shown::Items(items(shape, before, after))
        }
        (before, after) => {
            let (short_before, short_after) = (
                before.as_ref().map(|value| words(shape, value)),
                after.as_ref().map(|value| words(shape, value)),
            );
            let is_long = |value: &Option<Value>, words: &Option<String>| {
                value
                    .as_ref()
                    .is_some_and(|value| has_lines(value, words.as_ref()))
            };
            if is_long(before, &short_before) || is_long(after, &short_after) {
                Shown::Lines(difference(
                    &block(shape, before.as_ref()),
                    &block(shape, after.as_ref()),
                ))
            } else {
                Shown::Change(short_before, short_after)
            }
        }
    }
}

fn is_unordered(shape: Option<&Shape>) -> bool {
    matches!(
        shape,
        Some(Shape::List(_, Identity::Set | Identity::Keyed(_)))
    )
}

/// Returns whether a value reads better as lines than as words.
fn has_lines(value: &Value, words: Option<&String>) -> bool {
    let long = words.is_some_and(|words| words.len() > LONG);
    match value {
        Value::Text(text) => text.trim_end().contains('\n') || (long && as_json(text).is_some()),
        Value::List(_) | Value::Map(_) => long,
        _ => false,
    }
}

fn items(shape: Option<&Shape>, before: &[Value], after: &[Value]) -> Vec<Line> {
    let item = item_shape(shape);
    let only = |tag, some: &[Value], others: &[Value]| -> Vec<Line> {
        some.iter()
            .filter(|value| !others.contains(value))
            .map(|value| Line::new(tag, words(item, value)))
            .collect()
    };
    let mut lines = only(Tag::Removed, before, after);
    lines.extend(only(Tag::Added, after, before));
    lines
}

fn item_shape(shape: Option<&Shape>) -> Option<&Shape> {
    match shape {
        Some(Shape::List(item, _) | Shape::Open(item)) => Some(item),
        _ => None,
    }
}

fn field_shape<'a>(shape: Option<&'a Shape>, name: &str) -> Option<&'a Shape> {
    match shape {
        Some(Shape::Table(fields)) => fields
            .iter()
            .find(|field| field.name == name)
            .map(|field| &field.shape),
        other => item_shape(other),
    }
}

/// Returns a value on one line.
pub(super) fn words(shape: Option<&Shape>, value: &Value) -> String {
    match (value, shape) {
        (Value::Int(seconds @ 0..), Some(Shape::Seconds(..))) => units::format_seconds(*seconds),
        (Value::Int(days), Some(Shape::Days(..))) => format!("{days}d"),
        (Value::Text(text), _) if text.is_empty() || text.trim() != &**text => {
            format!("\"{}\"", visible(text))
        }
        (Value::Text(text), _) => visible(text).into_owned(),
        (Value::List(items), _) if items.is_empty() => "[]".to_owned(),
        (Value::List(items), _) => {
            let item = item_shape(shape);
            let items: Vec<String> = items.iter().map(|value| words(item, value)).collect();
            items.join(", ")
        }
        (Value::Map(map), _) => {
            let fields: Vec<String> = map
                .iter()
                .map(|(name, value)| {
                    let value = words(field_shape(shape, name), value);
                    format!("{} = {value}", visible(name))
                })
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        (Value::Bool(_) | Value::Int(_) | Value::Float(_), _) => value.to_string(),
    }
}

/// Returns a value as lines; nothing for absence.
fn block(shape: Option<&Shape>, value: Option<&Value>) -> Vec<String> {
    let mut lines = Vec::new();
    match value {
        None => {}
        Some(Value::Text(text)) => {
            let pretty = as_json(text).and_then(|json| serde_json::to_string_pretty(&json).ok());
            let text = pretty.as_deref().unwrap_or(text);
            lines.extend(text.lines().map(|line| visible(line).into_owned()));
        }
        Some(value) => push_block(shape, value, 0, &mut lines),
    }
    lines
}

fn push_block(shape: Option<&Shape>, value: &Value, indent: usize, lines: &mut Vec<String>) {
    let pad = " ".repeat(indent);
    match value {
        Value::Map(map) if !map.is_empty() => {
            for (name, value) in map.iter() {
                let inner = field_shape(shape, name);
                let name = visible(name);
                let short = words(inner, value);
                if short.len() > LONG && matches!(value, Value::Map(_) | Value::List(_)) {
                    lines.push(format!("{pad}{name}:"));
                    push_block(inner, value, indent + 2, lines);
                } else {
                    lines.push(format!("{pad}{name}: {short}"));
                }
            }
        }
        Value::List(items) if !items.is_empty() => {
            let item = item_shape(shape);
            for value in items {
                let first = lines.len();
                push_block(item, value, indent + 2, lines);
                if let Some(line) = lines.get_mut(first) {
                    line.replace_range(indent..=indent, "-");
                }
            }
        }
        value => lines.push(format!("{pad}{}", words(shape, value))),
    }
}

fn as_json(text: &str) -> Option<serde_json::Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

fn difference(before: &[String], after: &[String]) -> Vec<Line> {
    if before.is_empty() || after.is_empty() {
        let of = |tag, lines: &[String]| -> Vec<Line> {
            lines.iter().map(|line| Line::new(tag, line)).collect()
        };
        let mut lines = of(Tag::Removed, before);
        lines.extend(of(Tag::Added, after));
        return lines;
    }
    let (before, after): (Vec<&str>, Vec<&str>) = (
        before.iter().map(String::as_str).collect(),
        after.iter().map(String::as_str).collect(),
    );
    let diff = TextDiff::from_slices(&before, &after);
    let mut lines = Vec::new();
    let mut shown = 0;
    for group in diff.grouped_ops(CONTEXT) {
        if let Some(first) = group.first()
            && first.old_range().start > shown
        {
            lines.push(Line::new(Tag::Skipped, ""));
        }
        for op in &group {
            for change in diff.iter_changes(op) {
                let tag = match change.tag() {
                    ChangeTag::Equal => Tag::Same,
                    ChangeTag::Insert => Tag::Added,
                    ChangeTag::Delete => Tag::Removed,
                };
                lines.push(Line::new(tag, change.value()));
            }
            shown = op.old_range().end;
        }
    }
    if shown < before.len() {
        lines.push(Line::new(Tag::Skipped, ""));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::fixture::TABLE;
    use super::*;

    fn shown(path: &str, before: &str, after: &str) -> Shown {
        let value = |json: &str| serde_json::from_str(json).ok();
        let change = FieldChange {
            path: path.to_owned(),
            before: value(before),
            after: value(after),
        };
        show(look_up(Some(&TABLE), path), &change)
    }

    fn change(before: &str, after: &str) -> Shown {
        Shown::Change(Some(before.into()), Some(after.into()))
    }

    #[test]
    fn spans_of_time_have_their_unit() {
        assert_eq!(shown("/ttl", "300", "60"), change("300s", "60s"));
        assert_eq!(
            shown("/rules/[id=a~1b]/days", "7", "30"),
            change("7d", "30d")
        );
        assert_eq!(
            shown("/ttl", "-9223372036854775808", "0"),
            change("-9223372036854775808", "0s")
        );
    }

    #[test]
    fn a_path_that_no_table_knows_still_shows() {
        assert_eq!(shown("/what/ever", "300", "60"), change("300", "60"));
        assert_eq!(shown("", "\"\"", "\" a\""), change("\"\"", "\" a\""));
    }

    #[test]
    fn sets_show_what_leaves_and_what_comes() {
        let Shown::Items(items) = shown("/values", r#"["a","b","c"]"#, r#"["b","d"]"#) else {
            panic!("not items")
        };
        let items: Vec<String> = items
            .iter()
            .map(|line| format!("{:?} {}", line.tag, line.text))
            .collect();
        assert_eq!(items, ["Removed a", "Removed c", "Added d"]);
        assert_eq!(shown("/values", r#"["a"]"#, r#"["b"]"#), change("a", "b"));
    }

    #[test]
    fn json_texts_are_compared_line_by_line() {
        let policy = |action: &str| {
            let json = serde_json::json!({
                "Statement": [{ "Action": action, "Effect": "Allow", "Resource": "arn:sample:a-bucket" }],
                "Version": "2012-10-17",
            });
            serde_json::json!(json.to_string()).to_string()
        };
        let Shown::Lines(lines) = shown("/policy", &policy("get:*"), &policy("any:*")) else {
            panic!("not lines")
        };
        let lines: Vec<String> = lines
            .iter()
            .map(|line| format!("{:?} {}", line.tag, line.text))
            .collect();
        assert_eq!(
            lines,
            [
                "Skipped ",
                "Same   \"Statement\": [",
                "Same     {",
                "Removed       \"Action\": \"get:*\",",
                "Added       \"Action\": \"any:*\",",
                "Same       \"Effect\": \"Allow\",",
                "Same       \"Resource\": \"arn:sample:a-bucket\"",
                "Skipped ",
            ]
        );
    }

    #[test]
    fn long_tables_become_lines_with_units() {
        let Shown::Lines(lines) = shown(
            "/rules",
            "null",
            r#"[{"id":"a","days":30,"prefix":"logs/a/very/long/prefix/of/objects"},{"id":"b","days":7}]"#,
        ) else {
            panic!("not lines")
        };
        let lines: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(
            lines,
            [
                "- days: 30d",
                "  id: a",
                "  prefix: logs/a/very/long/prefix/of/objects",
                "- days: 7d",
                "  id: b"
            ]
        );
    }
}
