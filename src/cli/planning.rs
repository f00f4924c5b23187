//! The flow that `plan`, `apply` and `drift` share: read Git, read live, compare, judge.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::cloud::Readers;
use crate::desired::{Desired, Source};
use crate::kinds;
use crate::live;
use crate::model::{Address, Change, Finding, Gap, GapCode, Scope, Sources};
use crate::plan::{self, Binding, Options, Parity, ParityRules, Plan};
use crate::policy::{PolicySet, Verdict, Waivers};
use crate::report::{Budget, Mode, View, plan_json, plan_markdown, plan_text};
use crate::state::{AppliedRecord, StateError, Tag};

use super::args::{Common, Format, Planning};
use super::base::Base;
use super::connect::{self, Where};
use super::error::CliError;
use super::print;
use super::reading::Reading;
use super::sandboxed;
use super::selection::Selected;
use super::session::{Session, print_findings};
use super::state;

/// A plan with everything that a command needs beside it.
pub(crate) struct Planned {
    /// What was read from Git.
    pub(crate) session: Session,
    /// The connections.
    pub(crate) readers: Readers,
    /// The plan.
    pub(crate) plan: Plan,
    /// How the DR sites relate to the primary.
    pub(crate) parity: Parity,
    /// What policy says of it.
    pub(crate) verdict: Verdict,
    /// What to point findings into.
    pub(crate) sources: Sources,
    /// Remarks about the run.
    pub(crate) notes: Vec<String>,
    /// What is remembered of earlier runs.
    pub(crate) memory: Memory,
    /// The public keys whose plans are taken: those of the base, if there is one.
    pub(crate) plan_keys: Vec<String>,
    started: Instant,
}

/// What is remembered of earlier runs.
#[derive(Default)]
pub(crate) struct Memory {
    /// The applied record, as far as it is about this run.
    pub(crate) record: Option<AppliedRecord>,
    /// Its version.
    pub(crate) version: Option<Tag>,
    /// Where it is kept, and why nothing is known of it, if so.
    pub(crate) unknown: Option<(String, StateError)>,
}

/// Reads an environment and plans for it.
pub(crate) async fn plan(
    common: &Common,
    planning: &Planning,
    base: Option<&str>,
) -> Result<Planned, CliError> {
    let started = Instant::now();
    let mut session = Session::open(common)?;
    print_findings(Format::Text, &session.findings, session.desired.sources())?;
    let base = base.map(|revision| Base::open(common, revision, &session));
    let base = base.transpose()?;
    let readers = open_readers(common, &session, base.as_ref()).await?;
    let selected = Selected::of(&planning.selection, &session.desired)?;
    let mut notes = match &base {
        Some(base) => base.notes(&session)?,
        None => Vec::new(),
    };
    // What lies under review does not say where the state is, either.
    let declared = match &base {
        Some(base) => base.desired.as_ref().and_then(Desired::state),
        None => session.desired.state(),
    };
    let store = state::read(common, &session, declared).await?;
    let mut memory = remember(
        common,
        &session,
        store,
        &selected,
        readers.now(),
        &mut notes,
    )
    .await?;
    let applied = memory.record.take();
    if session.desired.origin().dirty {
        notes
            .push("the environment or the policies have changes that are not committed".to_owned());
    }
    if !selected.is_all() {
        session.desired = session.desired.select(|declared| selected.has(declared));
        if session.desired.declared().len() == 0
            && applied
                .as_ref()
                .is_none_or(|record| record.iter().next().is_none())
        {
            return Err(CliError::Unknown(format!(
                "no object of environment `{}` is selected",
                session.desired.environment()
            )));
        }
        notes.push("only a part of the environment was looked at".to_owned());
    }
    let reading = Reading::begin(readers.counter());
    let mut live = live::observe(&session.desired, applied.as_ref(), &readers, false)
        .await
        .map_err(CliError::Live)?;
    drop(reading);
    if let Some((place, error)) = &memory.unknown {
        live.add_gap(unknown_state(place, error));
    }
    let options = Options {
        ignore_lifetime: planning.now,
        base: base.as_ref().map(Base::compared),
    };
    let plan = plan::plan(&session.desired, &live, applied.as_ref(), options);
    let policies = base.as_ref().map_or(&session.source, |base| &base.source);
    let rules = parity_rules(policies, &session)?;
    let parity = plan::parity(&session.desired, &live, &rules);
    // The plan holds what it needs of it; of a large zone this is a tenth of all memory.
    drop(live);
    let (verdict, sources) = judge(
        &session,
        base.as_ref(),
        &plan,
        &planning.allow,
        readers.now(),
    )?;
    let plan_keys = trusted_keys(&session, base.as_ref());
    memory.record = applied;
    Ok(Planned {
        session,
        readers,
        plan,
        parity,
        verdict,
        sources,
        notes,
        memory,
        plan_keys,
        started,
    })
}

