//! Signatures as OpenSSH makes them: ed25519 keys, over bytes that are good for one purpose only.
//!
//! In: keys, texts and signatures. Out: whether a trusted key signed them. `ssh-keygen -Y sign` and
//! `ssh-keygen -Y verify` take and make the same. Rule:
//! <https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig>

use std::fmt;

use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use super::units::TextRule;

/// Why a signature or a key is not good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It is no signature at all.
    #[error("it is not an SSH signature")]
    Malformed,
    /// It was made by a key that nobody trusts.
    #[error("it was made by the key {0}, which is not among the trusted ones")]
    Untrusted(String),
    /// It does not belong to this text, or not to this purpose.
    #[error("it does not belong to this content")]
    Wrong,
    /// The private key cannot be used.
    #[error("the key cannot sign: {0}")]
    Key(String),
}

/// The form of a public key in Git, without its comment.
pub static PUBLIC_KEY: TextRule = TextRule {
    name: "a public key",
    example: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…",
    canonical: |text| public_key(text).map(|key| plain(&key)),
};

/// A private key that signs.
pub struct SigningKey(PrivateKey);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public())
    }
}

impl SigningKey {
    /// Reads an OpenSSH private key, as `ssh-keygen -t ed25519` writes it without a passphrase.
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        let bad = |why: &str| SignatureError::Key(why.to_owned());
        // The parser's own words could repeat a part of the key.
        let key = PrivateKey::from_openssh(text).map_err(|_| {
            bad("it is not an OpenSSH private key (`ssh-keygen -t ed25519` makes one)")
        })?;
        if key.algorithm() != Algorithm::Ed25519 {
            return Err(bad("it is not an ed25519 key"));
        }
        if key.is_encrypted() {
            return Err(bad(
                "it has a passphrase; use one without, kept where secrets are kept",
            ));
        }
        Ok(Self(key))
    }

    /// Returns the public key in the form in which Git names it.
    #[must_use]
    pub fn public(&self) -> String {
        plain(self.0.public_key())
    }

    /// Signs bytes for one purpose.
    pub fn sign(&self, purpose: &str, bytes: &[u8]) -> Result<String, SignatureError> {
        self.0
            .sign(purpose, HashAlg::Sha512, bytes)
            .and_then(|signature| signature.to_pem(LineEnding::LF))
            .map_err(|error| SignatureError::Key(error.to_string()))
    }
}

/// Checks that one of the trusted keys signed these bytes for this purpose, and returns that key.
pub fn verify<'k>(
    trusted: &'k [String],
    purpose: &str,
    bytes: &[u8],
    signature: &str,
) -> Result<&'k str, SignatureError> {
    let signature = SshSig::from_pem(signature).map_err(|_| SignatureError::Malformed)?;
    let signer = plain(&PublicKey::new(signature.public_key().clone(), ""));
    let Some(trusted) = trusted.iter().find(|key| **key == signer) else {
        return Err(SignatureError::Untrusted(signer));
    };
    let key = public_key(trusted).map_err(|_| SignatureError::Malformed)?;
    key.verify(purpose, bytes, &signature)
        .map_err(|_| SignatureError::Wrong)?;
    Ok(trusted)
}

fn public_key(text: &str) -> Result<PublicKey, String> {
    let key = PublicKey::from_openssh(text.trim())
        .map_err(|_| "it is not an OpenSSH public key".to_owned())?;
    if key.algorithm() == Algorithm::Ed25519 {
        Ok(key)
    } else {
        Err("only ed25519 keys are taken".to_owned())
    }
}

/// Returns a key without its comment; a key that cannot be written is like no other.
fn plain(key: &PublicKey) -> String {
    let mut key = key.clone();
    key.set_comment("");
    let text = key.to_openssh().unwrap_or_default();
    text.trim().to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A key that was made for these tests by `ssh-keygen -t ed25519`, and is used nowhere else.
    pub(crate) const KEY: &str = include_str!("../../tests/keys/plan");
    pub(crate) const OTHER: &str = include_str!("../../tests/keys/other");

    #[test]
    fn only_a_trusted_key_on_these_bytes_for_this_purpose_is_good() {
        let (key, other) = (
            SigningKey::parse(KEY).unwrap(),
            SigningKey::parse(OTHER).unwrap(),
        );
        let trusted = [key.public()];
        let signature = key.sign("drsync-plan", b"one").unwrap();
        let check = |purpose, bytes: &[u8], signature: &str| {
            verify(&trusted, purpose, bytes, signature).map(str::to_owned)
        };
        assert_eq!(check("drsync-plan", b"one", &signature), Ok(key.public()));
        assert_eq!(
            check("drsync-plan", b"two", &signature),
            Err(SignatureError::Wrong)
        );
        assert_eq!(check("git", b"one", &signature), Err(SignatureError::Wrong));
        assert_eq!(
            check("drsync-plan", b"one", "x"),
            Err(SignatureError::Malformed)
        );
        let foreign = other.sign("drsync-plan", b"one").unwrap();
        assert_eq!(
            check("drsync-plan", b"one", &foreign),
            Err(SignatureError::Untrusted(other.public()))
        );
        assert!(verify(&[], "drsync-plan", b"one", &signature).is_err());
    }

    #[test]
    fn a_key_says_nothing_of_itself() {
        let key = SigningKey::parse(KEY).unwrap();
        let private: String = KEY.lines().skip(2).take(1).collect();
        assert!(!format!("{key:?}").contains(&private));
        let error = SigningKey::parse(&KEY.replace("OPENSSH", "OTHER")).unwrap_err();
        assert!(!error.to_string().contains(&private));
    }

    #[test]
    fn a_public_key_has_one_spelling() {
        let key = SigningKey::parse(KEY).unwrap().public();
        assert_eq!((PUBLIC_KEY.canonical)(&format!(" {key} me@here ")), Ok(key));
        assert!((PUBLIC_KEY.canonical)("ssh-rsa AAAA").is_err());
    }
}
