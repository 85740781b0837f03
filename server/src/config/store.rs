//! The settings of what outlives the process.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::keyring::{Keyring, KeyringError};

/// What outlives the process: sign-ins, tokens for scripts, and what sessions are opened with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// `sqlite:FILE` or `postgres://…`; without it nothing outlives the process.
    pub url: Option<SecretString>,
    /// The file with the keys by which secrets in the store are sealed; made if it is not there.
    pub key_file: Option<PathBuf>,
    /// The keys themselves, in the place of a file.
    pub keys: Option<SecretString>,
}

impl Store {
    /// The keys by which secrets in the store are sealed. A file that is not there is made.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn keyring(&self) -> Result<Keyring, KeyringError> {
        match (&self.keys, &self.key_file) {
            (Some(keys), _) => Keyring::parse(keys),
            (None, Some(file)) => Keyring::of_file(file),
            (None, None) => Err(KeyringError::Malformed),
        }
    }

    /// The same, and no file is made.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn existing_keyring(&self) -> Result<Keyring, KeyringError> {
        match (&self.keys, &self.key_file) {
            (None, Some(file)) => Keyring::of_existing_file(file),
            _ => self.keyring(),
        }
    }

    /// What the file with the keys has now. The settings themselves are read at the start alone.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn keyring_of_file(&self) -> Result<Keyring, KeyringError> {
        if self.keys.is_some() {
            return Err(KeyringError::InSettings);
        }
        self.existing_keyring()
    }
}
