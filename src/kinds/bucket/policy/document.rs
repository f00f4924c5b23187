//! Resource policies by meaning: all spellings of the same rights become one text.
//!
//! Rule: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use crate::model::{Map, Value};

/// The version of the language of a policy that does not say it.
const FIRST_VERSION: &str = "2008-10-17";
/// The elements of which a statement needs one of each pair.
const NEEDS: [[&str; 2]; 3] = [
    ["Principal", "NotPrincipal"],
    ["Action", "NotAction"],
    ["Resource", "NotResource"],
];

/// Returns the one spelling of a policy, or why it is none.
///
/// The order of statements and of values means nothing, nor does a value stand twice or alone;
/// actions and the keys of conditions have no case; an account is its root user; everybody is `*`.
pub(super) fn canonical(text: &str) -> Result<String, String> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    let Value::Map(mut policy) = value else {
        return Err("a policy is a JSON object".to_owned());
    };
    let statements = policy
        .remove("Statement")
        .ok_or_else(|| "it has no `Statement`".to_owned())?;
    let mut statements = many(statements)
        .into_iter()
        .map(statement)
        .collect::<Result<Vec<_>, _>>()?;
    sort(&mut statements);
    policy.insert("Statement", statements);
    if !policy.contains("Version") {
        policy.insert("Version", FIRST_VERSION);
    }
    Ok(Value::Map(policy).to_string())
}

fn statement(value: Value) -> Result<Value, String> {
    let Value::Map(mut statement) = value else {
        return Err("a statement is a JSON object".to_owned());
    };
    if !matches!(statement.text("Effect"), Some("Allow" | "Deny")) {
        return Err("a statement has the `Effect` Allow or Deny".to_owned());
    }
    for [one, other] in NEEDS {
        if statement.contains(one) == statement.contains(other) {
            return Err(format!("a statement has either `{one}` or `{other}`"));
        }
    }
    if statement.text("Sid").is_some_and(str::is_empty) {
        statement.remove("Sid");
    }
    for name in ["Principal", "NotPrincipal"] {
        if let Some(value) = statement.remove(name) {
            statement.insert(name, principal(value));
        }
    }
    for name in ["Action", "NotAction"] {
        if let Some(value) = statement.remove(name) {
            statement.insert(name, set(value, |text| text.to_ascii_lowercase()));
        }
    }
    for name in ["Resource", "NotResource"] {
        if let Some(value) = statement.remove(name) {
            statement.insert(name, set(value, |text| text));
        }
    }
    if let Some(Value::Map(operators)) = statement.remove("Condition")
        && !operators.is_empty()
    {
        statement.insert("Condition", condition(operators)?);
    }
    Ok(Value::Map(statement))
}

fn principal(value: Value) -> Value {
    let Value::Map(kinds) = value else {
        return value;
    };
    let kinds: Map = kinds
        .into_iter()
        .map(|(kind, value)| (kind, set(value, account)))
        .collect();
    let everybody: Map = [("AWS", vec![Value::from("*")])].into_iter().collect();
    if kinds == everybody {
        Value::from("*")
    } else {
        Value::Map(kinds)
    }
}

/// Returns the number of an account whose root user is named, and any other principal as it is.
fn account(text: String) -> String {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] => (*account).to_owned(),
        _ => text,
    }
}

fn condition(operators: Map) -> Result<Map, String> {
    let mut all = Map::new();
    for (operator, keys) in operators {
        let Value::Map(keys) = keys else {
            return Err(format!("the condition {operator} is a JSON object"));
        };
        let mut own = Map::new();
        for (key, values) in keys {
            let lower = key.to_ascii_lowercase();
            if own.insert(lower, set(values, |text| text)).is_some() {
                return Err(format!("the condition {operator} has {key} twice"));
            }
        }
        all.insert(operator, own);
    }
    Ok(all)
}

/// Returns one value or several as a sorted list of texts: policies have no numbers.
fn set(value: Value, spelling: impl Fn(String) -> String) -> Value {
    let mut values: Vec<Value> = many(value)
        .into_iter()
        .map(|one| {
            Value::from(spelling(match one {
                Value::Text(text) => text.into(),
                other => other.to_string(),
            }))
        })
        .collect();
    sort(&mut values);
    Value::List(values)
}

fn many(value: Value) -> Vec<Value> {
    match value {
        Value::List(values) => values,
        one => vec![one],
    }
}

