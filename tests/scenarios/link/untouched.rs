//! Links that carry nothing.

use end_to_end::{Configuration, Engine, RETURN_PAGE, World, everywhere, in_each_in_a_soak_and_else_in};

use super::{MARK, SESSION, TARGET, link, open_shop, page, plain, start, start_session};

#[test]
fn it_is_off_unless_the_owner_switches_it_on_and_never_leads_to_strangers() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        let links =
            format!("{}<a id=\"stranger\" href=\"{}\">Elsewhere</a>", link(world, "help"), world.url("stranger", "/"));
        world.server.put("shop", "/", page(world, &links).replaced(", 'link']", "]"));
        world.server.put("help", "/", plain("help"));
        world.server.put("stranger", "/", plain("stranger"));
        world.browser.open(&world.url("shop", "/")).await;
        world.set_own_cookie(SESSION).await;
        world.eval("await loaded; await provider.saveCookie();").await;
        world.browser.click("#link").await;
        world.until("the other site", "return document.title === 'help';").await;
        assert_eq!(world.eval("return location.href;").await, world.url("help", TARGET));
        assert_eq!(world.server.times_asked("shop", RETURN_PAGE), 0, "nobody looks for a return page");

        start(world, &links).await;
        world.browser.click("#stranger").await;
        world.until("the stranger", "return document.title === 'stranger';").await;
        assert_eq!(world.eval("return location.href;").await, world.url("stranger", "/"));
    });
}

/// Follows the first link or form of the page without leaving it: the address at which the browser would look.
async fn address_of(world: &World, event: &str, selector: &str, property: &str) -> String {
    let hold = format!(
        "addEventListener({event:?}, (event) => {{
           event.preventDefault();
           window.seen = event.target.{property};
         }}, {{ once: true }});"
    );
    world.eval(&hold).await;
    world.browser.click(selector).await;
    world.eval("return seen;").await.as_str().unwrap().to_owned()
}

#[test]
fn a_link_that_a_server_could_send_on_to_another_origin_carries_no_offer() {
    in_each_in_a_soak_and_else_in(Engine::Chromium, Configuration::BLOCKING, async |world| {
        let out = world.url("help", &format!("/out?u={}", world.url("stranger", "/")));
        let back = world.url("help", &format!("/?back={}", world.url("help", "/")));
        let form = format!(
            "<form id=\"form\" action=\"{}\"><input name=\"u\" value=\"//stranger.example\"><button></button></form>",
            world.url("help", "/out")
        );
        start(world, &format!("<a id=\"out\" href=\"{out}\">Out</a><a id=\"back\" href=\"{back}\">Back</a>{form}"))
            .await;
        assert_eq!(address_of(world, "click", "#out", "href").await, out);
        assert_eq!(address_of(world, "submit", "#form button", "action").await, world.url("help", "/out"));
        assert!(address_of(world, "click", "#back", "href").await.starts_with(&format!("{back}#{MARK}offer,")));
    });
}

#[test]
fn a_form_that_posts_is_left_alone() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        let help = world.url("help", "/");
        let forms = format!(
            "<form method=\"post\" action=\"{help}\"><button id=\"posts\">Send</button></form>
             <form action=\"{help}\"><button id=\"gets\">Search</button></form>"
        );
        start(world, &forms).await;
        assert_eq!(address_of(world, "submit", "#posts", "action").await, help);
        assert_ne!(address_of(world, "submit", "#gets", "action").await, help, "the other form is not");
    });
}

#[test]
fn where_the_jar_is_shared_no_link_is_touched() {
    everywhere(async |world| {
        start_session(world, &link(world, "help")).await;
        world.until_asked("shop", RETURN_PAGE).await;
        world.eval("await provider.cookieTest();").await;
        assert_eq!(address_of(world, "click", "#link", "href").await, world.url("help", TARGET));
    });
}

#[test]
fn a_session_that_runs_is_not_replaced() {
    in_each_in_a_soak_and_else_in(Engine::Firefox, Configuration::BLOCKING, async |world| {
        start(world, &link(world, "help")).await;
        world.browser.open(&world.url("help", "/")).await;
        world.set_own_cookie("of-the-help-page").await;
        open_shop(world).await;
        world.browser.click("#link").await;
        let refused = format!(
            "return location.href === {:?} && window.refused?.[0] === 'handoff-session-running';",
            world.url("help", TARGET)
        );
        world.until("it is refused", &refused).await;
        assert_eq!(world.own_cookie().await.as_deref(), Some("of-the-help-page"));
    });
}
