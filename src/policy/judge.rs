//! Judging: every rule over every thing that it is for, then waivers and allowances.
//!
//! In: rules, a plan, waivers, the codes that were allowed for this run, and a moment. Out: a
//! verdict. What cannot be evaluated blocks.

use std::sync::Arc;

use cel::{Context, Env};
use jiff::{Timestamp, ToSpan as _};

use super::PolicySet;
use super::entries::suggest;
use super::expression::environment;
use super::rule::Rule;
use super::verdict::{Blocked, Verdict};
use super::view::{Variables, View};
use super::vocabulary::Subject;
use super::waiver::{Standing, Waiver, Waivers, day_of};
use crate::model::{Address, Finding, Severity};
use crate::plan::Plan;

/// For how many days the waiver runs that a refusal suggests.
const SUGGESTED_DAYS: i64 = 30;

/// What a rule is asked about, by name.
struct Matter<'a> {
    address: Option<&'a Address>,
    scope: Option<String>,
}

impl Matter<'_> {
    fn describe(&self) -> String {
        match (self.address, &self.scope) {
            (Some(address), _) => format!("the change of {address}"),
            (None, Some(scope)) => format!("the scope {scope}"),
            (None, None) => "the plan".to_owned(),
        }
    }
}

impl PolicySet {
    /// Judges a plan.
    ///
    /// An allowance is the code of a rule, from `--allow`: its matches do not block in this run.
    pub fn judge(
        &self,
        plan: &Plan,
        waivers: &Waivers,
        allowances: &[String],
        now: Timestamp,
    ) -> Verdict {
        let mut judge = Judge {
            environment: environment(),
            waivers: in_force(waivers, now),
            allowances: allowances
                .iter()
                .map(|code| (code.as_str(), false))
                .collect(),
            now,
            findings: Vec::new(),
            blocked: Vec::new(),
        };
        if self.broken {
            judge.block(
                Finding::error(
                    "policy-broken",
                    "the policy files hold errors, so nothing is approved",
                )
                .help("mend them first; `drsync check` lists them"),
            );
        }
        judge.all(&self.rules, plan);
        judge.about_waivers(&self.rules, waivers);
        judge.about_allowances(&self.rules);
        Verdict::new(plan.digest(), judge.findings, judge.blocked)
    }
}

/// Returns the waivers that apply, each with the word that it was not used yet.
fn in_force(waivers: &Waivers, now: Timestamp) -> Vec<(&Waiver, bool)> {
    waivers
        .all
        .iter()
        .filter(|waiver| matches!(waiver.standing(now), Standing::Applies))
        .map(|waiver| (waiver, false))
        .collect()
}