fn sort(values: &mut Vec<Value>) {
    values.sort();
    values.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A statement with some of its elements written otherwise.
    fn policy(elements: &str) -> String {
        let mut statement: Map = serde_json::from_str(
            r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#,
        )
        .unwrap();
        let elements: Map = serde_json::from_str(elements).unwrap();
        for (name, value) in elements {
            statement.insert(name, value);
        }
        let statement = Value::Map(statement);
        canonical(&format!(
            r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#
        ))
        .unwrap()
    }

    #[test]
    fn spellings_of_the_same_rights_are_the_same() {
        for (what, one, other) in [
            (
                "one action",
                r#"{"Action":"s3:GetObject"}"#,
                r#"{"Action":["s3:GetObject"]}"#,
            ),
            (
                "order and case of actions",
                r#"{"Action":["s3:GetObject","s3:PutObject"]}"#,
                r#"{"Action":["S3:putobject","s3:getObject"]}"#,
            ),
            (
                "a value twice",
                r#"{"Action":["s3:GetObject","s3:GetObject"]}"#,
                "{}",
            ),
            ("one resource", r#"{"Resource":["arn:aws:s3:::b/*"]}"#, "{}"),
            ("everybody", r#"{"Principal":{"AWS":"*"}}"#, "{}"),
            (
                "everybody in a list",
                r#"{"Principal":{"AWS":["*"]}}"#,
                "{}",
            ),
            (
                "an account",
                r#"{"Principal":{"AWS":"111122223333"}}"#,
                r#"{"Principal":{"AWS":["arn:aws:iam::111122223333:root"]}}"#,
            ),
            (
                "the case of condition keys",
                r#"{"Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}}"#,
                r#"{"Condition":{"StringEquals":{"AWS:sourcevpce":["vpce-1"]}}}"#,
            ),
            (
                "the type of condition values",
                r#"{"Condition":{"Bool":{"aws:SecureTransport":false},"NumericLessThan":{"s3:max-keys":[10,5]}}}"#,
                r#"{"Condition":{"NumericLessThan":{"s3:max-keys":["5","10"]},"Bool":{"aws:SecureTransport":"false"}}}"#,
            ),
            ("an empty condition", r#"{"Condition":{}}"#, "{}"),
            ("an empty Sid", r#"{"Sid":""}"#, "{}"),
        ] {
            assert_eq!(policy(one), policy(other), "{what}");
        }
    }

    #[test]
    fn spellings_of_other_rights_are_others() {
        for (one, other) in [
            (r#"{"Sid":"a"}"#, r#"{"Sid":"b"}"#),
            (r#"{"Effect":"Deny"}"#, "{}"),
            (r#"{"Resource":"arn:aws:s3:::B/*"}"#, "{}"),
            (
                r#"{"Principal":{"AWS":"*","Service":"x.amazonaws.com"}}"#,
                "{}",
            ),
            (
                r#"{"Principal":{"AWS":"arn:aws:iam::111122223333:user/a"}}"#,
                r#"{"Principal":{"AWS":"111122223333"}}"#,
            ),
            (
                r#"{"Condition":{"StringLike":{"aws:PrincipalArn":"A"}}}"#,
                r#"{"Condition":{"StringLike":{"aws:PrincipalArn":"a"}}}"#,
            ),
        ] {
            assert_ne!(policy(one), policy(other), "{one}");
        }
    }

    #[test]
    fn statements_have_no_order_and_may_stand_alone() {
        let deny = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#;
        let allow = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#;
        let all = |statements: &str| {
            canonical(&format!(r#"{{"Statement":{statements},"Id":"p"}}"#)).unwrap()
        };
        assert_eq!(
            all(&format!("[{deny},{allow}]")),
            all(&format!("[{allow},{deny},{allow}]"))
        );
        assert_eq!(all(deny), all(&format!("[{deny}]")));
        assert!(all(deny).contains(r#""Version":"2008-10-17""#));
    }

    #[test]
    fn the_one_spelling_is_its_own() {
        let once = policy(
            r#"{"Principal":{"AWS":["111122223333"]},"Condition":{"Bool":{"aws:SecureTransport":true}}}"#,
        );
        assert_eq!(canonical(&once).as_deref(), Ok(once.as_str()));
    }

    #[test]
    fn what_is_no_policy_is_said() {
        for (text, why) in [
            ("x", "not JSON"),
            ("[]", "JSON object"),
            ("{}", "no `Statement`"),
            (r#"{"Statement":["x"]}"#, "JSON object"),
            (r#"{"Statement":{}}"#, "`Effect`"),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#,
                "`Principal` or `NotPrincipal`",
            ),
            (
                r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"a:B":"1","a:b":"2"}}}}"#,
                "twice",
            ),
        ] {
            let fault = canonical(text).unwrap_err();
            assert!(fault.contains(why), "{text}: {fault}");
        }
    }
}
