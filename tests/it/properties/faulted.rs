//! Any faults at any calls: nothing unknown is deleted, nothing undeclared is written, and the next
//! run ends where an undisturbed one does.

use std::sync::LazyLock;

use drsync::sandbox::Effect;
use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use crate::faults::story::{Story, disturbed, fault};

static STORY: LazyLock<Story> = LazyLock::new(Story::new);

const EFFECTS: [Effect; 9] = [
    Effect::Throttle,
    Effect::PriorRequestNotComplete,
    Effect::Error500,
    Effect::Error503,
    Effect::AccessDenied,
    Effect::Drop,
    Effect::Hang,
    Effect::Truncate,
    Effect::Html,
];

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn any_faults_do_no_harm(
        faults in proptest::collection::vec((1..60_u64, 1..12_u64, select(&EFFECTS[..]), any::<bool>()), 1..5)
    ) {
        let room = STORY.room();
        room.with(|sandbox| {
            for (nth, times, effect, after) in faults {
                sandbox.script(fault(nth, times, effect, after));
            }
        });
        // Twice, because what one run leaves is what the next one meets.
        disturbed(&STORY, &room);
        disturbed(&STORY, &room);
        room.end_faults();
        STORY.mends(&room);
    }
}
