//! Hostile pages, frames, neighbours and payloads, beyond those in `strangers`. docs/threat-model.md names the attack of each.

mod content;
mod frames;
mod messages;
mod popups;

use end_to_end::World;

use crate::strangers::GREET;

/// A session in the bridge, and the shop's page open, in which `greet` speaks to the bridge as the provider does.
async fn with_session(world: &World, session: &str) {
    world.visit("shop").await;
    world.eval(&format!("return provider.saveCookie({session:?});")).await;
    world.eval(GREET).await;
}

fn nonce() -> String {
    "0".repeat(32)
}
