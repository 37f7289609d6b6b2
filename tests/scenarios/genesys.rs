//! Genesys Widgets: the extension, and an instance of the provider with a plugin of the page's, on a stand-in of the widgets that
//! keeps their documented contract.

use demo_server::stand_ins::GENESYS_WIDGETS;
use end_to_end::{Configuration, Demo, Gate, Page, World, everywhere, in_each};
use serde_json::{Value, json};

// What follows is of Genesys' documents, to the letter. Only the addresses are replaced.

const OPTIONS_SAMPLE: &str = r#"
// EXAMPLE of options value
const IFRAME_URL = "http://domain-a/iframe.html";
const SESSION_COOKIE_NAME = "customer-defined-session-cookie";

// EXAMPLE of function to show notification for third-party cookies
function showThirdPartyCookieNotification(isEnable) {

if (!isEnable) {
alert("please enable your third-party cookies");

}
}
"#;

const EXTENSION_SAMPLE: &str = r"
// add it in you init configuration
if (!window._genesys) window._genesys = {};

window._genesys = {
widgets: {

extensions: {
CookieProviderExtension: initCookieProviderExtension(SESSION_COOKIE_NAME,

IFRAME_URL, showThirdPartyCookieNotification)
}

}
}
";

const ADDED_SAMPLE: &str = r#"
// or add it separately after initialization
if(!window._genesys.widgets.extensions){

window._genesys.widgets.extensions = {};
}

window._genesys.widgets.extensions["CookieProviderExtension"] =
initCookieProviderExtension(SESSION_COOKIE_NAME, IFRAME_URL,
showThirdPartyCookieNotification);
"#;

const COMPLETE_SAMPLE: &str = r#"
const IFRAME_URL = "http://domain-a/iframe.html";
const SESSION_COOKIE_NAME = "customer-defined-session-cookie";

if (!window._genesys) window._genesys = {};

window._genesys = {
widgets: {

webchat: {
transport: {

type: "",
dataURL: "", // Provided by Genesys
endpoint: "", // Provided by Genesys
headers: {

"x-api-key": "", // Provided by Genesys
},
async: {
 enabled: true,
getSessionData: function (sessionData, Cookie, CookieOptions) {

// Note: You don't have to use Cookies. You can, instead, store in a secured
location like a database.

Cookie.set(
SESSION_COOKIE_NAME,
JSON.stringify(sessionData),
CookieOptions

);
},
setSessionData: function (Open, Cookie, CookieOptions) {

// Retrieve from your secured location.
return Cookie.get(SESSION_COOKIE_NAME);

},
},

},
},
// you need add this option only if you use alternative connection
extensions: {

CookieProviderExtension
}

},
};

const widgetScriptElement = document.createElement("script");
const widgetBaseUrl = "https://apps.mypurecloud.de/widgets/9.0/";

// provide your own SESSION_COOKIE_NAME (example 'customer-defined-session-cookie')  and
IFRAME_URL (example 'https://iframe.com/iframe.html')
let cookieProvider = new CookieProvider(SESSION_COOKIE_NAME, IFRAME_URL);
//load cookie
cookieProvider.loadCookie();

// chat initializing
widgetScriptElement.setAttribute("src", widgetBaseUrl + "cxbus.min.js");
widgetScriptElement.addEventListener("load", async function () {

await CXBus.configure({
debug: true,
pluginsPath: widgetBaseUrl + "plugins/",

});
await CXBus.loadPlugin("widgets-core");
await CXBus.command("WebChat.open");

// set cookie to iframe when chat started
var cookieProviderPlugin = window._genesys.widgets.bus.registerPlugin("CookieProvider");
cookieProviderPlugin .subscribe("WebChat.started", function (e) {
//save cookie
cookieProvider.saveCookie();

});
});

document.head.appendChild(widgetScriptElement);
"#;

const NOTIFICATION_SAMPLE: &str = r#"
let cookieProvider = new CookieProvider(SESSION_COOKIE_NAME, IFRAME_URL,
 showThirdPartyCookieNotification);
//load cookie
cookieProvider.loadCookie();

// example of function to show if third party cookies are enabled
function showThirdPartyCookieNotification(isEnabled) {

// you can show here your own notification to enable third-party cookies
alert("Third-party cookies are " + isEnabled ? "enabled" : "disabled");

}

// you can call cookieProvider.cookieTest with callback
cookieProvider.cookieTest(showThirdPartyCookieNotification);
// or without parameter if you provide callback when created instance of CookieProvider
cookieProvider.cookieTest();
"#;

