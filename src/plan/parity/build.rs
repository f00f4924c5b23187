//! All pairs of an environment, compared.
//!
//! In: Desired, Live, the rules. Out: [`Parity`]. Must not know any kind by name.

use std::collections::BTreeMap;

use super::pair::{Judged, Question, compare};
use super::parity_value::{Line, LineState, Parity, Side};
use super::relation::{Fault, Judgement, words};
use super::rules::{Found, ParityRules};
use crate::desired::{Counterpart, DeclaredRelation, Desired, Role};
use crate::kinds::{self, Kind};
use crate::live::Live;
use crate::model::{Address, FactName, FactValue, Object, Resource, Source};

/// Compares every DR site with the primary.
#[must_use]
pub fn parity(desired: &Desired, live: &Live, rules: &ParityRules) -> Parity {
    let mut builder = Builder {
        desired,
        live,
        rules,
        lines: Vec::new(),
    };
    for (pair, members) in pairs(desired) {
        builder.pair(pair, &members);
    }
    builder.health();
    Parity::finish(builder.lines)
}

/// One object of a pair.
struct Member<'a> {
    object: &'a Object,
    component: Option<&'a str>,
    source: Option<Source>,
    /// Whether it is declared, and not only looked at because another site declares it.
    declared: bool,
}

/// Returns the objects of each pair, by pair and then by site.
fn pairs(desired: &Desired) -> BTreeMap<&str, Vec<Member<'_>>> {
    let mut pairs: BTreeMap<&str, Vec<Member<'_>>> = BTreeMap::new();
    for declared in desired.declared() {
        if let Some(pair) = &declared.pair {
            let span = declared.spans.whole;
            pairs.entry(pair).or_default().push(Member {
                object: &declared.object,
                component: declared.component.as_deref(),
                source: span.map(|span| desired.sources().locate(span)),
                declared: true,
            });
        }
    }
    for Counterpart { object, pair } in desired.counterparts() {
        if let Some(members) = pairs.get_mut(pair.as_str()) {
            members.push(Member {
                object,
                component: None,
                source: None,
                declared: false,
            });
        }
    }
    pairs
}

struct Builder<'a> {
    desired: &'a Desired,
    live: &'a Live,
    rules: &'a ParityRules,
    lines: Vec<Line>,
}

/// A pair of one primary and one DR object.
struct Couple<'a> {
    pair: &'a str,
    kind: &'static dyn Kind,
    primary: &'a Member<'a>,
    dr: &'a Member<'a>,
    relations: Option<&'a BTreeMap<String, DeclaredRelation>>,
}

