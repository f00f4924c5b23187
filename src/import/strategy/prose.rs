//! Lists, paragraphs and links: what they say, by the words above them and in them.
//!
//! In: blocks that are no tables. Out: entries and notes in a [`Draft`].

use super::draft::Draft;
use super::forms::pair;
use super::markdown::{Block, Line, Link};
use super::names::{explained, key, says};
use super::people::document;
use super::quantity::{seconds, span as spelled};
use super::recovery::{cadence_word, step};

/// Reads a list.
pub(super) fn list(draft: &mut Draft, block: &Block, ordered: bool, items: &[Line]) {
    let nearest = block.sections.last().map_or("", String::as_str);
    let lead = block.lead.as_ref().map_or("", |line| line.text.as_str());
    let above = format!("{nearest} {lead}");
    if says(
        &above,
        &[
            "out of scope",
            "excluded",
            "exclusions",
            "not covered",
            "not in scope",
        ],
    ) {
        return items.iter().for_each(|item| exclusion(draft, item));
    }
    if says(
        &above,
        &["must document", "record*", "report*", "documentation"],
    ) && says(&above, &["test*", "drill*", "exercise*", "must"])
    {
        return items.iter().for_each(|item| documented(draft, item));
    }
    if says(
        &above,
        &[
            "declare when",
            "criteria",
            "activation",
            "declaration",
            "invoke when",
        ],
    ) && !says(&above, &["success"])
    {
        for item in items {
            draft
                .single("strategy", item.number)
                .add("declare_when", [item.text.as_str()]);
            draft.understood(item.number, &item.text, "strategy.declare_when");
        }
        return;
    }
    let own = key(lead.trim_end_matches(':'));
    if draft.has("component", &own)
        && says(
            &block.sections.join(" "),
            &["failover", "automatic", "high availability"],
        )
    {
        return own_failover(draft, &own, items, block.lead.as_ref());
    }
    if ordered
        && says(
            &block.sections.join(" "),
            &[
                "failover",
                "recovery",
                "runbook",
                "procedure",
                "order",
                "steps",
            ],
        )
    {
        return steps(draft, items);
    }
    if says(&above, &["in scope", "components", "services"]) {
        for item in items {
            let name = super::service::component(draft, &item.text, item.number);
            draft.single("strategy", 0).add("scope", [name.as_str()]);
            draft.understood(item.number, &item.text, &format!("component.{name}"));
        }
        return;
    }
    for item in items {
        fact(draft, item);
    }
}

fn steps(draft: &mut Draft, items: &[Line]) {
    let mut before: Option<String> = None;
    for item in items {
        let name = step(draft, &item.text, item.number, before.as_deref());
        draft.understood(item.number, &item.text, &format!("step.{name}"));
        before = Some(name);
    }
}

fn exclusion(draft: &mut Draft, item: &Line) {
    let (name, reason) = item.text.split_once(": ").unwrap_or((&item.text, ""));
    let entry = draft.listed("exclusion", item.number);
    entry.set_text("name", name);
    entry.set_text("reason", reason);
    draft.understood(item.number, &item.text, "exclusion");
}

/// What each test must write down is what a record of an exercise holds anyway.
fn documented(draft: &mut Draft, item: &Line) {
    let known = [
        "date",
        "participants",
        "scenario",
        "scope",
        "rto",
        "rpo",
        "issues",
        "remediation",
        "actions",
        "lessons",
    ];
    if says(&item.text, &known) {
        draft.understood(
            item.number,
            &item.text,
            "every record of an exercise has fields for it",
        );
    } else {
        draft.not_placed(item.number, &item.text, "no record has a field for it");
    }
}