const AGENT_SAMPLE: &str = r"
CXBus.loadPlugin('widgets-core');
 CXBus.subscribe('WebChatService.messageReceived', (event) => {
// taking the latest interaction state change event when fetching the history, for long-

// poll there will be only one
const lastInteractionStateChange = event.data.originalMessages

.filter(message => message.type === 'System' && message.event ===
'InteractionStateChange')

.pop();

// nothing to do if no event found
if (!lastInteractionStateChange) return;

// digging for current interaction state
const interactionState = lastInteractionStateChange.data.interactionState;
if (!interactionState) return;

// processing the state
if (interactionState === 'Finalizing' || interactionState === 'Completed') {

// different handling for async and regular chat
const isAsync = window._genesys.widgets.webchat.transport.async &&

window._genesys.widgets.webchat.transport.async.enabled;
if (isAsync) {

CXBus.command('WebChat.injectMessage', {
type: 'text',
text: 'Thank you for your query. Please do not respond to this automated message if you do not have additional questions.',
bubble: { time: false }

});
} else {

CXBus.command('WebChat.endChat');
}

}
});
";

/// The widgets' configuration, as the complete sample has it.
const WEBCHAT: &str = r"
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
enum Way {
    Configuration,
    Added,
    Instance,
}

const WAYS: [Way; 3] = [Way::Configuration, Way::Added, Way::Instance];

/// A page with one way's sample; `settings` are the stand-in's.
fn page(world: &World, way: Way, settings: &str) -> Page {
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

fn widgets(then: &str) -> String {
    format!("<script src=\"/widgets/cxbus.min.js\"></script><script>{then}</script>")
}

/// A page with scripts around the provider's.
fn written(world: &World, before: &str, scripts: &str, after: &str) -> Page {
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
fn begun_late(page: &Page) -> Page {
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
fn extension(world: &World, options: &str, is_async: bool) -> Page {
    let sample = EXTENSION_SAMPLE.replace("Notification)", &format!("Notification, {options})"));
    let scripts = [OPTIONS_SAMPLE, &sample, WEBCHAT].concat();
    let scripts = if is_async { scripts } else { scripts.replace("enabled: true", "enabled: false") };
    written(world, "", &scripts, &widgets(START))
}

/// Puts the page, the widgets, and one conversation of the chat service on both shops.
fn serve(world: &World, page: &Page, session: &str) {
    for site in ["shop", "help"] {
        world.server.put(site, "/", page.clone());
        world.server.put(site, "/widgets/cxbus.min.js", Page::html(GENESYS_WIDGETS));
        world.server.put(site, "/chat", Page::html(json!(session).to_string()));
    }
    say(world, session, &json!([{ "from": "agent", "text": "Hello" }]));
}

/// What is said in a conversation, all of it.
fn say(world: &World, session: &str, messages: &Value) {
    for site in ["shop", "help"] {
        world.server.put(site, &format!("/chat/{session}"), Page::html(messages.to_string()));
    }
}

fn state(id: u32, state: &str) -> Value {
    let data = json!({ "interactionState": state });
    json!({ "type": "System", "event": "InteractionStateChange", "id": id.to_string(), "index": format!("{id}-0"), "data": data })
}

async fn open(world: &World, site: &str) {
    world.browser.open(&world.url(site, "/")).await;
}

async fn until_event(world: &World, event: &str) {
    let look = format!("return CXBus.log.some((entry) => entry.event === {event:?});");
    world.until(&format!("the event {event}"), &look).await;
}

async fn until_session(world: &World, session: &str) {
    let look = format!("return document.cookie.includes({session:?});");
    world.until(&format!("the cookie of {session}"), &look).await;
}

/// How often a command was given.
async fn given(world: &World, command: &str) -> Value {
    world.eval(&format!("return CXBus.log.filter((entry) => entry.command === {command:?}).length;")).await
}

/// Waits for the extension, or the page's own plugin.
async fn until_registered(world: &World) {
    let look = "return CXBus.log.some((entry) => entry.registered === 'CookieProvider');";
    world.until("the plugin is registered", look).await;
}

async fn start_chat(world: &World) {
    until_event(world, "WebChatService.ready").await;
    until_registered(world).await;
    world.eval("await CXBus.command('WebChatService.startChat');").await;
}

/// Waits until the session in the bridge is this one, as another domain sees it, or until there is none.
async fn until_shared(world: &World, session: Option<&str>) {
    probe(world, "help").await;
    let look = match session {
        Some(session) => format!("return !!(await probe.loadCookie()).value?.includes({session:?});"),
        None => "return (await probe.loadCookie()).value === null;".to_owned(),
    };
    world.until(&format!("the bridge has {session:?}"), &look).await;
    world.eval("document.cookie = 'customer-defined-session-cookie=; Path=/; Max-Age=0';").await;
}

/// As if the visitor had never been on either site, and nothing were in the bridge.
async fn forget(world: &World) {
    for site in ["shop", "help"] {
        probe(world, site).await;
        world
            .eval(
                "await probe.clearCookie();
                 sessionStorage.clear();
                 for (const name of document.cookie.split('; ').map((cookie) => cookie.split('=')[0]))
                   for (const scope of ['', `; Domain=${location.hostname}`])
                     document.cookie = `${name}=; Path=/; Max-Age=0${scope}`;",
            )
            .await;
    }
}

/// Opens a page without widgets, whose provider is `probe`.
async fn probe(world: &World, site: &str) {
    let url = world.iframe_url();
    let script = format!("window.probe = new CookieProvider('customer-defined-session-cookie', {url:?});");
    let page = format!("<!DOCTYPE html><script src=\"/cookie-provider.js\"></script><script>{script}</script>");
    world.server.put(site, "/probe", Page::html(page));
    world.browser.open(&world.url(site, "/probe")).await;
}

#[test]
fn a_conversation_begun_in_one_shop_goes_on_in_the_other_and_ends_in_both() {
    everywhere(async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "genesys")).await;
        world.says("#jar", "shared").await;
        world.says("#state", "no conversation").await;
        world.send("Is the ridge tent in stock?").await;
        world.says("#messages", "Let me look that up").await;
        world.says("#bridge", "saved through “cookie”").await;
        world.keep_picture("genesys-shop").await;

        world.browser.open(&demo.page("help", "genesys")).await;
        world.says("#state", "restored").await;
        world.says("#messages", "Is the ridge tent in stock?").await;
        world.send("And the lamp?").await;
        world.says("#messages", "it is in stock").await;
        world.send("/Finalizing").await;
        world.says("#messages", "Thank you for talking to us").await;
        world.keep_picture("genesys-help").await;

        world.browser.click("#end").await;
        world.says("#bridge", "cleared").await;
        for shop in ["shop", "help"] {
            world.browser.open(&demo.page(shop, "genesys")).await;
            world.says("#bridge", "nothing to load").await;
            world.says("#state", "no conversation").await;
        }
        assert_eq!(world.eval("return document.cookie.includes('demo-genesys-session');").await, false);
    });
}

