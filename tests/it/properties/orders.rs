//! The plan is the same bytes, whatever the order of files, entries, pages and answers.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use drsync::sandbox::{Sandbox, World};
use http::Request;
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::cases;
use super::records::{Record, base_entries, environment, two_worlds, world, zone_entry};
use crate::faults::story::Story;
use crate::support::player::{Bend, next};
use crate::support::room::Room;

fn sandbox(live: &[Record]) -> Sandbox {
    Sandbox::new(&World::parse(&world(live)).unwrap()).unwrap()
}

/// Asks for pages of this size, whatever is asked for.
fn pages_of(size: usize) -> Arc<Bend> {
    Arc::new(move |request: &mut Request<Bytes>| {
        let text = request.uri().to_string();
        let bent = text
            .split('&')
            .flat_map(|part| part.split_inclusive('?'))
            .map(|part| {
                if part.starts_with("maxitems=") {
                    format!("maxitems={size}")
                } else {
                    part.to_owned()
                }
            })
            .collect::<Vec<_>>()
            .join("&")
            .replace("?&", "?");
        *request.uri_mut() = bent.parse().unwrap();
    })
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn pages_and_answers_do_not_matter(
        (desired, live) in two_worlds(),
        size in 1..9_usize,
        seed in any::<u64>(),
        exclusive in any::<bool>(),
    ) {
        let text = environment(&desired, exclusive);
        let plain = Room::of(sandbox(&live));
        plain.declare(&text);
        let wanted = plain.look();
        let shuffled = Room::bent(sandbox(&live), Some(seed), None);
        shuffled.declare(&text);
        prop_assert_eq!(shuffled.look().bytes(), wanted.bytes());
        // With other pages the plan says that it took other calls, and nothing else.
        let paged = Room::bent(sandbox(&live), Some(seed), Some(pages_of(size)));
        paged.declare(&text);
        let calls = plain.count_calls();
        prop_assert_eq!(paged.look().bytes_without(&["methods"]), wanted.bytes_without(&["methods"]));
        prop_assert!(paged.count_calls() >= calls);
    }

    #[test]
    fn files_and_entries_do_not_matter((desired, live) in two_worlds(), mut seed in any::<u64>()) {
        let one = Room::of(sandbox(&live));
        one.declare(&environment(&desired, true));
        let mut files = vec![String::new(); 4];
        let mut entries: Vec<String> = desired.iter().map(Record::entry).collect();
        entries.push(zone_entry(true));
        entries.push(base_entries());
        while !entries.is_empty() {
            let at = usize::try_from(next(&mut seed) % u64::try_from(entries.len()).unwrap()).unwrap();
            let file = usize::try_from(next(&mut seed) % 4).unwrap();
            files[file].push_str(&entries.swap_remove(at));
        }
        let other = Room::of(sandbox(&live));
        let names = ["z.toml", "a.toml", "m.toml", "0.toml"];
        let files: Vec<(&str, &str)> = names.into_iter().zip(files.iter().map(String::as_str)).collect();
        other.declare_files(&files);
        let (one, other) = (one.look(), other.look());
        // Only the places of the entries differ.
        prop_assert_eq!(one.bytes_without(&["source"]), other.bytes_without(&["source"]));
        prop_assert_eq!(one.plan.digest(), other.plan.digest());
    }

    #[test]
    fn the_order_of_answers_does_not_matter_to_what_is_unknown(
        seed in any::<u64>(),
        denied in subsequence(READS.to_vec(), 0..=READS.len()),
    ) {
        let denied: Vec<String> = denied.into_iter().map(|name| format!("\"{name}\"")).collect();
        let overlay = format!("[[account]]\nid = \"111111111111\"\ndeny = [{}]\n", denied.join(", "));
        let plain = STORY.room();
        plain.meddle(&overlay);
        let wanted = plain.look();
        let shuffled = STORY.room_shuffled(seed);
        shuffled.meddle(&overlay);
        prop_assert_eq!(shuffled.look().bytes(), wanted.bytes());
        prop_assert!(denied.is_empty() || !wanted.plan.gaps.is_empty());
    }
}

/// What the story reads.
const READS: [&str; 5] = [
    "route53:ListResourceRecordSets",
    "route53:ListHealthChecks",
    "s3:GetBucketVersioning",
    "s3:GetBucketTagging",
    "s3:GetBucketReplication",
];

static STORY: LazyLock<Story> = LazyLock::new(Story::new);
