//! Pages of real frameworks, each as its documents write it. Each loads the session of another site and saves one, and nothing is on its console.

use end_to_end::{Engine, Gate, NAME, Page, World, everywhere, everywhere_in_a_soak_and_else_in};
use serde_json::json;

/// Saves a session on another site, and opens the page.
async fn open(world: &World, path: &str) {
    // Browsers ask for it.
    for site in ["shop", "help"] {
        world.server.put(site, "/favicon.ico", Page::html(""));
    }
    world.visit("help").await;
    world.eval("return provider.saveCookie('from-help');").await;
    // What the browser has seen before.
    world.errors_on_console().await;
    world.browser.open(&world.url("shop", path)).await;
}

/// Waits until the page shows this, and stops at the first complaint.
async fn shows(world: &World, selector: &str, text: &str) {
    let look = format!(
        "return recorder.complaints.length > 0 || document.querySelector({selector:?})?.textContent === {text:?};"
    );
    world.until(&format!("{selector} shows {text}"), &look).await;
    assert_quiet(world).await;
}

async fn assert_quiet(world: &World) {
    let complaints = world.complaints().await;
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Loads the session that was saved on the other site, and saves another.
async fn is_used(world: &World) {
    shows(world, "#session", "from-help").await;
    saves(world).await;
}

async fn saves(world: &World) {
    world.browser.click("#save").await;
    shows(world, "#saved", "saved").await;
    assert_eq!(world.eval("return [...recorder.timers.values()];").await, json!([]), "timers of calls that have ended");
    assert_eq!(world.eval("return document.querySelectorAll('iframe').length;").await, 1);
}

/// Whether the bridge has what the page saved.
async fn is_shared(world: &World) {
    world.visit("help").await;
    assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "from-shop");
}

/// Opens the page and uses it.
async fn works(world: &World, path: &str) {
    open(world, path).await;
    is_used(world).await;
    is_shared(world).await;
}

/// A page with a version of React, as it is built for development and for production.
async fn react(world: &World, version: &str, page: &str) {
    for mode in ["development", "production"] {
        world.server.put_built("shop", &format!("react/site/{version}/{mode}/{page}"));
        works(world, "/").await;
    }
}

#[test]
fn react_18_hydrates_a_document_whose_head_makes_the_provider() {
    everywhere(async |world| react(world, "18", "inline").await);
}

#[test]
fn react_18_hydrates_a_document_whose_module_makes_the_provider() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| react(world, "18", "module").await);
}

#[test]
fn react_18_runs_the_effect_that_makes_the_provider_twice() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| react(world, "18", "effect").await);
}

#[test]
fn react_19_hydrates_a_document_whose_head_makes_the_provider() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| react(world, "19", "inline").await);
}

#[test]
fn react_19_hydrates_a_document_whose_module_makes_the_provider() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| react(world, "19", "module").await);
}

#[test]
fn react_19_runs_the_effect_that_makes_the_provider_twice() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| react(world, "19", "effect").await);
}

#[test]
fn next_hydrates_a_document_whose_head_makes_the_provider() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        world.server.put_built("shop", "next/site");
        works(world, "/head").await;
    });
}

#[test]
fn next_loads_the_script_before_its_pages_are_interactive() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        world.server.put_built("shop", "next/site");
        open(world, "/before").await;
        shows(world, "#session", "from-help").await;
        world.browser.click("#next").await;
        shows(world, "h1", "Next").await;
        is_used(world).await;
        is_shared(world).await;
    });
}

#[test]
fn next_loads_the_script_after_its_pages_are_interactive() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        world.server.put_built("shop", "next/site");
        works(world, "/after").await;
    });
}

#[test]
fn vue_hydrates_a_page_that_keeps_the_provider_in_a_ref() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        for mode in ["development", "production"] {
            world.server.put_built("shop", &format!("vue/site/{mode}"));
            works(world, "/").await;
        }
    });
}

#[test]
fn angular_is_stable_once_its_calls_have_ended() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        world.server.put_built("shop", "angular/site");
        open(world, "/").await;
        is_used(world).await;
        world.until("Angular is stable", "return document.body.dataset.isStable === 'true';").await;
        is_shared(world).await;
    });
}

/// Puts up the pages with Turbo, which replaces the body with each page.
fn put_turbo(world: &World) {
    world.server.put_sources("shop", "turbo");
    world.server.put_library("shop", "/turbo.js", "@hotwired/turbo/dist/turbo.es2017-umd.js");
}

#[test]
fn turbo_replaces_the_body_and_restores_the_one_before() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        put_turbo(world);
        open(world, "/").await;
        shows(world, "#session", "from-help").await;
        world.browser.click("#next").await;
        shows(world, "h1", "Next").await;
        is_used(world).await;
        world.eval("history.back();").await;
        shows(world, "h1", "First").await;
        shows(world, "#session", "from-shop").await;
        saves(world).await;
        is_shared(world).await;
    });
}

#[test]
fn turbo_replaces_the_body_while_calls_wait() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        put_turbo(world);
        open(world, "/").await;
        shows(world, "#session", "from-help").await;
        let gate = Gate::closed();
        world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help"]).behind(&gate));
        let call = format!(
            "window.other = new CookieProvider({NAME:?}, {:?});
             window.call = other.loadCookie();",
            world.iframe_url()
        );
        world.eval(&call).await;
        // A driver's click would wait for the iframe.
        world.eval("document.querySelector('#next').click();").await;
        shows(world, "h1", "Next").await;
        gate.open();
        assert_eq!(world.eval("return call.then(({ value }) => value);").await, "from-help");
        world.eval("other.destroy();").await;
        is_used(world).await;
        is_shared(world).await;
    });
}

#[test]
fn turbo_refreshes_a_page_by_morphing() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        put_turbo(world);
        open(world, "/").await;
        shows(world, "#session", "from-help").await;
        let refresh = "window.heading = document.querySelector('h1');
             await new Promise((done) => {
               addEventListener('turbo:morph', done, { once: true });
               Turbo.visit(location.href, { action: 'replace' });
             });
             return heading.isConnected;";
        assert_eq!(world.eval(refresh).await, true);
        is_used(world).await;
        is_shared(world).await;
    });
}

#[test]
fn turbo_loads_a_frame_whose_script_calls_the_provider() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        put_turbo(world);
        open(world, "/").await;
        world.browser.click("#open").await;
        shows(world, "#in-basket", "from-help").await;
        is_used(world).await;
        is_shared(world).await;
    });
}

#[test]
fn jquery_3_and_4_take_the_promises_and_replace_the_body() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        world.server.put_sources("shop", "jquery");
        for library in ["jquery-3/dist/jquery.js", "jquery/dist/jquery.js"] {
            world.server.put_library("shop", "/jquery.js", library);
            works(world, "/").await;

            open(world, "/").await;
            shows(world, "#session", "from-help").await;
            world.browser.click("#next").await;
            shows(world, "h1", "Next").await;
            saves(world).await;
            is_shared(world).await;
        }
    });
}

#[test]
fn prototype_extends_the_built_ins_before_or_after_the_script_is_loaded() {
    everywhere(async |world| {
        world.server.put_prototype("shop", "/prototype.js");
        for folder in ["prototype/before", "prototype/after"] {
            world.server.put_sources("shop", folder);
            works(world, "/").await;
        }
    });
}
