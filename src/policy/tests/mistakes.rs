//! Mistakes in policy files: each with its code, its place and its help.

use super::*;

/// Returns each finding as `line:column code: message; help`.
fn mistakes(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let files = [("policies/own.toml".to_owned(), text.to_owned())];
    let (set, findings) = PolicySet::load(&files, &mut sources);
    let findings: Vec<_> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    let refused = judge(&set, &plan(Vec::new(), 0)).refused();
    assert_eq!(
        refused,
        !findings.is_empty(),
        "a broken set approves nothing"
    );
    findings
        .iter()
        .map(|finding| {
            let at = sources.locate(finding.labels[0].span);
            assert_eq!(at.file, "policies/own.toml");
            let (code, message, help) = (&finding.code, &finding.message, &finding.help);
            format!("{}:{} {code}: {message}; {help}", at.line, at.column)
        })
        .collect()
}

/// Returns the mistakes of a rule with a condition.
fn condition(subject: &str, when: &str) -> Vec<String> {
    mistakes(&format!(
        "[[rule]]\ncode = \"own\"\nseverity = \"error\"\nhelp = \"-\"\nfor = \"{subject}\"\nwhen = '{when}'\n"
    ))
}

#[test]
fn an_unknown_key_is_found_and_the_right_one_suggested() {
    assert_eq!(
        mistakes("[[rule]]\ncode = \"own\"\nseverty = \"error\"\nwhen = 'true'\nhelp = \"-\"\n"),
        [
            "3:1 policy-unknown-key: unknown key `severty`; did you mean `severity`?",
            "1:1 policy-missing-key: `severity` of this rule is missing; every [[rule]] has `code`, `severity`, `when`, `help`",
        ]
    );
    assert_eq!(
        mistakes("[[rules]]\ncode = \"own\"\n"),
        ["1:3 policy-unknown-key: unknown key `rules`; did you mean `rule`?"]
    );
}

#[test]
fn toml_that_is_none() {
    let found = mistakes("[[rule]]\ncode = \n");
    assert!(found[0].starts_with("2:"), "{found:?}");
    assert!(found[0].contains(" policy-syntax: "), "{found:?}");
}

#[test]
fn an_empty_or_wrong_value() {
    assert_eq!(
        mistakes("[[rule]]\ncode = \"\"\nseverity = 3\nwhen = 'true'\nhelp = \"-\"\n"),
        [
            "3:12 policy-unknown-value: `severity` is a text, not an integer; put it in quotes",
            "2:8 policy-missing-key: `code` of this rule is empty; every [[rule]] has `code`, `severity`, `when`, `help`",
        ]
    );
    assert_eq!(
        mistakes("[rule]\ncode = \"own\"\n"),
        ["1:2 policy-unknown-value: `rule` is an array of tables; begin each one with [[rule]]"]
    );
}

#[test]
fn words_that_cannot_stand_there() {
    assert_eq!(
        mistakes(
            "[[rule]]\ncode = \"Own_Rule\"\nseverity = \"eror\"\nfor = \"changes\"\nwhen = 'true'\nhelp = \"-\"\n"
        ),
        [
            "2:8 policy-unknown-value: `Own_Rule` cannot be the code of a rule; a code is words in small letters with `-` between them, as in `mass-change`",
            "3:12 policy-unknown-value: `eror` cannot stand here; did you mean `error`?",
            "4:7 policy-unknown-value: `changes` cannot stand here; did you mean `change`?",
        ]
    );
    let own =
        "[[rule]]\ncode = \"policy-mine\"\nseverity = \"error\"\nwhen = 'true'\nhelp = \"-\"\n";
    assert!(mistakes(own)[0].ends_with("are drsync's own"));
}

#[test]
fn a_code_is_given_once() {
    let rule = "[[rule]]\ncode = \"own\"\nseverity = \"error\"\nwhen = 'true'\nhelp = \"-\"\n";
    assert_eq!(
        mistakes(&format!("{rule}{rule}")),
        ["7:8 policy-duplicate-code: two rules have the code `own`; give one of them another code"]
    );
}

#[test]
fn a_condition_that_is_not_cel() {
    let found = condition("change", "change.action == ");
    assert!(
        found[0].starts_with("6:26 policy-syntax: this is not a CEL expression: "),
        "{found:?}"
    );
}

