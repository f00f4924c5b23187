//! What the applied record tells and no read does.
//!
//! In: the applied record. Out: facts by address. Must not know what any service calls its writes.

use std::collections::BTreeMap;

use crate::model::{Address, Fact, FactName, FactValue, Scope};
use crate::state::{Applied, AppliedRecord};

/// Returns the newest change that was applied in each scope, as a fact of what the scope is, such as
/// a zone: the services name a change in the answer to the write and in no read.
pub(super) fn newest_changes(applied: &AppliedRecord) -> impl Iterator<Item = (Address, Fact)> {
    let mut newest: BTreeMap<&Scope, &Applied> = BTreeMap::new();
    let named = applied.iter().filter(|(_, one)| one.change_id.is_some());
    for (_, one) in named {
        let known = newest.entry(&one.scope).or_insert(one);
        let order = |one: &Applied| (one.effective_at, one.change_id.clone());
        if order(known) < order(one) {
            *known = one;
        }
    }
    newest.into_iter().filter_map(|(scope, one)| {
        let fact = Fact {
            name: FactName::Version,
            value: FactValue::Text(one.change_id.clone()?),
            unit: String::new(),
            method: "applied record: the newest change that drsync made".to_owned(),
            measured_at: one.effective_at,
        };
        Some((scope.to_string().parse().ok()?, fact))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, Map};

    fn applied(zone: &str, second: i64, change_id: Option<&str>) -> Applied {
        Applied {
            scope: Scope::new("global", format!("route53_zone/{zone}")),
            identity: Map::new(),
            fields: Map::new(),
            prune: false,
            desired: Digest::of_bytes(b""),
            observed: Digest::of_bytes(b""),
            revision: None,
            effective_at: jiff::Timestamp::from_second(second).unwrap(),
            old_lifetime: None,
            change_id: change_id.map(str::to_owned),
        }
    }

    #[test]
    fn each_scope_has_the_newest_change_of_its_objects() {
        let record: AppliedRecord = [
            ("a", applied("one.example", 20, Some("C2"))),
            ("b", applied("one.example", 10, Some("C1"))),
            ("c", applied("one.example", 30, None)),
            ("d", applied("two.example", 5, Some("C0"))),
            ("e", applied("three.example", 5, None)),
        ]
        .into_iter()
        .map(|(id, one)| (Address::new("global", "route53_record", id), one))
        .collect();
        let facts: Vec<(String, FactValue, i64)> = newest_changes(&record)
            .map(|(address, fact)| {
                let at = fact.measured_at.as_second();
                (address.to_string(), fact.value, at)
            })
            .collect();
        let id = |id: &str| FactValue::Text(id.to_owned());
        assert_eq!(
            facts,
            [
                ("global/route53_zone/one.example".to_owned(), id("C2"), 20),
                ("global/route53_zone/two.example".to_owned(), id("C0"), 5),
            ]
        );
    }
}
