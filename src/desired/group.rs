//! The arrays of tables of a document, and the kinds that each declares.
//!
//! In: the kinds. Out: one group for each section. Must not know what an entry holds.

use crate::kinds::{Kind, Section};

/// A section with its kinds.
pub(super) struct Group {
    /// The section.
    pub(super) section: &'static Section,
    /// The section's name as messages say it.
    pub(super) title: String,
    /// The kind whose fields stand flat beside those of the section.
    pub(super) flat: Option<&'static dyn Kind>,
    /// The kinds that own one key each.
    pub(super) parts: Vec<(&'static str, &'static dyn Kind)>,
}

impl Group {
    /// Returns the groups of all kinds, in the order of the kinds.
    pub(super) fn all(kinds: &[&'static dyn Kind]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for kind in kinds.iter().copied() {
            let section = kind.section();
            let known = groups
                .iter()
                .position(|group| group.section.array == section.array);
            let at = known.unwrap_or_else(|| {
                groups.push(Self {
                    section,
                    title: format!("`[[{}]]`", section.array),
                    flat: None,
                    parts: Vec::new(),
                });
                groups.len() - 1
            });
            match kind.part() {
                None => groups[at].flat = Some(kind),
                Some(part) => groups[at].parts.push((part, kind)),
            }
        }
        groups
    }

    /// Returns the kind whose part has this key.
    pub(super) fn part(&self, key: &str) -> Option<&'static dyn Kind> {
        self.parts
            .iter()
            .find(|(part, _)| *part == key)
            .map(|(_, kind)| *kind)
    }

    /// Iterates over the keys of the section and its kinds.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> {
        let flat = self.flat.map_or(&[][..], |kind| kind.shape().fields());
        let fields = self.section.fields.iter().chain(flat);
        let parts = self.parts.iter().map(|(part, _)| *part);
        fields.map(|field| field.name).chain(parts)
    }
}
