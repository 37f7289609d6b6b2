//! Storage access: taken silently where it stands, asked for by a click on the button in the iframe where it does not.

use end_to_end::{Configuration, World, everywhere, in_each, in_each_with, scenario};
use serde_json::{Value, json};

/// Opens a site's page and mounts the access button in it.
async fn visit_with_button(world: &World, site: &str) {
    world.visit(site).await;
    world
        .eval(
            "window.events = [];
             for (const type of ['access', 'saved', 'loaded']) provider.on(type, (detail) => events.push([type, detail]));
             const place = document.body.appendChild(document.createElement('div'));
             place.id = 'place';
             window.mounted = provider.mountAccessButton(place, { label: 'Weiter' })
               .then((result) => ({ result }), (error) => ({ error: error.code }));",
        )
        .await;
}

async fn enter_button(world: &World) {
    world.browser.enter_frame("#place iframe").await;
    world.until("the button is there", "return document.querySelector('button')?.textContent === 'Weiter';").await;
}

/// Clicks the button in the iframe: what the call ends with.
async fn click(world: &World) -> Value {
    enter_button(world).await;
    world.click_bridge_button().await;
    world.browser.leave_frame().await;
    world.eval("return window.mounted;").await
}

/// Waits for an event, and says what it told.
async fn event(world: &World, name: &str) -> Value {
    world.until(name, &format!("return events.some(([type]) => type === {name:?});")).await;
    world.eval(&format!("return events.find(([type]) => type === {name:?})[1];")).await
}

#[test]
fn after_a_grant_a_save_that_waited_is_done_and_a_session_is_loaded_on_the_other_domain() {
    in_each(
        [
            Configuration::ChromiumBlock,
            Configuration::FirefoxGranting,
            Configuration::FirefoxStrict,
            Configuration::FirefoxPrivate,
        ],
        async |world| {
            let configuration = world.browser.configuration();
            let granted = json!({ "result": { "granted": true, "jar": "shared", "code": null } });
            visit_with_button(world, "shop").await;
            world.set_own_cookie("session-of-maja").await;
            let saved = world.eval("return provider.saveCookie();").await;
            assert_eq!(saved, json!({ "saved": false, "via": "local", "jar": "partitioned" }), "{configuration:?}");
            if configuration == Configuration::ChromiumBlock {
                enter_button(world).await;
                world.browser.grant_storage_access().await;
                world.browser.leave_frame().await;
            }
            assert_eq!(click(world).await, granted, "{configuration:?}");
            let told = json!({ "saved": true, "via": "storage-access", "jar": "shared" });
            assert_eq!(event(world, "saved").await, told, "{configuration:?}");

            visit_with_button(world, "help").await;
            let loaded = world.eval("return provider.loadCookie();").await;
            assert_eq!(loaded["loaded"], false, "{configuration:?}: {loaded}");
            if configuration == Configuration::ChromiumBlock {
                enter_button(world).await;
                world.browser.grant_storage_access().await;
                world.browser.leave_frame().await;
            }
            assert_eq!(click(world).await, granted, "{configuration:?}");
            let told = json!({ "loaded": true, "value": "session-of-maja", "via": "storage-access", "jar": "shared", "code": null });
            assert_eq!(event(world, "loaded").await, told, "{configuration:?}");
            assert_eq!(world.own_cookie().await.as_deref(), Some("session-of-maja"));

            // From now on without a click.
            world.visit("help").await;
            let loaded = world.eval("return provider.loadCookie();").await;
            let silent = json!({ "loaded": true, "value": "session-of-maja", "via": "storage-access", "jar": "shared", "code": null });
            assert_eq!(loaded, silent, "{configuration:?}");
            world.record("storage-access", "1 click on each domain ¹");
        },
    );
}

#[test]
fn a_refusal_is_told() {
    in_each(
        [
            Configuration::ChromiumIncognito,
            Configuration::ChromiumBlockAll,
            Configuration::FirefoxRefusing,
            Configuration::FirefoxBlock,
            Configuration::FirefoxNoStorageAccess,
            Configuration::WebkitDefault,
            Configuration::WebkitItp,
        ],
        async |world| {
            let configuration = world.browser.configuration();
            visit_with_button(world, "shop").await;
            // A busy browser may take longer to say no than a call waits for it.
            let ended = click(world).await["error"].clone();
            assert!(ended == "access-refused" || ended == "access-pending", "{configuration:?}: {ended}");
            let is_told = "return events.some(([type, told]) => type === 'access' && !told.granted && told.code === 'access-refused');";
            world.until("the refusal is told", is_told).await;
            if configuration != Configuration::FirefoxRefusing {
                world.record("storage-access", "no");
            }
        },
    );
}

#[test]
fn a_question_that_is_not_answered_is_told_and_holds_nothing_up() {
    scenario(Configuration::FirefoxDefault, async |world| {
        visit_with_button(world, "shop").await;
        assert_eq!(click(world).await, json!({ "error": "access-pending" }));
        let tested = world.eval("return provider.cookieTest();").await;
        assert_eq!(tested["jar"], "partitioned");
    });
}

