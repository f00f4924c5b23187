//! Waivers, allowances, verdicts, and what cannot be evaluated.

use proptest::prelude::*;

use super::*;

const MASS: &str = "[[waiver]]\ncode = \"mass-change\"\nscope = \"global/route53_zone/*\"\nowner = \"ana\"\nreason = \"new mail host\"\n";

fn mass() -> Plan {
    plan(records(Action::Update, 4), 10)
}

fn with_waiver(text: &str) -> Verdict {
    built_in().judge(&mass(), &waivers(text), &[], now())
}

#[test]
fn a_plan_that_nothing_matches_is_approved() {
    let plan = plan(records(Action::Create, 3), 10);
    let verdict = judge(&built_in(), &plan);
    assert!(!verdict.refused());
    let approved = verdict.approve(plan.clone()).unwrap();
    assert_eq!(approved.plan(), &plan);
}

#[test]
fn a_verdict_approves_no_other_plan() {
    let verdict = judge(&built_in(), &plan(Vec::new(), 10));
    let refusal = verdict.approve(mass()).unwrap_err();
    assert_eq!(refusal.blocked()[0].finding.code, "policy-other-plan");
}

#[test]
fn a_refusal_names_everything_that_blocks_and_what_would_allow_it() {
    let mut changes = records(Action::Update, 4);
    changes.push(record(Action::Update, "example.com", "NS"));
    let plan = plan(changes, 10);
    let refusal = judge(&built_in(), &plan).approve(plan).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "policy refuses the plan because of 2 findings

mass-change: 5 of 10 objects in global/route53_zone/example.com would change (50 %)
  allow it once: --allow mass-change
  or accept it in waivers.toml:
    [[waiver]]
    code = \"mass-change\"
    scope = \"global/route53_zone/example.com\"
    owner = \"\"   # who answers for it
    reason = \"\"  # why it is right
    expires = 2026-03-31

root-ns-soa: the NS record at the top of example.com would change (update)
  allow it once: --allow root-ns-soa
  or accept it in waivers.toml:
    [[waiver]]
    code = \"root-ns-soa\"
    address = \"global/route53_record/example.com/example.com/NS\"
    owner = \"\"   # who answers for it
    reason = \"\"  # why it is right
    expires = 2026-03-31"
    );
}

#[test]
fn a_suggested_waiver_that_is_filled_in_lets_the_plan_pass() {
    let mut changes = records(Action::Update, 4);
    changes.push(record(Action::Update, "example.com", "SOA"));
    let mut starred = record(Action::Update, "*.example.com", "A");
    starred.object.identity.insert("protected", true);
    changes.push(starred);
    let plan = plan(changes, 10);
    let set = built_in();
    let verdict = judge(&set, &plan);
    let text: String = verdict
        .blocked()
        .iter()
        .filter_map(|blocked| blocked.waiver.as_deref())
        .map(|waiver| waiver.replace("\"\"", "\"ana\""))
        .collect();
    let verdict = set.judge(&plan, &waivers(&text), &[], now());
    assert_eq!(
        seen(&verdict),
        [
            (Severity::Note, "mass-change"),
            (Severity::Note, "protected-name"),
            (Severity::Note, "root-ns-soa"),
        ]
    );
    assert!(!verdict.refused());
}

#[test]
fn a_waived_error_is_a_note_that_names_owner_and_expiry() {
    let verdict = with_waiver(&format!("{MASS}expires = 2026-03-01\n"));
    assert_eq!(seen(&verdict), [(Severity::Note, "mass-change")]);
    assert_eq!(
        verdict.findings()[0].message,
        "4 of 10 objects in global/route53_zone/example.com would change (40 %) (waived by ana until 2026-03-01: new mail host)"
    );
    assert!(!verdict.refused());
}

#[test]
fn an_expired_waiver_does_not_apply_and_is_found() {
    let verdict = with_waiver(&format!("{MASS}expires = 2026-02-28\n"));
    assert_eq!(
        seen(&verdict),
        [
            (Severity::Error, "mass-change"),
            (Severity::Warning, "waiver-expired")
        ]
    );
    assert!(verdict.refused());
}

#[test]
fn a_waiver_for_more_than_366_days_does_not_apply_and_blocks() {
    assert!(!with_waiver(&format!("{MASS}expires = 2027-03-02\n")).refused());
    let verdict = with_waiver(&format!("{MASS}expires = 2027-03-03\n"));
    assert_eq!(
        seen(&verdict),
        [
            (Severity::Error, "mass-change"),
            (Severity::Error, "waiver-too-long")
        ]
    );
}

#[test]
fn a_waiver_covers_its_scope_and_addresses_only() {
    let other = MASS.replace("global/route53_zone/*", "global/route53_zone/other.*");
    let verdict = with_waiver(&format!("{other}expires = 2026-04-01\n"));
    assert_eq!(
        seen(&verdict),
        [
            (Severity::Error, "mass-change"),
            (Severity::Warning, "waiver-unused")
        ]
    );
    let address = MASS.replace("scope = ", "address = ");
    assert!(with_waiver(&format!("{address}expires = 2026-04-01\n")).refused());
}

