//! `drsync explain`: what a code, a kind or an address means.

use std::fmt::Write as _;

use crate::cli::args::{Common, ExplainOptions};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::print;
use crate::cli::session::Session;
use crate::import;
use crate::kinds::{self, Declared, Kind};
use crate::model::{Address, Field, Severity, Shape, Sources};
use crate::plan::{HOLDS, PARITY_CODES, ParityRules};
use crate::policy::PolicySet;

pub(crate) fn run(common: &Common, options: &ExplainOptions) -> Result<Exit, CliError> {
    let what = options.what.as_str();
    let text = if what.contains('/') {
        object(common, what)?
    } else if let Some(kind) = kinds::by_name(what) {
        describe(kind)
    } else {
        code(common, what)?
    };
    print::result(&text);
    Ok(Exit::Success)
}

fn code(common: &Common, code: &str) -> Result<String, CliError> {
    let known: Vec<(&str, &str)> = crate::desired::codes::CODES
        .iter()
        .copied()
        .chain(kinds::CODES.iter().copied())
        .chain(HOLDS.iter().copied())
        .chain(crate::assess::codes::CODES.iter().copied())
        .chain(PARITY_CODES.iter().copied())
        .chain(crate::policy::CODES.iter().copied())
        .collect();
    if let Some((_, description)) = known.iter().find(|(name, _)| *name == code) {
        return Ok(format!("{code}: {description}"));
    }
    let rules = ParityRules::built_in();
    if let Some(rule) = rules.entries().find(|rule| rule.code == code) {
        return Ok(format!(
            "{code}: a rule of parity, {}\n{}\n{}",
            severity(rule.severity),
            rule.why,
            rule.help
        ));
    }
    if let Ok(source) = crate::desired::Source::open(common.root.as_deref(), common.rev.as_deref())
    {
        let folder = source.read_folder("policies").map_err(CliError::Desired)?;
        let (policies, _) = PolicySet::load(&folder.files, &mut Sources::default());
        if let Some(rule) = policies.rules().find(|rule| rule.code == code) {
            return Ok(format!(
                "{code}: a rule of the policies, {}\n{}",
                severity(rule.severity),
                rule.help
            ));
        }
    }
    let near = known
        .iter()
        .map(|(name, _)| *name)
        .max_by(|a, b| strsim::jaro_winkler(a, code).total_cmp(&strsim::jaro_winkler(b, code)));
    Err(CliError::Unknown(format!(
        "no code, kind or address `{code}`; did you mean `{}`?",
        near.unwrap_or_default()
    )))
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "which refuses what it matches",
        Severity::Warning => "which warns of what it matches",
        Severity::Note => "which notes what it matches",
    }
}

fn describe(kind: &dyn Kind) -> String {
    let section = kind.section();
    let place = kind.part().map_or_else(
        || format!("[[{}]]", section.array),
        |part| format!("`{part}` of [[{}]]", section.array),
    );
    let mut text = format!(
        "{}: {}\ndeclared by {place}\n{}\n\n",
        kind.name(),
        kind.doc(),
        kind.reference()
    );
    if kind.part().is_none() {
        fields(&mut text, section.fields, 0);
    }
    fields(&mut text, kind.shape().fields(), 0);
    text
}

fn fields(text: &mut String, fields: &[Field], depth: usize) {
    for field in fields {
        let indent = "  ".repeat(depth + 1);
        let required = if field.required { ", required" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{indent}{:<24} {} ({}{required})",
            field.name,
            field.doc,
            type_name(&field.shape)
        );
        match field.shape {
            Shape::Table(inner) => self::fields(text, inner, depth + 1),
            Shape::List(item, _) => self::fields(text, item.fields(), depth + 1),
            _ => {}
        }
    }
}

fn type_name(shape: &Shape) -> String {
    match shape {
        Shape::Bool => "true or false".to_owned(),
        Shape::Int(low, high) => format!("{low} to {high}"),
        Shape::Float => "a number".to_owned(),
        Shape::Text(rule) => rule.name.to_owned(),
        Shape::Choice(words) => words.join(" | "),
        Shape::Seconds(..) => "a span of time such as 60s".to_owned(),
        Shape::Days(..) => "a span of time such as 30d".to_owned(),
        Shape::List(item, _) => format!("a list of {}", type_name(item)),
        Shape::Table(_) => "a table".to_owned(),
        Shape::OneOf(shapes) => shapes
            .iter()
            .map(type_name)
            .collect::<Vec<_>>()
            .join(" or "),
        Shape::Open(item) => format!("a table of {}", type_name(item)),
        Shape::Secret => "a reference to a secret".to_owned(),
    }
}

fn object(common: &Common, text: &str) -> Result<String, CliError> {
    let address: Address = text
        .parse()
        .map_err(|error: crate::model::AddressError| CliError::Unknown(error.to_string()))?;
    let session = Session::open(common)?;
    let Some(declared) = session.desired.get(&address) else {
        let near = session
            .desired
            .declared()
            .map(|declared| declared.object.address.as_str());
        let near = near
            .max_by(|a, b| strsim::jaro_winkler(a, text).total_cmp(&strsim::jaro_winkler(b, text)));
        return Err(CliError::Unknown(format!(
            "nothing declares {text}; did you mean {}?",
            near.unwrap_or("something else")
        )));
    };
    Ok(story(&session, declared))
}

fn story(session: &Session, declared: &Declared) -> String {
    let mut text = declared.object.address.to_string();
    if let Some(span) = declared.spans.whole {
        let at = session.desired.sources().locate(span);
        let _ = write!(text, "\ndeclared at {}:{}:{}", at.file, at.line, at.column);
    }
    if let Some(component) = &declared.component {
        let tier = session
            .desired
            .components()
            .get(component)
            .and_then(|component| component.tier.as_deref());
        let _ = write!(
            text,
            "\ncomponent {component}, tier {}",
            tier.unwrap_or("none")
        );
    }
    let _ = write!(text, "\nread with {}", declared.object.scope);
    for needed in &declared.depends {
        let _ = write!(text, "\nafter {needed}");
    }
    let kind = kinds::by_name(declared.object.address.kind());
    let shapes = kind.map_or(&[][..], |kind| kind.shape().fields());
    for (key, value) in declared.object.fields.iter() {
        let shape = shapes.iter().find(|field| field.name == key);
        let written = match shape {
            Some(field) => import::inline(&field.shape, value),
            None => value.to_string(),
        };
        let _ = write!(text, "\n  {key} = {written}");
    }
    text
}
