//! The files that a strategy names: runbooks, diagrams, templates of messages.
//!
//! In: the paths that a strategy names, and a way to read them. Out: what is there. Must not know
//! what a file means.

use std::collections::BTreeMap;

use super::Strategy;
use crate::desired::{DesiredError, Text};

/// The folder of the templates, below that of the environment.
const TEMPLATES: &str = "templates";

/// What is at the path of a file that a strategy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// A text.
    Text(String),
    /// Something else, such as a picture.
    Other,
    /// Nothing.
    Absent,
}

/// Returns the path of a template below the environment's folder.
#[must_use]
pub fn template_path(name: &str) -> String {
    format!("{TEMPLATES}/{name}")
}

impl Strategy {
    /// Reads the files that the strategy names.
    pub(in crate::desired) fn attach(
        &mut self,
        read: impl Fn(&str) -> Result<Text, DesiredError>,
    ) -> Result<(), DesiredError> {
        let failovers = self.failovers.values();
        let files = failovers
            .flat_map(|one| [&one.runbook, &one.diagram])
            .flatten()
            .cloned();
        let messages = self
            .messages
            .values()
            .filter_map(|one| one.template.as_ref());
        let paths: Vec<String> = files
            .chain(messages.map(|name| template_path(name)))
            .collect();
        let mut found = BTreeMap::new();
        for path in paths {
            let attachment = match read(&path)? {
                Text::Read(text) => Attachment::Text(text),
                Text::Absent => Attachment::Absent,
                Text::Refused(_) => Attachment::Other,
            };
            found.insert(path, attachment);
        }
        self.attachments = found;
        Ok(())
    }
}
