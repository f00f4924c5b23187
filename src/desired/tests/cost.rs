//! What loading costs.

use std::fmt::Write as _;

use super::{HEAD, load};

#[test]
#[ignore = "run by hand with --release"]
fn ten_thousand_records() {
    let mut text = String::from("[[zone]]\nname = \"example.com\"\n");
    for n in 0..10_000 {
        let _ = write!(
            text,
            "\n[[record]]\nzone = \"example.com\"\nname = \"host-{n}.example.com\"\ntype = \"A\"\n\
             ttl = \"300s\"\nvalues = [\"192.0.2.{}\", \"198.51.100.{}\"]\n",
            n % 256,
            n % 199
        );
    }
    let start = std::time::Instant::now();
    let loaded = load(&[("a.toml", HEAD), ("b.toml", &text)]);
    let time = start.elapsed();
    let count = loaded.desired.map(|desired| desired.declared().len());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    println!(
        "{} bytes, {count:?} objects, {time:?}, {peak:?}",
        text.len()
    );
    assert_eq!(count, Some(10_001));
}
