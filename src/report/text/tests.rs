//! Plans of every sort, as a terminal shows them.

use super::super::fixture::{Build, World, change, tables};
use super::*;
use crate::model::Action;

fn text(world: &World, mode: Mode) -> String {
    plan_text_with(&world.view(mode), TextOptions::default(), tables)
}

fn many() -> World {
    (0..60).fold(World::quiet(), |world, number| {
        let id = format!("example.com/n{number}/A");
        world.with(change("global", &id, Action::Update).field("/ttl", "300", "60"))
    })
}

#[test]
fn a_plan_is_grouped_by_site_and_component() {
    insta::assert_snapshot!(text(&World::busy(), Mode::Plan), @r#"
    foundry at 1a2b3c4d5e6f

    global
      + sample_record example.com/api/A  environments/foundry/dns.toml:12
          ttl 60s  values 10.0.0.1
      shop
        ○ sample_record example.com/left/TXT   forget, introduced  environments/foundry/dns.toml:12
        - sample_record example.com/old/CNAME  delete, pending     environments/foundry/dns.toml:12
            ttl 300s
        ~ sample_record example.com/www/A      drift               environments/foundry/dns.toml:12
            ttl     300s → 60s
            values  - 10.0.0.2  + 10.0.0.3
    ireland
      data
        ↻ sample_record bucket-a  adopt, conflict, protection cut  environments/foundry/dns.toml:12
            rules/[id=old]/days  30d → 7d
            policy
              ⋮
                  "Statement": [
                    {
              -       "Action": "get",
              +       "Action": "get-and-put",
                      "Effect": "Allow",
                      "Resource": "arn:sample:bucket/*"
              ⋮
        ± sample_record bucket-b  replace                          environments/foundry/dns.toml:12
            region  eu-1 → eu-2  forces replacement
            `region` cannot be changed in place

    Held
    global
      ‖ sample_record example.com/slow/A  old-ttl, drift
          ttl  300s → 60s
          readers may keep the old values until the old TTL of 300s has passed
          until 2026-07-30T12:00:00Z

    Unknown
      ? ireland/sample_bucket  forbidden  5 objects
          List: AccessDenied; let the read role of this site list buckets
          bucket-0, bucket-1, bucket-2 and 2 more

    error[deletes]: the plan deletes 1 object
     │
     ╰ about: global/sample_record/example.com/old/CNAME

    warning[short-ttl]: the TTL is shorter than the health check
      ╭▸ environments/foundry/dns.toml:3:1
      │
    2 │ name = "www"
      │ ──────────── of this record
    3 │ ttl = 60
      │ ━━━━━━━━ lower than 90s
      │
      ╰ help: set `ttl = 90s`

    32 objects not declared in global/zone/example.com

    Plan: 1 to create, 1 to update, 1 to replace, 1 to adopt, 1 to forget, 1 to delete; 1 held; 5
    unknown; 412 in sync.
    Applying takes 3 writes, and usually 12 s until they have effect everywhere.
    Digest sha256:f94c46e4cc4396c853508e89b4ed3c5ae2744ecb40d7c531565080041da09f0c
    No state store is configured.
    read whole, 34 pages: global/zone/example.com
    407 of 412 objects read, 5 unknown, 34 dns calls, 7.1 s
    "#);
}

#[test]
fn a_review_begins_with_what_the_revision_introduces() {
    let mut world = World::busy();
    world.plan.base = Some("main".to_owned());
    insta::assert_snapshot!(text(&world, Mode::Plan), @r#"
    foundry at 1a2b3c4d5e6f, against main
    This revision introduces 1 change; beside it: 1 in conflict (live and Git both moved), 1 pending
    (merged, not applied), 2 drifted (live moved), 2 unattributed (no applied record).

    Introduced by this revision  live → declared
    global
      shop
        ○ sample_record example.com/left/TXT  forget  environments/foundry/dns.toml:12

    Conflict: live and Git both moved  live → declared
    ireland
      data
        ↻ sample_record bucket-a  adopt, protection cut  environments/foundry/dns.toml:12
            rules/[id=old]/days  30d → 7d
            policy
              ⋮
                  "Statement": [
                    {
              -       "Action": "get",
              +       "Action": "get-and-put",
                      "Effect": "Allow",
                      "Resource": "arn:sample:bucket/*"
              ⋮

    Already pending: merged and not applied  live → declared
    global
      shop
        - sample_record example.com/old/CNAME  delete  environments/foundry/dns.toml:12
            ttl 300s

    Drift: live moved  live → declared
    global
      ‖ sample_record example.com/slow/A  old-ttl
          ttl  300s → 60s
          readers may keep the old values until the old TTL of 300s has passed
          until 2026-07-30T12:00:00Z
      shop
        ~ sample_record example.com/www/A  environments/foundry/dns.toml:12
            ttl     300s → 60s
            values  - 10.0.0.2  + 10.0.0.3

    Unattributed: no applied record tells why  live → declared
    global
      + sample_record example.com/api/A  environments/foundry/dns.toml:12
          ttl 60s  values 10.0.0.1
    ireland
      data
        ± sample_record bucket-b  replace  environments/foundry/dns.toml:12
            region  eu-1 → eu-2  forces replacement
            `region` cannot be changed in place

    Unknown
      ? ireland/sample_bucket  forbidden  5 objects
          List: AccessDenied; let the read role of this site list buckets
          bucket-0, bucket-1, bucket-2 and 2 more

    error[deletes]: the plan deletes 1 object
     │
     ╰ about: global/sample_record/example.com/old/CNAME

    warning[short-ttl]: the TTL is shorter than the health check
      ╭▸ environments/foundry/dns.toml:3:1
      │
    2 │ name = "www"
      │ ──────────── of this record
    3 │ ttl = 60
      │ ━━━━━━━━ lower than 90s
      │
      ╰ help: set `ttl = 90s`

    32 objects not declared in global/zone/example.com

    Plan: 1 to create, 1 to update, 1 to replace, 1 to adopt, 1 to forget, 1 to delete; 1 held; 5
    unknown; 412 in sync.
    Applying takes 3 writes, and usually 12 s until they have effect everywhere.
    Digest sha256:f94c46e4cc4396c853508e89b4ed3c5ae2744ecb40d7c531565080041da09f0c
    No state store is configured.
    read whole, 34 pages: global/zone/example.com
    407 of 412 objects read, 5 unknown, 34 dns calls, 7.1 s
    "#);
    let mut world = World::quiet();
    world.plan.base = Some("main".to_owned());
    insta::assert_snapshot!(text(&world, Mode::Plan), @r#"
    foundry at 1a2b3c4d5e6f, against main
    This revision introduces no change; nothing else differs.

    No changes: foundry is as declared at 1a2b3c4d5e6f; 412 in sync.
    412 of 412 objects read, 0 unknown, 34 dns calls, 7.1 s
    "#);
}

#[test]
fn drift_says_in_its_first_line_what_it_is() {
    insta::assert_snapshot!(text(&World::busy(), Mode::Drift), @r#"
    Incomplete: 1 in conflict (live and Git both moved), 2 drifted (live moved), 1 pending (merged, not
    applied), 1 introduced (by this revision), 2 unattributed (no applied record), 5 unknown, 412 in
    sync.

    Conflict: live and Git both moved  live → declared
    ireland
      data
        ↻ sample_record bucket-a  adopt, protection cut  environments/foundry/dns.toml:12
            rules/[id=old]/days  30d → 7d
            policy
              ⋮
                  "Statement": [
                    {
              -       "Action": "get",
              +       "Action": "get-and-put",
                      "Effect": "Allow",
                      "Resource": "arn:sample:bucket/*"
              ⋮

    Drift: live moved  live → declared
    global
      ‖ sample_record example.com/slow/A  old-ttl
          ttl  300s → 60s
          readers may keep the old values until the old TTL of 300s has passed
          until 2026-07-30T12:00:00Z
      shop
        ~ sample_record example.com/www/A  environments/foundry/dns.toml:12
            ttl     300s → 60s
            values  - 10.0.0.2  + 10.0.0.3

    Pending: merged and not applied  live → declared
    global
      shop
        - sample_record example.com/old/CNAME  delete  environments/foundry/dns.toml:12
            ttl 300s

    Introduced by this revision  live → declared
    global
      shop
        ○ sample_record example.com/left/TXT  forget  environments/foundry/dns.toml:12

    Unattributed: no applied record tells why  live → declared
    global
      + sample_record example.com/api/A  environments/foundry/dns.toml:12
          ttl 60s  values 10.0.0.1
    ireland
      data
        ± sample_record bucket-b  replace  environments/foundry/dns.toml:12
            region  eu-1 → eu-2  forces replacement
            `region` cannot be changed in place

    Unknown
      ? ireland/sample_bucket  forbidden  5 objects
          List: AccessDenied; let the read role of this site list buckets
          bucket-0, bucket-1, bucket-2 and 2 more

    error[deletes]: the plan deletes 1 object
     │
     ╰ about: global/sample_record/example.com/old/CNAME

    warning[short-ttl]: the TTL is shorter than the health check
      ╭▸ environments/foundry/dns.toml:3:1
      │
    2 │ name = "www"
      │ ──────────── of this record
    3 │ ttl = 60
      │ ━━━━━━━━ lower than 90s
      │
      ╰ help: set `ttl = 90s`

    32 objects not declared in global/zone/example.com

    No state store is configured.
    read whole, 34 pages: global/zone/example.com
    407 of 412 objects read, 5 unknown, 34 dns calls, 7.1 s
    "#);
}

#[test]
fn nothing_to_do_is_one_line_and_how_much_was_read() {
    insta::assert_snapshot!(text(&World::quiet(), Mode::Plan), @r#"
    No changes: foundry is as declared at 1a2b3c4d5e6f; 412 in sync.
    412 of 412 objects read, 0 unknown, 34 dns calls, 7.1 s
    "#);
    insta::assert_snapshot!(text(&World::quiet(), Mode::Drift), @r#"
    In sync: 412 objects as declared.
    412 of 412 objects read, 0 unknown, 34 dns calls, 7.1 s
    "#);
    insta::assert_snapshot!(text(&World::quiet().with_gap(3), Mode::Drift), @r#"
    Incomplete: 3 unknown, 412 in sync.

    Unknown
      ? ireland/sample_bucket  forbidden  3 objects
          List: AccessDenied; let the read role of this site list buckets
          bucket-0, bucket-1, bucket-2

    409 of 412 objects read, 3 unknown, 34 dns calls, 7.1 s
    "#);
}

#[test]
fn many_changes_of_one_shape_are_one_row() {
    insta::assert_snapshot!(text(&many(), Mode::Plan), @r#"
    foundry at 1a2b3c4d5e6f

    global
      ~ 60 sample_records
          ttl  300s → 60s
          example.com/n0/A, example.com/n1/A, example.com/n10/A and 57 more (--expand lists them)

    Plan: 60 to update, 0 to delete; 412 in sync.
    Digest sha256:8fde2b9c152692a14f098e8d080a5c70514f702a675e9c07151e8f2f1c37290b
    412 of 412 objects read, 0 unknown, 34 dns calls, 7.1 s
    "#);
    let options = TextOptions {
        expand: true,
        ..TextOptions::default()
    };
    let view = many();
    let all = plan_text_with(&view.view(Mode::Plan), options, tables);
    assert_eq!(all.matches("300s → 60s").count(), 60);
}

#[test]
fn signs_have_an_ascii_form() {
    let options = TextOptions {
        unicode: false,
        ..TextOptions::default()
    };
    let world = World::busy();
    for mode in [Mode::Plan, Mode::Drift] {
        assert!(plan_text_with(&world.view(mode), options, tables).is_ascii());
    }
}

#[test]
fn colour_changes_no_word() {
    let options = TextOptions {
        color: true,
        ..TextOptions::default()
    };
    let world = World::busy();
    for mode in [Mode::Plan, Mode::Drift] {
        let coloured = plan_text_with(&world.view(mode), options, tables);
        let stripped = anstream::adapter::strip_str(&coloured).to_string();
        assert_eq!(stripped, text(&world, mode));
    }
}
