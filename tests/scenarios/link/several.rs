//! Several sessions on one page.

use end_to_end::{Configuration, Engine, NAME, World, in_each_in_a_soak_and_else_in};
use serde_json::{Value, json};

use super::{FORGET, SESSION, link, page_with, ready};

const NAMES: [&str; 2] = [NAME, "other-session"];

/// The values of the sessions and how they came, once the visitor is on the help site and none is under way.
async fn come(world: &World) -> Value {
    let there = format!(
        "return location.origin === {:?} && (await Promise.all(loads)).some((load) => load.loaded);",
        world.server.origin("help")
    );
    world.until("a session has come with the link", &there).await;
    world
        .eval(
            "return Promise.all(loads).then((all) => all.map((load) => load.loaded ? [load.value, load.via] : null));",
        )
        .await
}

#[test]
fn all_sessions_of_a_page_come_with_one_link_whether_or_not_each_is_there() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        let links = link(world, "help");
        world.server.put("shop", "/", page_with(world, &NAMES, &links));
        world.server.put("help", "/", page_with(world, &NAMES, ""));
        let cases = [
            ([Some(SESSION), Some("of-the-other-chat")], json!([[SESSION, "link"], ["of-the-other-chat", "link"]])),
            ([Some(SESSION), None], json!([[SESSION, "link"], null])),
            ([None, Some("of-the-other-chat")], json!([null, ["of-the-other-chat", "link"]])),
        ];
        for (sessions, expected) in cases {
            world.browser.open(&world.url("shop", "/")).await;
            world.eval("await Promise.all(loads);").await;
            world.eval(FORGET).await;
            for (number, (name, session)) in NAMES.iter().zip(sessions).enumerate() {
                let Some(session) = session else { continue };
                let cookie = json!(format!("{name}={session}; Path=/"));
                world.eval(&format!("document.cookie = {cookie}; await providers[{number}].saveCookie();")).await;
            }
            ready_with(world, sessions.iter().flatten().count()).await;
            world.browser.click("#link").await;
            assert_eq!(come(world).await, expected, "{sessions:?}");
            assert_eq!(world.eval("return refused;").await, json!([]), "{sessions:?}");
            world.eval(FORGET).await;
        }
    });
}

/// Waits until a link would take so many sessions along.
async fn ready_with(world: &World, sessions: usize) {
    ready(world, "help").await;
    let offered = format!(
        "let offered = 0;
         document.addEventListener('click', (event) => {{
           event.preventDefault();
           offered = event.target.hash.split(',').length - 3;
         }}, {{ once: true }});
         document.getElementById('link').click();
         return offered === {sessions};"
    );
    world.until(&format!("a link would take {sessions} sessions along"), &offered).await;
}
