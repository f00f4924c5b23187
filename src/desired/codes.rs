//! The stable codes of everything that can be wrong with the content of an environment.
//!
//! In: nothing. Out: one constant for each code, and a line on each for `explain`. Must not know
//! where a code is raised.

macro_rules! codes {
    ($($name:ident = $code:literal: $line:literal;)*) => {
        $(
            #[doc = $line]
            pub const $name: &str = $code;
        )*

        /// All codes, each with what it means and what to do.
        pub static CODES: &[(&str, &str)] = &[$(($code, $line)),*];
    };
}

codes! {
    FILE_REFUSED = "file-refused": "A file is a symbolic link, a submodule or no regular file; put the content itself into the repository.";
    FILE_TOO_LARGE = "file-too-large": "A file is larger than 16 MiB; split it into several files of the same folder.";
    FILE_NOT_UTF8 = "file-not-utf8": "A file holds a byte that is not UTF-8; save it as UTF-8.";
    PATH_ESCAPES = "path-escapes": "A path leaves the repository; write a relative path without `..`.";
    SYNTAX = "syntax": "The text is not TOML; see the specification of TOML 1.1.";
    DUPLICATE_KEY = "duplicate-key": "A table or a key is declared twice in the files of one environment; keep one.";
    UNKNOWN_KEY = "unknown-key": "A key is none that the table knows; correct or remove it.";
    WRONG_TYPE = "wrong-type": "A value has another type than its field; write a value of the field's type.";
    BAD_DURATION = "bad-duration": "A span of time is a whole number and a unit, such as 60s, 15m, 4h, 30d or 1w.";
    BAD_CHOICE = "bad-choice": "A word is none of those that the field allows; write one of them.";
    BAD_TEXT = "bad-text": "A text breaks the rule of its field, such as that of domain names or ARNs.";
    BAD_NAME = "bad-name": "A name of a site, tier, component or profile has letters, digits, `-` and `_` only, and none that means something else.";
    OUT_OF_RANGE = "out-of-range": "A number or a span of time is outside the bounds of its field.";
    MISSING_FIELD = "missing-field": "A table lacks a field that it must have; add it.";
    DUPLICATE_ITEM = "duplicate-item": "A list whose order means nothing holds an item twice; keep one.";
    WRONG_FLAVOR = "wrong-flavor": "A field is not known to the entry's flavor of the service; remove the field or correct `flavor`.";
    NO_PROFILE = "no-profile": "A value is taken from a profile, and `[environment] profile` selects none.";
    UNKNOWN_PROFILE = "unknown-profile": "`[environment] profile` names a profile that is not declared.";
    UNKNOWN_PROFILE_KEY = "unknown-profile-key": "The selected profile has no value of this name; add it to `[profile.NAME]`.";
    NESTED_PROFILE = "nested-profile": "A value of a profile is itself taken from a profile; write the value.";
    NO_SITE = "no-site": "An object that lies at a site names none; write `site = \"NAME\"` or a table for each site.";
    TWO_SITE_FORMS = "two-site-forms": "An entry has `site` and a table for a site as well; keep one form.";
    UNKNOWN_SITE = "unknown-site": "An entry names a site that is not declared in `[site.NAME]`.";
    UNKNOWN_COMPONENT = "unknown-component": "Something names a component that is not declared in `[component.NAME]`.";
    UNKNOWN_TIER = "unknown-tier": "A component names a tier that is not declared in `[tier.NAME]`.";
    UNKNOWN_REFERENCE = "unknown-reference": "The strategy names something that is not declared: a role, a person, a location, a step, a channel, a message or a failover; declare it, or correct the name.";
    BAD_SCHEDULE = "bad-schedule": "A backup has more than one of `every`, `cron` and `continuous`; keep one.";
    BAD_RECORD = "bad-record": "A record lies in a folder that is no kind of record, or its name does not begin with a day; see `records/<kind>/<date>-<slug>.toml`.";
    DEPENDENCY_CYCLE = "dependency-cycle": "Components, or objects, depend on each other in a circle; remove one of the dependencies.";
    NO_ACCOUNT = "no-account": "An object lies where no AWS account is declared; add `aws` to `[global]` or to the site.";
    DUPLICATE_ENTRY = "duplicate-entry": "Two entries of one array name the same thing at the same place; join them into one.";
    DUPLICATE_OBJECT = "duplicate-object": "Two entries declare the same object; keep one.";
    OBSERVED_EXCLUSIVE = "observed-exclusive": "An entry says `exclusive`, so that drsync deletes, and `observe`, so that it never writes; keep one.";
    PARITY_WITHOUT_PAIR = "parity-without-pair": "`parity` relates the objects of an entry at several sites, and this entry has one; give it a table for each site.";
    LITERAL_SECRET = "literal-secret": "A secret stands in the text; write where it is kept: `{ env = \"NAME\" }` or `{ file = \"PATH\" }`.";
    BAD_ACCESS = "bad-access": "A cluster is reached in exactly one way: `context`, `eks` or `in_cluster = true`.";
    BAD_AUTH = "bad-auth": "A service is asked with a user and a password, or with a token, or with a certificate and its key.";
    NO_CLUSTER = "no-cluster": "An object lies on a cluster, and does not say on which of its site's clusters.";
    UNKNOWN_CLUSTER = "unknown-cluster": "An object names a cluster that its site does not declare in `clusters`.";
    NO_SERVICE = "no-service": "An object lies in a data service, and does not say in which of its site's services.";
    UNKNOWN_SERVICE = "unknown-service": "An object names a data service that its site does not declare in `services`.";
    BAD_RELATION = "bad-relation": "A parity relation is a word, or a table with one relation: equal, differs, ratio, at_least, at_most, within or ignore.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_in_kebab_case() {
        let unique: BTreeSet<_> = CODES.iter().map(|(code, _)| code).collect();
        assert_eq!(unique.len(), CODES.len());
        for (code, line) in CODES {
            assert!(
                code.chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{code}"
            );
            assert!(line.ends_with('.'), "{code}");
        }
    }
}
