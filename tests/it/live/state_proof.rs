//! The state in a real bucket and in a real cluster: taken, lost and taken again by real processes.

use std::time::Duration;

use super::bench::wait_for;
use super::cluster::Role;
use super::minio::{KEY, Minio, SECRET};
use super::relay::Relay;
use super::shared;
use crate::support::process::{Scene, Told};
use crate::support::worlds::objects;

/// A bucket for the state, behind a link that can be cut.
struct Bucket {
    minio: Minio,
    link: Relay,
}

impl Bucket {
    fn new(name: &str) -> Self {
        let minio = Minio::start(name);
        minio.mc(&["mb", "here/state"]);
        let link = Relay::to(minio.port());
        Self { minio, link }
    }

    /// A scene whose state is in the bucket, below this prefix.
    fn scene(&self, prefix: &str, insync_after_ms: u64) -> Scene {
        let mut scene = Scene::new(insync_after_ms);
        let port = self.link.port();
        scene.declare_state(&format!(
            "{{ url = \"s3://state/{prefix}\", region = \"us-east-1\", path_style = true, \
             profile = \"minio\", endpoint = \"http://127.0.0.1:{port}\" }}"
        ));
        scene.write_credentials("minio", KEY, SECRET);
        scene
    }

    fn read(&self, prefix: &str, name: &str) -> String {
        self.minio
            .mc(&["cat", &format!("here/state/{prefix}/{name}")])
    }
}

/// Returns the id of the lock that a refusal tells.
fn lock_id(told: &Told) -> String {
    let (_, rest) = told
        .stderr
        .split_once("drsync unlock ")
        .unwrap_or_else(|| panic!("{told:?}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

/// Applies, and breaks the lock that a dead run has left, if it has.
fn apply_again(scene: &Scene) -> Told {
    let told = scene.apply().run();
    if told.code != Some(5) {
        return told;
    }
    let broken = scene.command(&["unlock", &lock_id(&told)]).run();
    assert_eq!(broken.code, Some(0), "{broken:?}");
    scene.apply().run()
}

#[test]
fn a_process_killed_over_a_bucket_is_followed_by_one_that_ends_as_if_nothing_had_been() {
    let bucket = Bucket::new("state-kill");
    let undisturbed = bucket.scene("calm", 300);
    let told = undisturbed.apply().run();
    assert_eq!(told.code, Some(0), "{told:?}");
    let after = objects(&undisturbed.snapshot());
    let kills = if std::env::var_os("DRSYNC_SOAK").is_some() {
        20
    } else {
        3
    };
    for kill in 0..kills {
        let prefix = format!("kill-{kill}");
        let scene = bucket.scene(&prefix, 300);
        let mut child = scene.apply().spawn();
        std::thread::sleep(Duration::from_millis(60 + kill * 2400 / kills));
        child.kill().unwrap();
        child.wait().unwrap();
        let told = apply_again(&scene);
        assert_eq!(told.code, Some(0), "{told:?}");
        assert_eq!(
            after,
            objects(&scene.snapshot()),
            "after kill {kill}: {told:?}"
        );
        let journal = bucket.read(&prefix, "journal.jsonl");
        assert_eq!(
            journal.matches("{\"begin\":").count(),
            journal.matches("{\"end\":").count(),
            "{journal}"
        );
    }
}

#[test]
fn a_bucket_that_is_cut_off_in_the_middle_ends_the_run_and_is_unknown_to_the_next_look() {
    let bucket = Bucket::new("state-cut");
    let scene = bucket.scene("cut", 1500);
    let child = scene.apply().spawn();
    scene.wait_for_write();
    bucket.link.refuse();
    let told = Scene::ended(child);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(
        told.stderr
            .contains("the state could not be written, so nothing more was sent"),
        "{told:?}"
    );
    assert!(
        told.stdout
            .contains("nothing was sent: the state could not be written"),
        "{told:?}"
    );

    let looked = scene.command(&["plan"]).run();
    assert_eq!(looked.code, Some(3), "{looked:?}");
    assert!(
        looked.stdout.contains("what drsync applied is not known"),
        "{looked:?}"
    );
    let looked = scene.command(&["drift"]).run();
    assert_eq!(looked.code, Some(3), "{looked:?}");
    let before = objects(&scene.snapshot());
    let refused = scene
        .command(&["apply", "--expect-digest", "sha256:0"])
        .run();
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.stderr.contains("nothing was changed"),
        "{refused:?}"
    );
    assert_eq!(before, objects(&scene.snapshot()));

    bucket.link.heal();
    let told = apply_again(&scene);
    assert_eq!(told.code, Some(0), "{told:?}");
    let told = scene.command(&["plan", "--detailed-exitcode"]).run();
    assert_eq!(told.code, Some(0), "{told:?}");
}

#[test]
fn the_state_in_configmaps_needs_three_verbs_and_is_locked_like_any_other() {
    let cluster = shared::frankfurt();
    cluster.namespace("drsync-state");
    let user = cluster.user(Role::Nothing);
    let role = [
        "create",
        "role",
        "state",
        "--verb=get,create,update",
        "--resource=configmaps",
    ];
    cluster.kubectl(&[&role[..], &["-n", "drsync-state"]].concat());
    let whom = format!("--user={}", user.name);
    let binding = ["create", "rolebinding", "state", "--role=state", &whom];
    cluster.kubectl(&[&binding[..], &["-n", "drsync-state"]].concat());
    wait_for("the role has effect", || {
        let asked = [
            "auth",
            "can-i",
            "update",
            "configmaps",
            "-n",
            "drsync-state",
        ];
        let asked = cluster.run_as(&user.kubeconfig, &asked, "");
        asked.status.success().then_some(())
    });

    let mut scene = Scene::new(1500);
    let place = format!("kubernetes://{}/drsync-state/proof", cluster.site());
    scene.declare_state(&format!("\"{place}\""));
    scene.set("KUBECONFIG", user.kubeconfig.to_str().unwrap());
    let mut child = scene.apply().spawn();
    scene.wait_for_write();
    let second = scene.apply().run();
    assert_eq!(second.code, Some(5), "{second:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    let told = apply_again(&scene);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(
        told.stderr.contains("ended in the middle of a write"),
        "{told:?}"
    );
    let told = scene.command(&["plan", "--detailed-exitcode"]).run();
    assert_eq!(told.code, Some(0), "{told:?}");
    let lock = cluster.get(&["configmap", "proof-lock.json", "-n", "drsync-state"]);
    assert!(
        lock["data"]["content"]
            .as_str()
            .unwrap()
            .contains("\"holder\":null"),
        "{lock}"
    );
}
