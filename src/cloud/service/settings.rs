//! How a data service is reached.

use crate::cloud::connection::Rate;
use crate::model::SecretRef;

/// The name of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceUser {
    /// As it is.
    Named(String),
    /// Kept elsewhere.
    Kept(SecretRef),
}

/// A data service: its addresses, who asks, and how fast it may be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSettings {
    /// The addresses of its members, at least one.
    pub urls: Vec<String>,
    /// The user, with a password.
    pub user: Option<ServiceUser>,
    /// The password of the user.
    pub password: Option<SecretRef>,
    /// A bearer token.
    pub token: Option<SecretRef>,
    /// Certificates in PEM that are trusted beside those of the machine.
    pub ca: Option<SecretRef>,
    /// The client certificate in PEM.
    pub certificate: Option<SecretRef>,
    /// The key of the client certificate in PEM.
    pub key: Option<SecretRef>,
    /// Requests.
    pub requests: Rate,
}

impl ServiceSettings {
    /// Returns the settings of a service without credentials, at a polite rate.
    #[must_use]
    pub const fn new(urls: Vec<String>) -> Self {
        Self {
            urls,
            user: None,
            password: None,
            token: None,
            ca: None,
            certificate: None,
            key: None,
            requests: Rate {
                per_second: 20.0,
                burst: 40,
            },
        }
    }
}