/// Reads the parity rules of a source, over those that come with drsync.
pub(crate) fn parity_rules(source: &Source, session: &Session) -> Result<ParityRules, CliError> {
    let mut sources = Sources::clone(session.desired.sources());
    let folder = source
        .read_folder("policies/parity")
        .map_err(CliError::Desired)?;
    let mut findings: Vec<Finding> = Vec::new();
    for refused in folder.refused {
        findings.push(refused.finding(&mut sources));
    }
    let (rules, more) = ParityRules::load(&folder.files, &mut sources);
    findings.extend(more);
    print_findings(Format::Text, &findings, &sources)?;
    if findings.is_empty() {
        Ok(rules)
    } else {
        Err(CliError::Policies)
    }
}

/// Opens the connections: to the real services, or to the sandbox of the environment. With a base
/// they are those that it declares, so that a revision under review leads nowhere else.
pub(crate) async fn open_readers(
    common: &Common,
    session: &Session,
    base: Option<&Base>,
) -> Result<Readers, CliError> {
    let endpoint = if common.sandbox {
        let store = sandboxed::open(session.source.root(), session.desired.environment())?;
        Some(sandboxed::start(store, 0).await?)
    } else {
        None
    };
    let at = Where {
        sandbox: endpoint.as_deref(),
        kubeconfig: common.kubeconfig.as_deref(),
    };
    Ok(match base {
        Some(base) => connect::readers(base.desired.as_ref(), at),
        None => connect::readers(Some(&session.desired), at),
    })
}

/// Returns the public keys whose plans are taken: a revision under review cannot add its own.
pub(crate) fn trusted_keys(session: &Session, base: Option<&Base>) -> Vec<String> {
    let desired = match base {
        Some(base) => base.desired.as_ref(),
        None => Some(&session.desired),
    };
    desired
        .map(|desired| desired.plan_keys().to_vec())
        .unwrap_or_default()
}

/// Judges a plan by the policies and waivers of the base, or without one, of the source.
pub(crate) fn judge(
    session: &Session,
    base: Option<&Base>,
    plan: &Plan,
    allow: &[String],
    now: jiff::Timestamp,
) -> Result<(Verdict, Sources), CliError> {
    let (source, mut sources) = match base {
        Some(base) => (&base.source, base.sources()),
        None => (&session.source, Sources::clone(session.desired.sources())),
    };
    let policies = source.read_folder("policies").map_err(CliError::Desired)?;
    let mut findings: Vec<Finding> = Vec::new();
    for refused in policies.refused {
        findings.push(refused.finding(&mut sources));
    }
    let (policies, more) = PolicySet::load(&policies.files, &mut sources);
    findings.extend(more);
    let environment = session.desired.environment();
    let waivers = waivers(source, environment, &mut sources, &mut findings)?;
    let broken = findings
        .iter()
        .any(|finding| finding.severity == crate::model::Severity::Error);
    print_findings(Format::Text, &findings, &sources)?;
    if broken {
        return Err(CliError::Policies);
    }
    Ok((policies.judge(plan, &waivers, allow, now), sources))
}

fn waivers(
    source: &Source,
    environment: &str,
    sources: &mut Sources,
    findings: &mut Vec<Finding>,
) -> Result<Waivers, CliError> {
    use crate::desired::Text;
    let path = format!("environments/{environment}/waivers.toml");
    match source.read_file(&path).map_err(CliError::Desired)? {
        Text::Absent => Ok(Waivers::default()),
        Text::Refused(refused) => {
            findings.push(refused.finding(sources));
            Ok(Waivers::default())
        }
        Text::Read(text) => {
            let (waivers, more) = Waivers::load(&path, &text, sources);
            findings.extend(more);
            Ok(waivers)
        }
    }
}

