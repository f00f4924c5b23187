//! Where a strategy stands, tier by tier, on one screen.
//!
//! In: an assessment. Out: text or Markdown. Must not know how a verdict came to be.

use std::fmt::Write as _;

use super::markdown_escape::prose;
use super::paper::{BOLD, CYAN, DIM, GREEN, PLAIN, Paper, RED, TextOptions, YELLOW, width};
use crate::assess::{Assessment, Basis, PointEstimate, Term, TierAssessment, Verdict};
use crate::model::{Gap, Severity};
use anstyle::Style;

/// The columns from which the components of a tier are listed beside it.
const WIDE: usize = 130;

/// How many reasons of a verdict are told unless all are asked for.
const REASONS: usize = 4;

/// An assessment with what belongs around it.
pub struct StatusView<'a> {
    /// The environment.
    pub environment: &'a str,
    /// The assessment.
    pub assessment: &'a Assessment,
    /// What could not be observed.
    pub gaps: &'a [Gap],
    /// Whether all reasons are told, and not only the worst.
    pub explain: bool,
    /// The version of drsync.
    pub tool_version: &'a str,
}

/// Returns a span of time in its two largest units, such as `1h 31m`.
pub(super) fn span(seconds: i64) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let mut parts = Vec::new();
    let mut rest = seconds.max(0);
    for (size, unit) in units {
        if rest >= size && parts.len() < 2 {
            parts.push(format!("{}{unit}", rest / size));
            rest %= size;
        } else if !parts.is_empty() {
            break;
        }
    }
    if parts.is_empty() {
        "0s".to_owned()
    } else {
        parts.join(" ")
    }
}

const fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::NotRecoverable => RED,
        Verdict::Unknown => CYAN,
        Verdict::AtRisk => YELLOW,
        Verdict::Ready | Verdict::Proven => GREEN,
    }
}

/// The words of one tier.
struct Row<'a> {
    tier: &'a TierAssessment,
    rto: String,
    now: String,
    worst: String,
}

impl<'a> Row<'a> {
    fn of(tier: &'a TierAssessment) -> Self {
        let time = &tier.time;
        let least = if time.unknown.is_empty() { "" } else { "≥ " };
        Self {
            tier,
            rto: format!("{least}{} of {}", span(time.at_least), span(tier.rto)),
            now: worst_of(tier, |point| point.now),
            worst: worst_of(tier, |point| point.worst),
        }
    }
}

impl Row<'_> {
    fn worst_of_goal(&self) -> String {
        if self.tier.points.is_empty() {
            return self.worst.clone();
        }
        format!("{} of {}", self.worst, span(self.tier.rpo))
    }
}

/// Returns the largest loss of the stores of a tier; unknown if one of them is.
fn worst_of(tier: &TierAssessment, of: impl Fn(&PointEstimate) -> Option<i64>) -> String {
    if tier.points.is_empty() {
        return "no store".to_owned();
    }
    let losses: Option<Vec<i64>> = tier.points.iter().map(of).collect();
    match losses.and_then(|losses| losses.into_iter().max()) {
        Some(loss) => span(loss),
        None => "unknown".to_owned(),
    }
}

/// Returns a status as text for a terminal.
#[must_use]
pub fn status_text(view: &StatusView<'_>, options: TextOptions) -> String {
    let mut paper = Paper::new(options);
    let assessment = view.assessment;
    paper.ink(BOLD, view.environment).ink(PLAIN, ": ");
    if let Some(worst) = assessment.worst() {
        paper.ink(style(worst), worst.word());
    } else {
        paper.ink(PLAIN, "no tier is declared");
    }
    if let Some(now) = assessment.now {
        paper.ink(DIM, &format!("  (observed {now:.0})"));
    } else {
        paper.ink(DIM, "  (nothing was observed)");
    }
    paper.end().gap();
    let rows: Vec<Row<'_>> = assessment.tiers.iter().map(Row::of).collect();
    let rows: Vec<[String; 6]> = rows
        .iter()
        .map(|row| {
            let sign = options.sign("≥", ">=");
            [
                row.tier.name.clone(),
                row.tier.verdict.word().to_owned(),
                row.rto.replace('≥', sign),
                row.now.clone(),
                row.worst_of_goal(),
                row.tier.unobserved.to_string(),
            ]
        })
        .collect();
    let heads = [
        "TIER", "VERDICT", "RECOVERY", "LOSS NOW", "AT WORST", "UNREAD",
    ];
    let wide = options.columns() >= WIDE;
    let widths: Vec<usize> = (0..heads.len())
        .map(|at| {
            rows.iter()
                .map(|row| width(&row[at]))
                .chain([width(heads[at])])
                .max()
                .unwrap_or(0)
        })
        .collect();
    for (at, head) in heads.iter().enumerate() {
        paper.ink(DIM, head).blanks(widths[at] + 2 - width(head));
    }
    if wide {
        paper.ink(DIM, "COMPONENTS");
    }
    paper.end();
    for (row, tier) in rows.iter().zip(&assessment.tiers) {
        for (at, word) in row.iter().enumerate() {
            let ink = if at == 1 { style(tier.verdict) } else { PLAIN };
            paper.ink(ink, word).blanks(widths[at] + 2 - width(word));
        }
        if wide {
            let room = options
                .columns()
                .saturating_sub(widths.iter().map(|width| width + 2).sum());
            paper.ink(DIM, &fitted(&tier.components.join(", "), room));
        }
        paper.end();
    }
    for tier in &assessment.tiers {
        reasons(&mut paper, view, tier);
    }
    paper.gap();
    footer(&mut paper, view);
    paper.finish()
}

/// Returns a text that fills no more than so many columns.
fn fitted(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room.saturating_sub(3)).collect();
    format!("{kept}...")
}

