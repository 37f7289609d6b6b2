//! The pages' own addresses.

use end_to_end::{Configuration, Engine, NAME, RETURN_PAGE, World, in_each, in_each_in_a_soak_and_else_in};
use serde_json::json;

use super::lures::with_part;
use super::{MARK, NONCE, SESSION, arrived, link, open_shop, page, reached, spying, start};

#[test]
fn a_page_whose_address_its_server_does_not_know_hands_the_session_over() {
    in_each(Configuration::BLOCKING, async |world| {
        start(world, &link(world, "help")).await;
        world.eval("history.pushState({}, '', '/cart/7?step=2#top');").await;
        world.browser.click("#link").await;
        arrived(world).await;
        assert_eq!(world.eval("return refused;").await, json!([]));
        assert_eq!(world.server.times_asked("shop", "/cart/7"), 0);
    });
}

#[test]
fn a_path_that_begins_like_a_host_stays_a_path() {
    in_each_in_a_soak_and_else_in(Engine::Firefox, Configuration::BLOCKING, async |world| {
        let stranger = world.server.host("stranger");
        let path = format!("//{stranger}/catalogue");
        world.server.put("help", &path, page(world, ""));
        let address = world.url("help", &format!("{path}?page=2#section"));
        start(world, &format!("<a id=\"link\" href=\"{address}\">Our other shop</a>")).await;
        world.browser.click("#link").await;
        arrived(world).await;
        let state = world.eval("return [location.href, addresses, await loaded.then((r) => r.value)];").await;
        assert_eq!(state, json!([address, [address], SESSION]));
        assert_eq!(world.server.asked("stranger"), Vec::<String>::new());
    });
}

#[test]
fn a_pages_own_fragment_is_in_no_address_of_another_domain_and_is_there_on_arrival() {
    in_each(Configuration::BLOCKING, async |world| {
        let address = world.url("help", "/?page=2#access_token=secret-of-help");
        let link = format!("<a id=\"link\" href=\"{address}\">Our other shop</a>");
        start(world, &link).await;
        world.server.put("shop", "/", spying(page(world, &link)));
        world.server.put("help", "/", spying(page(world, "")));
        for site in ["shop", "help"] {
            world.server.put(site, RETURN_PAGE, spying(world.server.return_page()));
        }
        open_shop(world).await;
        world.eval("history.replaceState({}, '', '/#access_token=secret-of-the-shop');").await;
        world.browser.click("#link").await;
        arrived(world).await;
        assert_eq!(world.eval("return location.href;").await, address);
        for (site, part, secret) in [("help", "give", "secret-of-the-shop"), ("shop", "ask", "secret-of-help")] {
            let reached = reached(world, site).await;
            assert!(reached.iter().any(|address| address.contains(&format!("{MARK}{part},"))), "{reached:?}");
            assert!(!reached.iter().any(|address| address.contains(secret)), "{reached:?}");
            assert!(!reached.iter().any(|address| address.contains(SESSION)), "{reached:?}");
        }
        for site in ["shop", "help", "bridge"] {
            let told = [world.server.addresses(site), world.server.referrers(site)].concat();
            assert!(!told.iter().any(|address| address.contains("access_token")), "{told:?}");
        }
    });
}

/// Parts that no page of ours writes.
fn junk(world: &World) -> Vec<String> {
    let shop = world.server.origin("shop");
    let parts = [
        "%zz",
        "%E0%A4%A",
        "[",
        "%5B1%5D",
        "{}",
        "null",
        ",",
        "offer",
        "offer,",
        "offer,,,",
        "__proto__",
        "constructor,__proto__,",
    ];
    let mut junk: Vec<String> = parts.map(str::to_owned).to_vec();
    junk.push("a".repeat(100_000));
    junk.push(format!("offer,{}", ",".repeat(10_000)));
    junk.push(format!("offer,{NONCE}"));
    junk.push(format!("offer,{NONCE},{shop}"));
    junk.push(format!("offer,{NONCE},{shop},another-session"));
    junk.push(format!("offer,short,{shop},{NAME}"));
    junk.push(format!("offer,{},{shop},{NAME}", NONCE.to_uppercase()));
    junk.push(format!("Offer,{NONCE},{shop},{NAME}"));
    junk.push(format!("ask,{NONCE},key,{RETURN_PAGE},{NAME}"));
    junk.push(format!("give,{NONCE},key,sealed"));
    junk.push(format!("none,{NONCE},handoff-expired"));
    junk.push(format!("code,{NONCE},{NAME}"));
    junk
}

#[test]
fn an_address_that_is_no_hand_over_breaks_nothing() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        world.server.put("help", "/", page(world, ""));
        for (at, junk) in junk(world).iter().enumerate() {
            let address = world.url("help", &format!("/?{at}#section"));
            world.browser.open(&with_part(&address, &[junk])).await;
            let state = world.eval("return [(await loaded).loaded, location.href, refused];").await;
            assert_eq!(state, json!([false, address, []]), "{}", &junk[..junk.len().min(30)]);
        }
        let asked: Vec<String> = world.server.asked("shop");
        assert_eq!(asked, Vec::<String>::new(), "nobody was sent there");
    });
}