#[test]
fn a_button_that_cannot_be_seen_is_told() {
    everywhere(async |world| {
        for style in ["display:none", "height:0;overflow:hidden", "position:absolute;left:-9999px"] {
            world.visit("shop").await;
            let mount = format!(
                "const place = document.body.appendChild(document.createElement('div'));
                 place.style.cssText = {style:?};
                 return provider.mountAccessButton(place);"
            );
            assert_eq!(world.call(&mount).await, Err("access-button-hidden".to_owned()), "{style}");
        }
    });
}

#[test]
fn a_hidden_iframe_asks_for_nothing_even_if_its_button_is_clicked() {
    in_each(Configuration::BLOCKING, async |world| {
        world.visit("shop").await;
        let mount = "const place = document.body.appendChild(document.createElement('div'));
             place.id = 'place';
             place.style.display = 'none';
             return provider.mountAccessButton(place, { label: 'Weiter' });";
        assert_eq!(world.call(mount).await, Err("access-button-hidden".to_owned()));
        enter_button(world).await;
        let click = "window.asked = 0;
             Document.prototype.requestStorageAccess = async () => void window.asked++;
             document.querySelector('button').click();
             return window.asked;";
        assert_eq!(world.eval(click).await, 0);
        world.browser.leave_frame().await;
        // The bridge has done with the click by the time that it answers this.
        world.eval("return provider.cookieTest();").await;
        world.browser.enter_frame("#place iframe").await;
        assert_eq!(world.eval("return window.asked;").await, 0);
        world.browser.leave_frame().await;
        // The same click where it can be seen.
        world.eval("document.getElementById('place').style.display = '';").await;
        enter_button(world).await;
        let click = "document.querySelector('button').click(); return window.asked > 0;";
        world.until("the browser is asked", click).await;
    });
}

#[test]
fn a_click_on_a_button_that_something_covers_does_nothing_and_is_told() {
    // The cover lets clicks through, as in an attack. Firefox and WebKit do not tell a frame what lies over it.
    scenario(Configuration::ChromiumBlock, async |world| {
        visit_with_button(world, "shop").await;
        enter_button(world).await;
        world.until_bridge_button_is("seen").await;
        world.browser.leave_frame().await;
        let cover = "window.cover = document.body.appendChild(document.createElement('div'));
             cover.style.cssText = 'position:fixed;inset:0;background:white;pointer-events:none';";
        world.eval(cover).await;
        enter_button(world).await;
        world.until_bridge_button_is("covered").await;
        world.browser.click("button").await;
        world.browser.leave_frame().await;
        let told = event(world, "access").await;
        assert_eq!((&told["granted"], &told["code"]), (&json!(false), &json!("access-button-hidden")));
        // The same click without the cover: the browser is asked, and says no.
        world.eval("cover.remove();").await;
        click(world).await;
        world.until("the browser has answered", "return events.length === 2;").await;
        assert_eq!(world.eval("return events[1][1].code;").await, "access-refused");
    });
}

#[test]
fn a_button_that_something_covers_or_cuts_off_is_told() {
    // Only Chromium tells a frame what lies over it (Intersection Observer, version 2), and how much of it is cut off.
    scenario(Configuration::ChromiumAllow, async |world| {
        for (style, cover) in [
            ("", "position:fixed;inset:0;background:white"),
            ("height:10px;overflow:hidden", "display:none"),
            ("opacity:0", "display:none"),
            ("filter:opacity(1%)", "display:none"),
        ] {
            world.visit("shop").await;
            let mount = format!(
                "const place = document.body.appendChild(document.createElement('div'));
                 place.style.cssText = {style:?};
                 const cover = document.body.appendChild(document.createElement('div'));
                 cover.style.cssText = {cover:?};
                 return provider.mountAccessButton(place);"
            );
            assert_eq!(world.call(&mount).await, Err("access-button-hidden".to_owned()), "{style} {cover}");
        }
    });
}

#[test]
fn what_could_help_is_in_the_test_of_the_jar() {
    in_each_with(
        [
            (Configuration::ChromiumAllow, false),
            (Configuration::ChromiumBlock, true),
            (Configuration::FirefoxDefault, true),
            (Configuration::WebkitDefault, true),
        ],
        async |world, can_request| {
            let configuration = world.browser.configuration();
            world.visit("shop").await;
            let tested = world.eval("return provider.cookieTest();").await;
            assert_eq!(tested["canRequestAccess"], can_request, "{configuration:?}");
            assert_eq!(tested["canContinue"], true, "{configuration:?}");
        },
    );
}

#[test]
fn a_save_that_waited_is_done_at_the_next_load_once_the_permission_stands() {
    scenario(Configuration::ChromiumBlock, async |world| {
        world.visit("shop").await;
        world.set_own_cookie("session-of-maja").await;
        let saved = world.eval("return provider.saveCookie();").await;
        assert_eq!(saved["saved"], false);
        world.browser.enter_frame("iframe").await;
        world.browser.grant_storage_access().await;
        world.browser.leave_frame().await;

        // Nobody calls anything on this page.
        world.visit("shop").await;
        world.until("nothing waits any more", "return !document.cookie.includes('.save.');").await;
        world.visit("help").await;
        world.browser.enter_frame("iframe").await;
        world.browser.grant_storage_access().await;
        world.browser.leave_frame().await;
        world.visit("help").await;
        let loaded = world.eval("return provider.loadCookie();").await;
        assert_eq!((&loaded["value"], &loaded["via"]), (&json!("session-of-maja"), &json!("storage-access")));
    });
}
