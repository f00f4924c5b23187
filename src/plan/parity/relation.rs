//! One relation and two values: whether it holds, which side is too small, and what would do.
//!
//! In: a relation, the type of the field, the primary's and the DR site's value. Out: a judgement.
//! Must not know which objects the values belong to.

use crate::desired::DeclaredRelation;
use crate::model::{Shape, Value};

/// The side that must move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The primary.
    Primary,
    /// The DR site.
    Dr,
}

/// What a relation says of two values.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Judgement {
    /// It holds.
    Holds,
    /// It does not: who is at fault, what is so, and the value that would do there.
    Broken(Fault, String, Option<Value>),
}

/// The error that shares may carry in binary.
const ROUNDING: f64 = 1e-9;

/// Returns the words of a relation.
pub(super) fn words(relation: &DeclaredRelation) -> String {
    match relation {
        DeclaredRelation::Equal => "equal".to_owned(),
        DeclaredRelation::Differs => "differs".to_owned(),
        DeclaredRelation::Ratio(share) => format!("ratio {share}"),
        DeclaredRelation::AtLeast(share) => format!("at least {share}"),
        DeclaredRelation::AtMost(share) => format!("at most {share}"),
        DeclaredRelation::Within(share) => format!("within {share}"),
        DeclaredRelation::Ignore(_) => "ignore".to_owned(),
    }
}

/// Judges a relation.
pub(super) fn judge(
    relation: &DeclaredRelation,
    shape: &Shape,
    primary: Option<&Value>,
    dr: Option<&Value>,
) -> Judgement {
    if let DeclaredRelation::Ignore(_) = relation {
        return Judgement::Holds;
    }
    if let DeclaredRelation::Differs = relation {
        return differs(primary, dr);
    }
    match (primary, dr) {
        (None, None) => Judgement::Holds,
        (Some(primary), Some(dr)) => both(relation, shape, primary, dr),
        (Some(primary), None) => match relation {
            DeclaredRelation::AtMost(_) => Judgement::Holds,
            _ => Judgement::Broken(
                Fault::Dr,
                "only the primary has it".to_owned(),
                wanted(relation, primary),
            ),
        },
        (None, Some(dr)) => match relation {
            DeclaredRelation::AtLeast(_) => Judgement::Holds,
            DeclaredRelation::AtMost(_) => broken(Fault::Dr, "the primary does not have it", None),
            _ => broken(Fault::Primary, "only the DR site has it", Some(dr.clone())),
        },
    }
}

fn broken(fault: Fault, what: &str, wanted: Option<Value>) -> Judgement {
    Judgement::Broken(fault, what.to_owned(), wanted)
}

fn differs(primary: Option<&Value>, dr: Option<&Value>) -> Judgement {
    if primary.is_some() && primary == dr {
        broken(Fault::Dr, "both sites have the same, and must not", None)
    } else {
        Judgement::Holds
    }
}

/// Returns the value that the DR site would have to have, if the relation leaves one.
fn wanted(relation: &DeclaredRelation, primary: &Value) -> Option<Value> {
    match relation {
        DeclaredRelation::Equal | DeclaredRelation::Within(_) => Some(primary.clone()),
        DeclaredRelation::Ratio(share)
        | DeclaredRelation::AtLeast(share)
        | DeclaredRelation::AtMost(share) => match primary {
            Value::Int(_) | Value::Float(_) => primary.share(*share),
            other => Some(other.clone()),
        },
        DeclaredRelation::Differs | DeclaredRelation::Ignore(_) => None,
    }
}

