//! The recovery order as a drawing: Mermaid for Markdown, SVG for everything else.
//!
//! In: the estimate of a recovery. Out: texts. Must not know how long anything should take.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::status::span;
use crate::assess::{Basis, TimeEstimate};

/// The height of a bar and the width of the names and of all bars, in pixels.
const BAR: usize = 24;
const NAMES: usize = 220;
const BARS: i64 = 700;

/// Returns the order as a Mermaid flow chart; the critical path is thick.
#[must_use]
pub fn order_mermaid(time: &TimeEstimate) -> String {
    let mut out = String::from("flowchart LR\n");
    let number: BTreeMap<&str, usize> = time
        .graph
        .iter()
        .enumerate()
        .map(|(at, (term, _))| (term.name.as_str(), at))
        .collect();
    let critical = |name: &str| time.path.iter().any(|term| term.name == name);
    for (at, (term, _)) in time.graph.iter().enumerate() {
        // A name has letters, digits, `-` and `_` only, so nothing of it is markup.
        let _ = writeln!(
            out,
            "  s{at}[\"{}<br>{}\"]",
            term.name,
            duration(&term.basis, term.seconds)
        );
        if critical(&term.name) {
            let _ = writeln!(out, "  style s{at} stroke-width:4px");
        }
    }
    for (at, (term, needs)) in time.graph.iter().enumerate() {
        for need in needs {
            if let Some(before) = number.get(need.as_str()) {
                let thick = critical(&term.name) && critical(need);
                let _ = writeln!(
                    out,
                    "  s{before} {} s{at}",
                    if thick { "==>" } else { "-->" }
                );
            }
        }
    }
    out
}

fn duration(basis: &Basis, seconds: i64) -> String {
    if *basis == Basis::Unknown {
        "unknown".to_owned()
    } else {
        span(seconds)
    }
}

/// Returns the order as an SVG: a bar for each step, from when it can start until it is done.
#[must_use]
pub fn order_svg(time: &TimeEstimate) -> String {
    let starts = starts(time);
    let mut terms: Vec<_> = time.graph.iter().map(|(term, _)| term).collect();
    terms.sort_by_key(|term| (starts[term.name.as_str()], term.name.clone()));
    let end = terms
        .iter()
        .map(|term| starts[term.name.as_str()] + term.seconds)
        .max()
        .unwrap_or(0)
        .max(1);
    let height = (terms.len() + 1) * BAR;
    let width = NAMES + 900;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\">\n"
    );
    for (at, term) in terms.iter().enumerate() {
        let critical = time.path.iter().any(|one| one.name == term.name);
        let x = i64::try_from(NAMES).unwrap_or(0) + starts[term.name.as_str()] * BARS / end;
        let long = (term.seconds * BARS / end).max(2);
        let y = at * BAR + 4;
        let fill = match (&term.basis, critical) {
            (Basis::Unknown, _) => "#999999",
            (_, true) => "#c0392b",
            (_, false) => "#2980b9",
        };
        let _ = writeln!(out, "  <text x=\"4\" y=\"{}\">{}</text>", y + 14, term.name);
        let _ = writeln!(
            out,
            "  <rect x=\"{x}\" y=\"{y}\" width=\"{long}\" height=\"16\" fill=\"{fill}\"/>"
        );
        let _ = writeln!(
            out,
            "  <text x=\"{}\" y=\"{}\">{}</text>",
            x + long + 4,
            y + 14,
            duration(&term.basis, term.seconds)
        );
    }
    out.push_str("</svg>\n");
    out
}

/// Returns when each term can start, in seconds.
pub(super) fn starts(time: &TimeEstimate) -> BTreeMap<&str, i64> {
    let graph = time.graph.iter().map(|(term, needs)| {
        (
            term.name.as_str(),
            (term.seconds, needs.iter().map(String::as_str).collect()),
        )
    });
    crate::assess::starts(&graph.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::Term;

    fn time() -> TimeEstimate {
        let term = |name: &str, seconds, basis| Term {
            name: name.to_owned(),
            seconds,
            basis,
            span: None,
        };
        let (go, tell) = (
            term("go", 600, Basis::Declared),
            term("tell", 0, Basis::Unknown),
        );
        TimeEstimate {
            failover: None,
            at_least: 600,
            path: vec![go.clone()],
            unknown: vec!["tell".to_owned()],
            graph: vec![(go, vec![]), (tell, vec!["go".to_owned()])],
        }
    }

    #[test]
    fn the_critical_path_is_thick_and_what_is_unknown_says_so() {
        let chart = order_mermaid(&time());
        assert!(
            chart.contains("s0[\"go<br>10m\"]\n  style s0 stroke-width:4px"),
            "{chart}"
        );
        assert!(chart.contains("s1[\"tell<br>unknown\"]"), "{chart}");
        assert!(chart.contains("s0 --> s1"), "{chart}");
    }

    #[test]
    fn a_bar_starts_where_what_it_needs_ends() {
        let svg = order_svg(&time());
        assert!(
            svg.contains("<rect x=\"220\" y=\"4\" width=\"700\""),
            "{svg}"
        );
        assert!(
            svg.contains("<rect x=\"920\" y=\"28\" width=\"2\""),
            "{svg}"
        );
        assert!(quick_xml::Reader::from_str(&svg).read_event().is_ok());
    }
}
