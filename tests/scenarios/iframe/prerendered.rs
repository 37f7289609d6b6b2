//! A page that the browser prerenders before the visitor follows the link to it. Of the three engines, only Chromium does so.

use end_to_end::{Configuration, Gate, Page, Undriven, World, scenario};

use super::{page, provider};

/// What a page has to tell is what it requests.
const TELL: &str = "<script>const tell = (what) => fetch('/told-' + what, { cache: 'no-store' });</script>";

/// Opens a page of the other site that saves a session, and from there this one, which has the browser prerender the page with the chat. The visitor follows
/// the link to it once the gate is open.
fn visit(world: &World, chat: Page) -> (Undriven, Gate) {
    let (shop, help) = (world.url("shop", "/"), world.url("help", "/"));
    let save = format!(
        "{}<script>provider.saveCookie('from-help').then(() => {{ location.href = {shop:?}; }});</script>",
        provider(world, "")
    );
    world.server.put("help", "/", page(TELL, &save));
    let rules = "<script type=\"speculationrules\">{ \"prerender\": [{ \"urls\": [\"/chat\"], \"eagerness\": \"immediate\" }] }</script>
         <a href=\"/chat\">chat</a>
         <script>fetch('/go').then(() => document.querySelector('a').click());</script>";
    world.server.put("shop", "/", page(TELL, rules));
    world.server.put("shop", "/chat", chat);
    let gate = Gate::closed();
    world.server.put("shop", "/go", Page::html("go").behind(&gate));
    (Undriven::open(&help), gate)
}

/// Waits until the page that is prerendered has told that it is, and that it waited for so long.
async fn until_prerendered_for_long(world: &World) {
    world.until_asked("shop", "/told-prerendered").await;
    world.until_asked("shop", "/told-waited").await;
}

fn times_told(world: &World, what: &str) -> usize {
    world.server.times_asked("shop", &format!("/told-{what}"))
}

#[test]
fn the_times_of_a_prerendered_page_run_from_when_the_visitor_sees_it() {
    scenario(Configuration::ChromiumAllow, async |world| {
        let adapters =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../dist/chat-adapters.js")).unwrap();
        // All times are over before anybody looks.
        let chat = format!(
            "{}<script>{adapters}</script><script>
               tell(document.prerendering ? 'prerendered' : 'shown');
               document.addEventListener('prerenderingchange', () => tell('activated'));
               setTimeout(() => tell('waited'), 3000);
               provider.ready({{ wait: 1000 }}).then((session) => tell('ready-' + session));
               provider.loadCookie().then(({{ value }}) => tell('loaded-' + value), ({{ code }}) => tell('failed-' + code));
               ChatAdapters.attachChat(provider, {{ start: (session) => tell('started-' + session) }}, {{ wait: 1000 }});
             </script>",
            provider(world, ", undefined, { timeout: 1500 }")
        );
        let (_browser, gate) = visit(world, page(TELL, &chat));
        until_prerendered_for_long(world).await;
        let before = world.server.times_asked("bridge", "/iframe.html");
        for what in [
            "activated",
            "ready-null",
            "ready-from-help",
            "started-null",
            "started-undefined",
            "failed-iframe-unreachable",
        ] {
            assert_eq!(times_told(world, what), 0, "{what} while nobody looks");
        }
        gate.open();
        for what in ["/told-activated", "/told-loaded-from-help", "/told-ready-from-help", "/told-started-from-help"] {
            world.until_asked("shop", what).await;
        }
        assert_eq!(times_told(world, "shown"), 0, "the page is loaded once");
        assert_eq!(
            world.server.times_asked("bridge", "/iframe.html"),
            before + 1,
            "the bridge is loaded once, when the page is seen"
        );
    });
}

#[test]
fn a_bridge_that_nobody_reaches_is_told_once_the_time_that_the_visitor_waits_is_over() {
    scenario(Configuration::ChromiumAllow, async |world| {
        let nobody = world.iframe_url().replace("/iframe.html", "/nothing.html");
        let chat = provider(world, ", undefined, { timeout: 1500 }").replace(&world.iframe_url(), &nobody);
        let chat = format!(
            "{chat}<script>
               tell(document.prerendering ? 'prerendered' : 'shown');
               setTimeout(() => tell('waited'), 3000);
               provider.loadCookie().catch(({{ code }}) => tell('failed-' + code));
               addEventListener('pagehide', () => tell('left'));
             </script>"
        );
        let (_browser, gate) = visit(world, page(TELL, &chat));
        until_prerendered_for_long(world).await;
        assert_eq!(times_told(world, "failed-iframe-unreachable"), 0);
        gate.open();
        world.until_asked("shop", "/told-failed-iframe-unreachable").await;
    });
}
