//! Findings with excerpts of the source, in the form that the Rust compiler made familiar.
//!
//! In: findings and the texts that they point into. Out: text or JSON. Must not know which room
//! found what.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

use crate::model::{Finding, Label, Severity, SourceId, Sources, Span};

use super::ReportError;
use super::json::{FORMAT_VERSION, to_text};
use super::json_parts::FindingJson;
use super::paper::TextOptions;
use super::visible::{visible, visible_in_place};

/// How many objects a finding names.
const NAMED: usize = 5;

/// Returns findings as text, the worst first, then by place.
#[must_use]
pub fn findings_text(findings: &[Finding], sources: &Sources, options: TextOptions) -> String {
    let renderer = if options.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    }
    .term_width(options.columns())
    .decor_style(if options.unicode {
        DecorStyle::Unicode
    } else {
        DecorStyle::Ascii
    });
    // An excerpt shows whole lines, so what one finding conceals, all do.
    let concealed: Vec<Span> = findings
        .iter()
        .flat_map(|finding| finding.conceals.iter().copied())
        .collect();
    let mut out = String::new();
    for finding in sorted(findings, sources) {
        out.push_str(&renderer.render(&[group(finding, sources, &concealed)]));
        out.push_str("\n\n");
    }
    out
}

/// Returns findings as a JSON document.
pub fn findings_json(
    findings: &[Finding],
    sources: &Sources,
    tool_version: &str,
) -> Result<String, ReportError> {
    #[derive(Serialize)]
    struct Document<'a> {
        format_version: &'static str,
        tool_version: &'a str,
        findings: Vec<FindingJson<'a>>,
    }
    to_text(&Document {
        format_version: FORMAT_VERSION,
        tool_version,
        findings: FindingJson::all(findings, sources),
    })
}

/// Returns findings by severity, then by the place of their first label, those without one last.
pub(super) fn sorted<'a>(findings: &'a [Finding], sources: &Sources) -> Vec<&'a Finding> {
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by_cached_key(|finding| {
        let label = finding.labels.first();
        let place = label.map(|label| sources.locate(label.span));
        (
            finding.severity,
            place.is_none(),
            place,
            &finding.code,
            finding.message.clone(),
        )
    });
    findings
}

fn group<'a>(finding: &'a Finding, sources: &'a Sources, concealed: &[Span]) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level
        .primary_title(visible(&finding.message))
        .id(visible(&finding.code));
    let mut group = Group::with_title(title);
    let mut files: Vec<SourceId> = Vec::new();
    for label in &finding.labels {
        if !files.contains(&label.span.source) {
            files.push(label.span.source);
            group = group.element(snippet(label.span.source, finding, sources, concealed));
        }
    }
    if !finding.addresses.is_empty() {
        group = group.element(Level::NOTE.with_name("about").message(about(finding)));
    }
    if !finding.help.is_empty() {
        let help: Vec<Cow<'_, str>> = finding.help.lines().map(visible).collect();
        group = group.element(Level::HELP.message(help.join("\n")));
    }
    group
}

/// Returns the objects of a finding by name, the first few.
fn about(finding: &Finding) -> String {
    let names: Vec<Cow<'_, str>> = finding
        .addresses
        .iter()
        .take(NAMED)
        .map(|address| visible(address.as_str()))
        .collect();
    let mut text = names.join(", ");
    if finding.addresses.len() > NAMED {
        let _ = write!(text, " and {} more", finding.addresses.len() - NAMED);
    }
    text
}

/// Returns the excerpt of one file with all places of a finding in it.
fn snippet<'a>(
    file: SourceId,
    finding: &'a Finding,
    sources: &'a Sources,
    concealed: &[Span],
) -> Snippet<'a, Annotation<'a>> {
    let text = sources.text(file);
    let labels = finding.labels.iter().enumerate();
    let labels: Vec<(bool, &Label, Range<usize>)> = labels
        .filter(|(_, label)| label.span.source == file)
        .map(|(number, label)| (number == 0, label, clamp(text, label.span.range())))
        .collect();
    let start = labels.iter().map(|(_, _, range)| range.start).min();
    let end = labels.iter().map(|(_, _, range)| range.end).max();
    let cut = excerpt(text, start.unwrap_or(0)..end.unwrap_or(0));
    let first_line = 1 + text[..cut.start].matches('\n').count();
    let annotations = labels.into_iter().map(|(main, label, range)| {
        let kind = if main {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let span = range.start - cut.start..range.end - cut.start;
        let words = (!label.text.is_empty()).then(|| visible(&label.text));
        kind.span(span).label(words)
    });
    let shown = match masked(text, cut.clone(), file, concealed) {
        Some(shown) => Cow::Owned(visible_in_place(&shown).into_owned()),
        None => visible_in_place(&text[cut.clone()]),
    };
    Snippet::source(shown)
        .path(visible(sources.path(file)))
        .line_start(first_line)
        .annotations(annotations.collect::<Vec<_>>())
}

/// Returns a cut of a text with an asterisk for each byte that is concealed, so that all places stay
/// where they are; none if nothing of it is.
fn masked(text: &str, cut: Range<usize>, file: SourceId, concealed: &[Span]) -> Option<String> {
    let own: Vec<Range<usize>> = concealed
        .iter()
        .filter(|span| span.source == file)
        .map(|span| clamp(text, span.range()))
        .filter(|range| range.start < cut.end && cut.start < range.end)
        .collect();
    if own.is_empty() {
        return None;
    }
    let mut shown = String::with_capacity(cut.len());
    for (at, c) in text[cut.clone()].char_indices() {
        let hidden = own.iter().any(|range| range.contains(&(cut.start + at)));
        if hidden && c != '\n' {
            shown.push_str(&"*".repeat(c.len_utf8()));
        } else {
            shown.push(c);
        }
    }
    Some(shown)
}

/// Returns a range that lies in the text and between its characters.
fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(range.start);
    let end = text.ceil_char_boundary(range.end);
    start..end.max(start)
}

