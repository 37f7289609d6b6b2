//! Every way to follow a link.

use end_to_end::{Configuration, Engine, NAME, RETURN_PAGE, in_each, in_each_in_a_soak_and_else_in};
use serde_json::json;

use super::{FORGET, SESSION, TARGET, arrived, link, open_shop, start};

#[test]
fn a_link_hands_the_session_over_in_every_configuration_that_does_not_share_by_itself() {
    in_each(
        [
            Configuration::ChromiumBlock,
            Configuration::ChromiumIncognito,
            Configuration::FirefoxDefault,
            Configuration::FirefoxStrict,
            Configuration::FirefoxPrivate,
            Configuration::FirefoxBlock,
            Configuration::FirefoxNoStorageAccess,
            Configuration::WebkitDefault,
            Configuration::WebkitItp,
        ],
        async |world| {
            let configuration = world.browser.configuration();
            start(world, &link(world, "help")).await;
            world.browser.click("#link").await;
            arrived(world).await;
            let loaded = world.eval("return loaded;").await;
            let expected = (&json!(SESSION), &json!("link"));
            assert_eq!((&loaded["value"], &loaded["via"]), expected, "{configuration:?}");
            let address = world.eval("return location.href;").await;
            assert_eq!(address, world.url("help", TARGET), "the page's own address is restored");
            let read = world.eval("return addresses;").await;
            assert_eq!(read, json!([address]), "no script of the page could read more");
            assert_eq!(world.eval("return refused;").await, json!([]), "{configuration:?}");
            world.record("link", "the link");
        },
    );
}

#[test]
fn a_session_is_handed_over_for_the_rest_of_its_lifetime() {
    in_each_in_a_soak_and_else_in(Engine::Firefox, Configuration::BLOCKING, async |world| {
        let configuration = world.browser.configuration();
        start(world, &link(world, "help")).await;
        world.eval(&format!("return provider.saveCookie({SESSION:?}, {{ maxAge: 3600 }});")).await;
        world.browser.click("#link").await;
        arrived(world).await;
        let note = format!(
            "return document.cookie.split('; ').find((cookie) => cookie.startsWith('__Host-bridge-note.{NAME}='))?.split('.save.')[1];"
        );
        let rest = world.eval(&note).await;
        let rest: u32 = rest.as_str().unwrap_or_default().parse().unwrap_or_default();
        assert!((3500..=3600).contains(&rest), "{configuration:?}: {rest}");
    });
}

#[test]
fn it_works_in_a_new_tab_by_keyboard_and_by_a_form() {
    in_each(Configuration::BLOCKING, async |world| {
        let configuration = world.browser.configuration();
        let help = world.url("help", "/");
        let links = format!(
            "<form id=\"form\" action=\"{help}\"><input name=\"q\" value=\"lamp\"><button>Search</button></form>
             <a id=\"link\" href=\"{help}\">Our other shop</a>
             <a id=\"blank\" target=\"_blank\" href=\"{help}\">Our other shop</a>"
        );
        start(world, &links).await;
        world.browser.click("#form button").await;
        arrived(world).await;
        assert_eq!(world.eval("return location.search;").await, "?q=lamp", "{configuration:?}");
        world.eval(FORGET).await;

        open_shop(world).await;
        world.eval("document.getElementById('link').focus();").await;
        world.browser.press_enter("#link").await;
        arrived(world).await;
        world.eval(FORGET).await;

        open_shop(world).await;
        world.browser.click("#blank").await;
        world.browser.enter_popup().await;
        arrived(world).await;
        world.eval(FORGET).await;
        world.browser.close_popup().await;

        // WebKitGTK's browser opens nothing by a driver's middle click.
        if configuration != Configuration::WebkitDefault {
            world.browser.middle_click("#link").await;
            world.browser.enter_popup().await;
            arrived(world).await;
        }
    });
}

#[test]
fn it_works_with_links_in_drawings_components_and_image_maps_and_with_a_button_that_has_its_own_address() {
    in_each_in_a_soak_and_else_in(Engine::Chromium, Configuration::BLOCKING, async |world| {
        let help = world.url("help", TARGET);
        let links = format!(
            "<svg width=\"200\" height=\"90\">
               <a id=\"drawn\" href=\"{help}\"><rect width=\"200\" height=\"40\"></rect></a>
               <a id=\"drawn-once\" xlink:href=\"{help}\"><rect y=\"50\" width=\"200\" height=\"40\"></rect></a>
             </svg>
             <div id=\"component\"></div>
             <script>
               const root = document.getElementById('component').attachShadow({{ mode: 'open' }});
               root.innerHTML = '<a style=\"display: block; height: 40px\" href=\"{help}\">Our other shop</a>';
             </script>
             <form action=\"/own\">
               <input type=\"hidden\" name=\"page\" value=\"2\"><button id=\"button\" formaction=\"{}\">Our other shop</button>
             </form>
             <img id=\"image\" usemap=\"#places\" width=\"200\" height=\"40\" alt=\"A map\"
               src=\"data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\">
             <map name=\"places\"><area shape=\"rect\" coords=\"0,0,200,40\" alt=\"Our other shop\" href=\"{help}\"></map>",
            world.url("help", "/#section")
        );
        start(world, &links).await;
        for place in ["#drawn rect", "#drawn-once rect", "#component", "#button", "#image"] {
            // The driver does not expect an area in place of the image.
            if place == "#image" {
                world.browser.click_at(place).await;
            } else {
                world.browser.click(place).await;
            }
            arrived(world).await;
            assert_eq!(world.eval("return location.href;").await, help, "{place}");
            assert_eq!(world.eval("return loaded.then((r) => r.via);").await, "link", "{place}");
            world.eval(FORGET).await;
            open_shop(world).await;
        }
    });
}

#[test]
fn it_works_with_return_pages_at_the_paths_in_the_list() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        let entry = |site: &str, folder: &str| {
            world.server.move_return_page(site, folder);
            json!({ "origin": world.server.origin(site), "returnPage": format!("{folder}/cookie-bridge.html") })
        };
        let list = [entry("shop", "/static/chat"), entry("help", "/assets")];
        world.server.put("bridge", "/iframe.html", world.server.bridge_page_listing(&list));
        start(world, &link(world, "help")).await;
        world.browser.click("#link").await;
        arrived(world).await;
        assert_eq!(world.eval("return refused;").await, json!([]));
        for site in ["shop", "help"] {
            assert_eq!(world.server.times_asked(site, RETURN_PAGE), 0, "{site}");
        }
    });
}
