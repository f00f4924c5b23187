//! The one decoder: a raw TOML value and a [`Shape`] become a canonical [`Value`] with places.
//!
//! In: raw values, field tables, the selected profile. Out: values, places, and all findings at
//! once. Must not know what any table is for.

use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use super::document::Frame;
use super::places::{Paths, Places};
use super::profile::{Profile, reference};
use super::{codes, suggest};
use crate::model::units::{format_seconds, parse_seconds};
use crate::model::{Field, Finding, Identity, Map, Shape, SourceId, Span, Value, item_name};

/// The seconds of a day.
const DAY: i64 = 86_400;

/// A raw value as the parser gives it.
pub(super) type Raw<'d> = Spanned<DeValue<'d>>;

/// Decodes values and gathers what is wrong with them.
pub(super) struct Decoder<'d> {
    profile: &'d Profile<'d>,
    /// What is wrong so far.
    pub(super) findings: Vec<Finding>,
    /// What the places of the next values are counted from.
    pub(super) frame: Frame,
    /// The flavor of the service that the next fields are for.
    pub(super) flavor: Option<Box<str>>,
    /// The field paths so far.
    pub(super) paths: Paths,
    /// Where the value of a profile that is being decoded is used.
    used_at: Option<Span>,
}

impl<'d> Decoder<'d> {
    /// Returns a decoder for the values of an environment.
    pub(super) fn new(profile: &'d Profile<'d>) -> Self {
        Self {
            profile,
            findings: Vec::new(),
            frame: Frame {
                file: SourceId(0),
                start: 0,
            },
            flavor: None,
            paths: Paths::default(),
            used_at: None,
        }
    }

    /// Returns the span of a part of the current text.
    pub(super) fn span<T>(&self, spanned: &Spanned<T>) -> Span {
        self.frame.span(&spanned.span())
    }

    /// Reports an error.
    pub(super) fn error(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let mut finding = Finding::error(code, message).at(span, "").help(help);
        if let Some(used_at) = self.used_at {
            finding = finding.at(used_at, "used here");
        }
        self.findings.push(finding);
    }

    /// Keeps a part of the text out of all excerpts.
    fn conceal(&mut self, span: Span) {
        if let Some(finding) = self.findings.last_mut() {
            finding.conceals.push(span);
        }
    }

