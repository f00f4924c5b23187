//! Each starter rule: a plan that it lets through, and the same plan with one thing broken.

use super::*;

fn errors(plan: &Plan) -> Vec<String> {
    let verdict = judge(&built_in(), plan);
    verdict
        .blocked()
        .iter()
        .map(|blocked| format!("{}: {}", blocked.finding.code, blocked.finding.message))
        .collect()
}

fn warnings(plan: &Plan) -> Vec<String> {
    let verdict = judge(&built_in(), plan);
    let mut codes: Vec<String> = verdict
        .findings()
        .iter()
        .filter(|finding| finding.severity == Severity::Warning)
        .map(|finding| finding.code.to_string())
        .collect();
    codes.dedup();
    codes
}

const NONE: [&str; 0] = [];

#[test]
fn the_starter_set_has_these_codes() {
    let set = built_in();
    let codes: Vec<(&str, Severity)> = set.rules().map(|rule| (rule.code, rule.severity)).collect();
    assert_eq!(
        codes,
        [
            ("deletion", Severity::Warning),
            ("mass-change", Severity::Error),
            ("mass-deletion", Severity::Error),
            ("protected-name", Severity::Error),
            ("protection-cut", Severity::Warning),
            ("replication-removed", Severity::Error),
            ("role-change", Severity::Error),
            ("root-ns-soa", Severity::Error),
            ("versioning-suspended", Severity::Error),
        ]
    );
}

#[test]
fn without_files_the_built_in_guards_apply_and_a_note_says_so() {
    let (_, findings) = PolicySet::load(&[], &mut Sources::default());
    let codes: Vec<_> = findings
        .iter()
        .map(|finding| finding.code.as_ref())
        .collect();
    assert_eq!(codes, ["policy-built-in"]);
}

#[test]
fn the_file_of_the_repository_is_the_built_in_one_and_misses_nothing() {
    let file = (
        "policies/guards.toml".to_owned(),
        PolicySet::built_in().to_owned(),
    );
    let (set, findings) = PolicySet::load(&[file], &mut Sources::default());
    assert_eq!(findings, []);
    assert!(set.rules().eq(built_in().rules()));
}

#[test]
fn a_guard_that_the_files_leave_out_is_noted() {
    let file = ("policies/own.toml".to_owned(), String::new());
    let (_, findings) = PolicySet::load(&[file], &mut Sources::default());
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].code, "policy-guard-missing");
    assert!(
        findings[0]
            .message
            .contains("`mass-change`, `mass-deletion`")
    );
}

#[test]
fn mass_change_from_ten_objects_up_and_above_thirty_percent() {
    assert_eq!(errors(&plan(records(Action::Update, 3), 10)), NONE);
    assert_eq!(
        errors(&plan(records(Action::Update, 4), 10)),
        ["mass-change: 4 of 10 objects in global/route53_zone/example.com would change (40 %)"]
    );
    assert_eq!(errors(&plan(records(Action::Update, 9), 9)), NONE);
}

#[test]
fn filling_an_empty_zone_is_no_mass_change() {
    assert_eq!(errors(&plan(records(Action::Create, 500), 0)), NONE);
}

#[test]
fn adopting_a_few_of_many_passes_and_adopting_most_does_not() {
    assert_eq!(errors(&plan(records(Action::Adopt, 220), 10_002)), NONE);
    assert_eq!(errors(&plan(records(Action::Adopt, 220), 300)).len(), 1);
}

#[test]
fn mass_deletion_by_count_and_by_share() {
    let few = plan(records(Action::Delete, 5), 1000);
    assert_eq!(errors(&few), NONE);
    assert_eq!(warnings(&few), ["deletion"]);
    assert_eq!(
        errors(&plan(records(Action::Delete, 6), 1000)),
        [
            "mass-deletion: 6 of 1000 objects in global/route53_zone/example.com would be deleted, 6 in the whole plan"
        ]
    );
    let share = errors(&plan(records(Action::Delete, 4), 10));
    assert_eq!(share.len(), 2, "{share:?}");
}

#[test]
fn root_ns_and_soa_and_no_others() {
    let change = |name, kind| plan(vec![record(Action::Update, name, kind)], 5);
    assert_eq!(errors(&change("example.com", "A")), NONE);
    assert_eq!(errors(&change("sub.example.com", "NS")), NONE);
    assert_eq!(
        errors(&change("example.com", "NS")),
        ["root-ns-soa: the NS record at the top of example.com would change (update)"]
    );
    assert_eq!(errors(&change("example.com", "SOA")).len(), 1);
    let forget = plan(vec![record(Action::Forget, "example.com", "NS")], 5);
    assert_eq!(errors(&forget), NONE);
}

#[test]
fn protected_names() {
    let mut protected = record(Action::Update, "www.example.com", "A");
    assert_eq!(errors(&plan(vec![protected.clone()], 5)), NONE);
    protected.object.identity.insert("protected", true);
    let codes = errors(&plan(vec![protected], 5));
    assert!(codes[0].starts_with("protected-name: "), "{codes:?}");
}

fn bucket(kind: &str, action: Action, class: Class) -> Plan {
    let change = Change {
        class,
        ..change(action, kind, "backups")
    };
    plan(vec![change], 5)
}

#[test]
fn suspending_versioning() {
    let kind = "bucket_versioning";
    assert_eq!(errors(&bucket(kind, Action::Update, Class::Ordinary)), NONE);
    let cut = bucket(kind, Action::Update, Class::ProtectionCut);
    assert_eq!(
        errors(&cut),
        ["versioning-suspended: versioning of global/bucket_versioning/backups would be suspended"]
    );
    assert_eq!(warnings(&cut), NONE, "said once");
}

#[test]
fn removing_replication() {
    let kind = "bucket_replication";
    assert_eq!(errors(&bucket(kind, Action::Update, Class::Ordinary)), NONE);
    assert_eq!(errors(&bucket(kind, Action::Forget, Class::Ordinary)), NONE);
    for (action, class) in [
        (Action::Update, Class::ProtectionCut),
        (Action::Delete, Class::Deletion),
    ] {
        let codes = errors(&bucket(kind, action, class));
        assert!(codes[0].starts_with("replication-removed: "), "{codes:?}");
    }
}

#[test]
fn any_other_protection_cut_is_a_warning() {
    let kind = "bucket_lifecycle";
    assert_eq!(
        warnings(&bucket(kind, Action::Update, Class::Ordinary)),
        NONE
    );
    let cut = bucket(kind, Action::Update, Class::ProtectionCut);
    assert_eq!(warnings(&cut), ["protection-cut"]);
    assert_eq!(errors(&cut), NONE);
}

#[test]
fn role_changes() {
    let kind = "database";
    assert_eq!(errors(&bucket(kind, Action::Update, Class::Ordinary)), NONE);
    let codes = errors(&bucket(kind, Action::Update, Class::Role));
    assert!(codes[0].starts_with("role-change: "), "{codes:?}");
}