/// Returns the whole lines of a range, so that a large file costs no more than a small one.
fn excerpt(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.end..].find('\n');
    start..end.map_or(text.len(), |at| range.end + at + 1)
}

#[cfg(test)]
mod tests {
    use super::super::paper::TextOptions;
    use super::*;

    fn plain(findings: &[Finding], sources: &Sources) -> String {
        findings_text(findings, sources, TextOptions::default())
    }

    #[test]
    fn what_one_finding_conceals_no_excerpt_shows() {
        let mut sources = Sources::default();
        let text = "auth = { pasword = \"hünter2\", token = \"t0ps3cret\" }\n";
        let id = sources.add("a.toml", text);
        let span = |part: &str| {
            let at = text.find(part).unwrap();
            Span::new(id, &(at..at + part.len()))
        };
        let shown = plain(
            &[
                Finding::error("unknown-key", "no such key")
                    .at(span("pasword"), "")
                    .conceal(span("\"hünter2\"")),
                Finding::error("literal-secret", "a secret")
                    .at(span("\"t0ps3cret\""), "")
                    .conceal(span("\"t0ps3cret\"")),
            ],
            &sources,
        );
        assert!(
            !shown.contains("nter2") && !shown.contains("t0ps3cret"),
            "{shown}"
        );
        assert_eq!(
            shown
                .matches("auth = { pasword = **********, token = ")
                .count(),
            2,
            "{shown}"
        );
    }

    #[test]
    fn a_finding_may_point_into_two_files() {
        let mut sources = Sources::default();
        let first = sources.add("environments/foundry/a.toml", "[site.x]\nrole = \"dr\"\n");
        let other = sources.add(
            "environments/foundry/b.toml",
            "\n\n[site.x]\nrole = \"dr\"\n",
        );
        let findings = [
            Finding::warning("lonely", "this has no place").help("add one\nor two"),
            Finding::error("declared-twice", "`site.x` is declared twice")
                .at(Span::new(other, &(2..10)), "again here")
                .at(Span::new(first, &(0..8)), "first here")
                .help("remove one of them"),
        ];
        insta::assert_snapshot!(plain(&findings, &sources), @r#"
        error[declared-twice]: `site.x` is declared twice
          ╭▸ environments/foundry/b.toml:3:1
          │
        3 │ [site.x]
          │ ━━━━━━━━ again here
          │
          ⸬  environments/foundry/a.toml:1:1
          │
        1 │ [site.x]
          │ ──────── first here
          │
          ╰ help: remove one of them

        warning[lonely]: this has no place
         │
         ╰ help: add one
                 or two
        "#);
        insta::assert_snapshot!(findings_json(&findings, &sources, "0.1.0").unwrap(), @r#"
        {
          "format_version": "1.0",
          "tool_version": "0.1.0",
          "findings": [
            {
              "code": "declared-twice",
              "severity": "error",
              "message": "`site.x` is declared twice",
              "help": "remove one of them",
              "places": [
                {
                  "file": "environments/foundry/b.toml",
                  "line": 3,
                  "column": 1,
                  "text": "again here"
                },
                {
                  "file": "environments/foundry/a.toml",
                  "line": 1,
                  "column": 1,
                  "text": "first here"
                }
              ],
              "addresses": []
            },
            {
              "code": "lonely",
              "severity": "warning",
              "message": "this has no place",
              "help": "add one\nor two",
              "places": [],
              "addresses": []
            }
          ]
        }
        "#);
    }

    #[test]
    fn spans_beyond_the_text_or_inside_a_character_still_show() {
        let mut sources = Sources::default();
        let id = sources.add("a.toml", "ñ = \"\u{1b}[2J\"");
        for range in [0..1, 1..2, 5..99, 99..99, 0..13] {
            let finding = Finding::error("x", "y").at(Span::new(id, &range), "");
            let text = plain(&[finding], &sources);
            assert!(
                text.contains("error[x]: y") && !text.contains('\u{1b}'),
                "{text}"
            );
        }
        let nowhere = Finding::error("x", "y").at(Span::new(SourceId(9), &(0..3)), "z");
        assert!(plain(&[nowhere], &sources).contains("error[x]: y"));
    }

    #[test]
    fn only_the_marked_lines_are_shown() {
        let mut sources = Sources::default();
        let text = "a = 1\n".repeat(100_000);
        let id = sources.add("a.toml", text);
        let finding = Finding::warning("x", "y").at(Span::new(id, &(300_000..300_001)), "here");
        insta::assert_snapshot!(plain(&[finding], &sources), @r#"
        warning[x]: y
              ╭▸ a.toml:50001:1
              │
        50001 │ a = 1
              ╰╴━ here
        "#);
    }
}
