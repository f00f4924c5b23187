//! The message of a rule: a template over the same variables as its condition.
//!
//! In: a text, and values when a rule matches. Out: a sentence. A template can only make text.

use std::collections::BTreeMap;

use cel::Value;
use cel::objects::Key;
use minijinja::value::Value as Shown;
use minijinja::{Environment, UndefinedBehavior};

use super::entries::{Text, suggest};
use super::expression::place;
use super::view::{Variables, sample};
use super::vocabulary::{Name, Subject};
use crate::model::{Finding, Sources};

/// Checks a template: its syntax, its names, and that it renders.
pub(super) fn check(
    text: &Text,
    subject: Subject,
    sources: &Sources,
    findings: &mut Vec<Finding>,
) -> bool {
    let before = findings.len();
    let environment = environment();
    match environment.template_from_str(&text.value) {
        Err(error) => findings.push(invalid(text, &error, sources)),
        Ok(template) => {
            let mut names: Vec<String> = template.undeclared_variables(true).into_iter().collect();
            names.sort_unstable();
            findings.extend(
                names
                    .iter()
                    .filter_map(|path| unknown(text, path, subject.variables(), sources)),
            );
            if findings.len() == before
                && let Err(error) = template.render(shown(&sample(subject)))
            {
                findings.push(invalid(text, &error, sources));
            }
        }
    }
    findings.len() == before
}

/// Renders a template that was checked.
pub(super) fn render(template: &str, variables: &Variables) -> Result<String, String> {
    environment()
        .render_str(template, shown(variables))
        .map_err(|error| error.to_string())
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // Whether a key of `change.identity` is there depends on the kind; an absent one prints as
    // nothing rather than costing the whole message.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment
}

fn invalid(text: &Text, error: &minijinja::Error, sources: &Sources) -> Finding {
    let range = error.range().unwrap_or(0..text.value.len());
    let reason = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    Finding::error(
        "policy-message",
        format!("this message is not a valid template: {reason}"),
    )
    .at(place(text, &range, sources), "")
    .help("messages look like `{{ change.address }} loses its protection`")
}

fn unknown(
    text: &Text,
    path: &str,
    variables: &'static [Name],
    sources: &Sources,
) -> Option<Finding> {
    let mut parts = path.split('.');
    let first = parts.next().unwrap_or_default();
    let root = variables.iter().find(|variable| variable.name == first);
    let mut found = root.map(|variable| variable.of).ok_or((first, variables));
    for part in parts {
        found = found.and_then(|of| of.field(part).map_err(|known| (part, known)));
    }
    let (name, known) = found.err()?;
    let names: Vec<&str> = known.iter().map(|name| name.name).collect();
    let at = text.value.find(path).unwrap_or_default();
    let range = at..at + path.len().min(text.value.len() - at);
    Some(
        Finding::error(
            "policy-message",
            format!("there is no `{name}` in `{path}`"),
        )
        .at(place(text, &range, sources), "")
        .help(suggest(name, &names)),
    )
}

fn shown(variables: &Variables) -> Shown {
    Shown::from_pairs(variables.iter().map(|(name, value)| (*name, show(value))))
}

fn show(value: &Value) -> Shown {
    match value {
        Value::Bool(truth) => Shown::from(*truth),
        Value::Int(number) => Shown::from(*number),
        Value::Float(number) => Shown::from(*number),
        Value::String(text) => Shown::from(text.as_str()),
        Value::List(items) => items.iter().map(show).collect(),
        // Sorted, so that a message that walks a table is the same every time.
        Value::Map(map) => Shown::from_pairs(
            map.map
                .iter()
                .map(|(key, value)| (key_text(key), show(value)))
                .collect::<BTreeMap<String, Shown>>(),
        ),
        _ => Shown::from(()),
    }
}

fn key_text(key: &Key) -> String {
    match key {
        Key::String(text) => text.to_string(),
        Key::Int(number) => number.to_string(),
        Key::Uint(number) => number.to_string(),
        Key::Bool(truth) => truth.to_string(),
    }
}
