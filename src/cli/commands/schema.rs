//! `drsync schema`: the JSON schemas of everything that people write and programs read.

use crate::cli::args::{Schema, SchemaOptions};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::print;
use crate::{desired, plan, policy, report, sandbox};

/// Returns a schema as text.
pub(crate) fn text(which: Schema) -> Result<String, CliError> {
    let schema = match which {
        Schema::Environment => serde_json::to_string_pretty(&desired::environment_schema()),
        Schema::Policy => serde_json::to_string_pretty(&policy::policy_schema()),
        Schema::Waivers => serde_json::to_string_pretty(&policy::waiver_schema()),
        Schema::Record => serde_json::to_string_pretty(&desired::record_schema()),
        Schema::World => serde_json::to_string_pretty(&schemars::schema_for!(sandbox::World)),
        Schema::Plan => serde_json::to_string_pretty(&report::plan_schema()),
        Schema::Parity => serde_json::to_string_pretty(&report::parity_schema()),
        Schema::ParityRules => serde_json::to_string_pretty(&plan::parity_rule_schema()),
        Schema::Outcomes => serde_json::to_string_pretty(&report::outcomes_schema()),
    };
    schema
        .map(|text| text + "\n")
        .map_err(|error| CliError::Unknown(format!("the schema cannot be written: {error}")))
}

pub(crate) fn run(options: &SchemaOptions) -> Result<Exit, CliError> {
    print::result(&text(options.which)?);
    Ok(Exit::Success)
}
