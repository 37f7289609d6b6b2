//! How many of something there may be at once: in all, and of one client. What has no place is refused, so that memory has a bound.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits::network;

/// A number of places, of which one client may take only some.
pub(crate) struct Places {
    all: usize,
    each: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_client: HashMap<IpAddr, usize>,
}

/// Which places are all taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    All,
    Client,
}

impl Full {
    /// As a label of a metric.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::All => "total",
            Self::Client => "address",
        }
    }

    /// As a label of refused requests, of which there were too many at once.
    pub(crate) const fn busy(self) -> &'static str {
        match self {
            Self::All => "under-way",
            Self::Client => "address-under-way",
        }
    }
}

/// A taken place, free again on drop.
pub(crate) struct Place {
    places: Arc<Places>,
    client: Option<IpAddr>,
}

impl Places {
    /// One client gets at most half of the places, so that it alone cannot take them all.
    pub(crate) fn new(all: usize, each: usize) -> Arc<Self> {
        Arc::new(Self { all, each: each.min((all / 2).max(1)), taken: Mutex::default() })
    }

    /// Takes a place for a client, or for nobody in particular: a proxy has many clients behind it.
    pub(crate) fn take(self: &Arc<Self>, client: Option<IpAddr>) -> Result<Place, Full> {
        let client = client.map(network);
        let mut taken = self.taken();
        if taken.all >= self.all {
            return Err(Full::All);
        }
        if let Some(client) = client {
            let of_client = taken.by_client.entry(client).or_default();
            if *of_client >= self.each {
                return Err(Full::Client);
            }
            *of_client += 1;
        }
        taken.all += 1;
        Ok(Place { places: Arc::clone(self), client })
    }

    /// Whether three quarters are taken.
    pub(crate) fn is_crowded(&self) -> bool {
        self.taken().all >= self.all - self.all / 4
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all = taken.all.saturating_sub(1);
        if let Some(client) = self.client
            && let Some(of_client) = taken.by_client.get_mut(&client)
        {
            *of_client = of_client.saturating_sub(1);
            // What is remembered of clients is never more than what they hold.
            if *of_client == 0 {
                taken.by_client.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(last: u8) -> Option<IpAddr> {
        Some([192, 0, 2, last].into())
    }

    #[test]
    fn one_client_gets_its_share_and_all_together_no_more_than_there_are() {
        let places = Places::new(6, 2);
        let held: Vec<Place> = [1, 1, 2, 2].into_iter().map(|last| places.take(ip(last)).ok().unwrap()).collect();
        assert_eq!(places.take(ip(1)).err(), Some(Full::Client));
        assert!(!places.is_crowded());
        let proxy = [places.take(None).ok().unwrap(), places.take(None).ok().unwrap()];
        assert!(places.is_crowded());
        assert_eq!(places.take(ip(3)).err(), Some(Full::All));
        assert_eq!(places.take(None).err(), Some(Full::All));
        drop(proxy);
        assert!(places.take(ip(3)).is_ok());
        drop(held);
        assert!(places.taken().by_client.is_empty() && places.taken().all == 0, "nothing is remembered");
    }

    #[test]
    fn one_client_cannot_take_every_place() {
        let places = Places::new(8, 100);
        let held: Vec<_> = (0..8).map_while(|_| places.take(ip(1)).ok()).collect();
        assert_eq!(held.len(), 4);
        assert!(places.take(ip(2)).is_ok());
        assert!(Places::new(1, 1).take(ip(1)).is_ok());
    }
}