fn both(relation: &DeclaredRelation, shape: &Shape, primary: &Value, dr: &Value) -> Judgement {
    if let (Some(a), Some(b)) = (number(primary), number(dr)) {
        return numbers(relation, (primary, a), (dr, b));
    }
    if primary == dr {
        return Judgement::Holds;
    }
    let fault = smaller(shape, primary, dr);
    match (relation, fault) {
        // Only numbers have shares: for the rest, at least means no less protection, and at most
        // no more.
        (DeclaredRelation::AtLeast(_), Some(Fault::Primary))
        | (DeclaredRelation::AtMost(_), Some(Fault::Dr)) => Judgement::Holds,
        (DeclaredRelation::AtMost(_), _) => broken(
            Fault::Dr,
            "the DR site has more than the primary",
            Some(primary.clone()),
        ),
        (_, Some(Fault::Primary)) => broken(
            Fault::Primary,
            "the primary has less than the DR site",
            Some(dr.clone()),
        ),
        (_, Some(Fault::Dr)) => broken(
            Fault::Dr,
            "the DR site has less than the primary",
            Some(primary.clone()),
        ),
        // Neither is smaller: the DR site follows the primary.
        (_, None) => broken(Fault::Dr, "the values differ", Some(primary.clone())),
    }
}

fn numbers(
    relation: &DeclaredRelation,
    (primary, a): (&Value, f64),
    (dr, b): (&Value, f64),
) -> Judgement {
    let least = |share: f64| primary.share(share).and_then(|value| number(&value));
    match relation {
        DeclaredRelation::Equal | DeclaredRelation::Ratio(_) => {
            let share = if let DeclaredRelation::Ratio(share) = relation {
                *share
            } else {
                1.0
            };
            let right = least(share).unwrap_or(a);
            if (b - right).abs() <= ROUNDING {
                Judgement::Holds
            } else if b < right {
                Judgement::Broken(
                    Fault::Dr,
                    format!("the DR site has {b}, and {right} would be right"),
                    primary.share(share),
                )
            } else {
                // The DR site has more than its share: it is the primary that fell behind.
                let equal = *relation == DeclaredRelation::Equal;
                let what = if equal {
                    format!("the primary has {a}, less than the {b} of the DR site")
                } else {
                    format!(
                        "the DR site has {b}, more than its share of {right} of the primary's {a}"
                    )
                };
                Judgement::Broken(Fault::Primary, what, equal.then(|| dr.clone()))
            }
        }
        DeclaredRelation::AtLeast(share) => {
            let right = least(*share).unwrap_or(a);
            if b + ROUNDING >= right {
                Judgement::Holds
            } else {
                Judgement::Broken(
                    Fault::Dr,
                    format!("the DR site has {b}, less than {right}"),
                    primary.share(*share),
                )
            }
        }
        DeclaredRelation::AtMost(share) => {
            let right = a * share;
            if b <= right + ROUNDING {
                Judgement::Holds
            } else {
                Judgement::Broken(
                    Fault::Dr,
                    format!("the DR site has {b}, more than {right}"),
                    None,
                )
            }
        }
        DeclaredRelation::Within(share) => {
            let (low, high) = (a.min(b), a.max(b));
            if high - low <= share * a.abs() + ROUNDING {
                return Judgement::Holds;
            }
            let fault = if b < a { Fault::Dr } else { Fault::Primary };
            let what = format!("{b} is not within {}% of the primary's {a}", share * 100.0);
            Judgement::Broken(fault, what, (b < a).then(|| primary.clone()))
        }
        DeclaredRelation::Differs | DeclaredRelation::Ignore(_) => Judgement::Holds,
    }
}

/// Returns the side that protects less, if one does: an earlier word of a choice, `false`, a list
/// that lacks items of the other.
fn smaller(shape: &Shape, primary: &Value, dr: &Value) -> Option<Fault> {
    match (shape, primary, dr) {
        (Shape::Choice(words), Value::Text(a), Value::Text(b)) => {
            let rank = |word: &str| words.iter().position(|known| *known == word);
            Some(if rank(b) < rank(a) {
                Fault::Dr
            } else {
                Fault::Primary
            })
        }
        (_, Value::Bool(a), Value::Bool(_)) => Some(if *a { Fault::Dr } else { Fault::Primary }),
        (_, Value::List(a), Value::List(b)) => {
            let lacks = |have: &[Value], want: &[Value]| want.iter().any(|one| !have.contains(one));
            match (lacks(a, b), lacks(b, a)) {
                (true, false) => Some(Fault::Primary),
                (false, true) => Some(Fault::Dr),
                _ => None,
            }
        }
        _ => None,
    }
}

