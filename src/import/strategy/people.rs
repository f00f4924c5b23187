//! Tables about people: messages, roles, contacts, vendors, and facts about the document itself.
//!
//! In: a [`Grid`]. Out: entries and notes in a [`Draft`].

use super::draft::Draft;
use super::forms::{Grid, words};
use super::markdown::Row;
use super::names::{is_open, key, says, several};
use super::quantity::{is_nothing, seconds, span as spelled};
use super::recovery::cadence_word;
use super::service::left;

/// Reads who is told what.
pub(super) fn messages(draft: &mut Draft, grid: &Grid, row: &Row) {
    let (text, audience) = (grid.cell(row, "event"), grid.cell(row, "audience"));
    let Some(event) = event(text) else {
        let text = format!("{text}: tell {audience} by {}", grid.cell(row, "channels"));
        return draft.not_placed(
            row.number,
            &text,
            "it is no event of a recovery that messages are known for",
        );
    };
    let name = draft.free("message", &key(text));
    let channels: Vec<String> = several(grid.cell(row, "channels"))
        .into_iter()
        .map(|channel| self::channel(draft, channel, row.number))
        .collect();
    let entry = draft.named("message", &name, row.number);
    entry.set("event", event);
    entry.add("audience", several(audience));
    entry.add("channels", channels.iter().map(String::as_str));
    let template = grid.cell(row, "template");
    if !is_nothing(template) {
        entry.set("template", format!("{}.md", key(template)));
    }
    let outside = says(
        audience,
        &[
            "customers",
            "customer",
            "public",
            "partners",
            "users",
            "regulator*",
        ],
    ) || grid
        .sections
        .iter()
        .any(|above| says(above, &["external", "customer*", "public"]));
    entry.set("reach", if outside { "external" } else { "internal" });
    let within = grid.cell(row, "within");
    match seconds(within) {
        Some(span) => {
            entry.set("within", spelled(span));
        }
        None => left(draft, row, "span of time", within),
    }
}

fn event(text: &str) -> Option<&'static str> {
    let begins = says(text, &["start*", "begin*", "initiat*"]);
    let ends = says(text, &["complet*", "done", "finish*", "ended", "over"]);
    let back = says(text, &["failback", "switchback"]) || says(text, &["fail back", "switch back"]);
    if back {
        return Some(if ends {
            "failback-complete"
        } else {
            "failback-starting"
        });
    }
    if says(text, &["drill*", "exercise*", "test*"]) {
        return Some(if ends {
            "exercise-complete"
        } else {
            "exercise-announced"
        });
    }
    if says(text, &["failover", "switchover", "fail over"]) {
        return Some(if ends {
            "failover-complete"
        } else {
            "failover-starting"
        })
        .filter(|_| begins || ends);
    }
    for (wanted, event) in [
        (
            &["degrad*", "outage", "incident", "disruption"][..],
            "degraded",
        ),
        (&["declar*"], "declared"),
        (&["progress", "ongoing", "update"], "in-progress"),
        (&["restor*", "resolv*", "recovered", "normal"], "restored"),
    ] {
        if says(text, wanted) {
            return Some(event);
        }
    }
    None
}

fn channel(draft: &mut Draft, text: &str, line: usize) -> String {
    let name = key(text);
    let kind = if says(
        text,
        &[
            "slack",
            "teams",
            "chat",
            "mattermost",
            "discord",
            "zulip",
            "irc",
        ],
    ) {
        "chat"
    } else if says(text, &["status page", "statuspage"]) {
        "status-page"
    } else if says(text, &["email", "mail", "e mail", "newsletter"]) {
        "email"
    } else if says(
        text,
        &["pagerduty", "opsgenie", "pager", "page", "victorops"],
    ) {
        "page"
    } else if says(text, &["phone", "call", "sms", "telephone", "bridge"]) {
        "phone"
    } else {
        "other"
    };
    let known = draft.has("channel", &name);
    draft.named("channel", &name, line).set("kind", kind);
    if kind == "other" && !known {
        draft.guessed(
            line,
            text,
            "what kind of channel it is cannot be told from its name",
        );
    }
    name
}

