//! A coded diagnostic: what is wrong, where, and what to do about it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Address, Span};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Blocks: the input is wrong, or policy refuses.
    Error,
    /// Deserves a look; blocks nothing.
    Warning,
    /// Says something worth knowing.
    Note,
}

/// A place that a finding points at, with a few words about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be seen there; may be empty.
    pub text: String,
}

/// A coded diagnostic with severity, source spans and help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The stable code, in kebab-case; `drsync explain CODE` tells more.
    pub code: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// What happened, in one sentence without a full stop.
    pub message: String,
    /// The places, the main one first.
    pub labels: Vec<Label>,
    /// What to do next; may be empty.
    pub help: String,
    /// The objects that it is about.
    pub addresses: Vec<Address>,
    /// What stands in the text and must not be shown by any excerpt: it may be a secret.
    pub conceals: Vec<Span>,
}

impl Finding {
    /// Returns a finding of severity error.
    pub fn error(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            help: String::new(),
            addresses: Vec::new(),
            conceals: Vec::new(),
        }
    }

    /// Returns a finding of severity warning.
    pub fn warning(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// Returns a finding of severity note.
    pub fn note(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(code, message)
        }
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Sets what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Adds a part of the text that no excerpt shows.
    #[must_use]
    pub fn conceal(mut self, span: Span) -> Self {
        self.conceals.push(span);
        self
    }

    /// Adds an object that it is about.
    #[must_use]
    pub fn about(mut self, address: Address) -> Self {
        self.addresses.push(address);
        self
    }
}