async fn remember(
    common: &Common,
    session: &Session,
    store: state::Reading,
    selected: &Selected,
    now: jiff::Timestamp,
    notes: &mut Vec<String>,
) -> Result<Memory, CliError> {
    let state::Reading {
        reader,
        place,
        shared,
    } = store;
    let read = async {
        let reader = reader?;
        let (record, version) = reader.versioned().await?;
        let left_behind = reader.pending().await?;
        let holder = reader.holder(now).await?;
        Ok((record, version, left_behind, holder))
    };
    let (record, version, left_behind, holder) = match read.await {
        Ok(read) => read,
        Err(error @ StateError::Store(_)) if shared => {
            return Ok(Memory {
                unknown: Some((place, error)),
                ..Memory::default()
            });
        }
        Err(error) => return Err(state::failed(common, session, place, error)),
    };
    if let Some(holder) = &holder {
        notes.push(format!(
            "another run is at work, so what is seen may be half of it: {holder}"
        ));
    } else if !left_behind.batches.is_empty() {
        notes.push(format!(
            "an earlier apply ended in the middle of {}; each was written or not, and what is live now decides",
            print::count(left_behind.batches.len(), "batch").replace("batchs", "batches")
        ));
    }
    let record = record.map(|mut record| {
        record.doubt(&left_behind);
        record.retain(|address| selected.has_applied(&session.desired, address));
        record
    });
    Ok(Memory {
        record,
        version,
        unknown: None,
    })
}

/// Returns the gap of a state that could not be read.
fn unknown_state(place: &str, error: &StateError) -> Gap {
    let mut cause = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let text = error.to_string();
        if !cause.contains(&text) {
            cause = format!("{cause}: {text}");
        }
        source = error.source();
    }
    Gap {
        scope: format!("state {place}"),
        code: GapCode::Unreachable,
        cause: format!("what drsync applied is not known: {cause}"),
        addresses: Vec::new(),
    }
}

impl Planned {
    /// Returns the report on the plan.
    pub(crate) fn report(
        &self,
        format: Format,
        mode: Mode,
        expand: bool,
    ) -> Result<String, CliError> {
        let calls = self.readers.calls();
        let budget = budget(&self.plan);
        let view = View {
            plan: &self.plan,
            findings: self.verdict.findings(),
            sources: &self.sources,
            calls: &calls,
            elapsed: self.elapsed(),
            tool_version: env!("CARGO_PKG_VERSION"),
            mode,
            objects: self.objects(),
            budget: Some(&budget),
            notes: &self.notes,
            parity: Some(&self.parity),
        };
        match format {
            Format::Text => Ok(plan_text(&view, print::options(expand))),
            Format::Json => plan_json(&view).map_err(CliError::Report),
            Format::Markdown => plan_markdown(&view).map_err(CliError::Report),
        }
    }

    /// Returns how many objects were to be read: those declared, and those that left Git and could
    /// not be read.
    fn objects(&self) -> usize {
        let desired = &self.session.desired;
        let unread = self.plan.gaps.iter().flat_map(|gap| &gap.addresses);
        let gone: BTreeSet<&Address> = unread
            .filter(|address| desired.get(address).is_none())
            .collect();
        desired.declared().len() + gone.len()
    }

    /// Leaves everything to the end of the process: to free tens of thousands of objects one by
    /// one just before it would be work for nobody.
    pub(crate) fn leave(self) {
        std::mem::forget(self);
    }

    /// Returns how long it has taken so far.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Returns what the plan is bound to.
    pub(crate) fn binding(&self, common: &Common) -> Binding {
        binding(common, &self.session)
    }
}

/// Returns what a plan made here is bound to.
pub(crate) fn binding(common: &Common, session: &Session) -> Binding {
    let origin = session.desired.origin();
    let environment = session.desired.environment();
    let trees = [
        (
            format!("environments/{environment}"),
            &origin.environment_tree,
        ),
        ("policies".to_owned(), &origin.policies_tree),
    ];
    Binding {
        repository: origin.repository.clone(),
        environment: environment.to_owned(),
        accounts: connect::accounts(&session.desired),
        trees: trees
            .into_iter()
            .filter_map(|(path, tree)| Some((path, tree.clone()?)))
            .collect(),
        sandbox: common.sandbox,
    }
}

/// Returns what applying takes: the batches that the services take whole, and the time that they
/// usually need to have effect; scopes go at once, batches of one scope after each other.
fn budget(plan: &Plan) -> Budget {
    let (mut writes, mut longest) = (0, Duration::ZERO);
    for kind in kinds::all() {
        let mut by_scope: BTreeMap<&Scope, Vec<&Change>> = BTreeMap::new();
        let changes = plan.changes.iter().filter(|change| change.writes());
        for change in changes.filter(|change| change.address().kind() == kind.name()) {
            by_scope
                .entry(&change.object.scope)
                .or_default()
                .push(change);
        }
        for changes in by_scope.into_values() {
            let batches = kind.batches(changes).0.len();
            writes += batches;
            longest = longest.max(kind.settles() * u32::try_from(batches).unwrap_or(u32::MAX));
        }
    }
    Budget {
        writes,
        seconds: longest.as_secs(),
    }
}
