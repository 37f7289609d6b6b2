//! What people see of the iframe, or hear.

use end_to_end::{Engine, everywhere, everywhere_in_a_soak_and_else_in};
use serde_json::{Value, json};

use super::{page, provider};

/// What pages say of iframes and of everything, in their worst words.
const STYLES: [&str; 4] = [
    "iframe { display: block; width: 100%; min-height: 300px }",
    "iframe { display: block !important; visibility: visible !important; position: static !important; opacity: 1 !important;
       width: 100% !important; height: 300px !important; border: 9px solid red !important; transition: all 9s; animation: seen 9s }
     @keyframes seen { from, to { display: block; opacity: 1 } }",
    "* { display: block !important; margin: 9px !important; padding: 9px !important } [hidden] { display: block !important }
     head, title, script, style { display: none !important }",
    "body { display: grid; gap: 40px; margin: 0 } body > * { margin: 20px; display: block } iframe { min-height: 100vh }",
];

const BODY: &str = "<header>header</header><main>main</main><footer>footer</footer>";

/// Where everything of the page is, and how long it is.
const LAYOUT: &str = "const boxes = [...document.querySelectorAll('body, body > :not(iframe)')].map((element) => {
       const { x, y, width, height } = element.getBoundingClientRect();
       return [element.localName, x, y, width, height];
     });
     const { scrollWidth, scrollHeight } = document.documentElement;
     return [boxes, scrollWidth, scrollHeight];";

#[test]
fn nothing_is_to_be_seen_of_the_iframe_whatever_the_page_says_of_its_iframes() {
    everywhere(async |world| {
        for (number, style) in STYLES.into_iter().enumerate() {
            let style = format!("<style>{style}</style>");
            world.server.put("shop", "/", page(&style, BODY));
            world.browser.open(&world.url("shop", "/")).await;
            let without: Value = world.eval(LAYOUT).await;
            world.server.put("shop", "/", page(&format!("{style}{}", provider(world, "")), BODY));
            world.browser.open(&world.url("shop", "/")).await;
            assert_eq!(world.eval("return provider.saveCookie('a').then((r) => r.saved);").await, true);
            world.keep_picture(&format!("style-{number}")).await;
            assert_eq!(world.eval(LAYOUT).await, without, "{style}");
            let seen = "return document.querySelector('iframe').getClientRects().length;";
            assert_eq!(world.eval(seen).await, 0, "{style}");
        }
    });
}

#[test]
fn the_access_button_is_named_by_its_label() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        world.visit("shop").await;
        let name = "const { title, lang } = document.querySelector('iframe'); return [title, lang];";
        for (options, expected) in [
            ("undefined", json!(["Continue your conversation", "en"])),
            ("null", json!(["Continue your conversation", "en"])),
            ("{ label: 'Gespräch fortsetzen', lang: 'de' }", json!(["Gespräch fortsetzen", "de"])),
            ("{ label: 7, lang: {} }", json!(["Continue your conversation", "en"])),
        ] {
            world
                .eval(&format!(
                    "document.querySelector('div')?.remove();
                     window.place = document.body.appendChild(document.createElement('div'));
                     void provider.mountAccessButton(place, {options});"
                ))
                .await;
            world.until("it is mounted", "return !!place.querySelector('iframe');").await;
            assert_eq!(world.eval(name).await, expected, "{options}");
        }
    });
}