#[test]
fn a_waiver_of_an_unknown_rule_is_found() {
    let typo = MASS.replace("mass-change", "mass-chnge");
    let verdict = with_waiver(&format!("{typo}expires = 2026-04-01\n"));
    assert_eq!(
        seen(&verdict)[1],
        (Severity::Warning, "waiver-unknown-rule")
    );
    assert_eq!(verdict.findings()[1].help, "did you mean `mass-change`?");
}

#[test]
fn mistakes_in_a_waiver_file_are_found_with_their_places() {
    let text = "[[waiver]]\ncode = \"deletion\"\nowner = \"\"\naddres = \"a\"\nexpires = 2026-04-01\n\n[[waiver]]\ncode = \"deletion\"\nowner = \"ana\"\nreason = \"-\"\naddress = \"[\"\nexpires = \"soon\"\n";
    let mut sources = Sources::default();
    let (waivers, findings) = Waivers::load("waivers.toml", text, &mut sources);
    let found: Vec<String> = findings
        .iter()
        .map(|finding| {
            let at = sources.locate(finding.labels[0].span);
            format!(
                "{}:{} {}: {}",
                at.line, at.column, finding.code, finding.message
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "4:1 waiver-unknown-key: unknown key `addres`",
            "3:9 waiver-missing-key: `owner` of this waiver is empty",
            "1:1 waiver-missing-key: `reason` of this waiver is missing",
            "11:11 waiver-unknown-value: this is not a pattern: unclosed character class; missing ']'",
            "12:11 waiver-unknown-value: `soon` is not a date",
        ]
    );
    let verdict = built_in().judge(&plan(Vec::new(), 0), &waivers, &[], now());
    assert_eq!(seen(&verdict), [], "a broken waiver is not there");
}

#[test]
fn an_allowance_lets_matches_pass_once() {
    let allow = |codes: &[&str]| {
        let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
        built_in().judge(&mass(), &Waivers::default(), &codes, now())
    };
    let verdict = allow(&["mass-change"]);
    assert!(!verdict.refused());
    assert!(
        verdict.findings()[0]
            .message
            .ends_with("(allowed by `--allow mass-change`)")
    );
    assert_eq!(
        seen(&allow(&["mass-change", "role-change"])),
        [
            (Severity::Warning, "policy-allow-unused"),
            (Severity::Note, "mass-change")
        ]
    );
    let verdict = allow(&["mass-chang"]);
    assert_eq!(
        seen(&verdict),
        [
            (Severity::Error, "mass-change"),
            (Severity::Error, "policy-allow-unknown")
        ]
    );
}

#[test]
fn a_rule_may_say_itself_how_it_is_allowed_and_need_not_bring_a_message() {
    let rule = "[[rule]]\ncode = \"own\"\nseverity = \"error\"\nfor = \"plan\"\nwhen = 'true'\nhelp = \"look\"\n";
    let blocked = |text: &str| judge(&set(text), &mass()).blocked()[0].finding.clone();
    let usual = blocked(rule);
    assert_eq!(usual.message, "`own` matches the plan");
    assert_eq!(
        usual.help,
        "look; if it is meant, allow it for one run with `--allow own`, or accept it in waivers.toml"
    );
    let special = blocked(&format!("{rule}allow = \"ask the platform team\"\n"));
    assert_eq!(special.help, "look; ask the platform team");
}

#[test]
fn what_cannot_be_evaluated_blocks_and_cannot_be_allowed() {
    let set = set(
        "[[rule]]\ncode = \"own\"\nseverity = \"note\"\nhelp = \"-\"\nwhen = 'change.identity.nme == \"a\"'\n",
    );
    let plan = plan(records(Action::Update, 1), 10);
    let verdict = set.judge(&plan, &Waivers::default(), &["own".to_owned()], now());
    assert!(verdict.refused());
    let finding = &verdict.blocked()[0].finding;
    assert_eq!(finding.code, "policy-evaluation");
    assert!(
        finding
            .message
            .contains("`own` cannot be evaluated for the change of global/")
    );
    assert_eq!(verdict.blocked()[0].flag, None);

    let set = super::set(
        "[[rule]]\ncode = \"own\"\nseverity = \"note\"\nhelp = \"-\"\nwhen = 'change.identity.name'\n",
    );
    assert!(
        judge(&set, &plan).findings()[0]
            .message
            .ends_with("it is neither true nor false")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_order_of_files_does_not_matter(order in Just([0_usize, 1, 2]).prop_shuffle()) {
        let rule = |code: &str, severity: &str| format!(
            "[[rule]]\ncode = \"{code}\"\nseverity = \"{severity}\"\nhelp = \"-\"\nwhen = 'true'\n"
        );
        let files = [
            ("policies/a.toml".to_owned(), rule("x", "error")),
            ("policies/b.toml".to_owned(), rule("a", "error") + &rule("n", "note")),
            ("policies/guards.toml".to_owned(), PolicySet::built_in().to_owned()),
        ];
        let shuffled: Vec<_> = order.iter().map(|at| files[*at].clone()).collect();
        let run = |files: &[(String, String)]| {
            let (set, notes) = PolicySet::load(files, &mut Sources::default());
            let verdict = judge(&set, &mass());
            (notes, verdict.findings().to_vec(), verdict.blocked().to_vec())
        };
        prop_assert_eq!(run(&shuffled), run(&files));
    }
}
