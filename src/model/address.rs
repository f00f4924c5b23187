//! The identity of one object: `<site or global>/<kind>/<id>`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The place of objects that belong to no site, such as a DNS zone.
pub const GLOBAL: &str = "global";

/// The identity of one object; stable, printable, sortable.
///
/// The id is built from declared identity alone, never from a live answer, so that an address
/// survives an object being replaced. Copies share one text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    text: Arc<str>,
    site_end: u32,
    kind_end: u32,
}

impl Address {
    /// Returns the address of an object of a kind at a site (or [`GLOBAL`]).
    #[must_use]
    pub fn new(site: &str, kind: &str, id: &str) -> Self {
        let text = [site, "/", kind, "/", id].concat().into();
        let site_end = u32::try_from(site.len()).unwrap_or(u32::MAX);
        let kind_end = site_end.saturating_add(u32::try_from(kind.len() + 1).unwrap_or(u32::MAX));
        Self {
            text,
            site_end,
            kind_end,
        }
    }

    /// Returns the site, or [`GLOBAL`].
    #[must_use]
    pub fn site(&self) -> &str {
        &self.text[..self.site_end as usize]
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.text[self.site_end as usize + 1..self.kind_end as usize]
    }

    /// Returns what tells the object from others of its kind and site.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.text[self.kind_end as usize + 1..]
    }

    /// Returns the whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// A text that is not an address.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not an address; an address reads <site>/<kind>/<id>")]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let mut parts = text.splitn(3, '/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(site), Some(kind), Some(id))
                if !site.is_empty() && !kind.is_empty() && !id.is_empty() =>
            {
                Ok(Self::new(site, kind, id))
            }
            _ => Err(AddressError(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.text.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_slashes_in_its_id() {
        let address: Address = "global/route53_record/example.com/www.example.com/A"
            .parse()
            .unwrap();
        assert_eq!(address.site(), GLOBAL);
        assert_eq!(address.kind(), "route53_record");
        assert_eq!(address.id(), "example.com/www.example.com/A");
    }

    #[test]
    fn a_text_with_too_few_parts_is_refused() {
        assert!("global/route53_record".parse::<Address>().is_err());
        assert!("global//x".parse::<Address>().is_err());
    }
}
