//! Tables about what is done: failovers, steps, capacities, the network, exercises, criteria.
//!
//! In: a [`Grid`]. Out: entries and notes in a [`Draft`].

use super::draft::Draft;
use super::forms::Grid;
use super::markdown::Row;
use super::names::{key, says};
use super::quantity::{Amount, Cadence, amount, cadence, latency, rate, seconds, span as spelled};
use super::service::left;

/// Reads a way in which service moves.
pub(super) fn failovers(draft: &mut Draft, grid: &Grid, row: &Row) {
    let (text, trigger) = (grid.cell(row, "name"), grid.cell(row, "trigger"));
    let name = draft.free("failover", &key(text));
    let about = format!("{text} {trigger}");
    let direction = if says(&about, &["failback", "back", "return"]) {
        "back"
    } else if says(
        &about,
        &[
            "automatic",
            "component",
            "instance",
            "node",
            "health",
            "local",
        ],
    ) {
        "within"
    } else {
        "over"
    };
    let automation = grid.cell(row, "automation");
    let entry = draft.named("failover", &name, row.number);
    entry.set("direction", direction);
    entry.set_text("trigger", trigger);
    let word = if says(automation, &["full", "fully", "automatic", "yes"]) {
        Some("full")
    } else if says(automation, &["script*", "semi", "partial", "assisted"]) {
        Some("scripted")
    } else if says(automation, &["manual", "none", "no", "hand"]) {
        Some("none")
    } else {
        None
    };
    match word {
        Some(word) => {
            entry.set("automation", word);
        }
        None => left(draft, row, "degree of automation", automation),
    }
    draft.guessed(
        row.number,
        text,
        &format!("its direction is taken for `{direction}`"),
    );
    let downtime = grid.cell(row, "downtime");
    match seconds(downtime) {
        Some(span) => {
            draft
                .named("failover", &name, row.number)
                .set("downtime", spelled(span));
        }
        None => left(draft, row, "downtime", downtime),
    }
}

/// Reads a step of a table of steps; each needs the one before it.
pub(super) fn steps(draft: &mut Draft, grid: &Grid, row: &Row, before: Option<&str>) -> String {
    let name = step(draft, grid.cell(row, "action"), row.number, before);
    let owner = grid.cell(row, "owner");
    if !owner.is_empty() {
        draft
            .named("step", &name, row.number)
            .set("owner", key(owner));
    }
    let duration = grid.cell(row, "duration");
    match seconds(duration) {
        Some(span) => {
            draft
                .named("step", &name, row.number)
                .set("duration", spelled(span));
        }
        None => left(draft, row, "duration", duration),
    }
    name
}

/// Adds a step, and returns its name.
pub(super) fn step(draft: &mut Draft, text: &str, line: usize, before: Option<&str>) -> String {
    let action = action(text);
    // Steps are named by what they do, unless several do the same.
    let name = draft.free(
        "step",
        if action == "manual" {
            key(text)
        } else {
            action.to_owned()
        }
        .as_str(),
    );
    let known: Vec<String> = draft
        .entries
        .iter()
        .filter(|entry| entry.head == "component")
        .filter_map(|entry| entry.name.clone())
        .filter(|name| says(text, &[super::forms::words(name).as_str()]))
        .collect();
    let entry = draft.named("step", &name, line);
    entry.set("action", action);
    entry.set_text("title", text);
    entry.add("components", known.iter().map(String::as_str));
    entry.add("needs", before);
    name
}

fn action(text: &str) -> &'static str {
    for (words, action) in [
        (&["declare", "declaration", "invoke"][..], "declare"),
        (
            &["notify", "inform", "announce", "communicate", "tell"],
            "notify",
        ),
        (
            &["verify", "validate", "test", "check", "confirm", "smoke"],
            "verify",
        ),
        (
            &["fence", "isolate", "demote", "stonith", "shut", "stop"],
            "fence",
        ),
        (&["promote", "promotion"], "promote"),
        (&["scale", "resize", "grow"], "scale"),
        (&["restore", "recover"], "restore"),
        (
            &[
                "dns", "traffic", "route", "reroute", "redirect", "switch", "cut",
            ],
            "traffic",
        ),
        (&["start", "deploy", "launch", "boot", "bring"], "start"),
    ] {
        if says(text, words) {
            return action;
        }
    }
    "manual"
}

/// Reads how much of something each site has.
pub(super) fn capacities(draft: &mut Draft, grid: &Grid, row: &Row) {
    let text = grid.cell(row, "resource");
    let amounts = ["primary", "dr"].map(|field| (field, amount(grid.cell(row, field))));
    if amounts.iter().any(|(_, amount)| amount.is_none()) {
        let cells = format!(
            "{text}: {} and {}",
            grid.cell(row, "primary"),
            grid.cell(row, "dr")
        );
        return draft.not_placed(row.number, &cells, "an amount is a number or a size");
    }
    let name = draft.free("capacity", &key(text));
    let entry = draft.named("capacity", &name, row.number);
    for (field, amount) in amounts {
        match amount {
            Some(Amount::Count(count)) => entry.set(field, count),
            Some(Amount::Size(size)) => entry.set(field, size),
            None => continue,
        };
    }
    entry.set_text("note", grid.cell(row, "note"));
}