#[test]
fn where_the_jar_is_not_shared_a_click_on_each_domain_carries_the_conversation() {
    in_each(Configuration::BLOCKING, async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "genesys")).await;
        world.says("#state", "no conversation").await;
        world.send("Is the ridge tent in stock?").await;
        world.says("#bridge", "saved on this site only").await;
        world.browser.click("#continue").await;
        world.says("#bridge", "a session through “popup”").await;

        world.browser.open(&demo.page("help", "genesys")).await;
        // WebKit's frames may read what the bridge has as a first party.
        world
            .says(
                "#state",
                if world.browser.configuration() == Configuration::WebkitDefault { "restored" } else { "no" },
            )
            .await;
        world.browser.click("#continue").await;
        world.says("#bridge", "a session through “popup”").await;
        world.says("#state", "restored").await;
        world.says("#messages", "Is the ridge tent in stock?").await;
        world.send("And the lamp?").await;
        world.says("#messages", "it is in stock").await;
        world.keep_picture("genesys-popup").await;
    });
}

#[test]
fn the_documents_samples_carry_a_chat_to_the_other_domain_and_its_end_back() {
    everywhere(async |world| {
        for way in WAYS {
            println!("{way:?}");
            let session = format!("session-{way:?}");
            serve(world, &page(world, way, "{}"), &session);
            open(world, "shop").await;
            start_chat(world).await;
            until_event(world, "WebChat.started").await;
            until_session(world, &session).await;
            until_shared(world, Some(&session)).await;

            open(world, "help").await;
            until_event(world, "WebChatService.restored").await;
            until_session(world, &session).await;
            assert_eq!(world.eval("return alerts;").await, json!([]), "{way:?}: cookies are shared");
            if way != Way::Instance {
                world.eval("await CXBus.command('WebChat.endChat');").await;
                until_event(world, "CookieProvider.cleared").await;
                assert_eq!(world.eval(&format!("return document.cookie.includes({session:?});")).await, false);
                until_shared(world, None).await;
                // What is left on the other domain is of a chat that is over; it is not shared again.
                open(world, "shop").await;
                until_event(world, "WebChatService.ready").await;
                until_shared(world, None).await;
            }
            forget(world).await;
        }
    });
}

