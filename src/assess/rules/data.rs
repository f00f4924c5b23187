//! Tiers, stores and their backups.

use crate::assess::codes;
use crate::assess::context::Context;
use crate::assess::recovery_point::mechanism;
use crate::desired::strategy::{Backup, Method, Retention};
use crate::model::units::format_seconds;
use crate::model::{Finding, Span};

/// Each component has a tier, and needs none that may be away for longer.
pub(super) fn tiers(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, component) in context.desired.components() {
        let Some((tier, own)) = context.tier_of(component) else {
            if component.tier.is_none() {
                findings.push(
                    Finding::error(
                        codes::TIER_MISSING,
                        format!("component `{name}` has no tier"),
                    )
                    .at(component.span(), "")
                    .help("write `tier`: without one nothing is promised for it"),
                );
            }
            continue;
        };
        for other in component.depends_on.iter().chain(&component.data_in) {
            let Some(needed) = context.component(other) else {
                continue;
            };
            let Some((lower, theirs)) = context.tier_of(needed) else {
                continue;
            };
            if theirs.rto > own.rto {
                let field = if component.depends_on.contains(other) {
                    "depends_on"
                } else {
                    "data_in"
                };
                findings.push(
                    Finding::error(
                        codes::TIER_INVERSION,
                        format!(
                            "`{name}` must be back within {} and needs `{other}`, which has {}",
                            format_seconds(own.rto),
                            format_seconds(theirs.rto)
                        ),
                    )
                    .at(component.places.of(field), format!("tier {tier}"))
                    .at(needed.places.of("tier"), format!("tier {lower}"))
                    .help(format!(
                        "raise `{other}` to tier {tier}, or cut the dependency"
                    )),
                );
            }
        }
    }
}

/// Each component says what becomes of its data.
pub(super) fn stores(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut silent: Vec<(&str, Span)> = Vec::new();
    for (name, component) in context.desired.components() {
        if component.store.is_none()
            && component.data_in.is_none()
            && context.backups(name).next().is_none()
        {
            silent.push((name, component.span()));
        }
    }
    if !silent.is_empty() {
        let names: Vec<&str> = silent.iter().map(|(name, _)| *name).collect();
        let message = format!(
            "no backup, and nothing said of the data of {}",
            names.join(", ")
        );
        findings.push(labelled(
            Finding::warning(codes::STORE_UNDECLARED, message)
                .help("write `store = \"record\"`, \"cache\" or \"rebuildable\", or `data_in`"),
            silent,
        ));
    }
    for (name, component) in context.stores() {
        if !context
            .backups(name)
            .any(|backup| context.reaches_dr(backup))
        {
            let mut finding = Finding::error(
                codes::BACKUP_MISSING,
                format!("nothing of the store of record `{name}` lies at the DR site"),
            )
            .at(component.places.of("store"), "")
            .help("add a `[[backup]]` whose `locations` hold one at the DR site");
            for backup in context.backups(name) {
                finding = finding.at(
                    backup.places.span(),
                    "lies elsewhere, or says nowhere where",
                );
            }
            findings.push(finding);
        }
    }
}

/// The best backup of each store loses no more than its tier allows.
pub(super) fn points(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // A store that only says it by having backups is judged as well.
    let mut names: Vec<&str> = context
        .strategy
        .backups
        .iter()
        .map(|one| one.component.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let Some((allowed, tier)) = context.rpo_of(name) else {
            continue;
        };
        let at_dr: Vec<&Backup> = context
            .backups(name)
            .filter(|one| context.reaches_dr(one))
            .collect();
        let worst = at_dr
            .iter()
            .filter_map(|one| Some((mechanism(context, one).worst?, *one)));
        let best = worst.min_by_key(|(worst, _)| *worst);
        let asks = tier
            .and_then(|tier| context.desired.tiers().get(tier))
            .map(|tier| tier.places.of("rpo"));
        let summary = context
            .strategy
            .document
            .as_ref()
            .map(|one| one.places.of("rpo"));
        let asks = asks.or(summary);
        if let Some((worst, backup)) = best.filter(|(worst, _)| *worst <= allowed).or(best) {
            if worst > allowed {
                let mut finding = Finding::error(
                    codes::RPO_UNMET,
                    format!(
                        "`{name}` may lose {}, and loses up to {}",
                        format_seconds(allowed),
                        format_seconds(worst)
                    ),
                )
                .at(backup.places.span(), "the best that reaches the DR site");
                finding = at(finding, asks, "what may be lost");
                findings.push(finding.help("make it more often, copy it faster, or ship a log"));
            }
            continue;
        }
        // An interval that is too long alone decides, whatever else is not known.
        let shortest = at_dr
            .iter()
            .filter_map(|one| Some((Context::interval(one)?, *one)));
        let shortest = shortest.min_by_key(|(interval, _)| *interval);
        let all_known = at_dr.iter().all(|one| Context::interval(one).is_some());
        if let (true, Some((interval, backup))) = (all_known, shortest)
            && interval > allowed
        {
            let finding = Finding::error(
                codes::RPO_UNMET,
                format!(
                    "`{name}` may lose {}, and is copied every {}",
                    format_seconds(allowed),
                    format_seconds(interval)
                ),
            )
            .at(
                backup.places.span(),
                "the most frequent that reaches the DR site",
            );
            findings.push(
                at(finding, asks, "what may be lost").help("make it more often, or ship a log"),
            );
        } else if let Some(backup) = shortest
            .map(|(_, backup)| backup)
            .or(at_dr.first().copied())
        {
            let missing = mechanism(context, backup).missing.join(", ");
            let finding = Finding::warning(
                codes::RPO_UNKNOWN,
                format!("what `{name}` can lose is not known: {missing} is not declared"),
            )
            .at(
                backup.places.span(),
                "the most frequent that reaches the DR site",
            );
            findings.push(at(finding, asks, "what may be lost").help(
                "write `every` or `cron`, `duration` and `copy_lag`; unknown counts as a breach",
            ));
        }
    }
}

