//! What can go wrong while a report is laid out.
//!
//! In: errors of the layout libraries. Out: one error type. Must not know what was reported.

/// A report that could not be laid out; neither case depends on what is reported.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The template is wrong.
    #[error("the template does not render")]
    Template(#[source] minijinja::Error),
    /// A value has no JSON.
    #[error("the report has no JSON form")]
    Json(#[source] serde_json::Error),
}