#[test]
fn the_documents_notification_samples_run_unchanged() {
    everywhere(async |world| {
        let options = OPTIONS_SAMPLE.split("// EXAMPLE of function").next().expect("the options");
        world.server.put("shop", "/", written(world, "", &[options, NOTIFICATION_SAMPLE].concat(), ""));
        open(world, "shop").await;
        world.until("both calls told it", "return alerts.length === 2;").await;
        // The sample's text is the same in any case: its + is done before its ?.
        assert_eq!(world.eval("return alerts;").await, json!(["enabled", "enabled"]));
    });
}

#[test]
fn a_new_session_is_saved_whenever_the_widgets_set_it_and_whatever_was_there_before() {
    for way in [Way::Configuration, Way::Instance] {
        everywhere(async |world| whenever_it_is_set(world, way).await);
    }
}

async fn whenever_it_is_set(world: &World, way: Way) {
    for (index, (is_late, has_old)) in
        [(false, false), (false, true), (true, false), (true, true)].into_iter().enumerate()
    {
        println!("{way:?}, late: {is_late}, an old session: {has_old}");
        let session = format!("session-{index}");
        serve(world, &page(world, way, &json!({ "persistsLate": is_late }).to_string()), &session);
        if has_old {
            world.server.put("shop", "/old", Page::html(""));
            world.browser.open(&world.url("shop", "/old")).await;
            // As the widgets left it: for the whole domain.
            world
                    .eval(
                        "document.cookie = 'customer-defined-session-cookie=' + encodeURIComponent('{\"sessionId\":\"gone\"}')
                           + '; Path=/; Domain=' + location.hostname;",
                    )
                    .await;
        }
        open(world, "shop").await;
        if has_old {
            until_event(world, "WebChatService.restoreFailed").await;
        }
        start_chat(world).await;
        until_event(world, "WebChat.started").await;
        until_session(world, &session).await;
        // From another tab: the widgets' cookie may come later, which the page must be there to see.
        world.browser.open_tab().await;
        until_shared(world, Some(&session)).await;
        world.browser.close_popup().await;
        open(world, "help").await;
        until_event(world, "WebChatService.restored").await;
        assert_eq!(world.eval("return document.cookie.includes('gone');").await, false);
        forget(world).await;
    }
}

#[test]
fn the_widgets_wait_for_the_session_and_its_end_is_told_on_the_bus() {
    everywhere(async |world| {
        serve(world, &page(world, Way::Configuration, "{}"), "session-1");
        open(world, "shop").await;
        start_chat(world).await;
        until_event(world, "CookieProvider.saved").await;

        let gate = Gate::closed();
        world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help"]).behind(&gate));
        world.server.put("help", "/", begun_late(&page(world, Way::Configuration, "{}")));
        open(world, "help").await;
        until_registered(world).await;
        assert_eq!(world.eval("return CXBus.log.some((entry) => entry.registered === 'WebChat');").await, false);
        gate.open();
        until_event(world, "WebChatService.restored").await;
        let events = world
            .eval(
                "const at = (event) => CXBus.log.findIndex((entry) => entry.event === event);
                 return ['CookieProvider.loaded', 'CookieProvider.ready', 'WebChatService.ready', 'WebChatService.restored']
                   .map(at).every((value, index, all) => value > (all[index - 1] ?? -1));",
            )
            .await;
        assert_eq!(events, true);
        assert_eq!(given(world, "WebChatService.restore").await, 0, "they have read it by themselves");
        until_event(world, "CookieProvider.jar").await;
        let told = world
            .eval(
                "const told = CXBus.log.filter(({ event }) => event?.startsWith('CookieProvider.'));
                 return told.map(({ event, data }) => [event, data]);",
            )
            .await;
        let told = told.as_array().expect("a list");
        let detail = json!({ "loaded": true, "via": "cookie", "jar": "shared", "code": null });
        assert!(told.contains(&json!(["CookieProvider.loaded", detail])), "{told:?}");
        assert!(!json!(told).to_string().contains("session-1"), "a session is no matter for the console: {told:?}");
    });
}

