//! Plays a call, with the fault that it meets.
//!
//! In: a job of one of the services and a fault. Out: what the client meets. It must not know what
//! a job does.

use bytes::Bytes;
use http::Response;

use super::answer;
use super::fault::{Effect, Fault};
use super::sandbox::{Reply, Sandbox};

/// A call that can be carried out.
pub(crate) trait Job {
    /// Whether it only reads.
    fn reads(&self) -> bool;
    /// The refusal that an effect is, in the words of the service.
    fn refusal(&self, effect: Effect) -> Option<Response<Bytes>>;
    /// Carries it out.
    fn perform(&self, sandbox: &mut Sandbox) -> Reply;
    /// The answer from before the last change.
    fn stale(&self, sandbox: &Sandbox) -> Reply;
}

/// Carries out a job with its fault.
pub(crate) fn play(sandbox: &mut Sandbox, job: &impl Job, fault: Option<&Fault>) -> Reply {
    let Some(fault) = fault else {
        let reply = job.perform(sandbox);
        return sandbox.late(reply);
    };
    if let Some(refusal) = job.refusal(fault.effect) {
        if fault.after {
            job.perform(sandbox);
        }
        return sandbox.late(Reply::Answer(refusal));
    }
    match fault.effect {
        Effect::StaleRead if job.reads() => {
            let reply = job.stale(sandbox);
            sandbox.late(reply)
        }
        Effect::Delay => match job.perform(sandbox) {
            Reply::Answer(response) => Reply::Delay(fault.delay_ms, response),
            other => other,
        },
        Effect::Truncate => {
            let reply = if fault.after || job.reads() {
                job.perform(sandbox)
            } else {
                job.perform(&mut sandbox.clone())
            };
            match reply {
                Reply::Answer(response) => truncate(response),
                other => other,
            }
        }
        Effect::Drop | Effect::Hang | Effect::Html => {
            if fault.after {
                job.perform(sandbox);
            }
            match fault.effect {
                Effect::Drop => Reply::Drop,
                Effect::Hang => Reply::Hang,
                _ => sandbox.late(Reply::Answer(answer::html())),
            }
        }
        _ => {
            let reply = job.perform(sandbox);
            sandbox.late(reply)
        }
    }
}

/// An answer cut in the middle; one without a body would be whole with its headers, so it is cut
/// before them.
fn truncate(response: Response<Bytes>) -> Reply {
    if response.body().is_empty() {
        Reply::Drop
    } else {
        Reply::Truncate(response)
    }
}
