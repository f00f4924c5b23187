//! One environment in a temporary folder, its state, and the cloud that it is about: the whole
//! flow of `plan`, `apply` and `drift`, as the command line runs it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use drsync::apply::{self, Outcome, OutcomeState, Setting};
use drsync::cloud::kubernetes::{ClusterAccess, ClusterSettings};
use drsync::cloud::{AwsSettings, CallCounts, Platform, Readers, Secret, Settings, Writers};
use drsync::desired::{self, Desired, Source};
use drsync::model::{GLOBAL, Sources, cluster_connection};
use drsync::plan::{self, Options, Plan};
use drsync::policy::{Approved, PolicySet, Waivers};
use drsync::report::{Mode, View, plan_json};
use drsync::sandbox::{Sandbox, World};
use drsync::state::{
    AppliedRecord, Folder, Owner, Pending, StateError, StateReader, StateWriter, Store,
};
use drsync::{kinds, live};
use tempfile::TempDir;

use super::clock::Clock;
use super::mortal::{Body, Life, MortalStore};
use super::player::{Bend, Player};

/// The environment of all these tests.
pub(crate) const ENVIRONMENT: &str = "proof";
/// The account that all objects belong to.
pub(crate) const ACCOUNT: &str = "111111111111";
/// The sites and the account, at the head of every environment.
const HEAD: &str = r#"
[global]
aws = { account = "111111111111", region = "us-east-1" }
[site.frankfurt]
role = "primary"
aws = { account = "111111111111", region = "eu-central-1" }
[site.ireland]
role = "dr"
aws = { account = "111111111111", region = "eu-west-1" }
"#;

/// An environment with its state and its cloud.
pub(crate) struct Room {
    folder: TempDir,
    pub(crate) sandbox: Option<Arc<Mutex<Sandbox>>>,
    pub(crate) clock: Clock,
    pub(crate) platform: Platform,
    pub(crate) store: Arc<dyn Store>,
    mortal: Option<(Body, Arc<MortalStore>)>,
    endpoint: String,
    runtime: tokio::runtime::Runtime,
}

/// How a run of a process ended that could die.
#[derive(Debug)]
pub(crate) enum Ending {
    /// It died.
    Died,
    /// The lock could not be taken, or given back.
    Refused(StateError),
    /// It came to its end.
    Ended(apply::Applied),
}

/// What one look gave.
pub(crate) struct Look {
    pub(crate) plan: Plan,
    pub(crate) desired: Desired,
    pub(crate) readers: Readers,
}

impl Room {
    /// A room whose cloud is a sandbox with this world, played in the process.
    pub(crate) fn new(world: &str) -> Self {
        Self::of(Sandbox::new(&World::parse(world).unwrap()).unwrap())
    }

    /// A room over a sandbox that is there.
    pub(crate) fn of(sandbox: Sandbox) -> Self {
        Self::bent(sandbox, None, None)
    }

    /// A room whose process can die, and whose state store, in memory, can fail.
    pub(crate) fn mortal(sandbox: Sandbox) -> Self {
        let body = Body::new();
        let store = Arc::new(MortalStore::new(body.clone()));
        let room = Self::played(sandbox, None, None, (None, Some(body.clone())));
        Self {
            store: Arc::clone(&store) as Arc<dyn Store>,
            mortal: Some((body, store)),
            ..room
        }
    }

    /// A room whose cloud answers in another order, or other questions than were asked.
    pub(crate) fn bent(sandbox: Sandbox, shuffle: Option<u64>, bend: Option<Arc<Bend>>) -> Self {
        Self::played(sandbox, shuffle, bend, (None, None))
    }

    /// A room whose cloud gives answers that nobody wrote.
    pub(crate) fn garbled(sandbox: Sandbox, seed: u64) -> Self {
        let garble = Some(Arc::new(Mutex::new(seed)));
        Self::played(sandbox, None, None, (garble, None))
    }

