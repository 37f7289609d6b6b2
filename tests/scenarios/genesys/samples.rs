//! Genesys' documents, to the letter. Only the addresses are replaced.

pub(super) const OPTIONS_SAMPLE: &str = r#"
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

pub(super) const EXTENSION_SAMPLE: &str = r"
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

pub(super) const ADDED_SAMPLE: &str = r#"
// or add it separately after initialization
if(!window._genesys.widgets.extensions){

window._genesys.widgets.extensions = {};
}

window._genesys.widgets.extensions["CookieProviderExtension"] =
initCookieProviderExtension(SESSION_COOKIE_NAME, IFRAME_URL,
showThirdPartyCookieNotification);
"#;

pub(super) const COMPLETE_SAMPLE: &str = r#"
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

pub(super) const NOTIFICATION_SAMPLE: &str = r#"
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

pub(super) const AGENT_SAMPLE: &str = r"
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
