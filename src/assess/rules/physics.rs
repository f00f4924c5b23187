//! Bytes, bandwidth and time: what cannot be done in the time that it has.

use std::collections::BTreeSet;

use crate::assess::codes;
use crate::assess::context::Context;
use crate::desired::strategy::{Amount, Automation, Capacity, Direction, ExerciseKind, Recovery};
use crate::model::amount::{format_bits_per_second, format_bytes};
use crate::model::units::format_seconds;
use crate::model::{Finding, Span};

const DAY: i64 = 86_400;

/// Returns how long so many bytes take at so many bits a second, in seconds, rounded up.
pub(in crate::assess) fn transfer(bytes: i64, bits_per_second: i64) -> i64 {
    let bits = i128::from(bytes) * 8;
    let rate = i128::from(bits_per_second.max(1));
    i64::try_from((bits + rate - 1) / rate).unwrap_or(i64::MAX)
}

/// All the data, with the place that says so: of the components, or else of the required storage.
fn total(context: &Context<'_>) -> Option<(i64, Span)> {
    let sized = context.desired.components().values();
    let sized: Vec<(i64, Span)> = sized
        .filter_map(|one| Some((one.size?, one.places.of("size"))))
        .collect();
    if let Some((_, span)) = sized.iter().max() {
        return Some((sized.iter().map(|(size, _)| *size).sum(), *span));
    }
    let storage = context
        .strategy
        .capacities
        .iter()
        .find(|(name, _)| name.contains("storage") || name.contains("disk"));
    storage.and_then(|(_, one)| match one.primary {
        Amount::Bytes(bytes) => Some((bytes, one.places.of("primary"))),
        Amount::Count(_) => None,
    })
}

fn bandwidth_of(context: &Context<'_>) -> Option<(i64, Span)> {
    let network = context.strategy.network.as_ref()?;
    Some((network.bandwidth?, network.places.of("bandwidth")))
}

fn hours(seconds: i64) -> String {
    let tenths = (seconds + 180) / 360;
    format!("{}.{}h", tenths / 10, tenths % 10)
}

/// What is restored over the network fits into the recovery time; what is only re-seeded has time
/// of its own.
pub(super) fn reseed(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (Some((bandwidth, rate_at)), Some((bytes, size_at)), Some((name, tier))) =
        (bandwidth_of(context), total(context), context.strictest())
    else {
        return;
    };
    let takes = transfer(bytes, bandwidth);
    let back = context
        .strategy
        .failovers
        .values()
        .find(|one| one.direction == Direction::Back);
    let allowed = back.and_then(|one| Some((one.reseed?, one.places.of("reseed"))));
    let (limit, limit_at, whose) = match allowed {
        Some((reseed, at)) => (reseed, at, "the failover back allows".to_owned()),
        None => (
            tier.rto,
            tier.places.of("rto"),
            format!("tier {name} allows"),
        ),
    };
    if takes > limit {
        findings.push(
            Finding::warning(
                codes::RESEED_TIME,
                format!(
                    "{} over {} takes {}, and {whose} {}",
                    format_bytes(bytes),
                    format_bits_per_second(bandwidth),
                    hours(takes),
                    format_seconds(limit)
                ),
            )
            .at(size_at, "")
            .at(rate_at, "")
            .at(limit_at, "")
            .help("write how long a re-seed may take, `reseed`, in the failover back, or raise the bandwidth"),
        );
    }
    for (name, component) in context.desired.components() {
        let restored = matches!(
            component.recovery,
            Some(Recovery::Restore | Recovery::Rebuild)
        );
        let (Some(size), true, Some((_, tier))) =
            (component.size, restored, context.tier_of(component))
        else {
            continue;
        };
        let takes = transfer(size, bandwidth);
        if takes > tier.rto {
            findings.push(
                Finding::error(
                    codes::RESTORE_TIME,
                    format!(
                        "`{name}` is restored within {}, and its data takes {}",
                        format_seconds(tier.rto),
                        hours(takes)
                    ),
                )
                .at(component.places.of("size"), "")
                .at(rate_at, "")
                .at(tier.places.of("rto"), "")
                .help("keep a copy at the DR site that runs: `recovery = \"warm\"`"),
            );
        }
    }
}

/// A restore that an exercise makes fits into its duration, or says how much it restores.
pub(super) fn restore(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (Some((bandwidth, rate_at)), Some((bytes, size_at))) =
        (bandwidth_of(context), total(context))
    else {
        return;
    };
    let takes = transfer(bytes, bandwidth);
    for (name, exercise) in &context.strategy.exercises {
        let Some(duration) = exercise
            .duration
            .filter(|_| exercise.kind == ExerciseKind::Restore)
        else {
            continue;
        };
        if takes > duration && exercise.extent.is_none() {
            findings.push(
                Finding::warning(
                    codes::RESTORE_TIME,
                    format!(
                        "`{name}` takes {}, and restoring {} takes {}",
                        format_seconds(duration),
                        format_bytes(bytes),
                        hours(takes)
                    ),
                )
                .at(exercise.places.of("duration"), "")
                .at(size_at, "")
                .at(rate_at, "")
                .help("write which part it restores: `extent`"),
            );
        }
    }
}

