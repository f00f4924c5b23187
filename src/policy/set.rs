//! The rules that are in force.
//!
//! In: the texts of policy files, or none. Out: a set of rules, and findings about the files. A set
//! with mistakes in it approves nothing, since nobody knows what the broken rules would have said.

use super::entries;
use super::rule::Rule;
use super::schema::POLICY;
use crate::model::{Finding, Severity, Sources};

/// The guards that come with drsync, which apply where a repository has no policy files.
const BUILT_IN: &str = include_str!("../../policies/guards.toml");
const BUILT_IN_PATH: &str = "policies/guards.toml (built in)";

/// The rules that are in force.
#[derive(Debug)]
pub struct PolicySet {
    pub(super) rules: Vec<Rule>,
    pub(super) broken: bool,
}

/// What a rule says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleInfo<'a> {
    /// Its code.
    pub code: &'a str,
    /// How bad a match is.
    pub severity: Severity,
    /// What to do about a match.
    pub help: &'a str,
}

impl PolicySet {
    /// Compiles policy files, given as path and text in any order. Without a file the built-in
    /// guards apply, and a note says so; a guard that the files leave out is noted as well.
    #[must_use]
    pub fn load(files: &[(String, String)], sources: &mut Sources) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        files.sort_unstable();
        let built_in = files.is_empty();
        if built_in {
            files.push((BUILT_IN_PATH, BUILT_IN));
        }
        let mut rules: Vec<Rule> = Vec::new();
        for (path, text) in files {
            let source = sources.add(path, text);
            for entry in entries::read(&POLICY, source, sources, &mut findings) {
                let Some(rule) = Rule::compile(entry.into(), sources, &mut findings) else {
                    continue;
                };
                match rules.iter().find(|other| other.code == rule.code) {
                    None => rules.push(rule),
                    Some(first) => findings.push(duplicate(first, &rule)),
                }
            }
        }
        rules.sort_by(|a, b| a.code.cmp(&b.code));
        let broken = !findings.is_empty();
        if built_in {
            findings.push(
                Finding::note(
                    "policy-built-in",
                    "there are no policy files, so the built-in guards apply",
                )
                .help("`drsync init` writes them into policies/, where they can be changed"),
            );
        } else if !broken {
            findings.extend(missing_guards(&rules));
        }
        (Self { rules, broken }, findings)
    }

    /// Iterates over the rules in the order of their codes.
    pub fn rules(&self) -> impl Iterator<Item = RuleInfo<'_>> {
        self.rules.iter().map(|rule| RuleInfo {
            code: &rule.code,
            severity: rule.severity,
            help: &rule.help,
        })
    }

    /// Returns the text of the built-in guards, for `drsync init`.
    #[must_use]
    pub const fn built_in() -> &'static str {
        BUILT_IN
    }
}

fn duplicate(first: &Rule, second: &Rule) -> Finding {
    Finding::error(
        "policy-duplicate-code",
        format!("two rules have the code `{}`", second.code),
    )
    .at(second.span, "the second")
    .at(first.span, "the first")
    .help("give one of them another code")
}

/// Returns a note of the built-in guards that are not among rules.
fn missing_guards(rules: &[Rule]) -> Option<Finding> {
    let mut sources = Sources::default();
    let source = sources.add(BUILT_IN_PATH, BUILT_IN);
    let missing: Vec<String> = entries::read(&POLICY, source, &sources, &mut Vec::new())
        .into_iter()
        .map(|mut entry| entry.required("code").value)
        .filter(|code| !rules.iter().any(|rule| rule.code == *code))
        .map(|code| format!("`{code}`"))
        .collect();
    (!missing.is_empty()).then(|| {
        let missing = missing.join(", ");
        Finding::note(
            "policy-guard-missing",
            format!("the policy files leave out built-in guards: {missing}"),
        )
        .help("`drsync explain CODE` says what each one guards; leave one out only on purpose")
    })
}
