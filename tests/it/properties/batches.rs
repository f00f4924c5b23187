//! Batches of record changes keep the limits of the service, and never split a name.
//!
//! The limits are the sandbox's, which counts by itself: it refuses a batch that is too large.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use drsync::sandbox::{Sandbox, World};
use http::Request;
use proptest::prelude::*;

use super::cases;
use crate::support::player::Bend;
use crate::support::room::{Room, all_done, is_empty};

/// Texts of these lengths at each name: few long ones, or many short ones.
fn names() -> impl Strategy<Value = Vec<Vec<usize>>> {
    let long = proptest::collection::vec(1..3_500_usize, 1..5);
    let many = proptest::collection::vec(1..8_usize, 20..90);
    prop_oneof![
        proptest::collection::vec(long.clone(), 1..40),
        proptest::collection::vec(many.clone(), 20..60),
        proptest::collection::vec(prop_oneof![long, many], 1..30),
    ]
}

fn declared(names: &[Vec<usize>], salt: &str) -> String {
    let mut text = String::from("[[route53_zone]]\nname = \"example.com\"\nid = \"ZMAIN\"\n");
    for (number, lengths) in names.iter().enumerate() {
        let values: Vec<String> = lengths
            .iter()
            .enumerate()
            .map(|(at, length)| format!("\"{salt}{at}{}\"", "x".repeat(*length)))
            .collect();
        write!(
            text,
            "[[route53_record]]\nzone = \"example.com\"\nname = \"n{number}\"\ntype = \"TXT\"\nttl = \"60s\"\nprune = true\nvalues = [{}]\n",
            values.join(", ")
        )
        .unwrap();
    }
    text
}

/// The batches that were sent, each as the names in it.
type Sent = Arc<Mutex<Vec<Vec<String>>>>;

fn listen(sent: &Sent) -> Arc<Bend> {
    let sent = Arc::clone(sent);
    Arc::new(move |request: &mut Request<Bytes>| {
        if request.method() != http::Method::POST || !request.uri().path().contains("/rrset") {
            return;
        }
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        let names = body
            .split("<Name>")
            .skip(1)
            .filter_map(|rest| rest.split_once('<'))
            .map(|(name, _)| name.to_owned())
            .collect();
        sent.lock().unwrap().push(names);
    })
}

fn applied(room: &Room, sent: &Sent, text: &str) {
    sent.lock().unwrap().clear();
    room.declare(text);
    all_done(&room.apply_now());
    is_empty(&room.plan());
    let sent = sent.lock().unwrap();
    // A batch that the service refused would have been cut and its names sent again.
    let mut batches: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, names) in sent.iter().enumerate() {
        for name in names {
            batches.entry(name).or_default().push(number);
        }
    }
    for (name, mut numbers) in batches {
        numbers.dedup();
        assert_eq!(numbers.len(), 1, "{name} was split or sent again");
    }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn batches_keep_the_limits(names in names()) {
        let world = "[[account]]\nid = \"111111111111\"\n[[zone]]\nid = \"ZMAIN\"\nname = \"example.com\"\n";
        let sandbox = Sandbox::new(&World::parse(world).unwrap()).unwrap();
        let sent = Sent::default();
        let room = Room::bent(sandbox, None, Some(listen(&sent)));
        applied(&room, &sent, &declared(&names, "a"));
        // An update carries the old values and the new ones.
        applied(&room, &sent, &declared(&names, "b"));
        applied(&room, &sent, &declared(&[], ""));
        prop_assert!(!sent.lock().unwrap().is_empty());
    }
}
