//! Which objects a list or a watch is about: label and field selectors.
//!
//! In: the parameters of a request. Out: a [`Selection`]. It must not know where objects are kept.
//! Rules: "Labels and selectors" and "Field selectors".

use serde_json::Value;

use super::request::Visit;
use super::resource::Resource;
use super::status::Failure;

/// Which objects are meant.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    labels: Vec<Requirement>,
    fields: Vec<(String, String, bool)>,
}

/// What a label must be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Has(String),
    HasNot(String),
}

impl Selection {
    /// Reads `labelSelector` and `fieldSelector`.
    pub(super) fn read(visit: &Visit, resource: &Resource) -> Result<Self, Failure> {
        let labels = match visit.param("labelSelector") {
            None => Vec::new(),
            Some(text) => requirements(text).ok_or_else(|| {
                Failure::bad(format!(
                    "unable to parse requirement: the label selector {text} is not valid"
                ))
            })?,
        };
        let mut fields = Vec::new();
        for part in visit.param("fieldSelector").unwrap_or_default().split(',') {
            let (name, rest) = match part.split_once('=') {
                None if part.is_empty() => continue,
                None => {
                    return Err(Failure::bad(format!(
                        "invalid selector: '{part}'; can't understand '{part}'"
                    )));
                }
                Some(split) => split,
            };
            let equal = !name.ends_with('!');
            let name = name.trim_end_matches('!');
            let known = matches!(name, "metadata.name" | "metadata.namespace")
                || (resource.kind == "Secret" && name == "type");
            if !known {
                return Err(Failure::bad(format!("field label not supported: {name}")));
            }
            fields.push((
                name.to_owned(),
                rest.trim_start_matches('=').to_owned(),
                equal,
            ));
        }
        Ok(Self { labels, fields })
    }

    /// Whether nothing is left out.
    pub(super) fn is_all(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Whether an object is meant.
    pub(super) fn fits(&self, object: &Value) -> bool {
        let label = |name: &String| {
            let labels = object.pointer("/metadata/labels");
            labels
                .and_then(|labels| labels.get(name))
                .and_then(Value::as_str)
        };
        let labels = self.labels.iter().all(|requirement| match requirement {
            Requirement::In(name, values) => {
                label(name).is_some_and(|it| values.iter().any(|value| value == it))
            }
            Requirement::NotIn(name, values) => {
                label(name).is_none_or(|it| values.iter().all(|value| value != it))
            }
            Requirement::Has(name) => label(name).is_some(),
            Requirement::HasNot(name) => label(name).is_none(),
        });
        labels
            && self.fields.iter().all(|(name, value, equal)| {
                let is = object.pointer(&format!("/{}", name.replace('.', "/")));
                (is.and_then(Value::as_str).unwrap_or_default() == value) == *equal
            })
    }
}

/// The requirements of a label selector.
fn requirements(text: &str) -> Option<Vec<Requirement>> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut()?.push(letter);
    }
    parts.iter().map(|part| requirement(part.trim())).collect()
}

fn requirement(text: &str) -> Option<Requirement> {
    let name = |text: &str| {
        let text = text.trim();
        let fits = !text.is_empty()
            && text
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "-_./".contains(letter));
        fits.then(|| text.to_owned())
    };
    let values = |text: &str| {
        let inside = text.trim().strip_prefix('(')?.strip_suffix(')')?;
        Some(
            inside
                .split(',')
                .map(|value| value.trim().to_owned())
                .collect(),
        )
    };
    if let Some((key, rest)) = text.split_once(" notin ") {
        return Some(Requirement::NotIn(name(key)?, values(rest)?));
    }
    if let Some((key, rest)) = text.split_once(" in ") {
        return Some(Requirement::In(name(key)?, values(rest)?));
    }
    if let Some((key, value)) = text.split_once("!=") {
        return Some(Requirement::NotIn(
            name(key)?,
            vec![value.trim().to_owned()],
        ));
    }
    if let Some((key, value)) = text.split_once('=') {
        let value = value.strip_prefix('=').unwrap_or(value).trim();
        return Some(Requirement::In(name(key)?, vec![value.to_owned()]));
    }
    match text.strip_prefix('!') {
        Some(key) => Some(Requirement::HasNot(name(key)?)),
        None => Some(Requirement::Has(name(text)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn labels_select() {
        let object = json!({ "metadata": { "labels": { "app": "a", "tier": "x" } } });
        for (selector, fits) in [
            ("app=a", true),
            ("app==a,tier!=y", true),
            ("app in (a, b),tier", true),
            ("app notin (a)", false),
            ("!other", true),
            ("!app", false),
            ("other!=x", true),
            ("other", false),
        ] {
            let selection = Selection {
                labels: requirements(selector).unwrap(),
                fields: Vec::new(),
            };
            assert_eq!(selection.fits(&object), fits, "{selector}");
        }
        assert_eq!(requirements("a in b"), None);
        assert_eq!(requirements("=b"), None);
    }
}
