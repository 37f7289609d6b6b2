//! Strangers who would have the visitor go on with a session of theirs, or be led to an address of theirs.

use end_to_end::{
    Configuration, Engine, Gate, NAME, Page, RETURN_PAGE, World, in_each, in_each_in_a_soak_and_else_in, scenario,
};
use serde_json::json;

use super::lures::{follow, follow_and_return, with_part};
use super::{KEY, NONCE, SESSION, link, page, plain, start};

/// Waits until the visitor is at this address of the help site and the page has ended waiting for a session; none has come.
async fn arrived_with_nothing(world: &World, address: &str) {
    // Where the page is left, the script that waits goes with it.
    let there = format!("return location.href === {address:?} && (await window.loaded)?.loaded === false;");
    world.until(&format!("the visitor is at {address}, and nothing has come"), &there).await;
    assert_eq!(world.own_cookie().await, None, "{address}");
}

/// What a stranger could write for a return page.
fn made_up() -> [Vec<&'static str>; 4] {
    [
        vec!["ask", NONCE, KEY, RETURN_PAGE, NAME],
        vec!["give", NONCE, KEY, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
        vec!["none", NONCE, "handoff-expired"],
        vec!["give"],
    ]
}

#[test]
fn what_a_stranger_makes_up_in_the_name_of_a_listed_site_brings_no_session() {
    in_each(Configuration::BLOCKING, async |world| {
        start(world, &link(world, "help")).await;
        let shop = world.server.origin("shop");
        let address = world.url("help", "/?from=stranger#section");
        follow(world, &with_part(&address, &["offer", NONCE, &shop, NAME])).await;
        arrived_with_nothing(world, &address).await;
        world.until("it is refused", "return refused[0] === 'handoff-expired';").await;

        for site in ["help", "shop"] {
            for words in made_up() {
                follow_and_return(world, "stranger", site, &with_part(&world.url(site, RETURN_PAGE), &words)).await;
            }
            // A return page to which nothing led.
            follow_and_return(world, "stranger", site, &world.url(site, RETURN_PAGE)).await;
        }
        world.browser.open(&world.url("help", "/")).await;
        arrived_with_nothing(world, &world.url("help", "/")).await;
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(world.own_cookie().await.as_deref(), Some(SESSION));
    });
}

#[test]
fn no_address_that_a_stranger_wrote_is_loaded() {
    in_each(Configuration::BLOCKING, async |world| {
        let (stranger, shop) = (world.server.origin("stranger"), world.server.origin("shop"));
        let host = world.server.host("stranger");
        world.server.put("help", "/", page(world, ""));
        let origins = [
            stranger.clone(),
            format!("{shop}/logout"),
            format!("{shop}?logout"),
            format!("{shop}@{host}"),
            format!("//{host}"),
            "javascript:alert(1)".to_owned(),
            "null".to_owned(),
            String::new(),
        ];
        for (number, origin) in origins.iter().enumerate() {
            let address = world.url("help", &format!("/?offer={number}#section"));
            follow(world, &with_part(&address, &["offer", NONCE, origin, NAME])).await;
            arrived_with_nothing(world, &address).await;
            assert_eq!(world.eval("return refused;").await, json!(["handoff-not-trusted"]), "{origin}");
        }
        let paths = [
            format!("//{host}/cookie-bridge.html"),
            format!("/\\{host}/cookie-bridge.html"),
            format!("{stranger}/cookie-bridge.html"),
            format!("@{host}/cookie-bridge.html"),
            format!(".{host}/cookie-bridge.html"),
            "/logout".to_owned(),
            "/logout?/cookie-bridge.html".to_owned(),
            "/logout#/cookie-bridge.html".to_owned(),
            "/logout%3F/cookie-bridge.html".to_owned(),
            "/logout;/cookie-bridge.html".to_owned(),
            "javascript:alert(1)//cookie-bridge.html".to_owned(),
            String::new(),
        ];
        for path in &paths {
            // On a listed site, so that it is the referrer.
            let ask = with_part(&world.url("shop", RETURN_PAGE), &["ask", NONCE, KEY, path, NAME]);
            follow_and_return(world, "help", "shop", &ask).await;
        }
        for site in ["shop", "help", "stranger"] {
            let addresses = world.server.addresses(site);
            assert!(!addresses.iter().any(|address| address.contains("logout")), "{site}: {addresses:?}");
        }
        let strangers = world.server.asked("stranger");
        let own = ["/lure", "/shown", "/favicon.ico"];
        assert!(strangers.iter().all(|path| own.contains(&path.as_str())), "{strangers:?}");
    });
}

#[test]
fn an_offer_in_the_name_of_the_page_itself_or_of_the_bridge_strands_nobody() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        world.server.put("help", "/", page(world, ""));
        // A bridge has no links, and so no return page.
        world.server.put("bridge", RETURN_PAGE, plain("no such page").status(404));
        for site in ["help", "bridge"] {
            let address = world.url("help", &format!("/?from={site}#section"));
            follow(world, &with_part(&address, &["offer", NONCE, &world.server.origin(site), NAME])).await;
            arrived_with_nothing(world, &address).await;
        }
    });
}