struct Judge<'a> {
    environment: Arc<Env>,
    /// Waivers that apply, and whether each was used.
    waivers: Vec<(&'a Waiver, bool)>,
    /// Codes that are allowed for this run, and whether each was used.
    allowances: Vec<(&'a str, bool)>,
    now: Timestamp,
    findings: Vec<Finding>,
    blocked: Vec<Blocked>,
}

impl Judge<'_> {
    fn all(&mut self, rules: &[Rule], plan: &Plan) {
        let view = View::new(plan);
        let of = |subject| -> Vec<&Rule> {
            rules
                .iter()
                .filter(|rule| rule.subject == subject)
                .collect()
        };
        let rules = of(Subject::Change);
        for change in plan.changes.iter().filter(|_| !rules.is_empty()) {
            let scope = change.object.scope.to_string();
            let variables = view.of_change(change, &scope);
            let matter = Matter {
                address: Some(change.address()),
                scope: Some(scope),
            };
            self.one(&rules, &matter, &variables);
        }
        let rules = of(Subject::Scope);
        for scope in plan.scopes.keys() {
            let matter = Matter {
                address: None,
                scope: Some(scope.clone()),
            };
            self.one(&rules, &matter, &view.of_scope(scope));
        }
        let matter = Matter {
            address: None,
            scope: None,
        };
        self.one(&of(Subject::Plan), &matter, &view.of_plan());
    }

    fn one(&mut self, rules: &[&Rule], matter: &Matter<'_>, variables: &Variables) {
        let mut context = Context::with_env(Arc::clone(&self.environment));
        for (name, value) in variables {
            context.add_variable_from_value(*name, value.clone());
        }
        for rule in rules {
            match rule.condition.holds(&context) {
                Ok(false) => {}
                Ok(true) => self.matched(rule, matter, variables),
                Err(error) => self.unevaluated(rule, matter, &error),
            }
        }
    }

    fn matched(&mut self, rule: &Rule, matter: &Matter<'_>, variables: &Variables) {
        let message = rule.message(&matter.describe(), variables);
        let mut finding = Finding {
            severity: rule.severity,
            ..Finding::error(rule.code.clone(), message)
        };
        finding.addresses.extend(matter.address.cloned());
        if let Some(excuse) = self.excuse(&rule.code, matter) {
            finding.severity = Severity::Note;
            finding.message = format!("{} ({excuse})", finding.message);
            self.findings.push(finding);
            return;
        }
        let flag = format!("--allow {}", rule.code);
        if rule.severity != Severity::Error {
            self.findings.push(finding.help(&rule.help));
            return;
        }
        let usual = || {
            format!(
                "if it is meant, allow it for one run with `{flag}`, or accept it in waivers.toml"
            )
        };
        let between = if rule.help.ends_with(['?', '.', '!']) {
            ""
        } else {
            ";"
        };
        let allow = rule.allow.clone().unwrap_or_else(usual);
        let finding = finding.help(format!("{}{between} {allow}", rule.help));
        self.findings.push(finding.clone());
        self.blocked.push(Blocked {
            finding,
            waiver: Some(self.suggest_waiver(&rule.code, matter)),
            flag: Some(flag),
        });
    }

    /// Returns why a match does not count, and marks what excused it as used.
    fn excuse(&mut self, code: &str, matter: &Matter<'_>) -> Option<String> {
        let address = matter.address.map(Address::as_str);
        let scope = matter.scope.as_deref();
        let mut excuse = None;
        for (waiver, used) in &mut self.waivers {
            if waiver.covers(code, address, scope) {
                *used = true;
                excuse = excuse.or_else(|| {
                    Some(format!(
                        "waived by {} until {}: {}",
                        waiver.owner, waiver.expires, waiver.reason
                    ))
                });
            }
        }
        for (allowed, used) in &mut self.allowances {
            if *allowed == code {
                *used = true;
                excuse = excuse.or_else(|| Some(format!("allowed by `--allow {code}`")));
            }
        }
        excuse
    }

    fn unevaluated(&mut self, rule: &Rule, matter: &Matter<'_>, error: &str) {
        let mut finding = Finding::error(
            "policy-evaluation",
            format!(
                "the rule `{}` cannot be evaluated for {}: {error}",
                rule.code,
                matter.describe()
            ),
        )
        .at(rule.span, "this rule")
        .help("mend its condition; ask `has(change.identity.name)` before `change.identity.name`");
        finding.addresses.extend(matter.address.cloned());
        self.block(finding);
    }

    fn block(&mut self, finding: Finding) {
        self.findings.push(finding.clone());
        self.blocked.push(Blocked {
            finding,
            flag: None,
            waiver: None,
        });
    }

    fn about_waivers(&mut self, rules: &[Rule], waivers: &Waivers) {
        let codes: Vec<&str> = rules.iter().map(|rule| rule.code.as_str()).collect();
        for waiver in &waivers.all {
            match waiver.standing(self.now) {
                Standing::Expired => self.findings.push(waiver.expired()),
                Standing::TooLong => self.block(waiver.too_long()),
                Standing::Applies => {}
            }
        }
        for (waiver, _) in self.waivers.iter().filter(|(_, used)| !used) {
            let code = waiver.code.value.as_str();
            self.findings.push(if codes.contains(&code) {
                waiver.unused()
            } else {
                Finding::warning(
                    "waiver-unknown-rule",
                    format!("no rule has the code `{code}`"),
                )
                .at(waiver.code.span, "")
                .help(suggest(code, &codes))
            });
        }
    }

    fn about_allowances(&mut self, rules: &[Rule]) {
        let codes: Vec<&str> = rules.iter().map(|rule| rule.code.as_str()).collect();
        for (code, _) in std::mem::take(&mut self.allowances)
            .into_iter()
            .filter(|(_, used)| !used)
        {
            if codes.contains(&code) {
                self.findings.push(
                    Finding::warning(
                        "policy-allow-unused",
                        format!("`--allow {code}` allows nothing that is in this plan"),
                    )
                    .help("leave it out"),
                );
            } else {
                self.block(
                    Finding::error(
                        "policy-allow-unknown",
                        format!("`--allow {code}`: no rule has this code"),
                    )
                    .help(suggest(code, &codes)),
                );
            }
        }
    }

    fn suggest_waiver(&self, code: &str, matter: &Matter<'_>) -> String {
        let quoted = |text: &str| toml::Value::from(globset::escape(text)).to_string();
        let only = match (matter.address, &matter.scope) {
            (Some(address), _) => format!("address = {}\n", quoted(address.as_str())),
            (None, Some(scope)) => format!("scope = {}\n", quoted(scope)),
            (None, None) => String::new(),
        };
        let today = day_of(self.now);
        let expires = today.checked_add(SUGGESTED_DAYS.days()).unwrap_or(today);
        format!(
            "[[waiver]]\ncode = \"{code}\"\n{only}owner = \"\"   # who answers for it\nreason = \"\"  # why it is right\nexpires = {expires}\n"
        )
    }
}
