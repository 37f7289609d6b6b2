//! Storage access: taken silently where it stands, asked for by a click on the button in the iframe where it does not.

mod grants;

use end_to_end::{Answer, Configuration, World, everywhere, in_each, in_each_with, in_each_with_window, scenario};
use serde_json::{Value, json};

/// Opens a site's page as an owner would write it: with a button for the popup, and a place for the access button after it.
async fn visit(world: &World, site: &str) {
    world.visit(site).await;
    world
        .eval(
            "window.events = [];
             for (const type of ['access', 'saved', 'loaded']) provider.on(type, (detail) => events.push([type, detail]));
             window.place = document.body.appendChild(document.createElement('div'));
             place.id = 'place';",
        )
        .await;
    let action = "window.ended = provider
        .continueSession({ confirm: { label: 'Weiter' }, accessElement: place, accessButton: { label: 'Weiter' } })
        .then((result) => ({ result }), (error) => ({ error: error.code }));";
    world.add_button("Continue your conversation", action).await;
}

/// Clicks the page's button, then the one in the popup: what the call ends with.
async fn continue_session(world: &World) -> Value {
    world.click_through_popup("button").await;
    world.eval("return window.ended;").await
}

/// Asks for the access button without a popup.
async fn mount_button(world: &World) {
    world.eval("window.mounted = provider.mountAccessButton(place).then((result) => ({ result }), (error) => ({ error: error.code }));").await;
}

/// Goes on in the frame of the access button, once it is mounted.
async fn enter_access_button(world: &World) {
    world.until("the access button is mounted", "return document.querySelector('#place iframe') !== null;").await;
    world.browser.enter_frame("#place iframe").await;
    world.until("the access button is there", "return document.querySelector('button') !== null;").await;
}

/// Clicks the access button, once it is mounted.
async fn click_access_button(world: &World) {
    enter_access_button(world).await;
    world.click_bridge_button().await;
    world.browser.leave_frame().await;
}

/// Waits until the browser shows its prompt, or has answered without one: whether it shows one.
async fn is_asked(world: &World) -> bool {
    let has_answered = "return events.some(([type, { code }]) => type === 'access' && code !== 'access-pending');";
    loop {
        if world.browser.shows_prompt() {
            return true;
        }
        if world.eval(has_answered).await == true {
            return false;
        }
    }
}

/// Waits for an event of this page: what it told. A visitor may answer a prompt later than the page hears that it is open.
async fn event(world: &World, name: &str) -> Value {
    let find = format!("events.find(([type, {{ code }}]) => type === {name:?} && code !== 'access-pending')");
    world.until(name, &format!("return {find} !== undefined;")).await;
    world.eval(&format!("return {find}[1];")).await
}

#[test]
fn a_refusal_is_told() {
    in_each_with_window(
        [Configuration::ChromiumBlock, Configuration::FirefoxDefault, Configuration::WebkitItp],
        async |world| {
            visit(world, "shop").await;
            if world.browser.configuration() == Configuration::FirefoxDefault {
                mount_button(world).await;
            } else {
                continue_session(world).await;
            }
            if world.browser.configuration() == Configuration::WebkitItp {
                // It has taken the click in the popup for a grant to this site. The other one knows of the visit without a popup of its own.
                visit(world, "help").await;
                world.eval("document.cookie = `__Host-bridge-visit=${Date.now()}.kept.2592000; Path=/; Secure`;").await;
                mount_button(world).await;
            }
            click_access_button(world).await;
            if is_asked(world).await {
                world.browser.answer_prompt(Answer::Block).await;
            } else {
                // One request in dozens is refused by Chromium with no prompt.
                assert_eq!(world.browser.configuration(), Configuration::ChromiumBlock);
            }
            let told = event(world, "access").await;
            assert_eq!((&told["granted"], &told["code"]), (&json!(false), &json!("access-refused")));
        },
    );
}

#[test]
fn a_question_that_is_not_answered_is_told_and_holds_nothing_up() {
    scenario(Configuration::FirefoxDefault, async |world| {
        visit(world, "shop").await;
        mount_button(world).await;
        click_access_button(world).await;
        assert_eq!(world.eval("return window.mounted;").await, json!({ "error": "access-pending" }));
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
        visit(world, "shop").await;
        world.eval("place.style.display = 'none';").await;
        if world.browser.configuration() != Configuration::FirefoxDefault {
            continue_session(world).await;
        }
        let mounted = world.call("return provider.mountAccessButton(place);").await;
        assert_eq!(mounted, Err("access-button-hidden".to_owned()));
        enter_access_button(world).await;
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
        world.eval("place.style.display = '';").await;
        enter_access_button(world).await;
        let click = "document.querySelector('button').click(); return window.asked > 0;";
        world.until("the browser is asked", click).await;
    });
}

#[test]
fn a_click_on_a_button_that_something_covers_does_nothing_and_is_told() {
    // The cover lets clicks through, as in an attack. Firefox and WebKit do not tell a frame what lies over it.
    scenario(Configuration::ChromiumBlock, async |world| {
        visit(world, "shop").await;
        continue_session(world).await;
        enter_access_button(world).await;
        world.until_bridge_button_is("seen").await;
        world.browser.leave_frame().await;
        let cover = "window.cover = document.body.appendChild(document.createElement('div'));
             cover.style.cssText = 'position:fixed;inset:0;background:white;pointer-events:none';";
        world.eval(cover).await;
        enter_access_button(world).await;
        world.until_bridge_button_is("covered").await;
        world.browser.click("button").await;
        world.browser.leave_frame().await;
        let told = event(world, "access").await;
        assert_eq!((&told["granted"], &told["code"]), (&json!(false), &json!("access-button-hidden")));
        // The same click without the cover: the browser is asked, and says no.
        world.eval("cover.remove();").await;
        click_access_button(world).await;
        let all = "return events.filter(([type]) => type === 'access').map(([, { code }]) => code);";
        world.until("the browser has answered", &all.replace(';', ".length === 2;")).await;
        assert_eq!(world.eval(all).await, json!(["access-button-hidden", "access-refused"]));
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
            (Configuration::ChromiumAllow, Value::Null),
            (Configuration::ChromiumBlock, json!("access-needs-visit")),
            (Configuration::ChromiumBlockAll, json!("access-refused")),
            (Configuration::FirefoxDefault, Value::Null),
            (Configuration::FirefoxBlock, json!("access-refused")),
            (Configuration::FirefoxNoStorageAccess, json!("access-refused")),
            (Configuration::WebkitDefault, json!("access-needs-visit")),
            (Configuration::WebkitItp, json!("access-needs-visit")),
        ],
        async |world, code| {
            let configuration = world.browser.configuration();
            visit(world, "shop").await;
            let tested = world.eval("return provider.cookieTest();").await;
            assert_eq!(tested["code"], code, "{configuration:?}");
            let can_request = configuration == Configuration::FirefoxDefault;
            assert_eq!(tested["canRequestAccess"], can_request, "{configuration:?}");
            assert_eq!(tested["canContinue"], true, "{configuration:?}");
            if let Some(code) = code.as_str() {
                let mounted = world.call("return provider.mountAccessButton(place);").await;
                assert_eq!(mounted, Err(code.to_owned()), "{configuration:?}");
                assert_eq!(world.eval("return place.childElementCount;").await, 0, "{configuration:?}");
            }
        },
    );
}
