//! A condition: text from a policy file in, something that can be asked of a plan out.
//!
//! In: a text with its place, and the variables that it can use. Out: a compiled condition, or
//! findings that point into the text. Asking never answers "no" by default: whatever goes wrong
//! is told.

use std::ops::Range;
use std::sync::Arc;

use cel::{Context, Env, ParseErrors, Program, Value};

use super::check::{Mistake, check};
use super::cost::{MAX_COST, MAX_TEXT, cost};
use super::entries::Text;
use super::vocabulary::Subject;
use crate::model::{Finding, Sources, Span};

/// A compiled condition.
#[derive(Debug)]
pub(super) struct Condition {
    program: Program,
}

impl Condition {
    /// Compiles a text; none, and findings, if it has mistakes.
    pub(super) fn compile(
        text: &Text,
        subject: Subject,
        sources: &Sources,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let compiled = if text.value.len() > MAX_TEXT {
            Err(vec![too_costly(&text.value)])
        } else {
            Program::compile(&text.value).map_err(|errors| vec![syntax(&text.value, &errors)])
        };
        let mistakes = match compiled {
            Ok(program) => {
                let variables = subject.variables();
                let expression = program.expression();
                let mut mistakes = check(expression, program.source_info(), variables);
                if cost(expression, variables) > MAX_COST {
                    mistakes.push(too_costly(&text.value));
                }
                if mistakes.is_empty() {
                    return Some(Self { program });
                }
                mistakes
            }
            Err(mistakes) => mistakes,
        };
        findings.extend(mistakes.into_iter().map(|mistake| {
            let span = place(text, &mistake.range, sources);
            Finding::error(mistake.code, mistake.message)
                .at(span, "")
                .help(mistake.help)
        }));
        None
    }

    /// Asks whether the condition holds.
    pub(super) fn holds(&self, context: &Context<'_, '_>) -> Result<bool, String> {
        match self.program.execute(context) {
            Ok(Value::Bool(truth)) => Ok(truth),
            Ok(_) => Err("it is neither true nor false".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Returns what conditions are evaluated in: the standard functions of CEL, and nothing that
/// reaches out of it.
pub(super) fn environment() -> Arc<Env> {
    Arc::new(Env::stdlib())
}

fn too_costly(text: &str) -> Mistake {
    Mistake {
        code: "policy-too-costly",
        range: 0..text.len(),
        message: "the condition is too long, or loops inside of loops too often".to_owned(),
        help: format!("split the rule; a condition has {MAX_TEXT} bytes at most"),
    }
}

/// Returns the first error alone: those that follow are mostly of its making.
fn syntax(text: &str, errors: &ParseErrors) -> Mistake {
    let first = errors.errors.first();
    let (line, column) = first.map_or((1, 1), |error| error.pos);
    let message = first.map_or("it cannot be read", |error| error.msg.as_str());
    let start = offset(text, line, column);
    let width = text[start..].chars().next().map_or(0, char::len_utf8);
    Mistake {
        code: "policy-syntax",
        range: start..start + width,
        message: format!(
            "this is not a CEL expression: {}",
            message.strip_prefix("Syntax error: ").unwrap_or(message)
        ),
        help: "conditions look like `change.action == \"delete\" && scope.live >= 10`".to_owned(),
    }
}

/// Returns the byte at a line and column, both from 1.
fn offset(text: &str, line: isize, column: isize) -> usize {
    let skip = |number: isize| usize::try_from(number - 1).unwrap_or_default();
    let start: usize = text
        .split_inclusive('\n')
        .take(skip(line))
        .map(str::len)
        .sum();
    let rest = &text[start..];
    let within = rest.char_indices().nth(skip(column));
    start + within.map_or(rest.len(), |(at, _)| at)
}

/// Returns the place in the file of a range of a text. Where the file spells the text with
/// escapes, so that the two do not run side by side, it is the place of the whole text.
pub(super) fn place(text: &Text, range: &Range<usize>, sources: &Sources) -> Span {
    let whole = text.span.range();
    let spelled = sources
        .text(text.span.source)
        .get(whole.clone())
        .unwrap_or_default();
    match spelled.find(&text.value) {
        Some(at) if !text.value.is_empty() => {
            let start = whole.start + at;
            Span::new(text.span.source, &(start + range.start..start + range.end))
        }
        _ => text.span,
    }
}