    /// Reports a key that is none of the known ones.
    pub(super) fn unknown_key<'k>(
        &mut self,
        table: &str,
        key: &Spanned<DeString<'_>>,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let (span, name) = (self.span(key), key.get_ref());
        let message = format!("{table} has no key `{name}`");
        self.error(
            codes::UNKNOWN_KEY,
            span,
            message,
            suggest::help(name, known),
        );
    }

    /// Decodes a table of known fields.
    pub(super) fn table(
        &mut self,
        name: &str,
        fields: &[Field],
        raw: &DeTable<'_>,
        span: Span,
    ) -> (Map, Places) {
        let (mut map, mut places) = (Map::new(), Places::at(span));
        for (key, value) in raw {
            if let Some(field) = fields.iter().find(|field| field.name == key.get_ref()) {
                self.field(field, key, value, &mut map, &mut places);
                continue;
            }
            self.unknown_key(name, key, fields.iter().map(|field| field.name));
            // A misspelt `password` holds a password.
            if fields
                .iter()
                .any(|field| matches!(field.shape, Shape::Secret))
            {
                self.conceal(self.span(value));
            }
        }
        self.complete(name, fields, |key| raw.contains_key(key), &mut map, span);
        (map, places)
    }

    /// Decodes one field of a table.
    pub(super) fn field(
        &mut self,
        field: &Field,
        key: &Spanned<DeString<'_>>,
        value: &Raw<'_>,
        map: &mut Map,
        places: &mut Places,
    ) {
        if let Some(flavor) = self.flavor.as_deref()
            && !field.flavors.is_empty()
            && !field.flavors.contains(&flavor)
        {
            let message = format!("`{}` is not known to the flavor {flavor}", field.name);
            let help = format!("it is known to: {}", field.flavors.join(", "));
            let span = self.span(key);
            self.error(codes::WRONG_FLAVOR, span, message, help);
            return;
        }
        if let Some((value, at)) = self.value(field.name, &field.shape, value) {
            map.insert(field.name, value);
            places.add(field.name, at);
        }
    }

    /// Fills in defaults and reports missing fields.
    pub(super) fn complete(
        &mut self,
        name: &str,
        fields: &[Field],
        given: impl Fn(&str) -> bool,
        map: &mut Map,
        span: Span,
    ) {
        for field in fields {
            if !(field.required || field.default.is_some()) || given(field.name) {
                continue;
            }
            match field.default {
                Some(default) => {
                    map.insert(field.name, default());
                }
                None => self.error(
                    codes::MISSING_FIELD,
                    span,
                    format!("{name} lacks `{}`", field.name),
                    format!("add `{}`: {}", field.name, field.doc),
                ),
            }
        }
    }

    /// Decodes a value; none if something is wrong with it.
    pub(super) fn value(
        &mut self,
        name: &str,
        shape: &Shape,
        raw: &Raw<'_>,
    ) -> Option<(Value, Places)> {
        let span = self.span(raw);
        if let Some(key) = reference(shape, raw.get_ref()) {
            return self.profile_value(name, shape, key, span);
        }
        let plain = |value| Some((value, Places::at(span)));
        match (shape, raw.get_ref()) {
            (Shape::Bool, DeValue::Boolean(truth)) => plain(Value::Bool(*truth)),
            (Shape::Int(low, high), DeValue::Integer(number)) => {
                let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
                self.within(name, number, (*low, *high), i64::to_string, span)
                    .and_then(|number| plain(Value::Int(number)))
            }
            (Shape::Float, DeValue::Float(number)) => {
                self.float(name, number.as_str(), span).and_then(plain)
            }
            (Shape::Float, DeValue::Integer(number)) if number.radix() == 10 => {
                self.float(name, number.as_str(), span).and_then(plain)
            }
            (Shape::Text(rule), DeValue::String(text)) => match (rule.canonical)(text) {
                Ok(canonical) => plain(Value::from(canonical)),
                Err(why) => {
                    let message = format!("`{name}` is not {}: {why}", rule.name);
                    let help = format!("such as {}", rule.example);
                    self.error(codes::BAD_TEXT, span, message, help);
                    None
                }
            },
            (Shape::Choice(words), DeValue::String(word)) => {
                if words.contains(&word.as_ref()) {
                    return plain(Value::text(word.as_ref()));
                }
                let message = format!("`{name}` has no choice `{word}`");
                let help = suggest::help(word, words.iter().copied());
                self.error(codes::BAD_CHOICE, span, message, help);
                None
            }
            (Shape::Seconds(low, high), DeValue::String(text)) => {
                let seconds = self.seconds(name, text, span)?;
                self.within(
                    name,
                    Some(seconds),
                    (*low, *high),
                    |s| format_seconds(*s),
                    span,
                )
                .and_then(|seconds| plain(Value::Int(seconds)))
            }
            (Shape::Days(low, high), DeValue::String(text)) => {
                let days = self.days(name, text, span)?;
                self.within(
                    name,
                    Some(days),
                    (*low, *high),
                    |days| format!("{days}d"),
                    span,
                )
                .and_then(|days| plain(Value::Int(days)))
            }
            (Shape::Seconds(..) | Shape::Days(..), DeValue::Integer(number)) => {
                let unit = if matches!(shape, Shape::Days(..)) {
                    "d"
                } else {
                    "s"
                };
                let message = format!("`{name}` has no unit");
                let help = format!("write the unit, such as \"{}{unit}\"", number.as_str());
                self.error(codes::BAD_DURATION, span, message, help);
                None
            }
            (Shape::List(item, identity), DeValue::Array(raw)) => {
                self.list(name, item, *identity, raw, span)
            }
            (Shape::Table(fields), DeValue::Table(raw)) => {
                let (map, places) = self.table(&format!("`{name}`"), fields, raw, span);
                Some((Value::Map(map), places))
            }
            (Shape::Open(item), DeValue::Table(raw)) => Some(self.open(item, raw, span)),
            (Shape::Secret, raw) => self.secret(name, raw, span),
            (Shape::OneOf(shapes), value) if shapes.iter().any(|one| takes(one, value)) => {
                let shape = shapes.iter().find(|one| takes(one, value))?;
                self.value(name, shape, raw)
            }
            (shape, value) => {
                self.wrong_type(name, shape, value, span);
                None
            }
        }
    }

    /// Reports a value of another type than its field.
    pub(super) fn wrong_type(&mut self, name: &str, shape: &Shape, value: &DeValue<'_>, at: Span) {
        let given = match value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let help = match (shape, value) {
            (Shape::List(item, _), value) if takes(item, value) => "write it in brackets: [...]",
            (Shape::Text(_) | Shape::Choice(_), DeValue::Integer(_) | DeValue::Float(_)) => {
                "write it in quotes"
            }
            _ => "",
        };
        let message = format!("`{name}` must be {}, and is {given}", describe(shape));
        self.error(codes::WRONG_TYPE, at, message, help);
    }

    fn profile_value(
        &mut self,
        name: &str,
        shape: &Shape,
        key: &str,
        span: Span,
    ) -> Option<(Value, Places)> {
        if self.used_at.is_some() {
            let message = format!("`{name}` in a profile is itself taken from a profile");
            self.error(codes::NESTED_PROFILE, span, message, "write the value");
            return None;
        }
        let profile = self.profile;
        let (frame, raw) = match profile.find(key, span) {
            Ok(found) => found,
            Err(finding) => {
                self.findings.extend(finding);
                return None;
            }
        };
        let own = std::mem::replace(&mut self.frame, frame);
        self.used_at = Some(span);
        let decoded = self.value(name, shape, raw);
        self.used_at = None;
        self.frame = own;
        // The object says it where it refers to the profile.
        decoded.map(|(value, _)| (value, Places::at(span)))
    }

    fn within(
        &mut self,
        name: &str,
        number: Option<i64>,
        (low, high): (i64, i64),
        show: impl Fn(&i64) -> String,
        span: Span,
    ) -> Option<i64> {
        let number = number.filter(|number| (low..=high).contains(number));
        if number.is_none() {
            let message = format!("`{name}` is out of range");
            let help = match (low, high) {
                (low, i64::MAX) => format!("it is {} at least", show(&low)),
                (low, high) => format!("it is from {} to {}", show(&low), show(&high)),
            };
            self.error(codes::OUT_OF_RANGE, span, message, help);
        }
        number
    }

    fn float(&mut self, name: &str, text: &str, span: Span) -> Option<Value> {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        if number.is_none() {
            let message = format!("`{name}` is out of range");
            self.error(codes::OUT_OF_RANGE, span, message, "it is a finite number");
        }
        number.map(Value::Float)
    }

    fn seconds(&mut self, name: &str, text: &str, span: Span) -> Option<i64> {
        match parse_seconds(text) {
            Ok(seconds) => Some(seconds),
            Err(why) => {
                let message = format!("`{name}` is not a span of time: {why}");
                self.error(
                    codes::BAD_DURATION,
                    span,
                    message,
                    "such as 60s, 15m, 4h or 30d",
                );
                None
            }
        }
    }

    fn days(&mut self, name: &str, text: &str, span: Span) -> Option<i64> {
        let seconds = self.seconds(name, text, span)?;
        if seconds % DAY != 0 {
            let message = format!("`{name}` must be whole days");
            self.error(codes::BAD_DURATION, span, message, "such as 30d or 4w");
            return None;
        }
        Some(seconds / DAY)
    }

    /// Decodes a reference to a secret. The text in its place is never repeated: it may be one.
    fn secret(&mut self, name: &str, raw: &DeValue<'_>, span: Span) -> Option<(Value, Places)> {
        let reference = raw.as_table().filter(|table| table.len() == 1);
        let found = reference.and_then(|table| {
            let (key, value) = table.iter().next()?;
            let kept = value.get_ref().as_str().filter(|kept| !kept.is_empty())?;
            let key = ["env", "file"]
                .into_iter()
                .find(|one| one == key.get_ref())?;
            Some([(key, kept)].into_iter().collect::<Map>())
        });
        if found.is_none() {
            self.error(
                codes::LITERAL_SECRET,
                span,
                format!("`{name}` is a secret, which is never written down"),
                "write where it is kept: { env = \"NAME\" } or { file = \"PATH\" }",
            );
            self.conceal(span);
        }
        found.map(|reference| (Value::Map(reference), Places::at(span)))
    }

    fn open(&mut self, item: &Shape, raw: &DeTable<'_>, span: Span) -> (Value, Places) {
        let (mut map, mut places) = (Map::new(), Places::at(span));
        for (key, value) in raw {
            if let Some((value, at)) = self.value(key.get_ref(), item, value) {
                let key = key.get_ref().as_ref().to_owned();
                map.insert(key.clone(), value);
                places.add(key, at);
            }
        }
        (Value::Map(map), places)
    }

    fn list(
        &mut self,
        name: &str,
        item: &Shape,
        identity: Identity,
        raw: &DeArray<'_>,
        span: Span,
    ) -> Option<(Value, Places)> {
        let mut items: Vec<(Value, Places)> = Vec::with_capacity(raw.len());
        for one in raw {
            items.extend(self.value(name, item, one));
        }
        if items.len() < raw.len() {
            return None;
        }
        let key = |(value, _): &(Value, Places)| match identity {
            Identity::Keyed(key) => value.as_map().and_then(|map| map.get(key)).cloned(),
            Identity::Set | Identity::Ordered => None,
        };
        match identity {
            Identity::Ordered => {}
            Identity::Set => items.sort_by(|(a, _), (b, _)| a.cmp(b)),
            Identity::Keyed(_) => items.sort_by_key(key),
        }
        for pair in items.windows(2) {
            let twice = match identity {
                Identity::Ordered => false,
                Identity::Set => pair[0].0 == pair[1].0,
                Identity::Keyed(_) => key(&pair[0]) == key(&pair[1]),
            };
            if twice {
                self.duplicate_item(name, &pair[0], &pair[1], identity);
            }
        }
        let mut places = Places::at(span);
        let mut values = Vec::with_capacity(items.len());
        for (at, (value, place)) in items.into_iter().enumerate() {
            match identity {
                Identity::Keyed(key) => places.add(item_name(&value, key), place),
                Identity::Set | Identity::Ordered => places.add(at.to_string(), place),
            }
            values.push(value);
        }
        Some((Value::List(values), places))
    }

    fn duplicate_item(
        &mut self,
        name: &str,
        (value, first): &(Value, Places),
        (_, second): &(Value, Places),
        identity: Identity,
    ) {
        let what = match identity {
            Identity::Keyed(key) => item_name(value, key),
            Identity::Set | Identity::Ordered => value.to_string(),
        };
        self.findings.push(
            Finding::error(
                codes::DUPLICATE_ITEM,
                format!("`{name}` holds {what} twice"),
            )
            .at(second.span, "again here")
            .at(first.span, "first here")
            .help("remove one"),
        );
    }
}