/// Reads who plays a role.
pub(super) fn roles(draft: &mut Draft, grid: &Grid, row: &Row) {
    let text = grid.cell(row, "role");
    let name = key(text);
    let people = ["primary", "backup"].map(|field| (field, grid.cell(row, field)));
    let entry = draft.named("role", &name, row.number);
    entry.set_text("title", text);
    entry.set_text("responsibility", grid.cell(row, "responsibility"));
    for (field, cell) in people {
        if cell.is_empty() {
            continue;
        }
        // The place of a name is kept, so that it is missed.
        let person = if is_open(cell) {
            cell.to_owned()
        } else {
            person(draft, cell, row.number)
        };
        draft.named("role", &name, row.number).set(field, person);
    }
    if people[0].1.is_empty() {
        draft.named("role", &name, row.number).set("primary", "TBD");
        draft.guessed(row.number, text, "nobody is named; `primary` says TBD");
    }
}

fn person(draft: &mut Draft, text: &str, line: usize) -> String {
    let name = key(text);
    draft.named("person", &name, line).set_text("name", text);
    name
}

/// Reads how to reach somebody.
pub(super) fn people(draft: &mut Draft, grid: &Grid, row: &Row) {
    let text = grid.cell(row, "person");
    if is_open(text) {
        return draft.not_placed(row.number, &row.cells.join(", "), "nobody is named");
    }
    let name = person(draft, text, row.number);
    let contacts: Vec<&str> = grid
        .cells(row, "contact")
        .filter(|cell| !is_open(cell))
        .collect();
    draft
        .named("person", &name, row.number)
        .add("contact", contacts);
    let role = grid.cell(row, "role");
    if !is_nothing(role) {
        let role = key(role);
        let entry = draft.named("role", &role, row.number);
        if !entry.set("primary", name.as_str()) {
            entry.set("backup", name.as_str());
        }
    }
}

/// Reads a company that a recovery needs.
pub(super) fn vendors(draft: &mut Draft, grid: &Grid, row: &Row) {
    let name = key(grid.cell(row, "vendor"));
    let provides = grid.cell(row, "provides");
    let contacts: Vec<&str> = grid
        .cells(row, "contact")
        .filter(|cell| !is_nothing(cell))
        .collect();
    let entry = draft.named("vendor", &name, row.number);
    entry.set(
        "provides",
        if provides.is_empty() {
            "not said"
        } else {
            provides
        },
    );
    entry.add("contact", contacts);
    entry.set_text("contract", grid.cell(row, "contract"));
    let answers = grid.cell(row, "answers_within");
    match seconds(answers) {
        Some(span) => {
            entry.set("answers_within", spelled(span));
        }
        None => left(draft, row, "span of time", answers),
    }
}

/// Reads a fact about the document, and returns whether it is one.
pub(super) fn document(draft: &mut Draft, line: usize, name: &str, value: &str) -> bool {
    let name = words(name);
    let (value, date) = (value.trim(), value.trim().parse::<jiff::civil::Date>().ok());
    match name.as_str() {
        "owner" | "document owner" | "plan owner" => {
            draft.single("strategy", line).set("owner", key(value))
        }
        "version" | "document version" | "revision" => {
            draft.single("strategy", line).set("version", value)
        }
        "approved by" | "approver" | "approval" => {
            let person = if is_open(value) {
                value.to_owned()
            } else {
                person(draft, value, line)
            };
            draft.single("strategy", line).set("approved_by", person)
        }
        "approved on" | "approval date" | "approved" => match date {
            Some(date) => draft
                .single("strategy", line)
                .set("approved_on", date.to_string()),
            None => false,
        },
        "review" | "review cycle" | "review frequency" | "reviewed" | "review every" => {
            match cadence_word(value) {
                Some(word) => draft.single("strategy", line).set("review_every", word),
                None => false,
            }
        }
        "declared by" | "declaration authority" | "who declares" => draft
            .single("strategy", line)
            .set("declared_by", key(value)),
        _ => false,
    }
}
