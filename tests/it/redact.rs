//! Takes out of an output what differs from run to run: moments, spans of time, ports, places.
//!
//! What an input of the case holds stays: an id or a moment that was written down is the same in
//! every run.

/// Returns how long the thing is that a text begins with, if it begins with one.
type Rule = fn(&str) -> Option<usize>;

/// What stands in an output instead of each thing that differs.
const RULES: [(&str, Rule); 7] = [
    ("[uuid]", uuid),
    ("sha256:[digest]", digest),
    ("[commit]", commit),
    ("[change]", change),
    ("[time]", moment),
    ("127.0.0.1:[port]", port),
    ("[secs] s", seconds),
];

/// How a dot is written in text, and in Markdown.
const DOTS: [&str; 2] = [".", "&#46;"];

/// Returns a text in which everything that differs from run to run is replaced.
pub(crate) fn redact(text: &str, root: &str, inputs: &str) -> String {
    let text = text.replace(root, "[root]");
    let text = member(&text, "\"elapsed_ms\": ", "[ms]");
    let text = member(&text, "\"tool_version\": ", "\"[version]\"");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    let mut inside = false;
    while let Some(next) = rest.chars().next() {
        let found = RULES
            .iter()
            .filter(|_| !inside)
            .find_map(|(name, rule)| Some((*name, rule(rest)?)))
            .filter(|(_, length)| !inputs.contains(&rest[..*length]));
        let length = if let Some((name, length)) = found {
            out.push_str(name);
            length
        } else {
            out.push(next);
            next.len_utf8()
        };
        inside = found.is_none() && (next.is_ascii_alphanumeric() || next == '.');
        rest = &rest[length..];
    }
    out
}

/// Replaces what stands after a key, up to the end of the value.
fn member(text: &str, key: &str, by: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(key) {
        let (before, after) = rest.split_at(at + key.len());
        out.push_str(before);
        let end = after.find([',', '\n', ' ', '}']).unwrap_or(after.len());
        out.push_str(by);
        rest = &after[end..];
    }
    out + rest
}

/// Returns the length of a run of characters at the beginning.
fn run(text: &str, is: fn(char) -> bool) -> usize {
    text.find(|c| !is(c)).unwrap_or(text.len())
}

fn is_hex(c: char) -> bool {
    matches!(c, '0'..='9' | 'a'..='f')
}

fn uuid(text: &str) -> Option<usize> {
    let length = run(text, |c| is_hex(c) || c == '-');
    let groups: Vec<usize> = text[..length].split('-').map(str::len).collect();
    (groups == [8, 4, 4, 4, 12]).then_some(length)
}

fn digest(text: &str) -> Option<usize> {
    let name = ["sha256:", "sha256&#58;"]
        .into_iter()
        .find(|name| text.starts_with(*name))?;
    let digits = run(&text[name.len()..], is_hex);
    (digits == 64).then_some(name.len() + digits)
}

fn commit(text: &str) -> Option<usize> {
    (run(text, is_hex) == 40).then_some(40)
}

/// A change of Route 53: a `C`, and capital letters and digits.
fn change(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('C')?;
    let length = run(rest, |c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let is_id = length >= 8 && rest[..length].bytes().any(|byte| byte.is_ascii_digit());
    is_id.then_some(length + 1)
}

fn moment(text: &str) -> Option<usize> {
    let length = text.find('Z')?;
    let moment = text[..length].replace("&#46;", ".").replace("&#58;", ":");
    let is_moment = moment.len() >= 19
        && moment.as_bytes()[4] == b'-'
        && moment.as_bytes()[10] == b'T'
        && moment
            .chars()
            .all(|c| c.is_ascii_digit() || "-T:.".contains(c));
    is_moment.then_some(length + 1)
}

fn port(text: &str) -> Option<usize> {
    let host = "127.0.0.1:";
    let digits = run(text.strip_prefix(host)?, |c| c.is_ascii_digit());
    (digits > 0).then_some(host.len() + digits)
}

fn seconds(text: &str) -> Option<usize> {
    let whole = run(text, |c| c.is_ascii_digit());
    let dot = DOTS.iter().find(|dot| text[whole..].starts_with(**dot))?;
    let tenths = run(&text[whole + dot.len()..], |c| c.is_ascii_digit());
    let length = whole + dot.len() + tenths;
    let is_number = whole > 0 && tenths == 1;
    (is_number && text[length..].starts_with(" s")).then_some(length + 2)
}

#[test]
fn only_what_differs_is_taken_out() {
    for (text, redacted) in [
        ("5 calls, 0.1 s", "5 calls, [secs] s"),
        ("5 calls, 0&#46;1 s", "5 calls, [secs] s"),
        ("at 2026-11-24T12&#58;09&#58;21&#46;5Z<br>", "at [time]<br>"),
        ("made 2026-11-24T12:09:21.35Z.", "made [time]."),
        ("http://127.0.0.1:4566/x", "http://127.0.0.1:[port]/x"),
        ("/tmp/x/repo/environments", "[root]/environments"),
        (
            "plan 32037af1-55c1-4921-9a8b-e7947e896e5d was",
            "plan [uuid] was",
        ),
        (
            "id 11111111-2222-3333-4444-555555555555",
            "id 11111111-2222-3333-4444-555555555555",
        ),
        ("\"elapsed_ms\": 42,\n", "\"elapsed_ms\": [ms],\n"),
        ("change C0123456789ABC is", "change [change] is"),
        ("a CNAME, and CAPITALS", "a CNAME, and CAPITALS"),
        (
            "the change stays; 192.0.2.1 s",
            "the change stays; 192.0.2.1 s",
        ),
    ] {
        let inputs = "id = \"11111111-2222-3333-4444-555555555555\"";
        assert_eq!(redact(text, "/tmp/x/repo", inputs), redacted);
    }
}
