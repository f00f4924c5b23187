//! Properties of all renderings, whatever anyone writes into names, values and messages.
//!
//! In: arbitrary texts in every place that holds one. Out: nothing. Must not test how reports
//! read.

use proptest::prelude::*;

use crate::model::{Action, Address, Finding, Span, Value};

use super::fixture::{Build, World, change, held, tables};
use super::markdown::plan_markdown_with;
use super::text::plan_text_with;
use super::visible::is_hidden;
use super::{
    Mode, OutcomesView, TextOptions, findings_json, findings_text, outcomes_json, outcomes_text,
    plan_json,
};

/// Texts that try to be markup, colours, new lines or something else than text.
fn text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "\u{1b}[2J",
        "\u{9b}31m",
        "\n",
        "\r\n",
        "\t",
        "|",
        "\\|",
        "`",
        "``` ",
        "</code>",
        "</details>",
        "<script>",
        "@team",
        "#1",
        "[a](http://b)",
        "![x](y)",
        "{{ 1 }}",
        "{% raw %}",
        "-->",
        "\u{202e}",
        "\u{200b}",
        "\u{e0001}",
        "ñ",
        "漢字",
        "~",
        "/",
        "\"",
        "*b*",
        "&lt;",
        "\0",
    ])
    .prop_map(str::to_owned);
    let piece = prop_oneof![nasty, any::<char>().prop_map(String::from), "[a-z]{1,9}"];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        (text(), text()).prop_map(|(key, item)| {
            Value::from(serde_json::json!({ key: [item, "long".repeat(20)] }).to_string())
        }),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..4)
                .prop_map(|pairs| Value::Map(pairs.into_iter().collect())),
        ]
    })
}

fn action() -> impl Strategy<Value = Action> {
    prop::sample::select(vec![
        Action::Create,
        Action::Update,
        Action::Replace,
        Action::Delete,
        Action::Forget,
        Action::Adopt,
    ])
}

fn path() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec!["/ttl", "/values", "/rules", "/rules/[id=a]/days"]);
    prop_oneof![known.prop_map(str::to_owned), text()]
}

prop_compose! {
    fn world()(
        texts in prop::collection::vec(text(), 12),
        action in action(),
        fields in prop::collection::vec(
            (path(), prop::option::of(value()), prop::option::of(value())), 0..4),
        span in (0..40_usize, 0..40_usize),
    ) -> World {
        let mut change = change(&texts[0], &texts[1], action).component(&texts[2]).reason(&texts[3]);
        for (path, before, after) in fields {
            change = change.values(&path, before, after);
        }
        if let Some(source) = &mut change.source {
            source.file.clone_from(&texts[4]);
        }
        let mut held = held(&texts[5]);
        held.code.clone_from(&texts[6]);
        held.reason.clone_from(&texts[7]);
        let mut world = World::quiet().with(change).with_held(held).with_gap(2);
        world.plan.environment.clone_from(&texts[8]);
        world.plan.revision = Some(texts[9].clone());
        world.plan.gaps[0].scope.clone_from(&texts[10]);
        world.plan.gaps[0].cause.clone_from(&texts[11]);
        world.plan.unmanaged.insert(texts[0].clone(), 3);
        world.plan.methods.insert(texts[1].clone(), texts[2].clone());
        world.calls.insert(texts[3].clone(), [(texts[4].clone(), 7)].into());
        world.notes.push(texts[5].clone());
        let file = world.sources.add(texts[6].clone(), texts[7..].concat());
        world.findings.push(
            Finding::warning("code", texts[8].clone())
                .at(Span::new(file, &(span.0..span.1)), texts[9].clone())
                .help(texts[10].clone())
                .about(Address::new(&texts[11], "kind", &texts[0])),
        );
        world
    }
}

/// Asserts that a terminal only shows a text.
fn assert_shown(text: &str) {
    let hidden = text.chars().find(|c| is_hidden(*c) && *c != '\n');
    assert_eq!(hidden, None, "{text:?}");
}

/// Asserts that Markdown holds no structure but the template's own.
fn assert_harmless(text: &str) {
    assert!(text.len() <= 65_536);
    assert!(!text.contains(['@', '`', '~', '{']), "{text}");
    let mut rest = text.to_owned();
    for own in ["code", "br", "sub", "details", "summary"] {
        rest = rest
            .replace(&format!("<{own}>"), "")
            .replace(&format!("</{own}>"), "");
    }
    assert!(!rest.contains('<'), "{rest}");
    for table in text.split("\n\n") {
        let pipes: Vec<usize> = table
            .lines()
            .filter(|line| line.starts_with('|'))
            .map(|line| line.matches('|').count())
            .collect();
        assert!(pipes.windows(2).all(|pair| pair[0] == pair[1]), "{table}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_text_escapes_from_a_plan(world in world()) {
        for mode in [Mode::Plan, Mode::Drift] {
            let view = world.view(mode);
            for expand in [false, true] {
                let options = TextOptions { expand, ..TextOptions::default() };
                assert_shown(&plan_text_with(&view, options, tables));
            }
            let markdown = plan_markdown_with(&view, tables).unwrap();
            assert_shown(&markdown);
            assert_harmless(&markdown);
            let json = plan_json(&view).unwrap();
            assert_shown(&json);
            let json: serde_json::Value = serde_json::from_str(&json).unwrap();
            let environment = json["environment"].as_str();
            prop_assert_eq!(environment, Some(world.plan.environment.as_str()));
        }
        let options = TextOptions { color: true, ..TextOptions::default() };
        let coloured = findings_text(&world.findings, &world.sources, options);
        assert_shown(&anstream::adapter::strip_str(&coloured).to_string());
        let json = findings_json(&world.findings, &world.sources, "0.1.0").unwrap();
        assert_shown(&json);
    }

    #[test]
    fn no_text_escapes_from_outcomes(site in text(), id in text(), message in text(), action in action()) {
        let address = Address::new(&site, "kind", &id);
        let state = crate::apply::OutcomeState::Failed;
        let outcomes = [crate::apply::Outcome { address: address.clone(), action, state, message: message.clone(), effective_at: None, change_id: Some(message.clone()) }];
        let calls = [(id.clone(), [(site.clone(), 1)].into())].into();
        let view = OutcomesView {
            environment: &site,
            outcomes: &outcomes,
            held: &[],
            calls: &calls,
            elapsed: std::time::Duration::MAX,
            tool_version: &id,
        };
        assert_shown(&outcomes_text(&view, TextOptions::default()));
        assert_shown(&outcomes_json(&view).unwrap());
    }
}
