//! `drsync import strategy`: a Markdown document becomes the files of an environment, and a report.

use std::io::Write as _;
use std::path::Path;

use crate::cli::args::ImportStrategy;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::print;
use crate::import::{Certainty, Note, StrategyFiles, strategy};

/// The largest document that is read, in bytes.
const LARGEST: u64 = 8 << 20;
/// The report's name, beside the files.
const REPORT: &str = "import-report.md";

pub(crate) fn run(options: &ImportStrategy) -> Result<Exit, CliError> {
    let failed = |action, path: &Path, source| CliError::File {
        action,
        path: path.to_owned(),
        source,
    };
    let name = options
        .out
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    if name.is_empty() || options.out.exists() {
        return Err(CliError::Unknown(format!(
            "{} is there already, or is no name for a folder; nothing was written",
            options.out.display()
        )));
    }
    let size =
        std::fs::metadata(&options.file).map_err(|source| failed("read", &options.file, source))?;
    if size.len() > LARGEST {
        return Err(CliError::Unknown(format!(
            "{} has more than {} MiB; that is no document that somebody wrote",
            options.file.display(),
            LARGEST >> 20
        )));
    }
    let text = std::fs::read_to_string(&options.file)
        .map_err(|source| failed("read", &options.file, source))?;
    let source = options
        .file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let made = strategy(&text, &source, &name);
    write(&options.out, &made).map_err(|source| failed("write", &options.out, source))?;
    print::result(&summary(&options.out, &made));
    print::remark(&format!(
        "next: read {}, move the folder into environments/ if it is not there, and run `drsync check --env {name}`",
        options.out.join(REPORT).display()
    ));
    Ok(Exit::Success)
}

/// Writes all files, or none: the folder appears when it is whole.
fn write(out: &Path, made: &StrategyFiles) -> std::io::Result<()> {
    let parent = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(parent)?;
    let folder = tempfile::Builder::new()
        .prefix(".import-")
        .tempdir_in(parent)?;
    let texts = made.files.iter().map(|(name, text)| (*name, text));
    for (name, text) in texts.chain([(REPORT, &made.report)]) {
        std::fs::File::create_new(folder.path().join(name))?.write_all(text.as_bytes())?;
    }
    std::fs::rename(folder.keep(), out)
}

fn summary(out: &Path, made: &StrategyFiles) -> String {
    let of = |certainty| {
        let notes = made
            .notes
            .iter()
            .filter(move |note| note.certainty == certainty);
        notes.collect::<Vec<&Note>>()
    };
    let (understood, guessed, left) = (
        of(Certainty::Understood),
        of(Certainty::Guessed),
        of(Certainty::NotPlaced),
    );
    let mut lines: Vec<String> = made
        .files
        .iter()
        .map(|(name, _)| format!("wrote {}", out.join(name).display()))
        .collect();
    lines.push(format!("wrote {}", out.join(REPORT).display()));
    for (title, notes) in [("guessed", &guessed), ("not placed", &left)] {
        if !notes.is_empty() {
            lines.push(format!("\n{title}:"));
        }
        for note in notes {
            lines.push(format!(
                "  line {}: {}: {}",
                note.line, note.text, note.because
            ));
        }
    }
    lines.push(format!(
        "\n{} understood, {} guessed, {} not placed",
        understood.len(),
        guessed.len(),
        left.len()
    ));
    lines.join("\n")
}