#[test]
fn unknown_variables_and_fields() {
    assert_eq!(
        condition("change", "chnge.action == \"delete\""),
        ["6:9 policy-unknown-name: there is no variable `chnge` here; did you mean `change`?"]
    );
    assert_eq!(
        condition("scope", "change.action == \"delete\""),
        [
            "6:9 policy-unknown-name: there is no variable `change` here; known here: `scope`, `plan`"
        ]
    );
    assert_eq!(
        condition("scope", "scope.live > 3 && scope.change_share > 0.3"),
        [
            "6:33 policy-unknown-name: there is no field `change_share` here; did you mean `changed_share`?"
        ]
    );
    assert_eq!(
        condition("change", "change[\"actoin\"] == \"delete\""),
        ["6:16 policy-unknown-name: there is no field `actoin` here; did you mean `action`?"]
    );
    assert_eq!(
        condition("change", "change.fields.exists(f, f.pth == \"/ttl\")"),
        ["6:35 policy-unknown-name: there is no field `pth` here; did you mean `path`?"]
    );
}

#[test]
fn a_place_behind_letters_of_several_bytes() {
    assert_eq!(
        condition("change", "change.id == \"Zürich\" && chnge.id == \"ñ\""),
        ["6:34 policy-unknown-name: there is no variable `chnge` here; did you mean `change`?"]
    );
}

#[test]
fn unknown_functions() {
    assert_eq!(
        condition("change", "change.id.startWith(\"a\")"),
        [
            "6:28 policy-unknown-function: there is no function `startWith`; did you mean `startsWith`?"
        ]
    );
    let found = condition("change", "change.fields.exists(f)");
    assert!(
        found[1].contains("`exists` is not called like this"),
        "{found:?}"
    );
}

#[test]
fn conditions_that_can_never_hold() {
    assert_eq!(
        condition("change", "change.action == \"deleted\""),
        ["6:26 policy-unknown-value: `deleted` can never stand here; did you mean `delete`?"]
    );
    assert_eq!(
        condition("change", "change.class in [\"role\", \"protection-cut\"]"),
        [
            "6:34 policy-unknown-value: `protection-cut` can never stand here; did you mean `protection_cut`?"
        ]
    );
    assert_eq!(
        condition("plan", "plan.delete > \"5\""),
        [
            "6:21 policy-type: a whole number is never compared with a text; write a text in quotes and a number without"
        ]
    );
    assert_eq!(
        condition("plan", "plan.environment in \"prod\"").len(),
        1,
        "a text is no list"
    );
}

#[test]
fn conditions_that_do_not_say_yes_or_no() {
    assert_eq!(
        condition("plan", "plan.delete"),
        [
            "6:9 policy-type: a condition is true or false, and this is a whole number; compare it with something"
        ]
    );
    assert_eq!(condition("plan", "plan.delete && true").len(), 1);
    assert_eq!(condition("scope", "scope.live * 0.3 > 1.0").len(), 1);
}

#[test]
fn a_place_within_a_condition_of_several_lines() {
    let text = "[[rule]]\ncode = \"own\"\nseverity = \"error\"\nhelp = \"-\"\nfor = \"plan\"\nwhen = '''\nplan.delete > 3 &&\n  plan.creat > 3\n'''\n";
    assert_eq!(
        mistakes(text),
        ["8:8 policy-unknown-name: there is no field `creat` here; did you mean `create`?"]
    );
}

#[test]
fn a_message_that_is_no_template_or_names_what_is_not_there() {
    let rule = |message: &str| {
        mistakes(&format!(
            "[[rule]]\ncode = \"own\"\nseverity = \"error\"\nhelp = \"-\"\nwhen = 'true'\nmessage = '{message}'\n"
        ))
    };
    assert_eq!(
        rule("{{ change.address }}{% for f in change.fields %}{{ f.path }}{% endfor %}"),
        [""; 0]
    );
    assert_eq!(
        rule("{{ change.adress }} goes"),
        ["6:15 policy-message: there is no `adress` in `change.adress`; did you mean `address`?"]
    );
    assert!(rule("{{ change.address")[0].contains("is not a valid template"));
    assert!(rule("{{ change.address | shout }}")[0].contains("is not a valid template"));
}

#[test]
fn all_mistakes_of_all_files_are_found_at_once() {
    let rule = |code: &str, when: &str| {
        format!(
            "[[rule]]\ncode = \"{code}\"\nseverity = \"error\"\nhelp = \"-\"\nwhen = '{when}'\n"
        )
    };
    let files = [
        (
            "policies/b.toml".to_owned(),
            rule("b", "plan.delte > change"),
        ),
        (
            "policies/a.toml".to_owned(),
            rule("a", "nothing") + &rule("c", "1"),
        ),
    ];
    let (_, findings) = PolicySet::load(&files, &mut Sources::default());
    assert!(findings.len() >= 3, "{findings:#?}");
}
