//! A stranger whom a link of the owner's leads to, because a server of the owner's sends visitors on to any address, and the browser takes along what
//! is behind `#`.

use end_to_end::{Configuration, NAME, Page, RETURN_PAGE, World, in_each};
use serde_json::{Value, json};

use super::lures::SHOWN;
use super::{MARK, SESSION, ready, start};

/// The stranger's page. It asks for the session with a key of its own, once, in one of these ways.
const LANDING: &str = "<script type=\"module\">
  const offer = location.hash.split(MARK)[1];
  if (offer && !sessionStorage.tried) {
    sessionStorage.tried = WAY;
    // The browser keeps no place in the history for a page that is left while it loads.
    await new Promise((loaded) => addEventListener('load', () => setTimeout(loaded)));
    const [, nonce, shop, ...names] = offer.split(',');
    const curve = { name: 'ECDH', namedCurve: 'P-256' };
    const { privateKey, publicKey } = await crypto.subtle.generateKey(curve, true, ['deriveKey']);
    sessionStorage.ownKey = JSON.stringify(await crypto.subtle.exportKey('jwk', privateKey));
    const raw = String.fromCharCode(...new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)));
    const key = btoa(raw).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const ask = shop + RETURN_PAGE + '#' + MARK + ['ask', nonce, key, RETURN_PAGE, ...names].join();
    if (WAY === 'forwarded') {
      location.href = FORWARDER + '#' + ask;
    } else if (WAY === 'framed') {
      const frame = document.body.appendChild(document.createElement('iframe'));
      frame.src = ask;
    } else {
      const link = document.createElement('a');
      link.href = ask;
      link.referrerPolicy = WAY;
      link.click();
    }
  }
</script>";

/// What the stranger has in place of a return page: it opens whatever it is given.
const TAKING: &str = "<script type=\"module\">
  const [step, , peer, sealed] = (location.hash.split(MARK)[1] ?? '').split(',');
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
  let taken = step;
  if (step === 'give') {
    const curve = { name: 'ECDH', namedCurve: 'P-256' };
    const mine = await crypto.subtle.importKey('jwk', JSON.parse(sessionStorage.ownKey), curve, false, ['deriveKey']);
    const theirs = await crypto.subtle.importKey('raw', bytes(peer), curve, false, []);
    const options = { name: 'AES-GCM', length: 256 };
    const key = await crypto.subtle.deriveKey({ name: 'ECDH', public: theirs }, mine, options, false, ['decrypt']);
    taken = new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, key, bytes(sealed)));
  }
  sessionStorage.taken = taken;
</script>";

/// A page that sends visitors on to the address behind its `#`, whatever that is.
const FORWARDING: &str =
    "<!DOCTYPE html><title>forwarding</title><script>location.replace(location.hash.slice(1));</script>";

/// Puts up the sites: the help site's server sends visitors of `/out` on to the stranger, whose page asks in this way.
fn put_up(world: &World, way: &str) {
    let landing = world.url("stranger", "/landing");
    world.server.put("help", "/out", Page::html("").status(302).header("location", &landing));
    world.server.put("help", "/forward", Page::html(FORWARDING));
    let page = |title: &str, script: &str| {
        let script = script.replace("FORWARDER", &json!(world.url("help", "/forward")).to_string());
        let script = script.replace("RETURN_PAGE", &json!(RETURN_PAGE).to_string());
        let script = script.replace("MARK", &json!(MARK).to_string()).replace("WAY", &json!(way).to_string());
        Page::html(format!("<!DOCTYPE html><title>{title}</title><body>{script}"))
    };
    world.server.put("stranger", "/landing", page("landing", LANDING).appended(SHOWN));
    world.server.put("stranger", RETURN_PAGE, page("taking", TAKING));
}

/// Follows the shop's link, which leads to the stranger.
async fn follow_out(world: &World) {
    start(world, &format!("<a id=\"link\" href=\"{}\">Our other shop</a>", world.url("help", "/out#section"))).await;
    world.browser.click("#link").await;
}

/// What the stranger's pages have taken, once there is something.
async fn taken(world: &World) -> Value {
    let here =
        format!("return location.origin === {:?} && 'taken' in sessionStorage;", world.server.origin("stranger"));
    world.until("the stranger is answered", &here).await;
    world.eval("return sessionStorage.taken;").await
}

/// The session runs where it ran, and its address is what it was.
async fn assert_session_runs_on(world: &World) {
    world.browser.open(&world.url("shop", "/")).await;
    ready(world, "help").await;
    assert_eq!(world.own_cookie().await.as_deref(), Some(SESSION));
}

#[test]
fn a_stranger_whom_a_redirect_gives_the_offer_does_not_get_the_session() {
    in_each(Configuration::BLOCKING, async |world| {
        for way in ["origin", "unsafe-url", "framed"] {
            put_up(world, way);
            follow_out(world).await;
            assert_eq!(taken(world).await, "none", "{way}");
            assert_eq!(world.eval("return document.cookie;").await, "", "{way}");
            world.eval("sessionStorage.clear();").await;
            assert_session_runs_on(world).await;
        }
        // The page is good for what it does: a listed one gets the session in this way.
        world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help", "stranger"]));
        put_up(world, "origin");
        follow_out(world).await;
        assert_eq!(taken(world).await, json!({ NAME: SESSION }).to_string());
    });
}

#[test]
fn a_stranger_who_says_nothing_of_itself_gets_the_visitor_where_the_link_led_and_nothing_else() {
    in_each(Configuration::BLOCKING, async |world| {
        put_up(world, "no-referrer");
        follow_out(world).await;
        // The link is followed again, without an offer.
        world.until_asked_times("stranger", "/shown", 2).await;
        let there = format!("return location.href === {:?};", world.url("stranger", "/landing#section"));
        world.until("the visitor is where the link led", &there).await;
        assert_eq!(
            world.eval("return [sessionStorage.tried, 'taken' in sessionStorage];").await,
            json!(["no-referrer", false])
        );
        assert_eq!(world.server.times_asked("help", "/out"), 2);
        assert_session_runs_on(world).await;
    });
}

#[test]
fn a_stranger_who_has_a_page_of_the_owners_forward_the_question_does_not_get_the_answer() {
    in_each(Configuration::BLOCKING, async |world| {
        // Its referrer is the site that the link was made for, so the shop answers: to that site's own return page.
        put_up(world, "forwarded");
        follow_out(world).await;
        world.until_asked("help", RETURN_PAGE).await;
        world
            .until_sites("the visitor is led out of it", |server| {
                server.times_asked("stranger", "/shown") > 1 || server.times_asked("help", "/") > 0
            })
            .await;
        let landed = world.url("stranger", &format!("/landing#section{MARK}offer,"));
        let there =
            format!("return location.href.startsWith({landed:?}) || location.href === {:?};", world.url("help", "/"));
        world.until("the visitor is back", &there).await;
        assert_eq!(world.server.times_asked("stranger", RETURN_PAGE), 0);
        world.browser.open(&world.url("stranger", "/landing")).await;
        assert_eq!(
            world.eval("return [sessionStorage.tried, 'taken' in sessionStorage];").await,
            json!(["forwarded", false])
        );
        assert_session_runs_on(world).await;
    });
}