/// Reads one requirement on the network.
pub(super) fn network(draft: &mut Draft, grid: &Grid, row: &Row) {
    let (text, value) = (
        grid.cell(row, "requirement"),
        grid.cell(row, "specification"),
    );
    let found = if says(text, &["bandwidth", "throughput"]) {
        rate(value).map(|rate| ("bandwidth", rate))
    } else if says(text, &["latency", "rtt", "round trip", "delay"]) {
        latency(value).map(|latency| ("latency", latency))
    } else if says(text, &["ttl"]) {
        seconds(value).map(|span| ("dns_ttl", spelled(span)))
    } else if says(
        text,
        &["vpn", "privatelink", "link", "connection", "peering"],
    ) {
        let both = format!("{text} {value}");
        let link = match (says(&both, &["vpn"]), says(&both, &["privatelink"])) {
            (true, true) => "vpn-or-privatelink",
            (true, false) => "vpn",
            (false, true) => "privatelink",
            (false, false) => "public",
        };
        Some(("link", link.to_owned()))
    } else {
        None
    };
    match found {
        Some((field, value)) => {
            draft.single("network", row.number).set(field, value);
        }
        None => draft.not_placed(
            row.number,
            &format!("{text}: {value}"),
            "it is no requirement on the network that can be compared",
        ),
    }
}

/// Reads a test that comes round again.
pub(super) fn exercises(draft: &mut Draft, grid: &Grid, row: &Row) {
    let text = grid.cell(row, "test");
    let name = draft.free("exercise", &key(text));
    let kind = exercise_kind(text);
    let entry = draft.named("exercise", &name, row.number);
    entry.set("kind", kind.unwrap_or("component"));
    entry.set_text("scope", grid.cell(row, "scope"));
    if kind.is_none() {
        draft.guessed(row.number, text, "its kind is taken for `component`");
    }
    match cadence_word(grid.cell(row, "every")) {
        Some(word) => {
            draft
                .named("exercise", &name, row.number)
                .set("every", word);
        }
        None => left(draft, row, "frequency", grid.cell(row, "every")),
    }
    let duration = grid.cell(row, "duration");
    match seconds(duration) {
        Some(span) => {
            draft
                .named("exercise", &name, row.number)
                .set("duration", spelled(span));
        }
        None => left(draft, row, "duration", duration),
    }
}

/// Returns a cadence as the TOML spells it.
pub(super) fn cadence_word(text: &str) -> Option<String> {
    match cadence(text)? {
        Cadence::Word(word, _) => Some(word.to_owned()),
        Cadence::Every(span) => Some(spelled(span)),
        Cadence::Continuous | Cadence::Cron(_) => None,
    }
}

/// Returns what a test tries out.
pub(super) fn exercise_kind(text: &str) -> Option<&'static str> {
    for (words, kind) in [
        (&["tabletop", "walkthrough", "walk"][..], "tabletop"),
        (&["completion", "completed", "success", "ran"], "completion"),
        (
            &[
                "restore",
                "restored",
                "backup verification",
                "verification",
                "recovery of backups",
            ],
            "restore",
        ),
        (&["component", "single"], "component"),
        (
            &[
                "full",
                "drill",
                "regional",
                "region",
                "dr",
                "failover",
                "switchover",
                "site",
            ],
            "full",
        ),
        (&["backup", "backups"], "restore"),
    ] {
        if says(text, words) {
            return Some(kind);
        }
    }
    None
}

/// Reads what an exercise must show.
pub(super) fn criteria(draft: &mut Draft, grid: &Grid, row: &Row) {
    let (text, target) = (grid.cell(row, "metric"), grid.cell(row, "target"));
    let metric = if says(text, &["rto", "recovery time", "downtime"]) {
        "rto"
    } else if says(text, &["rpo", "recovery point", "data loss", "loss"]) {
        "rpo"
    } else if says(text, &["integrity", "checksum", "consistency", "correct"]) {
        "integrity"
    } else if says(
        text,
        &[
            "services",
            "service",
            "operational",
            "availability",
            "applications",
            "up",
        ],
    ) {
        "services"
    } else if says(
        text,
        &["impact", "errors", "customers", "customer", "users"],
    ) {
        "impact"
    } else {
        let text = format!("{text}: {target}");
        return draft.not_placed(
            row.number,
            &text,
            "it is none of time, loss, integrity, services and impact",
        );
    };
    let name = draft.free("criterion", &key(text));
    let entry = draft.named("criterion", &name, row.number);
    entry.set("metric", metric);
    entry.set_text("target", target);
    if let Some(span) = seconds(target) {
        entry.set("at_most", spelled(span));
    }
}
