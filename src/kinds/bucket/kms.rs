//! KMS keys: S3 takes an id, an alias or an ARN, never checks it, and answers with what it got.

/// Returns the declared ARN if a live spelling of a key means the same key, and else that spelling.
pub(super) fn spelled_as(live: &str, declared: Option<&str>) -> String {
    let same = |arn: &&str| {
        arn.strip_suffix(live)
            .is_some_and(|rest| rest.ends_with([':', '/']))
    };
    declared.filter(same).unwrap_or(live).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_and_an_alias_are_the_arn_that_ends_with_them() {
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1234-abcd";
        let alias = "arn:aws:kms:eu-west-1:111122223333:alias/backup";
        for (live, declared, seen) in [
            ("1234-abcd", Some(key), key),
            ("alias/backup", Some(alias), alias),
            (key, Some(key), key),
            ("34-abcd", Some(key), "34-abcd"),
            ("alias/backup", Some(key), "alias/backup"),
            ("1234-abcd", None, "1234-abcd"),
        ] {
            assert_eq!(spelled_as(live, declared), seen);
        }
    }
}