fn reasons(paper: &mut Paper, view: &StatusView<'_>, tier: &TierAssessment) {
    let told: Vec<&(Verdict, String)> = tier
        .reasons
        .iter()
        .filter(|(verdict, _)| view.explain || *verdict == tier.verdict)
        .collect();
    paper.gap();
    paper
        .ink(BOLD, &tier.name)
        .ink(PLAIN, " is ")
        .ink(style(tier.verdict), tier.verdict.word());
    paper
        .ink(
            PLAIN,
            if view.explain {
                ": the worst of"
            } else {
                " because"
            },
        )
        .end();
    let most = if view.explain { usize::MAX } else { REASONS };
    for (verdict, reason) in told.iter().copied().take(most) {
        let word = if view.explain {
            format!("{}: {reason}", verdict.word())
        } else {
            reason.clone()
        };
        paper.paragraph(PLAIN, 2, &format!("- {word}"));
    }
    if told.len() > most {
        paper.paragraph(
            DIM,
            2,
            &format!("- and {} more; --explain tells all", told.len() - most),
        );
    }
    if view.explain {
        let path: Vec<String> = tier.time.path.iter().map(term_words).collect();
        paper.paragraph(DIM, 2, &format!("critical path: {}", path.join(" -> ")));
        for point in &tier.points {
            paper.paragraph(DIM, 2, &point_words(point));
        }
    }
}

fn term_words(term: &Term) -> String {
    match &term.basis {
        Basis::Measured(count) => format!(
            "{} {} (measured {count} times)",
            term.name,
            span(term.seconds)
        ),
        Basis::Declared => format!("{} {} (declared)", term.name, span(term.seconds)),
        Basis::Object(address) => format!("{} {} ({address})", term.name, span(term.seconds)),
        Basis::Unknown => format!("{} (unknown)", term.name),
    }
}

fn point_words(point: &PointEstimate) -> String {
    let mut words = format!("{} is copied by", point.component);
    for one in &point.mechanisms {
        let worst = one
            .worst
            .map_or_else(|| format!("unknown: {}", one.missing.join(", ")), span);
        let place = if one.at_dr {
            ""
        } else {
            ", not at the DR site"
        };
        let _ = write!(words, " {} ({worst}{place})", one.method.word());
    }
    words
}

fn footer(paper: &mut Paper, view: &StatusView<'_>) {
    let assessment = view.assessment;
    let people = assessment.people;
    paper.paragraph(
        PLAIN,
        0,
        &format!(
            "people: {} of {} places are filled",
            people.filled, people.needed
        ),
    );
    if !assessment.records.is_empty() {
        let records = assessment.records.iter().map(|record| {
            let newest = record
                .newest
                .map_or_else(|| "never".to_owned(), |date| date.to_string());
            match record.days_left {
                Some(days) if days < 0 => {
                    format!("{} {newest} ({} days too old)", record.kind, -days)
                }
                Some(days) => format!("{} {newest} ({days} days left)", record.kind),
                None => format!("{} {newest}", record.kind),
            }
        });
        paper.paragraph(
            PLAIN,
            0,
            &format!("last: {}", records.collect::<Vec<_>>().join(", ")),
        );
    }
    let (errors, others) = count(view);
    let plural = |number: usize| if number == 1 { "" } else { "s" };
    paper.paragraph(
        PLAIN,
        0,
        &format!(
            "findings: {errors} error{}, {others} other{}; `drsync check` shows those of the strategy",
            plural(errors),
            plural(others)
        ),
    );
    if !view.gaps.is_empty() {
        paper.paragraph(
            CYAN,
            0,
            &format!(
                "{} scope{} could not be read; `drsync drift` says why",
                view.gaps.len(),
                if view.gaps.len() == 1 { "" } else { "s" }
            ),
        );
    }
}

pub(super) fn count(view: &StatusView<'_>) -> (usize, usize) {
    let findings = &view.assessment.findings;
    let errors = findings
        .iter()
        .filter(|one| one.severity == Severity::Error)
        .count();
    (errors, findings.len() - errors)
}

/// Returns a status as Markdown.
#[must_use]
pub fn status_markdown(view: &StatusView<'_>) -> String {
    let mut out = format!("### {}\n\n", prose(view.environment));
    out.push_str(
        "| tier | verdict | recovery | loss now | at worst | unread |\n|---|---|---|---|---|---|\n",
    );
    for row in view.assessment.tiers.iter().map(Row::of) {
        let _ = writeln!(
            out,
            "| {} | **{}** | {} | {} | {} | {} |",
            prose(&row.tier.name),
            row.tier.verdict.word(),
            row.rto,
            row.now,
            row.worst_of_goal(),
            row.tier.unobserved
        );
    }
    for tier in &view.assessment.tiers {
        let _ = writeln!(
            out,
            "\n{} is **{}**:\n",
            prose(&tier.name),
            tier.verdict.word()
        );
        for (verdict, reason) in tier
            .reasons
            .iter()
            .filter(|(verdict, _)| view.explain || *verdict == tier.verdict)
        {
            let _ = writeln!(out, "- {}: {}", verdict.word(), prose(reason));
        }
    }
    let people = view.assessment.people;
    let (errors, others) = count(view);
    let _ = writeln!(
        out,
        "\n{} of {} places of people are filled; {errors} errors and {others} other findings.",
        people.filled, people.needed
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units() {
        assert_eq!(span(0), "0s");
        assert_eq!(span(111 * 60), "1h 51m");
        assert_eq!(span(4 * 3600), "4h");
        assert_eq!(span(90_061), "1d 1h");
        assert_eq!(span(86_400 + 60), "1d");
    }
}