/// What changes in a day can be replicated in a day.
pub(super) fn bandwidth(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some((bandwidth, rate_at)) = bandwidth_of(context) else {
        return;
    };
    let changing = context.desired.components().iter();
    let changing: Vec<(i64, &str, Span)> = changing
        .filter_map(|(name, one)| {
            Some((
                one.daily_change?,
                name.as_str(),
                one.places.of("daily_change"),
            ))
        })
        .collect();
    let bytes = changing.iter().map(|(bytes, ..)| *bytes).sum();
    if transfer(bytes, bandwidth) > DAY {
        let finding = Finding::error(
            codes::REPLICATION_BANDWIDTH,
            format!(
                "{} change in a day, more than {} carry",
                format_bytes(bytes),
                format_bits_per_second(bandwidth)
            ),
        )
        .at(rate_at, "");
        let places = changing
            .into_iter()
            .map(|(_, name, span)| (name, span))
            .collect();
        findings.push(
            super::data::labelled(finding, places).help("raise the bandwidth, or replicate less"),
        );
    }
}

/// The DR site may grow to the size of a failover.
pub(super) fn capacity(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut unproven: Vec<(&str, Span)> = Vec::new();
    for (name, capacity) in &context.strategy.capacities {
        let Capacity {
            dr,
            failover,
            quota,
            reserved,
            places,
            ..
        } = capacity;
        if failover.number() <= dr.number() {
            continue;
        }
        match (quota, reserved) {
            (None, None) => unproven.push((name, places.of("dr"))),
            (Some(quota), _) if quota.number() < failover.number() => findings.push(
                Finding::error(
                    codes::CAPACITY_QUOTA,
                    format!(
                        "`{name}` grows to {}, and the quota is {}",
                        shown(*failover),
                        shown(*quota)
                    ),
                )
                .at(places.of("quota"), "")
                .at(
                    places.of(if places.of("failover") == places.span() {
                        "primary"
                    } else {
                        "failover"
                    }),
                    "",
                )
                .help("have the quota raised before it is needed"),
            ),
            _ => {}
        }
    }
    if !unproven.is_empty() {
        let names: Vec<&str> = unproven.iter().map(|(name, _)| *name).collect();
        let message = format!(
            "the DR site grows in a failover, and nothing says that it can: {}",
            names.join(", ")
        );
        findings.push(super::data::labelled(
            Finding::warning(codes::CAPACITY_UNPROVEN, message).help("write `quota` or `reserved`"),
            unproven,
        ));
    }
}

fn shown(amount: Amount) -> String {
    match amount {
        Amount::Count(number) => number.to_string(),
        Amount::Bytes(bytes) => format_bytes(bytes),
    }
}

/// Clients follow as soon as the network requirement and the failover types say.
pub(super) fn dns(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // Names that do not move in a failover are kept by resolvers for as long as they like.
    let moving: BTreeSet<&str> = context
        .desired
        .components()
        .keys()
        .map(String::as_str)
        .collect();
    let (detection, _) = context.delays(&moving);
    let declared = context
        .strategy
        .network
        .as_ref()
        .and_then(|one| Some((one.dns_ttl?, one.places.of("dns_ttl"))));
    let Some((ttl, ttl_at)) = declared else {
        return;
    };
    for (name, failover) in &context.strategy.failovers {
        let Some(downtime) = failover
            .downtime
            .filter(|_| failover.automation == Some(Automation::Full))
        else {
            continue;
        };
        let Some((noticed, object)) = detection else {
            continue;
        };
        let takes = noticed + ttl;
        if takes > downtime {
            let finding = Finding::error(
                codes::TTL_DOWNTIME,
                format!(
                    "clients follow after {}, and the failover `{name}` may take {}",
                    format_seconds(takes),
                    format_seconds(downtime)
                ),
            )
            .at(failover.places.of("downtime"), "")
            .at(ttl_at, "resolvers keep the answer");
            findings.push(
                super::data::at(
                    finding,
                    object.spans.whole,
                    "the failure is noticed after interval and failures",
                )
                .about(object.object.address.clone())
                .help("lower the TTL, the interval or the threshold"),
            );
        }
    }
    for name in &moving {
        let (_, kept) = context.delays(&BTreeSet::from([*name]));
        if let Some((seconds, object)) = kept.filter(|(seconds, _)| *seconds > ttl) {
            let address = &object.object.address;
            let finding = Finding::error(
                codes::TTL_CONFLICT,
                format!(
                    "resolvers keep {address} for {}, and the network requirement is {}",
                    format_seconds(seconds),
                    format_seconds(ttl)
                ),
            );
            findings.push(
                super::data::at(finding, object.spans.of("/ttl"), "")
                    .at(ttl_at, "")
                    .about(address.clone())
                    .help("lower the TTL"),
            );
        }
    }
}
