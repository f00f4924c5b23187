//! The selected profile: values that depend on the scale of a deployment.
//!
//! In: `[environment] profile` and the tables `[profile.NAME]`. Out: the raw value under a key, or
//! why there is none. Must not know what type a value is to have.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::{Frame, Item};
use super::{codes, suggest};
use crate::model::{Finding, Shape, Span};

/// The profile that an environment selects.
pub(super) enum Profile<'d> {
    /// None.
    Unselected,
    /// One that is not declared, which is a finding already.
    Undeclared,
    /// A declared one.
    Selected {
        /// Its name.
        name: String,
        /// What its places are counted from.
        frame: Frame,
        /// Its values.
        values: &'d DeTable<'d>,
    },
}

impl<'d> Profile<'d> {
    /// Returns the profile that the raw `[environment]` selects among the raw profiles.
    pub(super) fn select(
        environment: Option<&Item<'d>>,
        profiles: &'d BTreeMap<String, Item<'d>>,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let selected = environment.and_then(|item| {
            let value = item.value.get_ref().as_table()?.get("profile")?;
            Some((value.get_ref().as_str()?, item.frame.span(&value.span())))
        });
        let Some((name, span)) = selected else {
            return Self::Unselected;
        };
        match profiles
            .get(name)
            .map(|item| (item.frame, item.value.get_ref()))
        {
            Some((frame, DeValue::Table(values))) => Self::Selected {
                name: name.to_owned(),
                frame,
                values,
            },
            // A profile that is no table is a finding of the document.
            Some(_) => Self::Undeclared,
            None => {
                let known = profiles.keys().map(String::as_str);
                findings.push(
                    Finding::error(codes::UNKNOWN_PROFILE, format!("no profile `{name}`"))
                        .at(span, "")
                        .help(suggest::help(name, known)),
                );
                Self::Undeclared
            }
        }
    }

    /// Returns the value under a key and its frame, or the finding; no finding where there is one
    /// already.
    #[allow(
        clippy::result_large_err,
        reason = "a finding ends the run; its size is of no matter"
    )]
    pub(super) fn find(
        &self,
        key: &str,
        used_at: Span,
    ) -> Result<(Frame, &'d Spanned<DeValue<'d>>), Option<Finding>> {
        match self {
            Self::Undeclared => Err(None),
            Self::Unselected => Err(Some(
                Finding::error(
                    codes::NO_PROFILE,
                    format!("`{key}` is taken from a profile, and none is selected"),
                )
                .at(used_at, "")
                .help("write `[environment] profile = \"NAME\"`"),
            )),
            Self::Selected {
                name,
                frame,
                values,
            } => match values.get(key) {
                Some(value) => Ok((*frame, value)),
                None => Err(Some(
                    Finding::error(
                        codes::UNKNOWN_PROFILE_KEY,
                        format!("the profile `{name}` has no value `{key}`"),
                    )
                    .at(used_at, "")
                    .help(suggest::help(
                        key,
                        values.keys().map(|known| known.get_ref().as_ref()),
                    )),
                )),
            },
        }
    }
}

/// Returns the key, if a value is `{ profile = "key" }`.
///
/// A table that has a field `profile` of its own is never a reference.
pub(super) fn reference<'v>(shape: &Shape, value: &'v DeValue<'_>) -> Option<&'v str> {
    let table = value.as_table().filter(|table| table.len() == 1)?;
    if shape.fields().iter().any(|field| field.name == "profile") {
        return None;
    }
    table.get("profile")?.get_ref().as_str()
}
