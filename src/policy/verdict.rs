//! The verdict, and what comes of it: approval or refusal.
//!
//! In: findings about one plan. Out: `Approved`, which `apply` asks for and only a verdict without
//! a blocking finding on the same plan can make; or a refusal that names everything that blocks.

use std::fmt;

use crate::model::{Digest, Finding, Severity};
use crate::plan::Plan;

/// A finding that blocks, with what would allow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The finding.
    pub finding: Finding,
    /// The flag that allows it for one run; none if nothing does.
    pub flag: Option<String>,
    /// The waiver that would accept it for longer, as TOML to be filled in; none if nothing does.
    pub waiver: Option<String>,
}

/// What policy says of a plan.
#[must_use = "a verdict that nobody looks at protects nothing"]
#[derive(Debug)]
pub struct Verdict {
    findings: Vec<Finding>,
    blocked: Vec<Blocked>,
    plan: Digest,
}

impl Verdict {
    pub(super) fn new(plan: Digest, mut findings: Vec<Finding>, mut blocked: Vec<Blocked>) -> Self {
        findings.sort_by(|a, b| order(a).cmp(&order(b)));
        blocked.sort_by(|a, b| order(&a.finding).cmp(&order(&b.finding)));
        Self {
            findings,
            blocked,
            plan,
        }
    }

    /// Returns all findings, the worst first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns whether something blocks.
    #[must_use]
    pub fn refused(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// Returns what blocks, with what would allow it.
    #[must_use]
    pub fn blocked(&self) -> &[Blocked] {
        &self.blocked
    }

    /// Approves the plan that was judged, unless something blocks.
    pub fn approve(mut self, plan: Plan) -> Result<Approved, Refusal> {
        if plan.digest() != self.plan {
            self.blocked.push(Blocked {
                finding: Finding::error(
                    "policy-other-plan",
                    "the verdict was passed on another plan",
                )
                .help("judge this plan"),
                flag: None,
                waiver: None,
            });
        }
        if self.blocked.is_empty() {
            Ok(Approved {
                plan,
                findings: self.findings,
            })
        } else {
            Err(Refusal {
                blocked: self.blocked,
            })
        }
    }
}

fn order(finding: &Finding) -> (Severity, &str, &[crate::model::Address], &str) {
    (
        finding.severity,
        &finding.code,
        &finding.addresses,
        &finding.message,
    )
}

/// A plan that passed policy. It is made here and nowhere else, and not read from anywhere.
#[derive(Debug)]
pub struct Approved {
    plan: Plan,
    findings: Vec<Finding>,
}

impl Approved {
    /// Returns the plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns what policy found without blocking.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// Why a plan was not approved: everything that blocks, at once.
#[derive(Debug)]
pub struct Refusal {
    blocked: Vec<Blocked>,
}

impl Refusal {
    /// Returns what blocks, with what would allow it.
    #[must_use]
    pub fn blocked(&self) -> &[Blocked] {
        &self.blocked
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.blocked.len();
        let noun = if count == 1 { "finding" } else { "findings" };
        write!(f, "policy refuses the plan because of {count} {noun}")?;
        for Blocked {
            finding,
            flag,
            waiver,
        } in &self.blocked
        {
            write!(f, "\n\n{}: {}", finding.code, finding.message)?;
            if let Some(flag) = flag {
                write!(f, "\n  allow it once: {flag}")?;
            }
            if let Some(waiver) = waiver {
                write!(f, "\n  or accept it in waivers.toml:")?;
                for line in waiver.lines() {
                    write!(f, "\n    {line}")?;
                }
            }
        }
        Ok(())
    }
}
