//! The forms of policy and waiver files, for editors and for reading alike.
//!
//! In: nothing. Out: the JSON schemas, and the typed form of an entry. The comments on the fields
//! are what an editor shows. TOML has no null, so an optional key is left out and never null.

use schemars::{JsonSchema, Schema, schema_for};

use super::entries::{Entry, Form, Text};

/// How a policy file is read.
pub(super) const POLICY: Form = Form {
    prefix: "policy",
    array: "rule",
    keys: &[
        ("code", true),
        ("severity", true),
        ("for", false),
        ("when", true),
        ("message", false),
        ("help", true),
        ("allow", false),
    ],
};

/// How a waiver file is read.
pub(super) const WAIVER: Form = Form {
    prefix: "waiver",
    array: "waiver",
    keys: &[
        ("code", true),
        ("address", false),
        ("scope", false),
        ("owner", true),
        ("reason", true),
        ("expires", true),
    ],
};

/// A rule: when its condition holds for a plan, it is a finding.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "Rule", deny_unknown_fields)]
pub(super) struct RuleForm {
    /// The name by which `--allow` and waivers know the rule, in kebab-case. It is for ever: a
    /// waiver would not follow a new name.
    #[schemars(with = "String", regex(pattern = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"))]
    pub(super) code: Text,
    /// What a match means: `error` refuses the plan, `warning` asks for a look, `note` only says.
    #[schemars(with = "String", extend("enum" = ["error", "warning", "note"]))]
    pub(super) severity: Text,
    /// What the condition is asked about: each `change` (if not said), each `scope` (a zone, a
    /// bucket), or the `plan` as a whole.
    #[schemars(rename = "for", with = "Option<String>", extend("type" = "string", "enum" = ["change", "scope", "plan"]))]
    pub(super) subject: Option<Text>,
    /// The condition, in CEL: true where the rule matches.
    #[schemars(with = "String")]
    pub(super) when: Text,
    /// What to say of a match, with `{{ change.address }}` and the like.
    #[schemars(with = "Option<String>", extend("type" = "string"))]
    pub(super) message: Option<Text>,
    /// What to do about a match.
    #[schemars(with = "String")]
    pub(super) help: Text,
    /// When and how to allow a match, instead of the usual words about `--allow` and waivers.
    #[schemars(with = "Option<String>", extend("type" = "string"))]
    pub(super) allow: Option<Text>,
}

/// A waiver: someone accepts the matches of a rule, for a reason and a time.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "Waiver", deny_unknown_fields)]
pub(super) struct WaiverForm {
    /// The code of the rule.
    #[schemars(with = "String")]
    pub(super) code: Text,
    /// Only matches about objects with such addresses, as in `global/route53_record/example.com/*`.
    #[schemars(with = "Option<String>", extend("type" = "string"))]
    pub(super) address: Option<Text>,
    /// Only matches in such scopes, as in `global/route53_zone/*`.
    #[schemars(with = "Option<String>", extend("type" = "string"))]
    pub(super) scope: Option<Text>,
    /// Who answers for it.
    #[schemars(with = "String")]
    pub(super) owner: Text,
    /// Why it is right.
    #[schemars(with = "String")]
    pub(super) reason: Text,
    /// The last day (UTC) on which it applies, at most 366 days ahead, as in `2026-12-31`.
    #[schemars(with = "String", extend("format" = "date"))]
    pub(super) expires: Text,
}

impl From<Entry> for RuleForm {
    fn from(mut entry: Entry) -> Self {
        Self {
            code: entry.required("code"),
            severity: entry.required("severity"),
            subject: entry.take("for"),
            when: entry.required("when"),
            message: entry.take("message"),
            help: entry.required("help"),
            allow: entry.take("allow"),
        }
    }
}

impl From<Entry> for WaiverForm {
    fn from(mut entry: Entry) -> Self {
        Self {
            code: entry.required("code"),
            address: entry.take("address"),
            scope: entry.take("scope"),
            owner: entry.required("owner"),
            reason: entry.required("reason"),
            expires: entry.required("expires"),
        }
    }
}

/// Returns the JSON schema of a policy file.
#[must_use]
pub fn policy_schema() -> Schema {
    file::<RuleForm>("drsync policy", POLICY.array)
}

/// Returns the JSON schema of a waiver file.
#[must_use]
pub fn waiver_schema() -> Schema {
    file::<WaiverForm>("drsync waivers", WAIVER.array)
}

/// Returns the schema of a file that is one array of tables.
fn file<T: JsonSchema>(title: &str, array: &str) -> Schema {
    let mut schema = schema_for!(Vec<T>);
    let items = schema.ensure_object().remove("items");
    let definitions = schema.ensure_object().remove("$defs");
    let mut file = schemars::json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": { array: { "type": "array", "items": items } },
        "additionalProperties": false,
    });
    if let Some(definitions) = definitions {
        file.insert("$defs".to_owned(), definitions);
    }
    file
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn check(schema: &Schema, form: &Form, name: &str) {
        let object = &schema.as_value()["$defs"][name];
        let keys = |value: &Value| -> Vec<String> {
            let mut keys: Vec<String> = match value {
                Value::Object(map) => map.keys().cloned().collect(),
                Value::Array(items) => items
                    .iter()
                    .map(|item| item.as_str().unwrap().into())
                    .collect(),
                _ => Vec::new(),
            };
            keys.sort();
            keys
        };
        let mut all: Vec<_> = form.keys.iter().map(|(name, _)| *name).collect();
        all.sort_unstable();
        assert_eq!(keys(&object["properties"]), all);
        let mut required: Vec<_> = form
            .keys
            .iter()
            .filter(|key| key.1)
            .map(|key| key.0)
            .collect();
        required.sort_unstable();
        assert_eq!(keys(&object["required"]), required);
        assert_eq!(object["additionalProperties"], false);
    }

    #[test]
    fn the_schemas_say_what_the_reader_takes() {
        check(&policy_schema(), &POLICY, "Rule");
        check(&waiver_schema(), &WAIVER, "Waiver");
    }
}