/// Reads how a component fails over by itself.
fn own_failover(draft: &mut Draft, name: &str, items: &[Line], lead: Option<&Line>) {
    let mut fields = toml::Table::new();
    let line = items.first().map_or(0, |item| item.number);
    for item in items {
        let words: Vec<&str> = item.text.split_whitespace().collect();
        let verb = words.iter().position(|word| {
            says(
                word,
                &[
                    "manage*", "monitor*", "elect*", "promote*", "handle*", "watch*",
                ],
            )
        });
        if let Some(span) = seconds(item.text.split_once(':').map_or("", |(_, span)| span)) {
            fields.insert("within".to_owned(), spelled(span).into());
            draft.understood(
                item.number,
                &item.text,
                &format!("component.{name}.failover.within"),
            );
        } else if let Some((_, via)) = item.text.split_once(" via ") {
            let via = super::service::component(draft, via, item.number);
            fields.insert("clients_via".to_owned(), via.into());
            draft.understood(
                item.number,
                &item.text,
                &format!("component.{name}.failover.clients_via"),
            );
        } else if let Some(verb) =
            verb.filter(|verb| *verb > 0 && !fields.contains_key("mechanism"))
        {
            fields.insert("mechanism".to_owned(), words[..verb].join(" ").into());
            draft.understood(
                item.number,
                &item.text,
                &format!("component.{name}.failover.mechanism"),
            );
        } else if fields.contains_key("mechanism") {
            draft.guessed(
                item.number,
                &item.text,
                "it is what the mechanism before it does",
            );
        } else {
            fact(draft, item);
        }
    }
    if fields.contains_key("mechanism") {
        draft.named("component", name, line).set("failover", fields);
        if let Some(lead) = lead {
            draft.understood(
                lead.number,
                &lead.text,
                &format!("component.{name}.failover"),
            );
        }
    } else {
        draft.not_placed(line, name, "its failover has no mechanism");
    }
}

/// Reads one statement of the form `key: value`, or one that has an objective in it.
pub(super) fn fact(draft: &mut Draft, line: &Line) {
    let text = line.text.as_str();
    if let Some((name, value)) = pair(line)
        && document(draft, line.number, &name, value)
    {
        return draft.understood(line.number, text, &format!("strategy: {name}"));
    }
    let (subject, value) = text.split_once(':').unwrap_or((text, text));
    for (words, field) in [
        (&["rto", "recovery time objective"][..], "rto"),
        (&["rpo", "recovery point objective"], "rpo"),
    ] {
        if let Some(span) = seconds(value).filter(|_| says(subject, words)) {
            let span = spelled(span);
            if draft
                .single("strategy", line.number)
                .set(field, span.as_str())
            {
                draft.understood(line.number, text, &format!("strategy.{field}"));
            } else {
                draft.not_placed(
                    line.number,
                    text,
                    "another place says something else, and that one is kept",
                );
            }
            return;
        }
    }
    if let Some(word) = cadence_word(text).filter(|_| says(text, &["test*", "drill*", "exercise*"]))
    {
        draft
            .single("strategy", line.number)
            .set("exercise_every", word);
        return draft.understood(line.number, text, "strategy.exercise_every");
    }
    draft.not_placed(
        line.number,
        text,
        "it is prose without a fact that the environment has a field for",
    );
}

/// Reads a paragraph, line by line.
pub(super) fn paragraph(draft: &mut Draft, lines: &[Line]) {
    for line in lines {
        fact(draft, line);
    }
}

/// Reads a link or an image: runbooks and drawings belong to the failovers.
pub(super) fn link(draft: &mut Draft, link: &Link) {
    let target = link.target.split('#').next().unwrap_or_default();
    if target.is_empty() {
        return;
    }
    let what = format!("{} {target}", link.text);
    let about = format!("{what} {}", link.sections.last().map_or("", String::as_str));
    let field = if link.is_image && says(&about, &["order", "recovery", "failover", "sequence"]) {
        "diagram"
    } else if says(&what, &["runbook", "playbook"]) {
        "runbook"
    } else {
        let text = format!("{} ({})", explained(&link.text).0, link.target);
        return draft.not_placed(
            link.number,
            &text,
            "the environment has no field for a reference of this sort",
        );
    };
    // What lies outside of the environment's folder cannot be checked from within it.
    let file = target.trim_start_matches("./").trim_start_matches("../");
    if file.contains("://") || file.contains("..") || file.starts_with('/') {
        return draft.not_placed(
            link.number,
            target,
            "it is no file below the environment's folder",
        );
    }
    let over: Vec<String> = draft
        .entries
        .iter()
        .filter(|entry| entry.head == "failover")
        .filter(|entry| entry.get("direction").and_then(toml::Value::as_str) == Some("over"))
        .filter_map(|entry| entry.name.clone())
        .collect();
    for name in &over {
        draft.named("failover", name, link.number).set(field, file);
    }
    match over.first() {
        None => draft.not_placed(
            link.number,
            target,
            "no failover to the DR site is in the document",
        ),
        Some(first) if over.len() == 1 && file == target => {
            draft.understood(link.number, target, &format!("failover.{first}.{field}"));
        }
        Some(_) => draft.guessed(
            link.number,
            target,
            &format!(
                "it is taken for `{file}` below the environment's folder, the {field} of {}",
                over.join(" and ")
            ),
        ),
    }
}
