//! Pages with the documents' samples and the widgets, and the conversations behind them.

use demo_server::stand_ins::GENESYS_WIDGETS;
use end_to_end::{Page, World};
use serde_json::{Value, json};

use super::samples::{ADDED_SAMPLE, COMPLETE_SAMPLE, EXTENSION_SAMPLE, OPTIONS_SAMPLE};

/// The widgets' configuration, as the complete sample has it.
pub(super) const WEBCHAT: &str = r"
window._genesys ??= { widgets: {} };
window._genesys.widgets.webchat = { transport: { async: {
  enabled: true,
  getSessionData: (data, Cookie, options) => Cookie.set('customer-defined-session-cookie', JSON.stringify(data), options),
  setSessionData: (Open, Cookie) => Cookie.get('customer-defined-session-cookie'),
} } };
";

const START: &str = "CXBus.loadPlugin('widgets-core');";

/// How a page registers the provider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Way {
    Configuration,
    Added,
    Instance,
}

pub(super) const WAYS: [Way; 3] = [Way::Configuration, Way::Added, Way::Instance];

/// A page with one way's sample; `settings` are the stand-in's.
pub(super) fn page(world: &World, way: Way, settings: &str) -> Page {
    let scripts = match way {
        Way::Configuration => [OPTIONS_SAMPLE, EXTENSION_SAMPLE, WEBCHAT].concat(),
        Way::Added => [OPTIONS_SAMPLE, WEBCHAT, ADDED_SAMPLE].concat(),
        // The document's print breaks two comments into lines of their own.
        Way::Instance => COMPLETE_SAMPLE
            .replace("secured\nlocation", "secured location")
            .replace(" and\nIFRAME_URL (", " and IFRAME_URL ("),
    };
    let widgets = if way == Way::Instance { String::new() } else { widgets(START) };
    written(world, &format!("<script>window.widgetsStandIn = {settings};</script>"), &scripts, &widgets)
}

pub(super) fn widgets(then: &str) -> String {
    format!("<script src=\"/widgets/cxbus.min.js\"></script><script>{then}</script>")
}

/// A page with scripts around the provider's.
pub(super) fn written(world: &World, before: &str, scripts: &str, after: &str) -> Page {
    let scripts = scripts
        .replace("http://domain-a/iframe.html", &world.iframe_url())
        .replace("https://apps.mypurecloud.de/widgets/9.0/", "/widgets/");
    Page::html(format!(
        "<!DOCTYPE html><title>widgets</title>{before}\
         <script>window.alerts = []; window.alert = (text) => alerts.push(text);</script>\
         <script src=\"/cookie-provider.js\"></script><script>{scripts}</script>{after}"
    ))
}

/// The same page, whose scripts begin once it is loaded: an iframe that waits for its gate would keep it from that.
pub(super) fn begun_late(page: &Page) -> Page {
    page.clone().replaced("<script", "<script type=\"held\"").appended(
        "<script>
           addEventListener('load', () => setTimeout(async () => {
             for (const held of document.querySelectorAll('script[type=held]')) {
               const script = document.createElement('script');
               const isLoaded = new Promise((resolve) => (script.onload = resolve));
               if (held.src) script.src = held.src;
               else script.text = held.text;
               document.head.append(script);
               if (held.src) await isLoaded;
             }
           }));
         </script>",
    )
}

/// An extension with further arguments, and a chat that is asynchronous or not.
pub(super) fn extension(world: &World, options: &str, is_async: bool) -> Page {
    let sample = EXTENSION_SAMPLE.replace("Notification)", &format!("Notification, {options})"));
    let scripts = [OPTIONS_SAMPLE, &sample, WEBCHAT].concat();
    let scripts = if is_async { scripts } else { scripts.replace("enabled: true", "enabled: false") };
    written(world, "", &scripts, &widgets(START))
}

/// Puts the page, the widgets, and one conversation of the chat service on both shops.
pub(super) fn serve(world: &World, page: &Page, session: &str) {
    for site in ["shop", "help"] {
        world.server.put(site, "/", page.clone());
        world.server.put(site, "/widgets/cxbus.min.js", Page::html(GENESYS_WIDGETS));
        world.server.put(site, "/chat", Page::html(json!(session).to_string()));
    }
    say(world, session, &json!([{ "from": "agent", "text": "Hello" }]));
}

/// What is said in a conversation, all of it.
pub(super) fn say(world: &World, session: &str, messages: &Value) {
    for site in ["shop", "help"] {
        world.server.put(site, &format!("/chat/{session}"), Page::html(messages.to_string()));
    }
}

pub(super) fn state(id: u32, state: &str) -> Value {
    let data = json!({ "interactionState": state });
    json!({ "type": "System", "event": "InteractionStateChange", "id": id.to_string(), "index": format!("{id}-0"), "data": data })
}