    fn played(
        sandbox: Sandbox,
        shuffle: Option<u64>,
        bend: Option<Arc<Bend>>,
        (garble, body): (Option<Arc<Mutex<u64>>>, Option<Body>),
    ) -> Self {
        let clock = match shuffle {
            Some(_) => Clock::new().shuffled(),
            None => Clock::new(),
        };
        let sandbox = Arc::new(Mutex::new(sandbox));
        let player = Player {
            sandbox: Arc::clone(&sandbox),
            clock: clock.clone(),
            shuffle: shuffle.map(|seed| Arc::new(Mutex::new(seed))),
            bend,
            garble,
            body,
        };
        let platform = Platform {
            http: SharedHttpClient::new(player.clone()),
            line: Some(Arc::new(player)),
            sleep: SharedAsyncSleep::new(clock.clone()),
            time: SharedTimeSource::new(clock.clone()),
        };
        Self {
            sandbox: Some(sandbox),
            ..Self::at("http://sandbox.invalid", platform, clock)
        }
    }

    /// A room whose cloud is behind an endpoint.
    pub(crate) fn at(endpoint: &str, platform: Platform, clock: Clock) -> Self {
        let folder = fast_folder();
        std::fs::create_dir_all(folder.path().join("environments").join(ENVIRONMENT)).unwrap();
        let store = Arc::new(Folder::open(&folder.path().join("state")).unwrap());
        Self {
            folder,
            store,
            mortal: None,
            sandbox: None,
            clock,
            platform,
            endpoint: endpoint.to_owned(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    /// Declares this and nothing else.
    pub(crate) fn declare(&self, text: &str) {
        self.declare_files(&[("all.toml", text)]);
    }

    /// Declares what stands in these files and nothing else.
    pub(crate) fn declare_files(&self, files: &[(&str, &str)]) {
        let folder = self.environment_folder();
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("head.toml"), HEAD).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }

    fn environment_folder(&self) -> PathBuf {
        self.folder.path().join("environments").join(ENVIRONMENT)
    }

    pub(crate) fn state_folder(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// What is declared.
    #[track_caller]
    pub(crate) fn desired(&self) -> Desired {
        let source = Source::open(Some(self.folder.path()), None).unwrap();
        let loaded = desired::load(&source, ENVIRONMENT).unwrap();
        let text = drsync::report::findings_text(
            &loaded.findings,
            &loaded.sources,
            drsync::report::TextOptions::default(),
        );
        loaded.desired.unwrap_or_else(|| panic!("{text}"))
    }

    fn readers(&self, desired: &Desired) -> Readers {
        let mut all = BTreeMap::new();
        for name in desired.sites().keys().map(String::as_str).chain([GLOBAL]) {
            if let Some(aws) = desired.aws(name) {
                let own = self.settings(&aws.account, &aws.region);
                all.insert(name.to_owned(), Settings::Account(own));
            }
        }
        for (site, declared) in desired.sites() {
            for name in declared.clusters.keys() {
                let settings = ClusterSettings::new(ClusterAccess::Fixed {
                    url: format!("{}/clusters/{site}/{name}", self.endpoint),
                    token: Secret::new("made-up"),
                });
                all.insert(cluster_connection(site, name), Settings::Cluster(settings));
            }
        }
        Readers::new(self.platform.clone(), all)
    }

    fn settings(&self, account: &str, region: &str) -> AwsSettings {
        AwsSettings {
            account: account.to_owned(),
            region: region.to_owned(),
            endpoints: ["autoscaling", "eks", "route53", "s3", "sts"]
                .map(|service| (service.to_owned(), self.endpoint.clone()))
                .into(),
            path_style: true,
            made_up_key: Some(account.to_owned()),
            ..AwsSettings::default()
        }
    }

    /// The record of what was applied.
    pub(crate) fn applied(&self) -> Option<AppliedRecord> {
        self.wait(self.reader().applied()).unwrap()
    }

    fn reader(&self) -> StateReader {
        StateReader::new(Arc::clone(&self.store))
    }

    /// What a run that died left behind.
    pub(crate) fn pending(&self) -> Pending {
        self.wait(self.reader().pending()).unwrap()
    }

    /// Runs a future of the SDK.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Configuration for a second client, which is not drsync.
    pub(crate) fn sdk(&self, region: &str) -> aws_config::SdkConfig {
        let loader = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .http_client(self.platform.http.clone())
            .sleep_impl(self.platform.sleep.clone())
            .time_source(self.platform.time.clone())
            .endpoint_url(&self.endpoint)
            .credentials_provider(aws_credential_types::Credentials::from_keys(
                ACCOUNT, "made-up", None,
            ))
            .region(aws_config::Region::new(region.to_owned()));
        self.wait(loader.load())
    }

    /// Looks and plans, as `plan` and `drift` do.
    #[track_caller]
    pub(crate) fn look(&self) -> Look {
        self.look_with(Options::default())
    }

    #[track_caller]
    pub(crate) fn look_with(&self, options: Options<'_>) -> Look {
        let desired = self.desired();
        let readers = self.readers(&desired);
        let applied = self.applied();
        let live = self
            .wait(live::observe(&desired, applied.as_ref(), &readers, false))
            .unwrap();
        let plan = plan::plan(&desired, &live, applied.as_ref(), options);
        Look {
            plan,
            desired,
            readers,
        }
    }

    /// Plans; the calls that it took with it.
    #[track_caller]
    pub(crate) fn plan(&self) -> Plan {
        self.look().plan
    }

    /// Plans and applies what was planned, without a question.
    #[track_caller]
    pub(crate) fn apply(&self) -> Vec<Outcome> {
        let look = self.look();
        self.carry_out(&look, look.plan.clone()).unwrap()
    }

    /// Plans with the lifetime rule off, and applies.
    #[track_caller]
    pub(crate) fn apply_now(&self) -> Vec<Outcome> {
        let look = self.look_with(Options {
            ignore_lifetime: true,
            ..Options::default()
        });
        self.carry_out(&look, look.plan.clone()).unwrap()
    }

    /// Applies a plan, as `apply` does once it is agreed.
    pub(crate) fn carry_out(&self, look: &Look, plan: Plan) -> Result<Vec<Outcome>, StateError> {
        self.carry_out_until(look, plan, &|| false)
    }

    /// The same, until `stop` says so.
    pub(crate) fn carry_out_until(
        &self,
        look: &Look,
        plan: Plan,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Outcome>, StateError> {
        let approved = approve(look, plan);
        let mut state = self.lock()?;
        let setting = Setting {
            desired: &look.desired,
            plan_id: None,
            stop,
            progress: &|_| {},
        };
        let writers = Writers::new(&look.readers).fenced(state.fence());
        let applied = self.wait(apply::apply(&approved, &writers, &mut state, &setting));
        self.wait(state.release())?;
        match applied.failure {
            Some(error) => Err(error),
            None => Ok(applied.outcomes),
        }
    }

    /// Applies a plan as one life of the process, which may end at any step.
    pub(crate) fn carry_out_mortally(&self, look: &Look, plan: Plan, life: &Arc<Life>) -> Ending {
        let (body, _) = self.mortal.as_ref().unwrap();
        body.live(life);
        let approved = approve(look, plan);
        let setting = Setting {
            desired: &look.desired,
            plan_id: None,
            stop: &|| false,
            progress: &|_| {},
        };
        let run = async {
            let owner = Self::owner();
            let locked = StateWriter::lock(&self.store, &owner, &self.platform).await;
            let mut state = match locked {
                Ok(state) => state,
                Err(error) => return Ending::Refused(error),
            };
            let writers = Writers::new(&look.readers).fenced(state.fence());
            let applied = apply::apply(&approved, &writers, &mut state, &setting).await;
            match state.release().await {
                Ok(()) => Ending::Ended(applied),
                Err(error) => Ending::Refused(error),
            }
        };
        let ending = self.wait(async {
            tokio::select! {
                ending = run => ending,
                () = life.ended() => Ending::Died,
            }
        });
        body.live(&Life::until(None));
        ending
    }

    /// The store of a room whose process can die.
    pub(crate) fn mortal_store(&self) -> &MortalStore {
        &self.mortal.as_ref().unwrap().1
    }

    fn owner() -> Owner {
        Owner {
            who: "proof@test".to_owned(),
            purpose: "apply".to_owned(),
            pid: std::process::id(),
            run: None,
        }
    }

    /// Takes the lock of the state.
    pub(crate) fn lock(&self) -> Result<StateWriter, StateError> {
        self.wait(StateWriter::lock(
            &self.store,
            &Self::owner(),
            &self.platform,
        ))
    }

    /// Reads everything of a zone as `import live` does.
    pub(crate) fn import_zone(&self, zone: &str) -> drsync::import::Imported {
        let desired = self.desired();
        let readers = self.readers(&desired);
        let parts = kinds::all()
            .iter()
            .copied()
            .filter(|kind| !kind.section().sited)
            .filter_map(|kind| Some((kind, kind.lookup(GLOBAL, zone)?)))
            .map(|(kind, object)| {
                let scan = live::scan(ENVIRONMENT, &readers, kind, &object);
                (kind, self.wait(scan).unwrap())
            })
            .collect::<Vec<_>>();
        drsync::import::zone_like(&parts)
    }

    /// Runs something on the sandbox.
    pub(crate) fn with<T>(&self, run: impl FnOnce(&mut Sandbox) -> T) -> T {
        run(&mut self.sandbox.as_ref().unwrap().lock().unwrap())
    }

    /// Changes the cloud behind drsync's back.
    pub(crate) fn meddle(&self, overlay: &str) {
        self.with(|sandbox| sandbox.merge(&World::parse(overlay).unwrap()).unwrap());
    }

    /// Everything that the sandbox holds, as a copy that can be played from.
    pub(crate) fn snapshot(&self) -> Sandbox {
        self.with(|sandbox| sandbox.clone())
    }

    /// Takes away the faults that are still to come.
    pub(crate) fn end_faults(&self) {
        let text = self.with(|sandbox| sandbox.to_json().unwrap());
        let mut state: serde_json::Value = serde_json::from_str(&text).unwrap();
        state["script"] = serde_json::Value::Array(Vec::new());
        self.with(|sandbox| *sandbox = Sandbox::from_json(&state.to_string()).unwrap());
    }

    /// How often each operation was called.
    pub(crate) fn calls(&self) -> BTreeMap<String, u64> {
        self.with(|sandbox| sandbox.calls().clone())
    }

    pub(crate) fn count_calls(&self) -> u64 {
        self.calls().values().sum()
    }
}

impl Look {
    /// The JSON of the plan, without what a second run on the same world may differ in.
    pub(crate) fn bytes(&self) -> String {
        self.bytes_without(&[])
    }

    /// The same without these members, wherever they stand.
    pub(crate) fn bytes_without(&self, members: &[&str]) -> String {
        let calls = CallCounts::new();
        let json = plan_json(&View {
            plan: &self.plan,
            findings: &[],
            sources: self.desired.sources(),
            calls: &calls,
            elapsed: std::time::Duration::ZERO,
            tool_version: "0",
            mode: Mode::Plan,
            objects: self.desired.declared().len(),
            budget: None,
            notes: &[],
            parity: None,
        })
        .unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&json).unwrap();
        value["facts"].take();
        strip(&mut value, members);
        value.to_string()
    }
}

/// Approves whatever is planned.
fn approve(look: &Look, plan: Plan) -> Approved {
    let (policies, _) = PolicySet::load(&[], &mut Sources::default());
    let every: Vec<String> = policies.rules().map(|rule| rule.code.to_owned()).collect();
    let now = look.readers.now();
    let verdict = policies.judge(&plan, &Waivers::default(), &every, now);
    verdict.approve(plan).unwrap()
}

fn strip(value: &mut serde_json::Value, members: &[&str]) {
    match value {
        serde_json::Value::Object(map) => {
            map.retain(|key, _| !members.contains(&key.as_str()));
            map.values_mut().for_each(|value| strip(value, members));
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(|value| strip(value, members)),
        _ => {}
    }
}

/// Fails unless every change has effect.
#[track_caller]
pub(crate) fn all_done(outcomes: &[Outcome]) {
    let left: Vec<&Outcome> = outcomes
        .iter()
        .filter(|outcome| outcome.state != OutcomeState::Done)
        .collect();
    assert!(left.is_empty(), "{left:#?}");
}

/// Fails unless there is nothing to do, nothing held and nothing unknown.
#[track_caller]
pub(crate) fn is_empty(plan: &Plan) {
    assert!(
        plan.is_empty() && plan.is_complete(),
        "changes {:#?}\nheld {:#?}\ngaps {:#?}",
        plan.changes,
        plan.held,
        plan.gaps
    );
}

/// Copies a folder of plain files.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    if to.exists() {
        std::fs::remove_dir_all(to).unwrap();
    }
    std::fs::create_dir_all(to).unwrap();
    if !from.exists() {
        return;
    }
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

/// A temporary folder, in memory where there is such a place: each record is made durable, and
/// thousands of runs would wait for the disk.
fn fast_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}
