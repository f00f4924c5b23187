//! Who plays the roles, and who is told what in time.

use minijinja::{Environment, UndefinedBehavior, context as values};

use super::data::labelled;
use crate::assess::codes;
use crate::assess::context::Context;
use crate::assess::order::{Graph, ancestors, starts};
use crate::desired::Role;
use crate::desired::strategy::{
    Attachment, Message, Step, StepAction, is_placeholder, template_path,
};
use crate::model::units::format_seconds;
use crate::model::{Finding, Span};

/// The events that people must be told of.
const EVENTS: [&str; 9] = [
    "degraded",
    "declared",
    "in-progress",
    "failover-starting",
    "failover-complete",
    "restored",
    "failback-starting",
    "failback-complete",
    "exercise-announced",
];

/// Each role is played by two people who exist.
pub(super) fn roles(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, role) in &context.strategy.roles {
        let given = [
            ("primary", Some(&role.primary)),
            ("backup", role.backup.as_ref()),
        ];
        for (field, person) in given {
            if let Some(person) = person.filter(|person| is_placeholder(person)) {
                findings.push(
                    Finding::error(
                        codes::ROLE_PLACEHOLDER,
                        format!("nobody is {field} of the role `{name}`: {person} is no person"),
                    )
                    .at(role.places.of(field), "")
                    .help("name somebody of `[person.NAME]`"),
                );
            }
        }
        match &role.backup {
            None => findings.push(
                Finding::warning(
                    codes::ROLE_MISSING_BACKUP,
                    format!("the role `{name}` has no backup"),
                )
                .at(role.places.span(), "")
                .help("name another person in `backup`"),
            ),
            Some(backup) if *backup == role.primary && !is_placeholder(backup) => findings.push(
                Finding::error(
                    codes::ROLE_SAME_PERSON,
                    format!("`{backup}` is primary and backup of the role `{name}`"),
                )
                .at(role.places.of("backup"), "")
                .at(role.places.of("primary"), "")
                .help("name another person in `backup`"),
            ),
            Some(_) => {}
        }
    }
}

/// Who plays a role can be reached, confirmed it and was trained.
pub(super) fn persons(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, person) in &context.strategy.people {
        let contacts = person
            .contact
            .iter()
            .filter(|one| !is_placeholder(one) && !one.contains("example.com"));
        if contacts.count() == 0 {
            findings.push(
                Finding::error(
                    codes::PERSON_UNREACHABLE,
                    format!("`{name}` cannot be reached"),
                )
                .at(person.places.of("contact"), "")
                .help("write `contact`: a number or an address that works in a disaster"),
            );
        }
        for (what, done) in [("confirmed", person.confirmed), ("trained", person.trained)] {
            if done.is_none() {
                findings.push(
                    Finding::warning(
                        codes::PERSON_UNCONFIRMED,
                        format!("`{name}` was never {what}"),
                    )
                    .at(person.places.span(), "")
                    .help(format!("write the day: `{what}`")),
                );
            }
        }
    }
}

/// Somebody answers for each component.
pub(super) fn owners(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let without: Vec<(&str, Span)> = context
        .desired
        .components()
        .iter()
        .filter(|(_, one)| one.owner.is_none())
        .map(|(name, one)| (name.as_str(), one.span()))
        .collect();
    if !without.is_empty() {
        let names: Vec<&str> = without.iter().map(|(name, _)| *name).collect();
        let message = format!("nobody answers for {}", names.join(", "));
        findings.push(labelled(
            Finding::warning(codes::OWNER_MISSING, message)
                .help("write `owner`: one of `[role.NAME]`"),
            without,
        ));
    }
}

/// Every event has a message, and every message a text that renders.
pub(super) fn messages(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let strategy = context.strategy;
    let missing: Vec<&str> = EVENTS
        .into_iter()
        .filter(|event| !strategy.messages.values().any(|one| one.event == *event))
        .collect();
    if !missing.is_empty() {
        let finding = Finding::warning(
            codes::MESSAGE_MISSING,
            format!("nobody is told of: {}", missing.join(", ")),
        );
        let first = strategy
            .messages
            .values()
            .next()
            .map(|one| one.places.span());
        findings.push(
            super::data::at(finding, first, "the first of those that there are")
                .help("add a `[message.NAME]` for each"),
        );
    }
    for (name, message) in &strategy.messages {
        if message.external && message.within.is_none() {
            findings.push(
                Finding::warning(
                    codes::MESSAGE_DEADLINE,
                    format!("the message `{name}` leaves the company and has no deadline"),
                )
                .at(message.places.span(), "")
                .help("write `within`: a word such as immediate is none"),
            );
        }
        template(context, name, message, findings);
    }
}

