//! What was done and written down: exercises, reviews, confirmations, one file for each.
//!
//! In: the texts of `records/<kind>/<date>-<slug>.toml`. Out: typed records, and findings. The
//! author is that of the commit which last touched the file and never what the file says. Must not
//! know whether a record is still valid.

use toml::de::DeTable;

use super::rules::{PATH, choice, flag, lines, names, seconds, text};
use super::{list, owned};
use crate::desired::codes;
use crate::desired::decode::Decoder;
use crate::desired::document::Frame;
use crate::desired::parsed::Parsed;
use crate::desired::places::Places;
use crate::desired::profile::Profile;
use crate::desired::suggest;
use crate::desired::tables::Head;
use crate::desired::validate::unknown;
use crate::model::units::{NAME, PLAIN};
use crate::model::{Field, Finding, Identity, Map, Shape, SourceId, Span, Value};

const DAY: i64 = 86_400;

/// The kinds of records, each with how long one is valid in seconds where it says nothing itself.
///
/// The figures are those of common practice and of NIST SP 800-34 (training and approval yearly).
pub const RECORD_KINDS: [(&str, i64); 12] = [
    ("restore", 7 * DAY),
    ("component", 31 * DAY),
    ("tabletop", 92 * DAY),
    ("full", 366 * DAY),
    ("review", 366 * DAY),
    ("confirmation", 90 * DAY),
    ("training", 366 * DAY),
    ("contact", 92 * DAY),
    ("message", 92 * DAY),
    ("capacity", DAY),
    ("access", 90 * DAY),
    ("dependencies", 180 * DAY),
];

/// One file below `records/`.
pub(in crate::desired) static RECORD: Head = Head {
    name: "record",
    doc: "What was done on one day, and what came of it",
    fields: &[
        text("title", &NAME, "What was done").required(),
        choice(
            "result",
            &["failed", "partial", "passed"],
            "What came of it",
        )
        .required(),
        text("exercise", &NAME, "The exercise that was made"),
        text("scenario", &PLAIN, "What was assumed to have happened"),
        text("scope", &PLAIN, "What it covered"),
        names(
            "components",
            "The components that it covered; all if it is left out",
        ),
        names("participants", "The people who took part"),
        names("roles", "The roles that it is about"),
        text("environment", &NAME, "Where it was done"),
        seconds("rto", "How long the recovery took"),
        seconds("rpo", "The time of which data was lost"),
        Field::new(
            "steps",
            Shape::List(&STEP, Identity::Ordered),
            "The steps, as they went",
        ),
        lines("checks", "What was checked, and what came of it"),
        Field::new(
            "issues",
            Shape::List(&ISSUE, Identity::Ordered),
            "What went wrong",
        ),
        flag("cleaned_up", "Whether everything was put back"),
        text("approved_by", &NAME, "The person who approved it"),
        seconds("valid_for", "How long it is valid"),
        text(
            "evidence",
            &PATH,
            "The file that shows it, below the environment's folder",
        ),
        text("notes", &PLAIN, "What else is to be known"),
    ],
};

static STEP: Shape = Shape::Table(&[
    text("step", &NAME, "The step").required(),
    seconds("took", "How long it took").required(),
    text("note", &PLAIN, "What else is to be known"),
]);

static ISSUE: Shape = Shape::Table(&[
    text("what", &PLAIN, "What went wrong").required(),
    text("owner", &NAME, "The role that mends it"),
    text("due", &super::rules::DATE, "The day by which it is mended"),
    text("link", &PLAIN, "Where it is tracked"),
    flag("closed", "Whether it is mended"),
]);

/// What came of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It failed.
    Failed,
    /// It was done in part.
    Partial,
    /// It succeeded.
    Passed,
}

/// What was done on one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The kind, the name of its folder.
    pub kind: &'static str,
    /// The day, from the name of the file.
    pub date: jiff::civil::Date,
    /// The file.
    pub path: String,
    /// What was done.
    pub title: String,
    /// What came of it.
    pub result: Outcome,
    /// The components that it covered; empty for all.
    pub components: Vec<String>,
    /// The people who took part.
    pub participants: Vec<String>,
    /// The roles that it is about.
    pub roles: Vec<String>,
    /// How long the recovery took, in seconds.
    pub rto: Option<i64>,
    /// The time of which data was lost, in seconds.
    pub rpo: Option<i64>,
    /// The steps, each with how long it took in seconds.
    pub steps: Vec<(String, i64)>,
    /// What went wrong and is not mended, each with the day by which it is to be.
    pub open_issues: Vec<(String, Option<jiff::civil::Date>)>,
    /// Whether everything was put back; none if nothing is said.
    pub cleaned_up: Option<bool>,
    /// The person who approved it.
    pub approved_by: Option<String>,
    /// How long it is valid, in seconds.
    pub valid_for: i64,
    /// Who committed it last; none if no commit holds it.
    pub author: Option<String>,
    /// Where it is.
    pub places: Places,
}

