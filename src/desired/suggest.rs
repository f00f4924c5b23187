//! The known word that was probably meant by an unknown one.

use std::fmt::Write as _;

/// Returns the nearest known word, if one is near enough to be a slip of the pen.
pub(super) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let most = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|other| (strsim::osa_distance(word, other), other))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, other)| other)
}

/// Returns help for an unknown word: what was probably meant, and what is known.
pub(super) fn help<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    let mut help = String::new();
    if let Some(near) = nearest(word, known.iter().copied()) {
        // Writing to a String cannot fail.
        let _ = write!(help, "did you mean `{near}`? ");
    }
    if known.is_empty() {
        help.push_str("none is declared");
    } else {
        let _ = write!(help, "known: {}", known.join(", "));
    }
    help
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_corrected_and_another_word_is_not() {
        let known = ["weight", "values", "ttl"];
        assert_eq!(nearest("wieght", known), Some("weight"));
        assert_eq!(nearest("tl", known), Some("ttl"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(
            help("vlues", known),
            "did you mean `values`? known: ttl, values, weight"
        );
    }
}
