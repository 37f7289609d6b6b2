//! Text and links that somebody else wrote.

use end_to_end::{Configuration, Demo, NAME, everywhere, in_each};
use serde_json::json;

/// What would run if it became HTML.
const MARKUP: &str = "<img src=x onerror=\"document.title='run'\"><b>bold</b>";

#[test]
fn text_of_a_page_never_becomes_html_in_the_button_the_popup_or_the_doctor() {
    everywhere(async |world| {
        let is_text = format!(
            "return document.querySelector('button').textContent === {MARKUP:?} && document.body.children.length === 1
               && !document.querySelector('img, b') && document.title !== 'run';"
        );
        let options = json!({ "label": MARKUP, "lang": MARKUP, "color": MARKUP, "background": MARKUP, "font": MARKUP });
        world.visit("shop").await;
        world
            .eval(&format!(
                "const place = document.body.appendChild(document.createElement('div'));
                 place.id = 'place';
                 provider.mountAccessButton(place, {options}).catch(() => {{}});"
            ))
            .await;
        world.browser.enter_frame("#place iframe").await;
        world.until("the button is there", "return document.querySelector('button') !== null;").await;
        assert_eq!(world.eval(&is_text).await, true, "in the iframe");
        world.browser.leave_frame().await;

        world.add_button("Go", &format!("provider.continueSession({{ confirm: {options} }}).catch(() => {{}});")).await;
        world.browser.click("button").await;
        world.browser.enter_popup().await;
        world.until("the popup asks", "return document.querySelector('button') !== null;").await;
        assert_eq!(world.eval(&is_text).await, true, "in the popup");
        world.browser.close_popup().await;

        let demo = Demo::start();
        let encoded: String = MARKUP.bytes().map(|byte| format!("%{byte:02X}")).collect();
        world.browser.open(&format!("{}doctor.html?domain={encoded}", demo.url("bridge"))).await;
        world.until("the checks have ended", "return document.body.dataset.done === 'true';").await;
        let is_text = "return document.body.textContent.includes('<img src=x') && !document.querySelector('img')
          && document.title !== 'run';";
        assert_eq!(world.eval(is_text).await, true, "in the doctor");
    });
}

#[test]
fn an_offer_that_somebody_wrote_into_a_link_of_a_listed_page_brings_nothing() {
    in_each(Configuration::BLOCKING, async |world| {
        let configuration = world.browser.configuration();
        let clean = world.url("help", "/?page=2#section");
        let nonce = "0123456789abcdef".repeat(2);
        let bad = format!("{clean}~cookie-bridge=offer,{nonce},{},{NAME}", world.server.origin("shop"));
        let arguments = ", null, { access: ['cookie', 'popup', 'link'] }";
        let listener = "window.refused = []; provider.on('refused', ({ code }) => refused.push(code));</script><p>";
        let help = world.host_page(arguments).replaced("</script><p>", listener);
        world.server.put("help", "/", help);
        let links = format!("<a id=\"link\" href=\"{bad}\">Look</a>");
        world.server.put("shop", "/", world.host_page(arguments).appended(&links));
        world.browser.open(&world.url("shop", "/")).await;
        world.browser.click("#link").await;
        let told = "return location.search === '?page=2' && window.refused?.[0] === 'handoff-expired';";
        world.until("the visitor is there, and nothing came", told).await;
        assert_eq!(world.eval("return location.href;").await, clean, "{configuration:?}");
        assert_eq!(world.own_cookie().await, None, "{configuration:?}");
    });
}

#[test]
fn a_note_that_another_host_of_the_site_has_planted_saves_and_clears_nothing() {
    everywhere(async |world| {
        let host = world.server.host("shop");
        world.visit("help").await;
        assert_eq!(world.eval("return provider.saveCookie('session-of-maja').then((r) => r.saved);").await, true);
        world.server.put("shop", "/chat/", world.host_page(""));
        for name in ["bridge-note", "__Host-bridge-note"] {
            for state in ["clear", "save"] {
                for place in ["Path=/", "Path=/chat"] {
                    world.browser.open(&world.url("shop", "/chat/")).await;
                    world.eval("return provider.cookieTest();").await;
                    // As a page of a host below the shop's would write it.
                    let plant = format!(
                        "document.cookie = '{NAME}=of-a-stranger; Domain={host}; Path=/; Secure';
                         document.cookie = '{name}.{NAME}=' + Date.now() + '.{state}.; Domain={host}; {place}; Secure';"
                    );
                    world.eval(&plant).await;
                    world.browser.open(&world.url("shop", "/chat/")).await;
                    let loaded = world.eval("return provider.loadCookie().then((r) => r.value);").await;
                    assert_eq!(loaded, "session-of-maja", "{name} {state} {place}");
                    world.visit("help").await;
                    let loaded = world.eval("return provider.loadCookie().then((r) => r.value);").await;
                    assert_eq!(loaded, "session-of-maja", "{name} {state} {place}, elsewhere");
                    world.browser.open(&world.url("shop", "/chat/")).await;
                    world.eval(&format!("document.cookie = '{NAME}=; Max-Age=0; Path=/; Domain={host}';")).await;
                }
            }
        }
    });
}
