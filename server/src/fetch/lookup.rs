//! What names stand for, as far as the gateway goes there.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::FetchSettings;

/// Looks a name up.
pub(super) type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// As the machine does it.
pub(super) fn of_system() -> Lookup {
    Arc::new(|name| {
        async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        }
        .boxed()
    })
}

/// A name stands for nothing that may be reached.
#[derive(Debug, thiserror::Error)]
#[error("the name stands for nothing in the public internet")]
pub(super) struct Forbidden;

/// Of what a name stands for, what may be reached. Connections are made to what this gives, so that nobody can have another
/// answer looked at than is used.
pub(super) struct Public {
    lookup: Lookup,
    settings: FetchSettings,
}

impl Public {
    pub(super) fn new(lookup: Lookup, settings: &FetchSettings) -> Self {
        Public { lookup, settings: settings.clone() }
    }
}

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, settings) = ((self.lookup)(name.as_str().to_owned()), self.settings.clone());
        async move {
            let found = found.await?.into_iter().filter(|address| settings.lets(*address));
            // The port is that of the URL.
            let found: Vec<SocketAddr> = found.map(|address| SocketAddr::new(address, 0)).collect();
            if found.is_empty() {
                return Err(Forbidden.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        }
        .boxed()
    }
}
