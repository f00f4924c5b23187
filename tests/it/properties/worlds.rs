//! Any world is brought to any environment, and any world can be imported.

use std::time::Duration;

use drsync::kinds;
use proptest::prelude::*;

use super::cases;
use super::records::{Record, base_entries, environment, records, two_worlds, world};
use crate::faults::story::writes;
use crate::support::room::{Room, all_done, is_empty};
use crate::support::worlds::{Objects, objects};

/// The names of the record sets in a world, as the tests name objects.
fn declared(records: &[Record], key: &str) -> bool {
    records.iter().any(|record| {
        let name = match record.name.as_str() {
            "@" => "example.com.".to_owned(),
            name => format!(
                "{}.example.com.",
                name.replace('*', "\\052").replace('@', "\\100")
            ),
        };
        key.starts_with(&format!("example.com./{name}/{}/", record.kind))
    }) || key.starts_with("example.com./base.")
}

/// Record sets at the top that come with the zone.
fn intrinsic(key: &str) -> bool {
    key.starts_with("example.com./example.com./NS/")
        || key.starts_with("example.com./example.com./SOA/")
}

/// Fails if what nobody declares is not as it was.
fn strangers(records: &[Record], before: &Objects, after: &Objects, exclusive: bool) {
    let own = |key: &String| key.starts_with("example.com./") && !intrinsic(key);
    for (key, object) in before.iter().filter(|(key, _)| !declared(records, key)) {
        if exclusive && own(key) {
            assert_eq!(after.get(key), None, "{key} stayed in an exclusive zone");
        } else {
            assert_eq!(after.get(key), Some(object), "{key} was touched");
        }
    }
    for key in after.keys().filter(|key| !declared(records, key)) {
        assert!(before.contains_key(key), "{key} was made");
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn a_plan_after_an_apply_is_empty((desired, live) in two_worlds(), exclusive in any::<bool>()) {
        let room = Room::new(&world(&live));
        room.declare(&environment(&desired, exclusive));
        let before = objects(&room.snapshot());
        let look = room.look_with(drsync::plan::Options {
            ignore_lifetime: true,
            ..drsync::plan::Options::default()
        });
        all_done(&room.carry_out(&look, look.plan.clone()).unwrap());
        is_empty(&room.plan());
        let after = objects(&room.snapshot());
        strangers(&desired, &before, &after, exclusive);
        // The same plan a second time: nothing is written.
        let revision = room.with(|sandbox| sandbox.revision());
        all_done(&room.carry_out(&look, look.plan.clone()).unwrap());
        prop_assert_eq!(revision, room.with(|sandbox| sandbox.revision()));
        prop_assert_eq!(after, objects(&room.snapshot()));
        is_empty(&room.plan());
    }

    #[test]
    fn lowered_lifetimes_take_two_applies_and_a_wait((desired, live) in two_worlds()) {
        let room = Room::new(&world(&live));
        room.declare(&environment(&desired, false));
        all_done(&room.apply());
        room.clock.advance(Duration::from_hours(48));
        all_done(&room.apply());
        is_empty(&room.plan());
    }

    #[test]
    fn what_is_imported_plans_empty(live in records(12)) {
        let room = Room::new(&world(&live));
        room.declare("[[route53_zone]]\nname = \"example.com\"\n");
        let imported = room.import_zone("example.com");
        room.declare(&imported.text);
        let look = room.look();
        is_empty(&look.plan);
        // The two records of the base, and one object for each record.
        prop_assert_eq!(look.plan.summary.in_sync, live.len() + 2);
        let before = writes(&room);
        all_done(&room.apply());
        prop_assert_eq!(before, writes(&room));
    }

    #[test]
    fn a_canonical_form_is_its_own(desired in records(12)) {
        let room = Room::new(&world(&[]));
        room.declare(&environment(&desired, false));
        let declared = room.desired();
        prop_assert_eq!(declared.declared().len(), desired.len() + 2);
        for declared in declared.declared() {
            let kind = kinds::by_name(declared.object.address.kind()).unwrap();
            let again = kind.shape().canonical(declared.object.fields.clone());
            prop_assert_eq!(&again, &declared.object.fields);
        }
        prop_assert!(base_entries().contains("base"));
    }
}