#[test]
fn widgets_that_did_not_wait_are_told_to_restore_the_session() {
    everywhere(async |world| {
        for way in WAYS {
            println!("{way:?}");
            let session = format!("session-{way:?}");
            serve(world, &page(world, way, "{ startsAnyway: true }"), &session);
            world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help"]));
            open(world, "shop").await;
            start_chat(world).await;
            until_session(world, &session).await;
            until_shared(world, Some(&session)).await;

            let gate = Gate::closed();
            world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help"]).behind(&gate));
            world.server.put("help", "/", begun_late(&page(world, way, "{ startsAnyway: true }")));
            open(world, "help").await;
            until_event(world, "WebChatService.ready").await;
            assert_eq!(given(world, "WebChatService.restore").await, 0);
            gate.open();
            until_event(world, "WebChatService.restored").await;
            until_event(world, "WebChat.opened").await;
            assert_eq!(given(world, "WebChatService.restore").await, 1, "{way:?}");
            forget(world).await;
        }
    });
}

#[test]
fn without_a_bridge_or_webassembly_the_widgets_start_all_the_same() {
    everywhere(async |world| {
        let held = extension(world, "{ wait: 500 }", true);
        serve(world, &begun_late(&held), "session-1");
        let gate = Gate::closed();
        world.server.put("bridge", "/iframe.html", Page::html("no bridge").behind(&gate));
        open(world, "shop").await;
        // Long before the provider gives up, which it does after ten seconds.
        until_event(world, "WebChatService.ready").await;
        assert_eq!(world.eval("return CXBus.log.some(({ event }) => event === 'CookieProvider.error');").await, false);
        gate.open();

        world.server.put("bridge", "/iframe.html", Page::html("no bridge").status(404));
        let gone = extension(world, "{ timeout: 1000 }", true);
        let without_wasm = gone.clone().header("content-security-policy", "script-src 'self' 'unsafe-inline'");
        for (page, codes) in [(gone, ["iframe-unreachable", "timeout"]), (without_wasm, ["wasm-blocked"; 2])] {
            serve(world, &page, "session-1");
            open(world, "shop").await;
            until_event(world, "WebChatService.ready").await;
            until_event(world, "CookieProvider.error").await;
            world
                .until("the notification came", "return alerts[0] === 'please enable your third-party cookies';")
                .await;
            for command in ["load", "save", "clear", "continue", "test"] {
                let settled = format!(
                    "return new Promise((resolve) => CXBus.command('CookieProvider.{command}')
                       .done((result) => resolve(result.jar)).fail((error) => resolve(error.code)));"
                );
                let settled = world.eval(&settled).await;
                let settled = settled.as_str().expect("a jar or a code");
                let expected = match command {
                    "test" => settled == "unreachable",
                    "save" => settled == "session-missing" || codes.contains(&settled),
                    "continue" => settled == "popup-blocked" || codes.contains(&settled),
                    _ => codes.contains(&settled),
                };
                assert!(expected, "{command}: {settled}");
            }
        }
    });
}

#[test]
fn commands_answer_like_the_providers_methods() {
    everywhere(async |world| {
        serve(world, &page(world, Way::Added, "{}"), "session-1");
        open(world, "shop").await;
        start_chat(world).await;
        until_event(world, "CookieProvider.saved").await;
        for (command, result) in [
            ("save", json!({ "saved": true, "via": "cookie", "jar": "shared" })),
            ("clear", json!({ "cleared": true, "via": "cookie", "jar": "shared" })),
            ("load", json!({ "loaded": false, "value": null, "via": "cookie", "jar": "shared", "code": null })),
        ] {
            let answer = world.eval(&format!("return CXBus.command('CookieProvider.{command}');")).await;
            assert_eq!(answer, result, "{command}");
        }
        assert_eq!(world.eval("return (await CXBus.command('CookieProvider.test')).jar;").await, "shared");
    });
}

