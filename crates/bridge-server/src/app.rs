use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use bridge_protocol::Rights;
use metrics::counter;

use crate::clock::now;
use crate::error::{ErrorCode, Refusal};
use crate::keys::{Key, Subjects, Vault};
use crate::limits::Limits;
use crate::places::{Place, Places};
use crate::proxies::{IgnoredProxies, Proxies};
use crate::reference;
use crate::site::Site;
use crate::store::Store;

/// The state that all requests share.
pub(crate) struct App {
    /// Replaced as a whole on `SIGHUP`.
    pub(crate) site: RwLock<Arc<Site>>,
    pub(crate) reference_keys: Vec<Key>,
    pub(crate) vault: Vault,
    pub(crate) store: Store,
    pub(crate) limits: Limits,
    pub(crate) proxies: Arc<Proxies>,
    pub(crate) ignored: IgnoredProxies,
    /// Places for requests under way.
    pub(crate) under_way: Arc<Places>,
    /// The bridge's own origin. If it is set, the bridge's pages may call the API with all rights.
    pub(crate) public_origin: Option<String>,
    /// The longest lifetime of a session, in seconds.
    pub(crate) max_age: u32,
    pub(crate) is_tls: bool,
}

impl App {
    pub(crate) fn site(&self) -> Arc<Site> {
        Arc::clone(&self.site.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace_site(&self, site: Site) {
        *self.site.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(site);
    }

    /// The rights of an origin; `None` for a stranger. The header value is compared as the browser serialised it, never parsed.
    pub(crate) fn rights_of(&self, origin: &str) -> Option<Rights> {
        if self.public_origin.as_deref() == Some(origin) {
            return Some(Rights::ALL);
        }
        self.site().trusted().admit(origin).map(|grant| grant.rights)
    }

    /// A place for a request, which it keeps until its answer was taken.
    pub(crate) fn place_for(&self, client: IpAddr) -> Result<Place, Refusal> {
        self.under_way.take(Some(client)).map_err(|full| {
            counter!("bridge_rate_limited_total", "by" => full.busy()).increment(1);
            Refusal { error: ErrorCode::RateLimited, retry_after: Some(1) }
        })
    }

    /// Verifies a reference and counts the request against the limit of its customer. Returns the keys of that customer in the store.
    pub(crate) fn customer(&self, reference: &str) -> Result<Subjects, Refusal> {
        let customer = reference::verify(&self.reference_keys, reference, now() / 1000)?;
        let subjects = self.vault.subjects(customer.reveal());
        if let Some(subject) = subjects.first() {
            self.limits.admit_customer(subject)?;
        }
        Ok(subjects)
    }
}