fn template(context: &Context<'_>, name: &str, message: &Message, findings: &mut Vec<Finding>) {
    let mut wrong = |what: String, field: &str, help: &str| {
        findings.push(
            Finding::warning(
                codes::MESSAGE_TEMPLATE,
                format!("the message `{name}` {what}"),
            )
            .at(message.places.of(field), "")
            .help(help),
        );
    };
    let Some(file) = &message.template else {
        wrong(
            "has no template".to_owned(),
            "event",
            "write `template`: a file below `templates/`",
        );
        return;
    };
    match context.strategy.attachments.get(&template_path(file)) {
        Some(Attachment::Text(text)) => {
            if let Err(error) = render(context, message, text) {
                let what = format!("does not render: {error}");
                wrong(what, "template", "correct the template");
            }
        }
        Some(Attachment::Other) => {
            wrong(
                format!("has a template that is no text: {file}"),
                "template",
                "save it as UTF-8",
            );
        }
        Some(Attachment::Absent) => wrong(
            format!("has a template that is not there: templates/{file}"),
            "template",
            "write the file",
        ),
        // Nothing was read but the TOML, so nothing is known.
        None => {}
    }
}

/// Renders a template with made-up values for everything that is known only in a disaster.
fn render(
    context: &Context<'_>,
    message: &Message,
    text: &str,
) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let sites = context.desired.sites().iter();
    let site = |role| {
        sites
            .clone()
            .find(|(_, site)| site.role == role)
            .map_or("", |(name, _)| name)
    };
    environment.render_str(
        text,
        values! {
            environment => context.desired.title(),
            event => &message.event,
            audience => &message.audience,
            primary => site(Role::Primary),
            dr => site(Role::Dr),
            declared_at => "2026-01-01T00:00:00Z",
            declared_by => "somebody",
            reason => "the reason",
            next_update => "2026-01-01T00:30:00Z",
        },
    )
}

/// A message that has a deadline is sent by a step that starts before it.
pub(super) fn deadlines(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let from_declaration = ["declared", "in-progress", "failover-starting"];
    let Some((failover, _)) = context.disaster() else {
        return;
    };
    let steps = context.steps_of(Some(failover));
    if steps.is_empty() {
        return;
    }
    let needs = Context::needs(&steps);
    let own = |step: &Step| {
        if step.action == StepAction::Declare {
            0
        } else {
            step.duration.unwrap_or(0)
        }
    };
    let graph: Graph<'_> = steps
        .iter()
        .map(|(name, step)| (*name, (own(step), needs[name].clone())))
        .collect();
    let starts = starts(&graph);
    let timed = context
        .strategy
        .messages
        .iter()
        .filter(|(_, one)| from_declaration.contains(&one.event.as_str()));
    for (name, message) in timed {
        let Some(within) = message.within else {
            continue;
        };
        let sending = steps
            .iter()
            .filter(|(_, step)| step.messages.contains(name));
        let earliest = sending.min_by_key(|(step, _)| starts[*step] + graph[*step].0);
        let Some((at, step)) = earliest else {
            findings.push(
                Finding::warning(
                    codes::MESSAGE_UNSENT,
                    format!(
                        "the message `{name}` is due within {}, and no step sends it",
                        format_seconds(within)
                    ),
                )
                .at(message.places.of("within"), "")
                .help("name it in `messages` of a step"),
            );
            continue;
        };
        let sent = starts[at] + graph[at].0;
        let waits: Vec<&str> = ancestors(&needs, at)
            .into_iter()
            .filter(|one| steps[one].action != StepAction::Declare && steps[one].duration.is_none())
            .collect();
        let (late, why) = (
            sent > within,
            format!("sends it {} after the declaration", format_seconds(sent)),
        );
        if late || !waits.is_empty() {
            let why = if late {
                why
            } else {
                format!("waits for {}, and nobody knows how long", waits.join(", "))
            };
            let message_text = format!(
                "the message `{name}` is due within {}, and `{at}` {why}",
                format_seconds(within)
            );
            let finding = if late {
                Finding::error(codes::MESSAGE_LATE, message_text)
            } else {
                Finding::warning(codes::MESSAGE_LATE, message_text)
            };
            findings.push(
                finding
                    .at(step.places.of("needs"), "")
                    .at(message.places.of("within"), "")
                    .help("send it from a step that needs the declaration only"),
            );
        }
    }
}

/// A channel works when the primary site does not.
pub(super) fn channels(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &context.strategy.channels {
        let site = channel
            .hosted_at
            .as_ref()
            .and_then(|site| context.desired.sites().get_key_value(site));
        if let Some((site, declared)) = site.filter(|(_, site)| site.role == Role::Primary) {
            findings.push(
                Finding::warning(
                    codes::CHANNEL_HOSTING,
                    format!("the channel `{name}` needs `{site}`, which is what fails"),
                )
                .at(channel.places.of("hosted_at"), "")
                .at(declared.span, "the primary site")
                .help("host it elsewhere"),
            );
        }
    }
}
