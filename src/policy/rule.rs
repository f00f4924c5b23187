//! One rule, compiled.
//!
//! In: an entry of a policy file. Out: a rule that can be asked, or findings.

use super::codes::is_own;
use super::entries::{Text, suggest};
use super::expression::Condition;
use super::schema::RuleForm;
use super::template;
use super::view::Variables;
use super::vocabulary::Subject;
use crate::model::{Finding, Severity, Sources, Span};

/// The words for severities in policy files.
const SEVERITIES: &[&str] = &["error", "warning", "note"];

/// A rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) code: String,
    /// Where the code stands.
    pub(super) span: Span,
    pub(super) severity: Severity,
    pub(super) subject: Subject,
    pub(super) condition: Condition,
    pub(super) help: String,
    pub(super) allow: Option<String>,
    message: Option<String>,
}

impl Rule {
    /// Compiles an entry; none, and findings, if it has mistakes.
    pub(super) fn compile(
        form: RuleForm,
        sources: &Sources,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let before = findings.len();
        check_code(&form.code, findings);
        let severity = word(&form.severity, SEVERITIES, severity, findings);
        let subject = match &form.subject {
            None => Some(Subject::Change),
            Some(text) => word(text, Subject::WORDS, Subject::from_word, findings),
        };
        // Without a subject nobody knows the variables; what else is wrong shows next time.
        let subject = subject?;
        let condition = Condition::compile(&form.when, subject, sources, findings);
        if let Some(message) = &form.message {
            template::check(message, subject, sources, findings);
        }
        if findings.len() > before {
            return None;
        }
        Some(Self {
            span: form.code.span,
            code: form.code.value,
            severity: severity?,
            subject,
            condition: condition?,
            help: form.help.value,
            allow: form.allow.map(|text| text.value),
            message: form.message.map(|text| text.value),
        })
    }

    /// Returns the message of a match; the name of what matched, if the rule has none.
    pub(super) fn message(&self, what: &str, variables: &Variables) -> String {
        let plain = || format!("`{}` matches {what}", self.code);
        match &self.message {
            None => plain(),
            Some(message) => template::render(message, variables).unwrap_or_else(|error| {
                format!("{} (and its message cannot be made: {error})", plain())
            }),
        }
    }
}

fn check_code(code: &Text, findings: &mut Vec<Finding>) {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let help = if !code.value.split('-').all(part)
        || code.value.starts_with(|first: char| first.is_ascii_digit())
    {
        "a code is words in small letters with `-` between them, as in `mass-change`"
    } else if is_own(&code.value) {
        "codes that begin with `policy-` or `waiver-` are drsync's own"
    } else {
        return;
    };
    findings.push(
        Finding::error(
            "policy-unknown-value",
            format!("`{}` cannot be the code of a rule", code.value),
        )
        .at(code.span, "")
        .help(help),
    );
}

fn word<T>(
    text: &Text,
    words: &[&str],
    from_word: impl FnOnce(&str) -> Option<T>,
    findings: &mut Vec<Finding>,
) -> Option<T> {
    let value = from_word(&text.value);
    if value.is_none() {
        findings.push(
            Finding::error(
                "policy-unknown-value",
                format!("`{}` cannot stand here", text.value),
            )
            .at(text.span, "")
            .help(suggest(&text.value, words)),
        );
    }
    value
}

fn severity(word: &str) -> Option<Severity> {
    match word {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "note" => Some(Severity::Note),
        _ => None,
    }
}