impl Builder<'_> {
    fn pair(&mut self, pair: &str, members: &[Member<'_>]) {
        let role = |member: &&Member<'_>| {
            let site = self.desired.sites().get(member.object.address.site());
            site.map(|site| site.role)
        };
        let Some(primary) = members
            .iter()
            .find(|member| role(member) == Some(Role::Primary))
        else {
            return;
        };
        let Some(kind) = kinds::by_name(primary.object.address.kind()) else {
            return;
        };
        let others: Vec<&Member<'_>> = members
            .iter()
            .filter(|member| role(member) == Some(Role::Dr))
            .collect();
        for dr in others {
            self.couple(&Couple {
                pair,
                kind,
                primary,
                dr,
                relations: self.desired.parity().get(pair),
            });
        }
    }

    fn couple(&mut self, couple: &Couple<'_>) {
        let terms = self.terms(couple);
        let question = Question {
            kind: couple.kind.name(),
            shape: couple.kind.shape(),
            declared: couple.relations,
            rules: self.rules,
            terms: &terms,
        };
        if !question.is_asked() {
            // Only a reason that somebody wrote down is worth a line.
            if let DeclaredRelation::Ignore(reason) = question.of_object()
                && !reason.is_empty()
            {
                let line = line(couple, LineState::Ignored, &question.of_object());
                self.lines.push(Line {
                    what: reason,
                    ..line
                });
            }
            return;
        }
        let unknown: Vec<&Address> = [couple.primary, couple.dr]
            .into_iter()
            .map(|member| &member.object.address)
            .filter(|address| self.live.is_unknown(address))
            .collect();
        if let Some(first) = unknown.first() {
            let cause = self.cause(first);
            let found = self.rules.unknown();
            let line = line(couple, LineState::Unknown, &question.of_object());
            self.lines.push(found.on(Line {
                what: format!("{} could not be read: {cause}", first.site()),
                ..line
            }));
            return;
        }
        let live = |member: &Member<'_>| self.live.get(&member.object.address);
        match (live(couple.primary), live(couple.dr)) {
            (None, None) => {}
            (Some(primary), Some(dr)) => {
                for field in compare(&question, &primary.fields, &dr.fields) {
                    self.lines.extend(self.judged(couple, &question, field));
                }
            }
            (Some(_), None) => self.missing(couple, &question, Fault::Dr),
            (None, Some(_)) => self.missing(couple, &question, Fault::Primary),
        }
    }

    /// Returns what each site calls its own: the names of the two objects, sites and regions.
    fn terms(&self, couple: &Couple<'_>) -> Vec<(String, String)> {
        let (dr, primary) = (couple.dr.object, couple.primary.object);
        let mut terms: Vec<(String, String)> = Vec::new();
        for (key, value) in dr.identity.iter() {
            if let (Some(own), Some(other)) = (value.as_text(), primary.identity.text(key)) {
                terms.push((own.to_owned(), other.to_owned()));
            }
        }
        let words = |object: &Object| self.desired.own_words(object.address.site());
        terms.extend(words(dr).into_iter().zip(words(primary)));
        terms
    }

    fn cause(&self, address: &Address) -> String {
        self.live
            .cause(address)
            .unwrap_or("the scope was not read")
            .to_owned()
    }

    fn missing(&mut self, couple: &Couple<'_>, question: &Question<'_>, fault: Fault) {
        let relation = question.of_object();
        if matches!(
            (&relation, fault),
            (DeclaredRelation::Differs | DeclaredRelation::Ignore(_), _)
                | (DeclaredRelation::AtLeast(_), Fault::Primary)
                | (DeclaredRelation::AtMost(_), Fault::Dr)
        ) {
            return;
        }
        let (lacking, having) = match fault {
            Fault::Dr => (couple.dr, couple.primary),
            Fault::Primary => (couple.primary, couple.dr),
        };
        let found = self.rules.missing(question.kind);
        let (lacks, has) = (lacking.object.address.site(), having.object.address.site());
        let repair = if lacking.declared {
            "`drsync apply` makes it: it is declared there".to_owned()
        } else {
            format!("declare it at {lacks} too, or say in `parity` why it is not needed there")
        };
        let line = line(couple, LineState::Missing, &relation);
        self.lines.push(found.on(Line {
            what: format!("only {has} has it, and {lacks} does not"),
            fault: Some(lacks.to_owned()),
            repair,
            ..line
        }));
    }

    fn judged(&self, couple: &Couple<'_>, question: &Question<'_>, judged: Judged) -> Option<Line> {
        let line = line(couple, LineState::Holds, &judged.relation);
        let mut line = Line {
            path: judged.path,
            ..line
        };
        line.primary.value = judged.primary;
        line.dr.value = judged.dr;
        match judged.judgement {
            Judgement::Holds => {
                if let DeclaredRelation::Ignore(reason) = judged.relation {
                    // What the field table leaves to each site is nobody's decision to report.
                    if reason.is_empty() || line.primary.value == line.dr.value {
                        return None;
                    }
                    line.state = LineState::Ignored;
                    line.what = reason;
                }
                Some(line)
            }
            Judgement::Broken(fault, what, wanted) => {
                let member = match fault {
                    Fault::Primary => couple.primary,
                    Fault::Dr => couple.dr,
                };
                line.state = LineState::Broken;
                line.what = what;
                line.wanted = wanted;
                let site = member.object.address.site();
                line.repair = repair(member, site, &line);
                line.fault = Some(site.to_owned());
                Some(self.rules.broken(question.kind, &line.path).on(line))
            }
        }
    }

    /// Asks the rules of health and of bounds of each object, whether it has a partner or not.
    fn health(&mut self) {
        for declared in self.desired.declared() {
            let address = &declared.object.address;
            if let Some(resource) = self.live.get(address) {
                let component = declared.component.as_deref();
                let source = declared.spans.whole;
                let source = source.map(|span| self.desired.sources().locate(span));
                for found in self.rules.of_object(resource) {
                    self.lines
                        .push(alone(resource, &found, component, source.clone()));
                }
            }
        }
    }
}