#[allow(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: Shape = Shape::Int(0, 1000);

    fn ints(relation: &DeclaredRelation, primary: i64, dr: i64) -> Option<Fault> {
        match judge(relation, &COUNT, Some(&primary.into()), Some(&dr.into())) {
            Judgement::Holds => None,
            Judgement::Broken(fault, ..) => Some(fault),
        }
    }

    #[test]
    fn each_relation_holds_and_breaks_at_the_smaller_side() {
        use DeclaredRelation::{AtLeast, AtMost, Differs, Equal, Ratio, Within};
        let table = [
            (Equal, 10, 10, None),
            (Equal, 10, 9, Some(Fault::Dr)),
            (Equal, 9, 10, Some(Fault::Primary)),
            (Ratio(0.5), 10, 5, None),
            (Ratio(0.5), 9, 5, None),
            (Ratio(0.5), 9, 4, Some(Fault::Dr)),
            (Ratio(0.5), 8, 5, Some(Fault::Primary)),
            (Ratio(0.1), 30, 3, None),
            (AtLeast(0.5), 10, 7, None),
            (AtLeast(0.5), 9, 4, Some(Fault::Dr)),
            (AtMost(1.0), 10, 10, None),
            (AtMost(1.0), 10, 11, Some(Fault::Dr)),
            (Within(0.2), 10, 8, None),
            (Within(0.2), 10, 7, Some(Fault::Dr)),
            (Within(0.2), 10, 13, Some(Fault::Primary)),
            (Differs, 1, 2, None),
            (Differs, 1, 1, Some(Fault::Dr)),
        ];
        for (relation, primary, dr, fault) in table {
            let found = ints(&relation, primary, dr);
            assert_eq!(found, fault, "{} {primary} {dr}", words(&relation));
        }
    }

    #[test]
    fn what_is_wanted_is_what_would_hold() {
        use DeclaredRelation::{AtLeast, Equal, Ratio, Within};
        for relation in [Equal, Ratio(0.3), AtLeast(0.7), Within(0.1)] {
            let primary = Value::Int(7);
            let Judgement::Broken(Fault::Dr, _, Some(wanted)) =
                judge(&relation, &COUNT, Some(&primary), Some(&Value::Int(0)))
            else {
                panic!("{} holds of nothing", words(&relation));
            };
            let again = judge(&relation, &COUNT, Some(&primary), Some(&wanted));
            assert_eq!(again, Judgement::Holds, "{}", words(&relation));
        }
    }

    #[test]
    fn protection_has_a_direction_too() {
        let words = Shape::Choice(&["suspended", "enabled"]);
        let (low, high) = (Value::from("suspended"), Value::from("enabled"));
        let fault = |relation: &DeclaredRelation, a, b| match judge(relation, &words, a, b) {
            Judgement::Holds => None,
            Judgement::Broken(fault, ..) => Some(fault),
        };
        let equal = DeclaredRelation::Equal;
        assert_eq!(fault(&equal, Some(&high), Some(&low)), Some(Fault::Dr));
        assert_eq!(fault(&equal, Some(&low), Some(&high)), Some(Fault::Primary));
        let least = DeclaredRelation::AtLeast(1.0);
        assert_eq!(fault(&least, Some(&low), Some(&high)), None);
        assert_eq!(fault(&least, Some(&high), None), Some(Fault::Dr));
        assert_eq!(fault(&least, None, Some(&high)), None);
        let most = DeclaredRelation::AtMost(1.0);
        assert_eq!(fault(&most, Some(&low), Some(&high)), Some(Fault::Dr));
    }
}
