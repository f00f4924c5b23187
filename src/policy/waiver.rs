//! Waivers: someone accepts the matches of a rule, for a reason and a time.
//!
//! In: the text of a waiver file. Out: waivers that can be asked whether they cover a match, and
//! findings. A waiver with a mistake does not apply.

use globset::{Glob, GlobMatcher};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::entries::{self, Text};
use super::schema::{WAIVER, WaiverForm};
use crate::model::{Finding, Sources, Span};

/// No waiver may run longer: whoever wants it for ever changes the rule, in the open.
const LONGEST_DAYS: i64 = 366;

/// A waiver.
#[derive(Debug)]
pub(super) struct Waiver {
    pub(super) code: Text,
    pub(super) owner: String,
    pub(super) reason: String,
    pub(super) expires: Date,
    expires_span: Span,
    address: Option<GlobMatcher>,
    scope: Option<GlobMatcher>,
}

/// Whether a waiver applies at a moment.
pub(super) enum Standing {
    Applies,
    Expired,
    TooLong,
}

/// The waivers of an environment.
#[derive(Debug, Default)]
pub struct Waivers {
    pub(super) all: Vec<Waiver>,
}

impl Waivers {
    /// Reads a waiver file. An environment without one has `Waivers::default()`.
    #[must_use]
    pub fn load(path: &str, text: &str, sources: &mut Sources) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let source = sources.add(path, text);
        let mut all: Vec<Waiver> = entries::read(&WAIVER, source, sources, &mut findings)
            .into_iter()
            .filter_map(|entry| Waiver::parse(entry.into(), &mut findings))
            .collect();
        all.sort_by_key(|waiver| waiver.code.span);
        (Self { all }, findings)
    }
}

impl Waiver {
    fn parse(form: WaiverForm, findings: &mut Vec<Finding>) -> Option<Self> {
        let address = pattern(form.address, findings);
        let scope = pattern(form.scope, findings);
        let expires = form.expires.value.parse::<Date>().map_err(|_| {
            Finding::error(
                "waiver-unknown-value",
                format!("`{}` is not a date", form.expires.value),
            )
            .at(form.expires.span, "")
            .help("write the last day on which it applies, as in `expires = 2026-12-31`")
        });
        Some(Self {
            code: form.code,
            owner: form.owner.value,
            reason: form.reason.value,
            expires_span: form.expires.span,
            expires: expires.map_err(|finding| findings.push(finding)).ok()?,
            address: address.ok()?,
            scope: scope.ok()?,
        })
    }

    /// Returns whether the waiver applies at a moment: through its last day, in UTC.
    pub(super) fn standing(&self, now: Timestamp) -> Standing {
        let today = day_of(now);
        let limit = today.checked_add(LONGEST_DAYS.days()).unwrap_or(Date::MAX);
        if self.expires < today {
            Standing::Expired
        } else if self.expires > limit {
            Standing::TooLong
        } else {
            Standing::Applies
        }
    }

    /// Returns whether the waiver covers a match of a rule about an object or in a scope.
    pub(super) fn covers(&self, code: &str, address: Option<&str>, scope: Option<&str>) -> bool {
        let within = |pattern: &Option<GlobMatcher>, text: Option<&str>| match pattern {
            None => true,
            Some(pattern) => text.is_some_and(|text| pattern.is_match(text)),
        };
        self.code.value == code && within(&self.address, address) && within(&self.scope, scope)
    }

    pub(super) fn expired(&self) -> Finding {
        Finding::warning(
            "waiver-expired",
            format!(
                "the waiver of `{}` by {} expired on {}, so it does not apply",
                self.code.value, self.owner, self.expires
            ),
        )
        .at(self.expires_span, "")
        .help("remove it, or renew it if its reason still holds")
    }

    pub(super) fn too_long(&self) -> Finding {
        Finding::error(
            "waiver-too-long",
            format!("a waiver cannot run until {}", self.expires),
        )
        .at(self.expires_span, "")
        .help(format!(
            "give it an end within {LONGEST_DAYS} days, or change the rule instead"
        ))
    }

    pub(super) fn unused(&self) -> Finding {
        Finding::warning(
            "waiver-unused",
            format!(
                "the waiver of `{}` by {} matches nothing in this plan",
                self.code.value, self.owner
            ),
        )
        .at(self.code.span, "")
        .help("remove it as soon as it is not needed")
    }
}

/// Returns the day of a moment, in UTC.
pub(super) fn day_of(now: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(now).date()
}

fn pattern(text: Option<Text>, findings: &mut Vec<Finding>) -> Result<Option<GlobMatcher>, ()> {
    let Some(text) = text else { return Ok(None) };
    match Glob::new(&text.value) {
        Ok(glob) => Ok(Some(glob.compile_matcher())),
        Err(error) => {
            findings.push(
                Finding::error(
                    "waiver-unknown-value",
                    format!("this is not a pattern: {}", error.kind()),
                )
                .at(text.span, "")
                .help("`*` stands for anything, as in `global/route53_record/example.com/*`"),
            );
            Err(())
        }
    }
}
