//! Amazon Connect: the vendor's own ChatJS, on the demo's page, against the demo's stand-in for the service.

mod adapter;
mod continuing;
mod ending;

use end_to_end::World;
use serde_json::Value;

async fn until_messages(world: &World, count: usize) -> Vec<String> {
    let look = format!("return document.querySelectorAll('.bubble').length === {count};");
    world.until(&format!("there are {count} messages"), &look).await;
    world.messages().await
}

/// What the service has seen.
async fn service(world: &World) -> Value {
    world.eval("return (await fetch('/connect/test')).json();").await
}

/// Does something in the agent's place, or the network's.
async fn act(world: &World, action: &str, body: &Value) {
    let headers = "{ 'content-type': 'application/json' }";
    let options = format!("{{ method: 'POST', headers: {headers}, body: JSON.stringify({body}) }}");
    let done = world.eval(&format!("return (await fetch('/connect/test/{action}', {options})).ok;")).await;
    assert_eq!(done, true, "{action}");
}

/// How often the service was asked for this.
fn times_asked(service: &Value, path: &str) -> usize {
    service["seen"]["asked"].as_array().expect("a list").iter().filter(|asked| asked[0] == path).count()
}

/// Begins a conversation: three messages.
async fn begin(world: &World) {
    world.send("Is the ridge tent in stock?").await;
    world.says("#messages", "Let me look that up").await;
    world.says("#state", "connected").await;
    until_messages(world, 3).await;
}

const BEGUN: [&str; 3] = [
    "Hello, this is Maja. How can I help?",
    "Is the ridge tent in stock?",
    "Let me look that up for you. Do look around meanwhile.",
];