#[test]
fn when_the_agent_is_done_the_visitor_is_told_once_or_the_chat_ends() {
    everywhere(async |world| {
        let inject = "WebChat.injectMessage";
        let hello = json!({ "from": "agent", "text": "Hello" });
        serve(world, &extension(world, "{ agentDisconnect: { message: 'Goodbye' } }", true), "session-1");
        open(world, "shop").await;
        start_chat(world).await;
        say(world, "session-1", &json!([hello, state(2, "Finalizing")]));
        until_event(world, "WebChat.messageAdded").await;
        let injected = "return CXBus.log.find((entry) => entry.command === 'WebChat.injectMessage').data;";
        let message = json!({ "type": "text", "text": "Goodbye", "bubble": { "time": false } });
        assert_eq!(world.eval(injected).await, message);
        // The interaction's next state, and the whole history twice: in this page, and after a reload.
        say(world, "session-1", &json!([hello, state(2, "Finalizing"), state(3, "Completed")]));
        until_messages(world, 3).await;
        let again = "const all = CXBus.log.filter(({ event }) => event === 'WebChatService.messageReceived');
                     for (const { data } of all) CXBus.publish('WebChatService.messageReceived', { ...data, restoring: true });";
        world.eval(again).await;
        assert_eq!(given(world, inject).await, 1);
        open(world, "shop").await;
        until_messages(world, 3).await;
        assert_eq!(given(world, inject).await, 0, "it was told before the reload");
        // Another interaction is another end.
        let more =
            json!([hello, state(2, "Finalizing"), state(3, "Completed"), state(4, "Routing"), state(5, "Completed")]);
        say(world, "session-1", &more);
        until_event(world, "WebChat.messageAdded").await;
        assert_eq!(given(world, "WebChat.endChat").await, 0);

        // The other domain's history ends with it; nobody has told it there.
        open(world, "help").await;
        until_event(world, "WebChat.messageAdded").await;
        assert_eq!(given(world, inject).await, 1);
        forget(world).await;

        for (options, is_async, command) in [
            ("{ agentDisconnect: true }", false, "WebChat.endChat"),
            ("{ agentDisconnect: { async: false } }", true, "WebChat.endChat"),
            ("{ agentDisconnect: { async: true } }", false, inject),
            ("{ agentDisconnect: { message: false } }", true, ""),
            ("{}", true, ""),
        ] {
            println!("{options}, async: {is_async}");
            serve(world, &extension(world, options, is_async), "session-2");
            open(world, "shop").await;
            start_chat(world).await;
            say(world, "session-2", &json!([hello, state(2, "Routing")]));
            until_messages(world, 2).await;
            say(world, "session-2", &json!([hello, state(2, "Routing"), state(3, "Finalizing"), hello]));
            until_messages(world, 4).await;
            let look = "const commands = CXBus.log.map(({ command }) => command);
                        return commands.filter((command) => /^WebChat.(endChat|injectMessage)/.test(command));";
            let expected = if command.is_empty() { json!([]) } else { json!([command]) };
            assert_eq!(world.eval(look).await, expected, "{options}");
            forget(world).await;
        }
    });
}

/// Waits until the widgets have received as many messages, and the extension has heard of them.
async fn until_messages(world: &World, count: usize) {
    let look = format!(
        "const received = CXBus.log.filter(({{ event }}) => event === 'WebChatService.messageReceived');
         return received.flatMap(({{ data }}) => data.messages).length >= {count};"
    );
    world.until(&format!("{count} messages"), &look).await;
    // Subscribers are called in later turns.
    world.eval("await new Promise((resolve) => setTimeout(resolve));").await;
}

#[test]
fn the_documents_sample_for_the_agent_runs_unchanged() {
    everywhere(async |world| {
        serve(world, &written(world, "", WEBCHAT, &widgets(AGENT_SAMPLE)), "session-1");
        open(world, "shop").await;
        until_event(world, "WebChatService.ready").await;
        world.eval("await CXBus.command('WebChatService.startChat');").await;
        say(world, "session-1", &json!([{ "from": "agent", "text": "Hello" }, state(2, "Finalizing")]));
        until_event(world, "WebChat.messageAdded").await;
    });
}

#[test]
fn a_late_session_is_followed_on_a_click_too() {
    in_each(Configuration::BLOCKING, async |world| {
        serve(world, &page(world, Way::Configuration, "{}"), "session-1");
        for site in ["shop", "help"] {
            let button = "<button onclick=\"CXBus.command('CookieProvider.continue')\">Go on</button>";
            world.server.put(site, "/", page(world, Way::Configuration, "{}").appended(button));
        }
        open(world, "shop").await;
        start_chat(world).await;
        until_event(world, "CookieProvider.saved").await;
        world.browser.click("button").await;
        until_event(world, "CookieProvider.continued").await;
        open(world, "help").await;
        until_event(world, "WebChatService.ready").await;
        world.browser.click("button").await;
        until_event(world, "WebChatService.restored").await;
        until_session(world, "session-1").await;
    });
}
