//! Route 53, REST-XML 2013-04-01.

pub(crate) mod change;
pub(crate) mod health;
pub(crate) mod listing;
pub(crate) mod names;
pub(crate) mod records;
pub(crate) mod route;
pub(crate) mod rules;
pub(crate) mod tags;
pub(crate) mod values;
pub(crate) mod zones;

#[cfg(test)]
mod batch_tests;
#[cfg(test)]
mod tests;
