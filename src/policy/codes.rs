//! The codes of this room's own findings, beside those that rules bring along.
//!
//! In: nothing. Out: a list for `explain`, and the test whether a rule may use a code.

/// Every code that this room can give out by itself, with what it means and what to do.
pub const CODES: &[(&str, &str)] = &[
    (
        "policy-allow-unknown",
        "`--allow` names a code that no rule has, so it would allow nothing. Mend the spelling.",
    ),
    (
        "policy-allow-unused",
        "`--allow` names a rule that matches nothing in this plan. Leave it out, so that it does not let through what comes later.",
    ),
    (
        "policy-broken",
        "The policy files hold errors, so that some rules could not be read. Nothing is approved until they are mended.",
    ),
    (
        "policy-built-in",
        "There are no policy files, so that the guards that come with drsync apply.",
    ),
    (
        "policy-duplicate-code",
        "Two rules have the same code. A waiver or `--allow` names a rule by its code, so each needs its own.",
    ),
    (
        "policy-evaluation",
        "The condition of a rule could not be evaluated for a change, so nobody knows whether it matches. That blocks, and no waiver covers it: mend the rule, for example with `has(change.identity.name)` before `change.identity.name`.",
    ),
    (
        "policy-guard-missing",
        "There are policy files, and they do not hold a guard that comes with drsync, so it is switched off here.",
    ),
    (
        "policy-message",
        "The message of a rule is not a valid template, or names something that is not there.",
    ),
    (
        "policy-missing-key",
        "A rule lacks a key that it must have.",
    ),
    (
        "policy-other-plan",
        "The verdict was passed on another plan.",
    ),
    (
        "policy-syntax",
        "A policy file is not valid TOML, or the condition of a rule is not valid CEL.",
    ),
    (
        "policy-too-costly",
        "A condition is too long, or loops inside of loops, so that one evaluation could take very long; split the rule.",
    ),
    (
        "policy-type",
        "A condition compares or combines values that can never go together, or is not true or false in the end.",
    ),
    (
        "policy-unknown-function",
        "A condition calls a function that does not exist.",
    ),
    (
        "policy-unknown-key",
        "A policy file holds a key that drsync does not know.",
    ),
    (
        "policy-unknown-name",
        "A condition or a message names a variable or a field that does not exist there.",
    ),
    (
        "policy-unknown-value",
        "A key of a rule, or a word that a condition compares with, is none of the words that can stand there.",
    ),
    (
        "waiver-expired",
        "A waiver has expired and no longer applies. Remove it, or renew it if its reason still holds.",
    ),
    (
        "waiver-missing-key",
        "A waiver lacks its code, owner, reason or expiry, so it does not apply.",
    ),
    ("waiver-syntax", "The waiver file is not valid TOML."),
    (
        "waiver-too-long",
        "A waiver runs for more than 366 days, so it does not apply. Give it a nearer end, and renew it then.",
    ),
    (
        "waiver-unknown-key",
        "The waiver file holds a key that drsync does not know.",
    ),
    (
        "waiver-unknown-rule",
        "A waiver names a code that no rule has, so it waives nothing.",
    ),
    (
        "waiver-unknown-value",
        "A value of a waiver is not a pattern, a date, or whatever can stand there.",
    ),
    (
        "waiver-unused",
        "A waiver matched nothing in this plan. Remove it as soon as it is not needed, so that it does not let through what comes later.",
    ),
];

/// Returns whether a code belongs to this room, so that no rule may take it.
pub(super) fn is_own(code: &str) -> bool {
    code.starts_with("policy-") || code.starts_with("waiver-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_sorted_and_own() {
        assert!(CODES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(CODES.iter().all(|(code, _)| is_own(code)));
    }
}
