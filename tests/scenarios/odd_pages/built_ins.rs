//! Built-ins that a page redefines, removes, extends or freezes, and elements that are named like them.

use end_to_end::{Engine, everywhere, everywhere_in_a_soak_and_else_in};

use super::{WORKS, first_told, page, told};

/// Scripts and elements of pages.
const PAGES: [(&str, &str); 14] = [
    (
        "variables with the names of the browser's constructors",
        "<script>var Map = {}; var Symbol = 'ACME'; var URL = '/api'; var Set = function () { return 5; }; var Error = 404; var JSON = {};
         var Element = function (tag) { return tag; }; var Proxy = 'proxy.example'; var Reflect = null; var Date = '2026'; var Math = 'maths';
         function TextDecoder() {} var Uint8Array = []; var Promise = 'word'; var Object = {}; var Array = 3; var String = {};</script>",
    ),
    (
        "constants with these names",
        "<script>const URL = '/api'; let Map = {}, Symbol = 1, JSON = 2, Promise = 3, Element = 4, crypto = 5, navigator = 6, history = 7;
         let Object = 8, Array = 9, fetch = 10, setTimeout = 11, addEventListener = 12, console = 13, Error = 14, self = 15, globalThis = 16;
         class Set {} class MessageChannel {} class AbortController {} let localStorage = 17, sessionStorage = 18, WebAssembly = 19;</script>",
    ),
    (
        "functions with the names of the window's",
        "<script>function open() { tell('called'); } function close() {} function addEventListener(element, type, hear) { tell('called'); }
         function stop() {} function find() {} function parent() {} var name = 'a', length = 9, event = 1, status = 2, self = 3, frames = 4;</script>",
    ),
    ("no console", "<script>window.console = undefined;</script>"),
    ("a console of old", "<script>window.console = { log() {} };</script>"),
    (
        "a library that gives objects `toJSON`, and static functions of its own, as Prototype.js does",
        "<script>Array.prototype.toJSON = function () { return '[' + this.join() + ']'; };
         Object.prototype.toJSON = function () { return 'object'; };
         String.prototype.toJSON = function () { return '\"' + this + '\"'; };
         Array.from = function (items) { return [].slice.call(items); };
         Function.prototype.bind = function () { return this; };
         Element.prototype.remove = function () { this.parentNode.removeChild(this); return this; };
         Array.prototype.each = Array.prototype.forEach; Object.keys = function (o) { var k = []; for (var i in o) k.push(i); return k; };</script>",
    ),
    (
        "prototypes with enumerable properties",
        "<script>Object.prototype.extend = function () {}; Object.prototype.size = 3; Array.prototype.last = function () {};
         Function.prototype.method = function () {}; String.prototype.trimAll = function () {};</script>",
    ),
    (
        "frozen prototypes",
        "<script>for (const type of [Object, Array, Function, String, Error, Promise, Map, Set, Symbol, URL]) {
           Object.freeze(type); Object.freeze(type.prototype);
         }</script>",
    ),
    (
        "elements whose names hide the document's properties",
        "<img name=cookie><form name=body></form><img name=createElement><form name=documentElement></form><img name=baseURI>
         <form name=addEventListener></form><img name=hidden><img name=querySelectorAll><form name=removeEventListener></form>
         <img name=defaultView><img name=visibilityState><img name=readyState>",
    ),
    (
        "elements whose names are the script's",
        "<a id=URL></a><form id=location></form><div id=CookieProvider></div><a id=_genesys></a><div id=initCookieProviderExtension></div>
         <form name=Map></form><iframe name=Symbol></iframe><form id=fetch><input name=matches></form>",
    ),
    ("two elements of one name", "<img name=cookie><img name=cookie><form name=body></form><form name=body></form>"),
    (
        "wrapped functions, as of libraries that watch",
        "<script>for (const name of ['setTimeout', 'fetch', 'addEventListener', 'queueMicrotask', 'setInterval']) {
           const before = window[name]; window[name] = function () { return before.apply(this, arguments); };
         }
         const listen = EventTarget.prototype.addEventListener;
         EventTarget.prototype.addEventListener = function () { return listen.apply(this, arguments); };
         const make = document.createElement; document.createElement = function () { return make.apply(document, arguments); };
         const then = Promise.prototype.then; Promise.prototype.then = function (a, b) { return then.call(this, a, b); };</script>",
    ),
    (
        "a promise of a library's",
        "<script>window.Promise = class Polyfill { constructor(run) { run(() => {}, () => {}); } then() { return this; } };</script>",
    ),
    ("a name of the window's own", "<script>window.name = 'cookie-bridge'; window.onerror = () => true;</script>"),
];

#[test]
fn a_page_that_has_changed_what_the_browser_has_works() {
    everywhere(async |world| {
        for (what, before) in PAGES {
            assert_eq!(first_told(world, page(world, before, "")).await, WORKS, "{what}");
        }
    });
}

#[test]
fn a_page_that_changes_what_the_browser_has_after_the_script_works() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        for (what, after) in PAGES {
            assert_eq!(first_told(world, page(world, "", after)).await, WORKS, "{what}");
        }
    });
}

#[test]
fn nothing_global_is_needed_after_the_script() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        let ruin = "<script>
          const names = Object.getOwnPropertyNames(window).concat(Object.getOwnPropertyNames(EventTarget.prototype));
          const kept = ['tell', 'provider', 'CookieProvider', 'location'];
          for (const name of names) if (!kept.includes(name)) try { window[name] = undefined; } catch {}
          </script>";
        assert_eq!(first_told(world, page(world, "", ruin)).await, WORKS);
    });
}

#[test]
fn what_a_page_hides_on_purpose_stays_hidden() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        // As tools do that ask the visitor for consent first.
        let hide = "<script>Object.defineProperty(document, 'cookie', { get: () => '', set() {}, configurable: true });</script>";
        let first = first_told(world, page(world, hide, "")).await;
        assert!(first.starts_with("failed: first-party-cookie-refused"), "{first}");
        assert_eq!(told(world).len(), 1);
        assert_eq!(world.own_cookie().await, None);
    });
}
