//! The language of conditions: what rules can say, over all that they can talk about.

use super::super::vocabulary::{ACTIONS, CAUSES, CLASSES, Name, Subject, Type};
use super::*;
use crate::model::FieldChange;

fn example() -> Plan {
    let mut change = record(Action::Update, "www.example.com", "A");
    change.component = Some("budapp".into());
    change.fields.push(FieldChange {
        path: "/ttl".into(),
        before: Some(300_i64.into()),
        after: None,
    });
    plan(vec![change], 10)
}

fn rule(subject: &str, when: &str) -> PolicySet {
    set(&format!(
        "[[rule]]\ncode = \"own\"\nseverity = \"note\"\nhelp = \"-\"\nfor = \"{subject}\"\nwhen = '{when}'\n"
    ))
}

/// Returns the path of every field below a variable.
fn paths(prefix: &str, names: &[Name]) -> Vec<String> {
    let mut all = Vec::new();
    for Name { name, of } in names {
        let path = format!("{prefix}{name}");
        if let Type::Record(names) = of {
            all.extend(paths(&format!("{path}."), names));
        } else {
            all.push(path);
        }
    }
    all
}

#[test]
fn every_name_of_the_vocabulary_has_a_value() {
    for (subject, word) in [
        (Subject::Change, "change"),
        (Subject::Scope, "scope"),
        (Subject::Plan, "plan"),
    ] {
        for path in paths("", subject.variables()) {
            let verdict = judge(&rule(word, &format!("has({path})")), &example());
            assert_eq!(seen(&verdict), [(Severity::Note, "own")], "{path}");
        }
    }
    let item = "change.fields.all(f, has(f.path) && has(f.before) && has(f.after))";
    let verdict = judge(&rule("change", item), &example());
    assert_eq!(seen(&verdict), [(Severity::Note, "own")]);
}

#[test]
fn the_words_are_those_of_plans() {
    let actions = [
        Action::Create,
        Action::Update,
        Action::Replace,
        Action::Delete,
        Action::Forget,
        Action::Adopt,
    ];
    let causes = [
        Cause::Introduced,
        Cause::Pending,
        Cause::Drift,
        Cause::Conflict,
        Cause::Unattributed,
    ];
    let classes = [
        Class::Ordinary,
        Class::CapacityCut,
        Class::ProtectionCut,
        Class::Deletion,
        Class::Role,
    ];
    let words = |values: serde_json::Result<serde_json::Value>| -> Vec<String> {
        serde_json::from_value(values.unwrap()).unwrap()
    };
    assert_eq!(words(serde_json::to_value(actions)), ACTIONS);
    assert_eq!(words(serde_json::to_value(causes)), CAUSES);
    assert_eq!(words(serde_json::to_value(classes)), CLASSES);

    for action in actions {
        let word = serde_json::to_value(action).unwrap();
        let set = rule("change", &format!("change.action == {word}"));
        let plan = plan(records(action, 1), 10);
        assert_eq!(seen(&judge(&set, &plan)).len(), 1, "{word}");
    }
    for cause in causes {
        let word = serde_json::to_value(cause).unwrap();
        let mut plan = example();
        plan.changes[0].cause = cause;
        let set = rule("change", &format!("change.cause == {word}"));
        assert_eq!(seen(&judge(&set, &plan)).len(), 1, "{word}");
    }
    for class in classes {
        let word = serde_json::to_value(class).unwrap();
        let mut plan = example();
        plan.changes[0].class = class;
        let set = rule("change", &format!("change.class == {word}"));
        assert_eq!(seen(&judge(&set, &plan)).len(), 1, "{word}");
    }
}

#[test]
fn conditions_that_hold_for_the_example() {
    for when in [
        r#"change.component == "budapp" && !change.flags.adopt"#,
        r#"change.kind.matches("^route53_") && change.id.endsWith("/A")"#,
        r#"change.identity.type in ["A", "AAAA"]"#,
        r#""type" in change.identity && !("protected" in change.identity)"#,
        r#"change.identity["name"] == "www.example.com""#,
        r#"change.fields.exists(f, f.path == "/ttl" && f.before == 300 && f.after == null)"#,
        r#"change.fields.filter(f, f.path.startsWith("/t")).size() == 1"#,
        r#"change.fields.map(f, f.path) == ["/ttl"]"#,
        r#"change.fields[0].path == "/ttl" && size(change.fields) == 1"#,
        "change.fields.exists_one(f, f.before == 300) && change.fields.all(f, f.before > 60)",
        "(change.flags.prune ? 1 : 2) == 2",
        r#"string(plan.update) + "x" == "1x""#,
        "scope.changed_share < 1 && scope.changed_share > 0.05 && scope.live >= 10",
        "double(scope.changed) / double(scope.live) == scope.changed_share",
        "[1, 2].exists(n, n == plan.update) && -plan.update == -1",
        r#"plan.environment.contains("ound") && plan.update + plan.create * 2 == 1"#,
    ] {
        assert_eq!(
            seen(&judge(&rule("change", when), &example())),
            [(Severity::Note, "own")],
            "{when}"
        );
    }
}

#[test]
fn a_share_of_nothing_is_nothing() {
    let set = rule(
        "scope",
        "scope.changed_share == 0.0 && scope.deleted_share == 0.0",
    );
    assert_eq!(seen(&judge(&set, &plan(Vec::new(), 0))).len(), 1);
}
