//! The walk-through of the README, played: what it shows is what one sees.
//!
//! Lines may be left out (`⋮`); what is shown must be there, but for revisions, ids and times.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const SAMPLE: &str = "environments/foundry";
const INCIDENT: &str = "environments/foundry/sandbox/incident.toml";
/// What the README shows of a run and no other run repeats, or only a terminal shows.
const OF_ONE_RUN: [&str; 4] = ["exit ", "Apply these changes?", "… change", "saved "];

/// A copy of the sample, and everything that was printed about it.
struct Walk {
    folder: tempfile::TempDir,
    printed: String,
}

impl Walk {
    fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            "main.toml",
            "strategy.toml",
            "dns.toml",
            "buckets.toml",
            "sandbox/world.toml",
        ];
        let files = files.map(|name| format!("{SAMPLE}/{name}"));
        let files = files.iter().map(String::as_str);
        for file in files.chain([INCIDENT, "policies/guards.toml"]) {
            let to = folder.path().join(file);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(file), to).unwrap();
        }
        Self {
            folder,
            printed: String::new(),
        }
    }

    /// Runs a command that must end with this code, and returns what it printed to stdout.
    fn run(&mut self, arguments: &str, code: i32) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_drsync"))
            .args(arguments.split(' '))
            .args(["--root", "."])
            .current_dir(self.folder.path())
            .env("COLUMNS", "80")
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {errors}");
        self.printed.push_str(&errors);
        self.printed.push_str(&text);
        text
    }
}

/// Returns the lines of output that the walk-through shows.
fn shown(readme: &str) -> Vec<&str> {
    let from = readme.find("\n### Plan\n").unwrap();
    let to = readme.find("\n## Start your own\n").unwrap();
    let mut inside = false;
    let mut lines = Vec::new();
    for line in readme[from..to].lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if inside && !line.starts_with("$ ") && line.trim() != "⋮" && !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}

/// Returns a line without revision, time and layout; none if it is of one run only.
fn steady(line: &str) -> Option<String> {
    // How often apply asks whether a change has spread depends on how long it takes.
    let of_apply = line.contains(" calls, ") && !line.contains(" read, ");
    if of_apply || OF_ONE_RUN.iter().any(|start| line.starts_with(start)) {
        return None;
    }
    let (before, rest) = line.split_once(" at ").unwrap_or((line, ""));
    let revision = rest.chars().take_while(char::is_ascii_hexdigit).count();
    let line = if revision == 12 {
        format!("{before}{}", &rest[revision..])
    } else {
        line.to_owned()
    };
    let line = match line.rsplit_once(", ") {
        Some((before, time)) if time.ends_with(" s") => before,
        _ => &line,
    };
    Some(line.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn the_walk_through_is_what_one_sees() {
    let mut walk = Walk::begin();
    let plan = walk.run("plan --env foundry --sandbox", 0);
    let digest = plan.lines().find_map(|line| line.strip_prefix("Digest "));
    let agreed = format!(
        "apply --env foundry --sandbox --expect-digest {}",
        digest.unwrap()
    );
    walk.run(&agreed, 0);
    let again = walk.run("plan --env foundry --sandbox", 0);
    assert!(again.starts_with("No changes: "), "{again}");
    walk.run(&format!("sandbox merge {INCIDENT} --env foundry"), 0);
    walk.run("drift --env foundry --sandbox", 2);
    walk.run("parity --env foundry --sandbox", 2);
    walk.run("plan --env foundry --sandbox --out review.plan", 0);
    walk.run("show review.plan", 0);
    walk.run("apply review.plan", 0);
    walk.run("drift --env foundry --sandbox", 0);

    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let printed: BTreeSet<String> = walk.printed.lines().filter_map(steady).collect();
    let invented: Vec<&str> = shown(&readme)
        .into_iter()
        .filter(|line| steady(line).is_some_and(|line| !printed.contains(&line)))
        .collect();
    assert!(
        invented.is_empty(),
        "README.md shows what nobody sees: {invented:#?}\nof:\n{}",
        walk.printed
    );
}
