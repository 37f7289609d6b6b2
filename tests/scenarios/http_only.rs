//! Cookies of the session's name that a server sets, with flags, paths and domains of its own.

use end_to_end::{Configuration, NAME, World, everywhere, in_each};
use serde_json::json;

/// The engines in which no script replaces an `HttpOnly` cookie and none is shown one that was not kept.
const PROTECTING: [Configuration; 2] = [Configuration::ChromiumAllow, Configuration::FirefoxAllow];

const PATH: &str = "/help/chat";

/// Opens a page that comes with these cookies. Firefox tells the process of a page of an `HttpOnly` cookie only if it had a page of the host before.
async fn open_with(world: &World, path: &'static str, cookies: &[String]) {
    world.visit("shop").await;
    let mut page = world.host_page("");
    for cookie in cookies {
        page = page.header("set-cookie", cookie);
    }
    world.server.put("shop", path, page);
    world.browser.open(&world.url("shop", path)).await;
}

/// A session of the server's, with these attributes; `@` is the page's host.
fn session(world: &World, attributes: &str) -> String {
    format!("{NAME}=of-the-server; {}", attributes.replace('@', &world.server.host("shop")))
}

async fn save_on_the_other_domain(world: &World) {
    world.visit("help").await;
    assert_eq!(world.eval("return provider.saveCookie('from-help').then((r) => r.saved);").await, true);
}

/// How the call ends, and whether that took less than the chat's cookie is waited for.
async fn ends_at_once(world: &World, call: &str) -> String {
    let script = format!(
        "const start = performance.now();
         const end = await provider.{call}.then((r) => JSON.stringify(r), (error) => error.code);
         return performance.now() - start < 4000 ? end : 'late: ' + end;"
    );
    world.eval(&script).await.as_str().unwrap().to_owned()
}

#[test]
fn a_session_that_no_script_sees_is_named_at_once_by_every_call() {
    in_each(PROTECTING, async |world| {
        save_on_the_other_domain(world).await;
        for attributes in [
            "Path=/; HttpOnly; Secure",
            "Path=/; HttpOnly",
            "Path=/; HttpOnly; Secure; SameSite=Strict",
            "Path=/; HttpOnly; Secure; SameSite=None",
        ] {
            open_with(world, PATH, &[session(world, attributes)]).await;
            for call in ["saveCookie()", "saveCookie('mine')", "loadCookie()", "clearCookie()", "saveCookie()"] {
                assert_eq!(ends_at_once(world, call).await, "session-http-only", "{attributes}: {call}");
            }
            let cookies = world.eval("return document.cookie;").await;
            assert!(!cookies.as_str().unwrap().contains(NAME), "nothing stays of it: {cookies}");
            // The clear has ended it for the others.
            save_on_the_other_domain(world).await;
        }
    });
}

#[test]
fn one_of_another_path_domain_or_partition_is_named_where_the_page_has_no_other() {
    in_each(PROTECTING, async |world| {
        save_on_the_other_domain(world).await;
        for attributes in [
            "Path=/help; HttpOnly; Secure",
            "Path=/help/; HttpOnly; Secure",
            "HttpOnly; Secure",
            "Path=/help/chat; HttpOnly; Secure",
            "Path=/; Domain=@; HttpOnly; Secure",
            "Path=/help; Domain=@; HttpOnly; Secure",
            "Path=/; HttpOnly; Secure; SameSite=None; Partitioned",
        ] {
            open_with(world, PATH, &[session(world, attributes)]).await;
            assert_eq!(ends_at_once(world, "saveCookie()").await, "session-http-only", "{attributes}");
            // What scripts see counts.
            let loaded = world.eval("return provider.loadCookie().then((r) => r.value);").await;
            assert_eq!(
                (loaded, world.own_cookie().await.as_deref()),
                (json!("from-help"), Some("from-help")),
                "{attributes}"
            );
            assert_eq!(world.eval("return provider.saveCookie().then((r) => r.saved);").await, true);
            assert_eq!(ends_at_once(world, "clearCookie()").await, "session-http-only", "{attributes}");
            assert_eq!(world.own_cookie().await, None);
            // Gone for the next round.
            open_with(world, PATH, &[session(world, &format!("{attributes}; Max-Age=0"))]).await;
            save_on_the_other_domain(world).await;
        }
    });
}

#[test]
fn a_session_that_no_page_at_this_path_or_host_gets_is_no_obstacle() {
    everywhere(async |world| {
        save_on_the_other_domain(world).await;
        open_with(world, PATH, &[session(world, "Path=/elsewhere; HttpOnly; Secure")]).await;
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "from-help");
        assert_eq!(world.eval("return provider.saveCookie('mine').then((r) => r.saved);").await, true);
        assert_eq!(world.eval("return provider.clearCookie().then((r) => r.cleared);").await, true);
    });
}

#[test]
fn of_sessions_with_several_paths_and_domains_one_is_left_wherever_a_script_sees_them() {
    everywhere(async |world| {
        for attributes in [
            vec!["Path=/; Secure", "Path=/help; Secure"],
            vec!["Path=/help/; Secure", "Path=/; Secure; Domain=@"],
            vec!["Secure", "Path=/help/chat", "Path=/help; Domain=@"],
            vec!["Path=/; Secure; SameSite=None; Partitioned", "Path=/; Secure"],
            vec!["Path=/; Secure; SameSite=Strict"],
        ] {
            save_on_the_other_domain(world).await;
            let cookies: Vec<String> = attributes.iter().map(|attributes| session(world, attributes)).collect();
            open_with(world, PATH, &cookies).await;
            assert_eq!(
                world.eval("return provider.loadCookie().then((r) => r.value);").await,
                "from-help",
                "{attributes:?}"
            );
            let count =
                format!("return document.cookie.split('; ').filter((cookie) => cookie.startsWith('{NAME}=')).length;");
            assert_eq!(world.eval(&count).await, 1, "{attributes:?}, {}", world.eval("return document.cookie;").await);
            assert_eq!(world.own_cookie().await.as_deref(), Some("from-help"), "{attributes:?}");

            open_with(world, PATH, &cookies).await;
            assert_eq!(
                world.eval("return provider.clearCookie().then((r) => r.cleared);").await,
                true,
                "{attributes:?}"
            );
            assert_eq!(world.own_cookie().await, None, "{attributes:?}");
        }
    });
}

#[test]
fn webkit_lets_a_script_replace_it_and_the_provider_removes_none_to_find_out() {
    in_each([Configuration::WebkitAllow], async |world| {
        open_with(world, PATH, &[session(world, "Path=/; HttpOnly; Secure")]).await;
        assert_eq!(world.call("return provider.saveCookie();").await, Err("session-missing".to_owned()));
        let kept = world.browser.cookies().await;
        assert!(kept.iter().any(|cookie| cookie["name"] == NAME && cookie["httpOnly"] == true), "{kept:?}");
        save_on_the_other_domain(world).await;
        open_with(world, PATH, &[]).await;
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "from-help");
        assert_eq!(world.own_cookie().await.as_deref(), Some("from-help"));
    });
}
