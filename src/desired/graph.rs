//! Circles in what depends on what.

use std::collections::{BTreeMap, BTreeSet};

/// Returns one circle, each node needing the next and the last the first; none if there is none.
///
/// A node that is needed and has no entry of its own needs nothing.
pub(super) fn circle<'g, N: Ord + ?Sized>(needs: &BTreeMap<&'g N, Vec<&'g N>>) -> Vec<&'g N> {
    // What needs nothing that is left is in no circle; taking it away may free others.
    let mut left: BTreeSet<&N> = needs.keys().copied().collect();
    let mut count: BTreeMap<&N, usize> = BTreeMap::new();
    let mut needed_by: BTreeMap<&N, Vec<&N>> = BTreeMap::new();
    for (node, wanted) in needs {
        let known = wanted.iter().filter(|one| needs.contains_key(*one));
        for one in known.clone() {
            needed_by.entry(one).or_default().push(node);
        }
        count.insert(node, known.count());
    }
    let mut free: Vec<&N> = count
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(node, _)| *node)
        .collect();
    while let Some(node) = free.pop() {
        left.remove(node);
        for other in needed_by.get(node).into_iter().flatten() {
            if let Some(count) = count.get_mut(other) {
                *count -= 1;
                if *count == 0 {
                    free.push(other);
                }
            }
        }
    }
    // Whatever is left needs something that is left: going on, one must come back.
    let mut path: Vec<&N> = Vec::new();
    let mut next = left.first().copied();
    while let Some(node) = next {
        if let Some(at) = path.iter().position(|one| *one == node) {
            return path.split_off(at);
        }
        path.push(node);
        let wanted = needs.get(node).into_iter().flatten();
        next = wanted.copied().find(|one| left.contains(one));
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(edges: &[(&'static str, &[&'static str])]) -> Vec<&'static str> {
        circle(
            &edges
                .iter()
                .map(|(node, needs)| (*node, needs.to_vec()))
                .collect(),
        )
    }

    #[test]
    fn a_circle_is_found_wherever_it_hangs() {
        assert_eq!(of(&[("a", &["b"]), ("b", &["c"]), ("c", &[])]), [""; 0]);
        assert_eq!(
            of(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])]),
            ["b", "c"]
        );
        assert_eq!(of(&[("a", &["a"])]), ["a"]);
        assert_eq!(of(&[("a", &["elsewhere"])]), [""; 0]);
    }
}
