//! Names: what a text of the document is called in TOML.
//!
//! In: texts such as `**budapp** (API)`. Out: keys such as `budapp`, and the words around them.

/// Returns the key for a name: lower case, with hyphens; `budapp (API)` is `budapp`.
pub(super) fn key(text: &str) -> String {
    let (name, _) = explained(text);
    let mut key = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            key.push(c);
        } else if !key.is_empty() && !key.ends_with('-') {
            key.push('-');
        }
    }
    let key = key.trim_end_matches('-');
    if key.is_empty() {
        "unnamed".to_owned()
    } else {
        key.to_owned()
    }
}

/// Parts a name from what stands after it in brackets.
pub(super) fn explained(text: &str) -> (&str, Option<&str>) {
    match text.split_once('(') {
        Some((name, rest)) if !name.trim().is_empty() => {
            let inner = rest.split(')').next().unwrap_or_default().trim();
            (name.trim(), Some(inner).filter(|inner| !inner.is_empty()))
        }
        _ => (text.trim(), None),
    }
}

/// Splits an enumeration such as `Slack, PagerDuty and email`; what stands in brackets is one.
pub(super) fn several(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut begin, mut depth) = (0, 0_usize);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let rest = &text[at..];
        let mark = [",", ";", "/", "+", " and ", " & "]
            .into_iter()
            .find(|mark| depth == 0 && at >= begin && rest.starts_with(mark));
        if let Some(mark) = mark {
            parts.push(&text[begin..at]);
            begin = at + mark.len();
        }
    }
    parts.push(&text[begin..]);
    parts
        .into_iter()
        .map(|part| {
            part.trim()
                .trim_start_matches("and ")
                .trim_end_matches('.')
                .trim()
        })
        .filter(|part| !super::quantity::is_nothing(part))
        .collect()
}

/// Returns whether a text has one of these words, or a word that begins with one ending in `*`.
pub(super) fn says(text: &str, wanted: &[&str]) -> bool {
    let plain = format!(" {} ", super::forms::words(text));
    wanted.iter().any(|word| match word.strip_suffix('*') {
        Some(start) => plain.contains(&format!(" {start}")),
        None => plain.contains(&format!(" {word} ")),
    })
}

/// Returns whether a text only holds the place of a name that somebody has still to write.
pub(super) fn is_open(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with(['[', '<', '{']) && text.ends_with([']', '>', '}']))
        || says(text, &["tbd", "tbc", "todo"])
        || super::quantity::is_nothing(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_keys() {
        assert_eq!(key("budapp (API)"), "budapp");
        assert_eq!(key("S3 (DR region)"), "s3");
        assert_eq!(key("Development tools"), "development-tools");
        assert_eq!(key("***"), "unnamed");
        assert_eq!(explained("Tier 1 (Critical)"), ("Tier 1", Some("Critical")));
        assert_eq!(
            several("Slack, PagerDuty and email"),
            ["Slack", "PagerDuty", "email"]
        );
        assert_eq!(
            several("Standby (Dublin, DR) + tape"),
            ["Standby (Dublin, DR)", "tape"]
        );
        assert_eq!(several("-"), [""; 0]);
        assert!(says("Regional failover", &["region*"]));
        assert!(!says("Readiness", &["read"]));
        assert!(is_open("[Name]") && is_open("TBD") && !is_open("Ada Byron"));
    }
}
