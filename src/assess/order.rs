//! Time in a graph of steps: when each can start, and which chain takes longest.
//!
//! In: what each step needs and how long it takes. Out: moments and the critical path. Must not
//! know what a step is. A circle is refused before anything comes here.

use std::collections::BTreeMap;

/// What each step needs, and how long it takes in seconds.
pub type Graph<'g> = BTreeMap<&'g str, (i64, Vec<&'g str>)>;

/// Returns when each step can start: when the last that it needs is done.
#[must_use]
pub fn starts<'g>(graph: &Graph<'g>) -> BTreeMap<&'g str, i64> {
    let mut starts = BTreeMap::new();
    for name in graph.keys() {
        start(graph, name, &mut starts);
    }
    starts
}

fn start<'g>(graph: &Graph<'g>, name: &'g str, known: &mut BTreeMap<&'g str, i64>) -> i64 {
    if let Some(at) = known.get(name) {
        return *at;
    }
    let Some((_, needs)) = graph.get(name) else {
        return 0;
    };
    // Ends a circle, of which there is none in a strategy that was read.
    known.insert(name, 0);
    let ends = needs.iter().filter_map(|need| {
        let (own, _) = graph.get(need)?;
        Some(start(graph, need, known) + own)
    });
    let at = ends.max().unwrap_or(0);
    known.insert(name, at);
    at
}

/// Returns the chain of steps that ends last, and when; the ends are those that `is_end` names.
///
/// Of chains that end together the one whose names come first is returned.
#[must_use]
pub(super) fn critical_path<'g>(
    graph: &Graph<'g>,
    is_end: impl Fn(&str) -> bool,
) -> (i64, Vec<&'g str>) {
    let starts = starts(graph);
    let end = |name: &'g str| {
        let own = graph.get(name).map_or(0, |(own, _)| *own);
        starts.get(name).copied().unwrap_or(0) + own
    };
    let last = graph.keys().copied().filter(|name| is_end(name));
    let Some(mut name) = last.reduce(|best, name| if end(name) > end(best) { name } else { best })
    else {
        return (0, Vec::new());
    };
    let total = end(name);
    let mut path = vec![name];
    while let Some((_, needs)) = graph.get(name) {
        let known = needs
            .iter()
            .copied()
            .filter(|need| graph.contains_key(need));
        let Some(need) = known.reduce(|best, need| if end(need) > end(best) { need } else { best })
        else {
            break;
        };
        if path.len() > graph.len() {
            break;
        }
        path.push(need);
        name = need;
    }
    path.reverse();
    (total, path)
}

/// Returns all steps that a step waits for, however far back.
#[must_use]
pub(super) fn ancestors<'g>(needs: &BTreeMap<&'g str, Vec<&'g str>>, name: &str) -> Vec<&'g str> {
    let mut found: Vec<&str> = Vec::new();
    let mut open: Vec<&str> = needs.get(name).into_iter().flatten().copied().collect();
    while let Some(next) = open.pop() {
        if !found.contains(&next) {
            found.push(next);
            open.extend(needs.get(next).into_iter().flatten());
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

    /// The longest chain by trying every one.
    fn brute(graph: &Graph<'_>, name: &str) -> i64 {
        let (own, needs) = &graph[name];
        own + needs
            .iter()
            .map(|need| brute(graph, need))
            .max()
            .unwrap_or(0)
    }

    proptest! {
        #[test]
        fn the_critical_path_is_the_longest_of_all_chains(
            weights in prop::collection::vec(0_i64..100, 8),
            edges in prop::collection::vec(prop::bool::ANY, 28),
        ) {
            let mut edges = edges.into_iter();
            let mut graph = Graph::new();
            for (at, name) in NAMES.iter().enumerate() {
                let needs = NAMES[..at].iter().copied().filter(|_| edges.next() == Some(true));
                graph.insert(name, (weights[at], needs.collect()));
            }
            let (total, path) = critical_path(&graph, |_| true);
            let longest = NAMES.iter().map(|name| brute(&graph, name)).max();
            prop_assert_eq!(Some(total), longest);
            prop_assert_eq!(path.iter().map(|name| graph[name].0).sum::<i64>(), total);
            for pair in path.windows(2) {
                prop_assert!(graph[pair[1]].1.contains(&pair[0]));
            }
            prop_assert!(graph[path[0]].1.is_empty());
        }
    }

    #[test]
    fn what_need_not_be_waited_for_is_no_end() {
        let graph = Graph::from([("go", (5, vec![])), ("tell", (90, vec!["go"]))]);
        assert_eq!(
            critical_path(&graph, |name| name != "tell"),
            (5, vec!["go"])
        );
        assert_eq!(critical_path(&Graph::new(), |_| true), (0, vec![]));
    }
}
