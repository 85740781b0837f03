//! A gateway that keeps something.

use std::path::Path;

use secrecy::SecretString;
use server::config::Config;

/// Settings with a store in a folder of the test's own.
pub(crate) fn with_store(folder: &Path) -> impl FnOnce(&mut Config) + use<> {
    with_store_at(format!("sqlite:{}", folder.join("store.db").display()), folder)
}

/// The same, wherever the store is.
pub(crate) fn with_store_at(url: String, folder: &Path) -> impl FnOnce(&mut Config) + use<> {
    let key = folder.join("store.key");
    move |config| {
        config.store.url = Some(SecretString::from(url));
        config.store.key_file = Some(key);
        config.public_url = Some("http://localhost:7070".to_owned());
    }
}