/// Returns a line about a couple, to be filled in.
fn line(couple: &Couple<'_>, state: LineState, relation: &DeclaredRelation) -> Line {
    let side = |member: &Member<'_>| Side {
        site: member.object.address.site().to_owned(),
        address: member.object.address.clone(),
        value: None,
    };
    let source = couple
        .dr
        .source
        .clone()
        .or_else(|| couple.primary.source.clone());
    Line {
        pair: couple.pair.to_owned(),
        path: String::new(),
        relation: words(relation),
        primary: side(couple.primary),
        dr: side(couple.dr),
        state,
        fault: None,
        code: String::new(),
        severity: crate::model::Severity::Note,
        what: String::new(),
        why: String::new(),
        repair: String::new(),
        wanted: None,
        component: couple
            .primary
            .component
            .or(couple.dr.component)
            .map(str::to_owned),
        source,
    }
}

/// Returns what would repair a field that is broken.
fn repair(member: &Member<'_>, site: &str, line: &Line) -> String {
    match (&line.wanted, member.declared) {
        (Some(value), true) => format!("set {} to {value} at {site}", shown(&line.path)),
        (Some(value), false) => {
            format!(
                "declare the object at {site}, with {} = {value}",
                shown(&line.path)
            )
        }
        (None, _) if line.relation.starts_with("ratio") => format!(
            "raise {} of the primary, or lower it at {}, or correct the ratio",
            shown(&line.path),
            line.dr.site
        ),
        (None, _) => format!("decide what {} is to be at {site}", shown(&line.path)),
    }
}

fn shown(path: &str) -> String {
    format!("`{}`", path.trim_start_matches('/'))
}

/// Returns the line about one object by itself.
fn alone(
    resource: &Resource,
    found: &Found<'_>,
    component: Option<&str>,
    source: Option<Source>,
) -> Line {
    let address = &resource.address;
    let side = Side {
        site: address.site().to_owned(),
        address: address.clone(),
        value: found.value.clone(),
    };
    let state = if found.unknown {
        LineState::Unknown
    } else if found.broken {
        LineState::Broken
    } else {
        LineState::Holds
    };
    let line = Line {
        pair: format!("{}/{}", address.kind(), address.id()),
        path: found.path.clone(),
        relation: found.relation.clone(),
        primary: side.clone(),
        dr: side,
        state,
        fault: (state == LineState::Broken).then(|| address.site().to_owned()),
        code: String::new(),
        severity: crate::model::Severity::Note,
        what: found.what.clone(),
        why: String::new(),
        repair: String::new(),
        wanted: None,
        component: component.map(str::to_owned),
        source,
    };
    if state == LineState::Holds {
        line
    } else {
        found.on(line)
    }
}

/// Returns what is known of the health of an object.
pub(super) fn health_of(resource: &Resource) -> Option<&FactValue> {
    let fact = resource
        .facts
        .iter()
        .find(|fact| fact.name == FactName::Health);
    fact.map(|fact| &fact.value)
}
