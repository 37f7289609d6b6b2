use anyhow::Result;
use end_to_end::{Browser, Engine};
use serde_json::json;

use crate::contestant::CONTESTANTS;
use crate::network::Network;
use crate::server::Server;
use crate::view;

/// The rounds of everything that is measured.
pub(crate) struct Turns<'a> {
    pub(crate) server: &'a Server,
    pub(crate) rounds: u32,
}

/// Conditions under which all contestants are measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) network: Network,
    /// How many times slower the processor is.
    pub(crate) slowdown: u32,
    /// Whether the browser has kept what its headers let it keep.
    pub(crate) is_cached: bool,
}

impl Row {
    pub(crate) const CHROMIUM: [Self; 10] = [
        Self::of(Network::LOOPBACK),
        Self::of(Network::NEAR),
        Self::of(Network::MIDDLE),
        Self::of(Network::FAR),
        Self::of(Network::MIDDLE).cached(),
        Self::of(Network::LOOPBACK).slowed(),
        Self::of(Network::NEAR).slowed(),
        Self::of(Network::MIDDLE).slowed(),
        Self::of(Network::FAR).slowed(),
        Self::of(Network::MIDDLE).cached().slowed(),
    ];

    /// Of what only the provider does.
    pub(crate) const OURS: [Self; 4] = [
        Self::of(Network::LOOPBACK),
        Self::of(Network::LOOPBACK).slowed(),
        Self::of(Network::MIDDLE),
        Self::of(Network::MIDDLE).slowed(),
    ];

    /// Enough to see that each contestant still works.
    pub(crate) const QUICK: [Self; 2] = [Self::of(Network::LOOPBACK), Self::of(Network::NEAR).cached()];

    pub(crate) const FIREFOX: [Self; 2] = [Self::of(Network::LOOPBACK), Self::of(Network::MIDDLE)];

    pub(crate) const fn of(network: Network) -> Self {
        Self { network, slowdown: 1, is_cached: false }
    }

    pub(crate) const fn slowed(self) -> Self {
        Self { slowdown: 4, ..self }
    }

    const fn cached(self) -> Self {
        Self { is_cached: true, ..self }
    }
}

/// What was measured in a row.
pub(crate) struct Measured {
    pub(crate) row: Row,
    /// The milliseconds of each round, for each contestant.
    pub(crate) times: Vec<Vec<f64>>,
}

impl Turns<'_> {
    /// Has each contestant save its session, then measures them in each row, by turns.
    pub(crate) async fn take(&self, browser: &Browser, rows: &[Row]) -> Result<Vec<Measured>> {
        self.server.set(Network::LOOPBACK, false);
        for contestant in CONTESTANTS {
            view::save(browser, self.server, contestant).await?;
        }
        let mut all = Vec::new();
        for row in rows {
            eprintln!(
                "{}: {} with the processor slowed {} times.",
                browser.version(),
                row.network.name(),
                row.slowdown
            );
            self.begin(browser, *row).await;
            all.push(self.measure(browser, *row).await?);
        }
        Ok(all)
    }

    /// From now on, these are the conditions. The browser has nothing in its cache.
    pub(crate) async fn begin(&self, browser: &Browser, row: Row) {
        self.server.set(row.network, row.is_cached);
        // Only Chromium has rows in which it may keep something.
        if browser.configuration().engine() == Engine::Chromium {
            browser.devtools("Network.clearBrowserCache", json!({})).await;
        }
    }

    async fn measure(&self, browser: &Browser, row: Row) -> Result<Measured> {
        let mut times: Vec<Vec<f64>> = CONTESTANTS.iter().map(|_| Vec::new()).collect();
        for round in 0..=self.rounds {
            for (contestant, times) in CONTESTANTS.into_iter().zip(&mut times) {
                let milliseconds = view::load(browser, self.server, contestant, row.slowdown).await?;
                // The first one opens the connections, and fills the cache.
                if round > 0 {
                    times.push(milliseconds);
                }
            }
        }
        Ok(Measured { row, times })
    }
}