/// What a stranger's page could do in a window that it opened: make it ask, and give an answer of its own before the shop does.
const OPENER: &str = "<button id=\"open\">Open</button><button id=\"give\">Give</button><script>
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  const text = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  let opened;
  document.getElementById('open').onclick = () => (opened = window.open(OFFER));
  document.getElementById('give').onclick = async () => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey(curve, true, ['deriveKey']);
    const options = { name: 'AES-GCM', length: 256 };
    const key = await crypto.subtle.deriveKey({ name: 'ECDH', public: publicKey }, privateKey, options, false, ['encrypt']);
    const session = new TextEncoder().encode(JSON.stringify({ [NAME]: 'of-mallory' }));
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, key, session);
    opened.location = [GIVE, text(await crypto.subtle.exportKey('raw', publicKey)), text(sealed)].join();
  };
</script>";

#[test]
fn a_session_that_a_stranger_sealed_does_not_come_to_a_page_that_waits_for_one() {
    in_each_in_a_soak_and_else_in(Engine::Firefox, Configuration::BLOCKING, async |world| {
        world.server.put("help", "/", page(world, ""));
        let gate = Gate::closed();
        world.server.put("shop", RETURN_PAGE, world.server.return_page().behind(&gate));
        let address = world.url("help", "/?from=stranger#section");
        let offer = json!(with_part(&address, &["offer", NONCE, &world.server.origin("shop"), NAME]));
        let give = json!(with_part(&world.url("help", RETURN_PAGE), &["give", NONCE]));
        let opener = OPENER.replace("OFFER", &offer.to_string()).replace("GIVE", &give.to_string());
        let opener = opener.replace("[NAME]", &format!("[{NAME:?}]"));
        world.server.put("stranger", "/", Page::html(format!("<!DOCTYPE html><title>opener</title>{opener}")));
        world.browser.open(&world.url("stranger", "/")).await;
        world.browser.click("#open").await;
        // The page has left for the shop's return page, which does not come.
        world.until_asked("shop", RETURN_PAGE).await;
        let asked = world.server.times_asked("help", RETURN_PAGE);
        world.browser.click("#give").await;
        world.until_asked_times("help", RETURN_PAGE, asked + 1).await;
        world.browser.enter_popup().await;
        arrived_with_nothing(world, &address).await;
        assert_eq!(world.eval("return refused;").await, json!(["handoff-unreadable"]));
        gate.open();
        world.browser.close_popup().await;
    });
}

#[test]
fn where_the_browser_keeps_nothing_a_made_up_address_harms_nothing() {
    scenario(Configuration::ChromiumBlockAll, async |world| {
        world.server.put("help", "/", page(world, ""));
        for site in ["shop", "stranger"] {
            let address = world.url("help", &format!("/?from={site}#section"));
            follow(world, &with_part(&address, &["offer", NONCE, &world.server.origin(site), NAME])).await;
            arrived_with_nothing(world, &address).await;
        }
        for words in made_up() {
            follow_and_return(world, "stranger", "help", &with_part(&world.url("help", RETURN_PAGE), &words)).await;
        }
    });
}