/// Returns whether a raw value has the type of a shape, whatever its content.
fn takes(shape: &Shape, value: &DeValue<'_>) -> bool {
    match shape {
        Shape::Bool => value.is_bool(),
        Shape::Int(..) => value.is_integer(),
        Shape::Float => value.is_float() || value.is_integer(),
        Shape::Text(_) | Shape::Choice(_) => value.is_str(),
        Shape::Seconds(..) | Shape::Days(..) => value.is_str() || value.is_integer(),
        Shape::List(..) => value.is_array(),
        Shape::Table(_) | Shape::Open(_) | Shape::Secret => value.is_table(),
        Shape::OneOf(shapes) => shapes.iter().any(|shape| takes(shape, value)),
    }
}

fn describe(shape: &Shape) -> String {
    match shape {
        Shape::Bool => "true or false".to_owned(),
        Shape::Int(..) => "a whole number".to_owned(),
        Shape::Float => "a number".to_owned(),
        Shape::Text(rule) => rule.name.to_owned(),
        Shape::Choice(words) => format!("one of {}", words.join(", ")),
        Shape::Seconds(..) => "a span of time such as 60s".to_owned(),
        Shape::Days(..) => "a span of time such as 30d".to_owned(),
        Shape::List(..) => "a list".to_owned(),
        Shape::Table(_) | Shape::Open(_) => "a table".to_owned(),
        Shape::Secret => "a reference to a secret".to_owned(),
        Shape::OneOf(shapes) => {
            let all: Vec<String> = shapes.iter().map(describe).collect();
            all.join(", or ")
        }
    }
}
