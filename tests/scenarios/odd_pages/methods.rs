//! What pages do with a provider: take its methods off, wrap it, freeze it, copy it, extend its class.

use end_to_end::{Engine, NAME, everywhere_in_a_soak_and_else_in};
use serde_json::json;

/// What a page makes of `provider`, and calls. Each ends with the session that was loaded.
const USES: [(&str, &str); 13] = [
    (
        "a method that was taken off",
        "const { saveCookie, loadCookie } = provider; await saveCookie('a'); return (await loadCookie()).value;",
    ),
    (
        "a method as a callback",
        "return Promise.resolve('a').then(provider.saveCookie).then(provider.loadCookie).then((r) => r.value);",
    ),
    (
        "a proxy that answers for the provider, as of Vue and MobX",
        "const wrap = (target) => new Proxy(target, {
           get(target, key, receiver) {
             const value = Reflect.get(target, key, receiver);
             return typeof value === 'object' && value !== null ? wrap(value) : value;
           },
         });
         const wrapped = wrap({ provider }).provider;
         await wrapped.saveCookie('a');
         wrapped.on('change', () => {})();
         return (await wrapped.loadCookie()).value;",
    ),
    (
        "a frozen provider",
        "Object.freeze(provider); await provider.saveCookie('a'); return (await provider.loadCookie()).value;",
    ),
    ("a copy", "const copy = { ...provider }; await copy.saveCookie('a'); return (await copy.loadCookie()).value;"),
    (
        "a copy with its prototype",
        "const copy = Object.assign(Object.create(Object.getPrototypeOf(provider)), provider);
         await copy.saveCookie('a'); return (await copy.loadCookie()).value;",
    ),
    (
        "an object that inherits from it",
        "const heir = Object.create(provider); await heir.saveCookie('a'); return (await heir.loadCookie()).value;",
    ),
    (
        "a class that extends it",
        "class Mine extends CookieProvider {
           loadCookie() { return super.loadCookie().then((result) => ({ ...result, isMine: true })); }
         }
         const mine = make(Mine);
         await mine.saveCookie('a');
         const { loadCookie } = mine;
         const result = await loadCookie();
         return mine instanceof CookieProvider && mine instanceof Mine && result.isMine && result.value;",
    ),
    (
        "a class that extends it, as compilers for old browsers write it",
        "function Mine() { return CookieProvider.apply(this, arguments) || this; }
         Mine.prototype = Object.create(CookieProvider.prototype, { constructor: { value: Mine } });
         Mine.prototype.mine = true;
         const mine = make(Mine);
         await mine.saveCookie('a');
         return mine instanceof CookieProvider && mine.mine && (await mine.loadCookie()).value;",
    ),
    (
        "a call without `new`",
        "const made = CookieProvider(NAME, URL_OF_BRIDGE); await made.saveCookie('a'); return (await made.loadCookie()).value;",
    ),
    (
        "the console, JSON and a comparison",
        "console.log(provider); JSON.stringify(provider); String(provider); Object.keys(provider); provider == '';
         await provider.saveCookie('a'); return (await provider.loadCookie()).value;",
    ),
    (
        "a method that the page replaces",
        "const before = provider.loadCookie; provider.loadCookie = (...given) => before(...given).then((r) => r.value);
         await provider.saveCookie('a'); return provider.loadCookie();",
    ),
    // The last one, because it changes the page.
    (
        "a frozen class",
        "Object.freeze(CookieProvider.prototype); Object.freeze(CookieProvider);
         const made = make(); await made.saveCookie('a'); return (await made.loadCookie()).value;",
    ),
];

#[test]
fn methods_work_by_themselves_through_proxies_in_copies_and_in_classes_that_extend_the_providers() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let url = json!(world.iframe_url());
        world.visit("shop").await;
        for (what, use_it) in USES {
            let prelude = format!(
                "const NAME = {NAME:?}, URL_OF_BRIDGE = {url};
                 const make = (Class = CookieProvider) => new Class(NAME, URL_OF_BRIDGE);
                 provider.destroy(); window.provider = make(); provider.clearCookie().catch(() => {{}});"
            );
            assert_eq!(world.call(&format!("{prelude} {use_it}")).await, Ok(json!("a")), "{what}");
        }
        let is_provider = "return provider instanceof CookieProvider && provider.constructor.name.length > 0;";
        assert_eq!(world.eval(is_provider).await, true);
    });
}