/// Where logs are kept for less than full backups, the window is written down, and holds.
pub(super) fn windows(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for full in context
        .strategy
        .backups
        .iter()
        .filter(|one| one.method == Method::Full)
    {
        let logs = context
            .backups(&full.component)
            .filter(|one| one.method == Method::Log);
        let Some(log) = logs.max_by_key(|one| one.retention) else {
            continue;
        };
        let (Some(kept), Some(logged)) = (full.retention, log.retention) else {
            continue;
        };
        let (code, name) = (codes::BACKUP_WINDOW, &full.component);
        if let Some(window) = full.window.or(log.window) {
            if Retention::Seconds(window) > logged || Retention::Seconds(window) > kept {
                let span = if full.window.is_some() {
                    &full.places
                } else {
                    &log.places
                };
                findings.push(
                    Finding::error(
                        code,
                        format!(
                            "`{name}` promises any moment of {}, and is kept for less",
                            format_seconds(window)
                        ),
                    )
                    .at(span.of("window"), "")
                    .at(log.places.of("retention"), "the log")
                    .at(full.places.of("retention"), "the full backups")
                    .help("keep both for as long as the window"),
                );
            }
        } else if logged < kept {
            findings.push(
                Finding::warning(
                    code,
                    format!("full backups of `{name}` that are older than its log restore only to their own moment"),
                )
                .at(log.places.of("retention"), "the log is kept for less")
                .at(full.places.of("retention"), "than the full backups")
                .help("write how far back any moment can be restored: `window`"),
            );
        }
    }
}

/// Each backup says where it lies, and lies in two places; a replica alone is none.
pub(super) fn copies(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for backup in &context.strategy.backups {
        let name = &backup.component;
        if backup.locations.is_empty() {
            findings.push(
                Finding::warning(
                    codes::BACKUP_LOCATION,
                    format!(
                        "the {} backup of `{name}` says nowhere where it lies",
                        backup.method.word()
                    ),
                )
                .at(backup.places.span(), "")
                .help("write `locations`"),
            );
        } else if backup.locations.len() == 1 && !backup.method.repeats_deletions() {
            findings.push(
                Finding::warning(
                    codes::SINGLE_COPY,
                    format!(
                        "the {} backup of `{name}` lies in one place only",
                        backup.method.word()
                    ),
                )
                .at(backup.places.of("locations"), "")
                .help("add another location, at the other site"),
            );
        }
    }
    for (name, component) in context.desired.components() {
        let own: Vec<&Backup> = context.backups(name).collect();
        let only_copies = own
            .iter()
            .all(|one| one.method.repeats_deletions() && one.retention.is_none());
        if !own.is_empty() && only_copies {
            let mut finding = Finding::warning(
                codes::REPLICATION_NOT_BACKUP,
                format!(
                    "`{name}` is only replicated: what is deleted or encrypted there is so here"
                ),
            );
            for backup in &own {
                finding = finding.at(backup.places.of("method"), "repeats every deletion");
            }
            findings.push(
                finding
                    .at(component.span(), "")
                    .help("keep what was overwritten (`retention`), or add a backup"),
            );
        }
    }
}

/// Backups are encrypted, and nobody can delete them before their time.
pub(super) fn protection(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let lacking = |has: &dyn Fn(&Backup) -> bool| -> Vec<(&str, Span)> {
        let lacking = context.strategy.backups.iter().filter(|one| !has(one));
        lacking
            .map(|one| (one.component.as_str(), one.places.span()))
            .collect()
    };
    let encrypted = |backup: &Backup| {
        let mut places = context.locations(backup).peekable();
        backup.encrypted == Some(true)
            || (places.peek().is_some() && places.all(|one| one.encrypted == Some(true)))
    };
    let immutable = |backup: &Backup| {
        backup.immutable == Some(true)
            || context
                .locations(backup)
                .any(|one| one.immutable == Some(true))
    };
    let all: [(&str, Vec<(&str, Span)>); 2] = [
        ("encrypted", lacking(&encrypted)),
        ("immutable", lacking(&immutable)),
    ];
    for (what, lacking) in all {
        if !lacking.is_empty() {
            findings.push(labelled(
                Finding::warning(
                    codes::BACKUP_PROTECTION,
                    format!(
                        "{} not said to be {what}",
                        count(lacking.len(), "backup is", "backups are")
                    ),
                )
                .help(format!(
                    "write `{what} = true` of the backup or of its location, where it is true"
                )),
                lacking,
            ));
        }
    }
}

/// Returns a finding with a label for each place.
pub(super) fn labelled(finding: Finding, places: Vec<(&str, Span)>) -> Finding {
    places
        .into_iter()
        .fold(finding, |finding, (name, span)| finding.at(span, name))
}

/// Returns a finding with another place, if there is one.
pub(super) fn at(finding: Finding, span: Option<Span>, text: &str) -> Finding {
    match span {
        Some(span) => finding.at(span, text),
        None => finding,
    }
}

/// Returns a number with the words for one or for several.
pub(super) fn count(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}
