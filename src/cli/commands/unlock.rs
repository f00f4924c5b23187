//! `drsync unlock`: breaks the lock that a run which died has left.

use crate::cli::args::{Common, UnlockOptions};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::cli::{print, state};

pub(crate) async fn run(common: &Common, options: &UnlockOptions) -> Result<Exit, CliError> {
    let session = Session::open(common)?;
    let broken = state::unlock(common, &session, &options.id).await?;
    print::remark(&format!(
        "{broken}; it can write nothing more, and the next apply says what it left behind"
    ));
    Ok(Exit::Success)
}
