//! Where each entry belongs and how it is reached: its component, account, cluster or service.
//!
//! In: placed entries. Out: the entries with the name of their cluster or service, and findings.
//! Must not know what the entries declare.

use std::collections::BTreeSet;

use super::entry::Placed;
use super::parsed::Parsed;
use super::strategy::COMPONENT;
use super::tables::{GLOBAL as GLOBAL_TABLE, SITE};
use super::validate::unknown;
use super::{codes, suggest};
use crate::kinds::Family;
use crate::model::{Finding, GLOBAL, Map};

/// Checks that the component and the connection of each entry are declared.
pub(super) fn check(parsed: &Parsed, placed: &mut [Placed], findings: &mut Vec<Finding>) {
    let mut without: BTreeSet<String> = BTreeSet::new();
    let components = parsed.named.get(COMPONENT.name);
    for one in placed {
        if let Some((component, span)) = &one.component
            && !components.is_some_and(|known| known.contains_key(component))
        {
            let known = parsed.named(&COMPONENT).map(|(name, _)| name);
            unknown(
                codes::UNKNOWN_COMPONENT,
                "component",
                component,
                *span,
                known,
                findings,
            );
        }
        let connection = one.connection.clone();
        let connection = connection.as_str();
        // An entry whose site is wrong is a finding already.
        let is_placed = !one.section.sited || connection != GLOBAL;
        if one.section.family != Family::Account {
            if is_placed {
                via(parsed, one, findings);
            }
        } else if is_placed
            && !has_account(parsed, connection)
            && without.insert(connection.to_owned())
        {
            let table = if connection == GLOBAL {
                "[global]".to_owned()
            } else {
                format!("[site.{connection}]")
            };
            findings.push(
                Finding::error(
                    codes::NO_ACCOUNT,
                    format!(
                        "`[[{}]]` needs an AWS account in `{table}`",
                        one.section.array
                    ),
                )
                .at(one.whole, "the first object that needs it")
                .help(format!(
                    "add `aws = {{ account = \"...\", ... }}` to `{table}`"
                )),
            );
        }
    }
}

/// Finds the cluster or the service that an entry is reached over: the one that it names, or the
/// only one of its site.
fn via(parsed: &Parsed, one: &mut Placed, findings: &mut Vec<Finding>) {
    let (field, group, none, wrong) = match one.section.family {
        Family::Account => return,
        Family::Cluster => (
            "cluster",
            "clusters",
            codes::NO_CLUSTER,
            codes::UNKNOWN_CLUSTER,
        ),
        Family::Service => (
            "service",
            "services",
            codes::NO_SERVICE,
            codes::UNKNOWN_SERVICE,
        ),
    };
    let site = parsed
        .named
        .get(SITE.name)
        .and_then(|sites| sites.get(&one.connection));
    let tables = site.and_then(|table| table.values.map(group));
    let mut known: Vec<&str> = tables
        .into_iter()
        .flat_map(Map::iter)
        .map(|(name, _)| name)
        .collect();
    let span = one
        .objects
        .first()
        .and_then(|(_, _, spans)| spans.of(&format!("/{field}")))
        .unwrap_or(one.whole);
    let (site, array) = (&one.connection, one.section.array);
    let finding = match one.settings.text(field) {
        Some(name) if known.contains(&name) => {
            one.via = name.to_owned();
            return;
        }
        Some(name) => Finding::error(wrong, format!("{site} has no {field} `{name}`"))
            .help(suggest::help(name, known.iter().copied())),
        None if known.len() == 1 => {
            one.via = known.remove(0).to_owned();
            return;
        }
        None if known.is_empty() => Finding::error(
            none,
            format!("`[[{array}]]` needs a {field}, and {site} has none"),
        )
        .help(format!("add `{group}.NAME = {{ ... }}` to `[site.{site}]`")),
        None => Finding::error(
            none,
            format!("the entry does not say which {field} of {site} it is about"),
        )
        .help(format!("add `{field}`, one of: {}", known.join(", "))),
    };
    one.broken = true;
    findings.push(finding.at(span, ""));
}

/// Returns whether a connection says which account it is, or says it wrongly, which is a finding
/// already.
fn has_account(parsed: &Parsed, connection: &str) -> bool {
    let table = if connection == GLOBAL {
        parsed.single.get(GLOBAL_TABLE.name)
    } else {
        parsed
            .named
            .get(SITE.name)
            .and_then(|sites| sites.get(connection))
    };
    table.is_some_and(|table| table.values.contains("aws"))
}
