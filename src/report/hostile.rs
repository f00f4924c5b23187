//! x
use super::fixture::*;
use super::*;
use crate::model::*;

#[test]
fn look() {
    let world = World::busy();
    for color in [false, true] {
        let o = TextOptions {
            color,
            width: 90,
            ..TextOptions::default()
        };
        println!(
            "{}",
            text::plan_text_with(&world.view(Mode::Plan), o, tables)
        );
        println!("=====");
        println!(
            "{}",
            text::plan_text_with(&world.view(Mode::Drift), o, tables)
        );
        println!("=====");
    }
    let mut many = World::quiet();
    for n in 0..60 {
        many = many.with(
            change("global", &format!("example.com/n{n}/A"), Action::Update)
                .component("shop")
                .cause(Cause::Drift)
                .field("/ttl", "300", "60"),
        );
    }
    println!(
        "{}",
        plan_text(
            &many.view(Mode::Plan),
            TextOptions {
                unicode: false,
                ..TextOptions::default()
            }
        )
    );
    println!(
        "{}",
        plan_text(&World::quiet().view(Mode::Plan), TextOptions::default())
    );
    println!(
        "{}",
        plan_text(&World::quiet().view(Mode::Drift), TextOptions::default())
    );
    println!("{}", plan_json(&world.view(Mode::Plan)).unwrap());
    println!(
        "{}",
        markdown::plan_markdown_with(&world.view(Mode::Plan), tables).unwrap()
    );
    println!("{}", serde_json::to_string_pretty(&plan_schema()).unwrap());
}
