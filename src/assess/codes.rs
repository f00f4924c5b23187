//! The stable codes of everything that keeps a strategy from working.
//!
//! In: nothing. Out: one constant for each code, and a line on each for `explain`. Must not know
//! where a code is raised.

macro_rules! codes {
    ($($name:ident = $code:literal: $line:literal;)*) => {
        $(
            #[doc = $line]
            pub const $name: &str = $code;
        )*

        /// All codes, each with what it means and what to do.
        pub static CODES: &[(&str, &str)] = &[$(($code, $line)),*];
    };
}

codes! {
    CADENCE_CONFLICT = "cadence-conflict": "The same thing is to be done at two different cadences; write one of them in both places.";
    OBJECTIVE_CONFLICT = "objective-conflict": "A promise of the summary or a criterion differs from that of the tier; correct one of them.";
    DOWNTIME_CONFLICT = "downtime-conflict": "A component fails over in another time than the failover type allows for all; name the components that the type is for.";
    SCOPE_MISSING = "scope-missing": "A component takes part in the strategy and is not in its scope; add it to `scope`, or exclude it.";
    TIER_MISSING = "tier-missing": "A component has no tier, so nothing is promised for it; give it one.";
    TIER_INVERSION = "tier-inversion": "A component needs one that may be away for longer than itself; raise the tier of the latter, or cut the dependency.";
    STORE_UNDECLARED = "store-undeclared": "Nothing says what becomes of a component's data; write `store` or `data_in`.";
    BACKUP_MISSING = "backup-missing": "A store of record has no way to the DR site; add a backup that lies there.";
    RPO_UNMET = "rpo-unmet": "The best backup of a store loses more than its tier allows in the worst case; make it more often, or copy it faster.";
    RPO_UNKNOWN = "rpo-unknown": "What a store can lose is not known; state interval, duration and copy lag.";
    BACKUP_WINDOW = "backup-window": "Logs are kept for less than the full backups, so older ones restore only to their own moment; state `window`, or keep the logs.";
    BACKUP_LOCATION = "backup-location": "A backup says nowhere where it lies; write `locations`.";
    SINGLE_COPY = "single-copy": "A backup lies in one place only; add another.";
    REPLICATION_NOT_BACKUP = "replication-not-backup": "A store is only replicated, and a replica repeats deletions; keep old versions (`retention`), or add a backup.";
    BACKUP_PROTECTION = "backup-protection": "Backups are not said to be encrypted or immutable; write it of the backup or of its locations.";
    RESEED_TIME = "reseed-time": "All data takes longer over the network than the recovery time; allow for it with `reseed` in the failover back.";
    RESTORE_TIME = "restore-time": "Restoring all the data takes longer than the exercise or the tier allows; say which part with `extent`, or make room.";
    REPLICATION_BANDWIDTH = "replication-bandwidth": "More data changes than the network between the sites can carry; raise the bandwidth.";
    CAPACITY_UNPROVEN = "capacity-unproven": "The DR site must grow in a failover and nothing says that it can; state a quota or a reservation.";
    CAPACITY_QUOTA = "capacity-quota": "The DR site must grow beyond what the provider allows it; raise the quota.";
    TTL_CONFLICT = "ttl-conflict": "Resolvers may keep an answer for longer than the network requirement says; lower the TTL.";
    TTL_DOWNTIME = "ttl-downtime": "Clients take longer to follow a failover than it may take; lower TTL, interval or threshold.";
    ORDER_UNSAFE = "order-unsafe": "Clients are led to the DR site before it can serve them; let the step of traffic need the others.";
    ORDER_UNFENCED = "order-unfenced": "A database is promoted while the old one may still be written to; add a step that fences it.";
    ORDER_INCOMPLETE = "order-incomplete": "No step of the recovery is about a component; add one.";
    ORDER_UNVERIFIED = "order-unverified": "Nothing is verified after traffic has moved; add a step that does.";
    RTO_UNMET = "rto-unmet": "The recovery takes longer than a tier allows; shorten the critical path.";
    RTO_UNKNOWN = "rto-unknown": "How long a recovery takes is not known; state or measure the durations of its steps.";
    MESSAGE_LATE = "message-late": "A message cannot be sent within its deadline; send it from an earlier step.";
    MESSAGE_UNSENT = "message-unsent": "A message has a deadline, and no step sends it; name it in `messages` of a step.";
    MESSAGE_MISSING = "message-missing": "Nobody is told of an event; add a message.";
    MESSAGE_DEADLINE = "message-deadline": "A message to customers has no deadline; write `within`.";
    MESSAGE_TEMPLATE = "message-template": "A message has no template, or one that is not there or does not render; correct it.";
    CHANNEL_HOSTING = "channel-hosting": "A channel needs the primary site to work, so it is silent in a disaster; host it elsewhere.";
    ROLE_PLACEHOLDER = "role-placeholder": "Nobody plays a role: a person is only a placeholder; name one.";
    ROLE_SAME_PERSON = "role-same-person": "The same person is primary and backup of a role; name another.";
    ROLE_MISSING_BACKUP = "role-missing-backup": "A role has no backup; name one.";
    OWNER_MISSING = "owner-missing": "Nobody answers for components; give each an `owner`.";
    PERSON_UNREACHABLE = "person-unreachable": "A person has no way to be reached; add `contact`.";
    PERSON_UNCONFIRMED = "person-unconfirmed": "A person never confirmed a role, or was never trained; add the dates.";
    EXCLUSION_UNOWNED = "exclusion-unowned": "An exclusion has no reason or no owner; add both.";
    CRITERION_VAGUE = "criterion-vague": "A criterion cannot be measured as it is written; list its checks.";
    RUNBOOK_MISSING = "runbook-missing": "A runbook or a diagram is not there; write it, or make it with `drsync runbook`.";
    PLAN_MISSING = "plan-missing": "The strategy lacks something that every strategy has; add it.";
    RECORD_STALE = "record-stale": "A record is older than it is valid, or there is none; do it again and record it.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_listed() {
        let all: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
        insta::assert_snapshot!(all.join("\n"));
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), all.len());
        assert!(CODES.iter().all(|(_, line)| line.ends_with('.')));
    }
}