/// Decodes the text of a record.
pub(in crate::desired) fn decode(
    path: &str,
    text: &str,
    file: SourceId,
    parsed: &Parsed,
    findings: &mut Vec<Finding>,
) -> Option<Record> {
    let frame = Frame { file, start: 0 };
    let whole = Span::new(file, &(0..text.find('\n').unwrap_or(text.len())));
    let (kind, usual, date) = match named(path) {
        Ok(named) => named,
        Err((message, help)) => {
            findings.push(
                Finding::error(codes::BAD_RECORD, message)
                    .at(whole, "")
                    .help(help),
            );
            return None;
        }
    };
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        crate::desired::syntax::report(frame, text, root.get_ref(), &errors, findings);
        return None;
    }
    let profile = Profile::Unselected;
    let mut decoder = Decoder::new(&profile);
    decoder.frame = frame;
    let (map, places) = decoder.table("the record", RECORD.fields, root.get_ref(), whole);
    let before = findings.len();
    findings.append(&mut decoder.findings);
    for (field, head) in [
        ("components", &super::COMPONENT),
        ("participants", &super::PERSON),
        ("roles", &super::ROLE),
        ("exercise", &super::EXERCISE),
        ("approved_by", &super::PERSON),
    ] {
        let names = list(&map, field).into_iter().chain(owned(&map, field));
        for name in names {
            let known = parsed.named(head).map(|(name, _)| name);
            unknown(
                codes::UNKNOWN_REFERENCE,
                head.name,
                &name,
                places.of(field),
                known,
                findings,
            );
        }
    }
    (findings.len() == before).then(|| record(kind, usual, date, path, &map, places))
}

fn record(
    kind: &'static str,
    usual: i64,
    date: jiff::civil::Date,
    path: &str,
    map: &Map,
    places: Places,
) -> Record {
    let tables = |key: &str| map.list(key).iter().filter_map(Value::as_map);
    let steps = tables("steps").filter_map(|step| Some((owned(step, "step")?, step.int("took")?)));
    let open = tables("issues").filter(|issue| issue.bool("closed") != Some(true));
    Record {
        kind,
        date,
        path: path.to_owned(),
        title: owned(map, "title").unwrap_or_default(),
        result: match map.text("result") {
            Some("passed") => Outcome::Passed,
            Some("partial") => Outcome::Partial,
            _ => Outcome::Failed,
        },
        components: list(map, "components"),
        participants: list(map, "participants"),
        roles: list(map, "roles"),
        rto: map.int("rto"),
        rpo: map.int("rpo"),
        steps: steps.collect(),
        open_issues: open
            .map(|issue| {
                let due = issue.text("due").and_then(|due| due.parse().ok());
                (owned(issue, "what").unwrap_or_default(), due)
            })
            .collect(),
        cleaned_up: map.bool("cleaned_up"),
        approved_by: owned(map, "approved_by"),
        valid_for: map.int("valid_for").unwrap_or(usual),
        author: None,
        places,
    }
}

type Named = (&'static str, i64, jiff::civil::Date);

/// Returns the kind, its usual validity and the day that a path names, or what is wrong with it.
fn named(path: &str) -> Result<Named, (String, String)> {
    let mut parts = path.rsplit('/');
    let (file, folder) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let kind = RECORD_KINDS.iter().find(|(kind, _)| *kind == folder);
    let Some((kind, usual)) = kind else {
        let known = RECORD_KINDS.iter().map(|(kind, _)| *kind);
        return Err((
            format!("`{folder}` is no kind of record"),
            suggest::help(folder, known),
        ));
    };
    let date = file.get(..10).and_then(|date| date.parse().ok());
    let slug = file.get(10..).is_some_and(|rest| rest.starts_with('-'));
    match date.filter(|_| slug) {
        Some(date) => Ok((kind, *usual, date)),
        None => Err((
            format!("the name of the record does not begin with a day: {file}"),
            format!(
                "such as records/{kind}/2026-05-01-{}",
                file.trim_start_matches('-')
            ),
        )),
    }
}
