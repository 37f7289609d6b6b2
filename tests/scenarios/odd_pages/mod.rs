//! Pages that redefine, remove or extend what the browser has, and what pages may do with a provider.

mod arguments;
mod built_ins;
mod methods;

use end_to_end::{NAME, Page, World};

/// A page that saves a session, loads it, and reports what came of it by a request, which needs nothing that the page has changed meanwhile.
/// `before` comes before the script, `after` comes after it, and `make` makes the provider.
fn page(world: &World, before: &str, after: &str) -> Page {
    let url = world.iframe_url();
    Page::html(format!(
        r#"<!DOCTYPE html><html><head><title>odd</title>
        <script>
          (function (ask, encode, on, text) {{
            window.tell = function (what) {{ ask("/told?" + encode(text(what))); }};
            on("error", function (event) {{ tell("error: " + event.message); }});
            on("unhandledrejection", function (event) {{ tell("rejected: " + event.reason); }});
          }})(fetch.bind(window), encodeURIComponent, addEventListener.bind(window), String);
        </script>
        </head><body>
        {before}
        <script src="/cookie-provider.js"></script>
        {after}
        <script>
          window.provider = new CookieProvider({NAME:?}, {url:?});
          (async function () {{
            try {{
              var saved = await provider.saveCookie("a");
              var loaded = await provider.loadCookie();
              var tested = await provider.cookieTest();
              tell("saved " + saved.saved + ", loaded " + loaded.value + ", " + tested.jar);
            }} catch (error) {{
              tell("failed: " + error.code + " " + error);
            }}
          }})();
        </script></body></html>"#
    ))
}

/// What `page` reports if all is well.
const WORKS: &str = "saved true, loaded a, shared";

/// What the pages of the shop have reported so far.
fn told(world: &World) -> Vec<String> {
    let addresses = world.server.addresses("shop");
    let told = addresses.iter().filter_map(|address| address.strip_prefix("/told?"));
    told.map(|text| text.replace("%20", " ").replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n")).collect()
}

/// Opens a page and returns what it reported first. It is in a frame, because a driver needs the built-ins of the page that it is in.
async fn first_told(world: &World, page: Page) -> String {
    let before = told(world).len();
    world.server.put("shop", "/odd", page);
    world.server.put("shop", "/", Page::html("<!DOCTYPE html><title>outer</title><iframe src=\"/odd\"></iframe>"));
    world.browser.open(&world.url("shop", "/")).await;
    world.until_sites("the page reports", |_| told(world).len() > before).await;
    told(world).swap_remove(before)
}
