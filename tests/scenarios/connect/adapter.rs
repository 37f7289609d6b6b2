//! The adapter alone, on a page that has no chat.

use end_to_end::{Demo, Engine, World, everywhere_in_a_soak_and_else_in};
use serde_json::{Value, json};

use super::{service, times_asked};

/// An adapter in the test's own hands, on a page that has no chat. `notes` is what it did.
const ADAPTER: &str = "
  for (const src of ['/cookie-provider.js', '/chat-adapters.js', '/chats/amazon-connect-chat.js'])
    await new Promise((onload, onerror) => {
      document.head.append(Object.assign(document.createElement('script'), { src, onload, onerror }));
    });
  connect.ChatSession.setGlobalConfig({ endpoint: location.origin, region: 'us-east-1' });
  const notes = (window.notes = { saved: [], cleared: 0, sessions: [], ended: 0, errors: 0, items: [] });
  const bridge = (window.bridge = {
    save: async (session) => notes.saved.push(session),
    end: async () => notes.cleared++,
  });
  const start = async (PersistentChat) => {
    const body = JSON.stringify({ PersistentChat });
    const response = await fetch('/connect/start', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (!response.ok) throw new Error('not started');
    return response.json();
  };
  window.contact = async () => {
    const { ContactId, ParticipantId, ParticipantToken } = (await start()).data.startChatResult;
    return JSON.stringify({ contactId: ContactId, participantId: ParticipantId, participantToken: ParticipantToken });
  };
  window.adapter = (options) => ChatAdapters.amazonConnect({
    connect: window.connect, region: 'us-east-1', start,
    onSession: (session, { resumed }) => { window.session = session; notes.sessions.push(resumed); },
    onTranscript: (items) => (notes.items = items.map((item) => item.Content)),
    onEnded: () => notes.ended++,
    onError: () => notes.errors++,
    ...options,
  });";

async fn laboratory(world: &World, demo: &Demo) {
    world.browser.open(&demo.page("shop", "doctor")).await;
    world.eval(ADAPTER).await;
}

#[test]
fn only_a_refusal_makes_a_connect_session_stale_and_no_failure_does() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let demo = Demo::start();
        laboratory(world, &demo).await;
        let helpers = "window.realFetch = window.fetch;
                       window.failing = (url) => String(url.url ?? url).includes('/participant/connection');
                       window.fail = (status) => fetch('/connect/test/fail', {
                         method: 'POST',
                         headers: { 'content-type': 'application/json' },
                         body: JSON.stringify({ times: status && 1000, status }),
                       });";
        world.eval(helpers).await;
        // What happens, and what `start` returns: null is no verdict.
        let (stale, unknown) = (json!(false), Value::Null);
        for (what, before, verdict) in [
            ("an unknown token", "session = session.replace(/(Token\":\")\\w+/, '$10');", &stale),
            ("no JSON", "session = 'session-of-maja';", &stale),
            ("a part is missing", "session = JSON.stringify({ contactId: 'a', participantId: 'b' });", &stale),
            ("an empty part", "session = session.replace(/(Token\":\")[^\"]+/, '$1');", &stale),
            ("not text", "session = session.replace(/(Token\":)\"[^\"]+\"/, '$11');", &stale),
            ("of an ended chat", "session = JSON.stringify({ endedContactId: 'a' });", &stale),
            ("5xx", "await fail(500);", &unknown),
            ("throttling", "await fail(429);", &unknown),
            (
                "the network",
                "window.fetch = async (...asked) => {
                   if (failing(asked[0])) throw new TypeError('Failed to fetch');
                   return realFetch(...asked);
                 };",
                &unknown,
            ),
        ] {
            let script = format!(
                "Object.assign(notes, {{ saved: [], cleared: 0, sessions: [], errors: 0, ended: 0 }});
                 let session = await contact();
                 {before}
                 window.chat = adapter();
                 const verdict = (await chat.start(session, bridge)) ?? null;
                 const first = {{ verdict, ...structuredClone(notes) }};
                 // What failed is over.
                 window.fetch = realFetch;
                 await fail(0);
                 if (verdict === false) await chat.start(null, bridge);
                 const opened = await chat.open();
                 const isSame = opened.getChatDetails().participantToken === (/Token\":\"([^\"]*)/.exec(session)?.[1] ?? null);
                 opened.controller.breakConnection();
                 return {{ first, isSame, second: {{ ...notes }} }};"
            );
            let done = world.eval(&script).await;
            let (first, second) = (&done["first"], &done["second"]);
            assert_eq!(first["verdict"], *verdict, "{what}: {done}");
            let is_failure = verdict.is_null();
            assert_eq!(first["errors"], i32::from(is_failure), "{what}: a failure is told, once: {done}");
            assert_eq!((&first["cleared"], &first["saved"]), (&json!(0), &json!([])), "{what}: {done}");
            assert_eq!(done["isSame"], is_failure, "{what}: the next message goes on, or begins anew: {done}");
            assert_eq!(second["sessions"], json!([is_failure]), "{what}: {done}");
        }
        // Three times, and each time as often as the vendor's own client repeats it.
        let asked = times_asked(&service(world).await, "/participant/connection");
        assert!(asked < 60, "the tries are bounded: {asked}");
    });
}

#[test]
fn a_connect_chat_is_left_without_being_ended_when_the_visitor_went_on_with_another() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let demo = Demo::start();
        laboratory(world, &demo).await;
        world
            .eval(
                "window.chat = adapter();
                 await chat.start(null, bridge);
                 // Two messages at once start one contact.
                 const [first, again] = await Promise.all([chat.open(), chat.open()]);
                 if (first !== again) throw new Error('two sessions');
                 window.first = first;
                 await first.sendMessage({ contentType: 'text/plain', message: 'one' });",
            )
            .await;
        world.until("it is shown", "return notes.items.includes('one');").await;
        assert_eq!(world.eval("return notes.saved.length;").await, 1);
        let saved = "return Object.keys(JSON.parse(notes.saved[0])).sort();";
        assert_eq!(world.eval(saved).await, json!(["contactId", "participantId", "participantToken"]));

        world.eval("await chat.follow(await contact(), bridge);").await;
        world.until("the other is shown", "return notes.items.length === 2 && !notes.items.includes('one');").await;
        let open = "const { open } = await (await fetch('/connect/test')).json();
                    return JSON.stringify(Object.values(open).sort()) === '[0,1]';";
        world.until("both go on, and the first one's socket is closed", open).await;
        world.eval("await session.sendMessage({ contentType: 'text/plain', message: 'two' });").await;
        world.until("it goes on in the other", "return notes.items.includes('two');").await;
        let notes = world.eval("return notes;").await;
        assert_eq!(notes["sessions"], json!([false, true]));
        assert_eq!((&notes["ended"], &notes["cleared"], &notes["errors"]), (&json!(0), &json!(0), &json!(0)));

        // Ended elsewhere.
        world.eval("await chat.follow(null, bridge);").await;
        let notes = world.eval("return notes;").await;
        assert_eq!((&notes["ended"], &notes["cleared"]), (&json!(1), &json!(0)), "told, and not ended once more");

        // Ended by the visitor: the answer and the service's event are one end.
        world.eval("await (await chat.open()).disconnectParticipant();").await;
        world.until("it is cleared", "return notes.cleared === 1;").await;
        world.eval("await chat.follow(await contact(), bridge); await session.disconnectParticipant();").await;
        world.until("it is cleared", "return notes.cleared === 2;").await;
        assert_eq!(world.eval("return notes.ended;").await, 3);

        // What has ended meanwhile is not gone on with.
        let script = "const other = await contact();
                      await fetch('/connect/test/end', { method: 'POST' });
                      await chat.follow(other, bridge);
                      return [notes.cleared, notes.ended, notes.errors];";
        assert_eq!(world.eval(script).await, json!([3, 4, 0]));

        // Nor is what ends before the socket could tell.
        let script = "window.chat = adapter({ onSession: () => fetch('/connect/test/end', { method: 'POST' }) });
                      notes.cleared = 0;
                      await chat.start(await contact(), bridge);";
        world.eval(script).await;
        world.until("it is cleared", "return notes.cleared === 1;").await;
        assert_eq!(world.eval("return notes.errors;").await, 0);
    });
}

#[test]
fn a_persistent_connect_chat_whose_past_is_refused_begins_without_it() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let demo = Demo::start();
        laboratory(world, &demo).await;
        let script = "
            const { contactId } = JSON.parse(await contact());
            window.chat = adapter({ persistentChat: 'FROM_SEGMENT' });
            // The service refuses it, because it has not ended.
            const verdict = (await chat.start(JSON.stringify({ endedContactId: contactId }), bridge)) ?? null;
            await chat.open();
            return { verdict, errors: notes.errors, sessions: notes.sessions, saved: notes.saved.length };";
        let done = world.eval(script).await;
        assert_eq!(done, json!({ "verdict": null, "errors": 1, "sessions": [false], "saved": 1 }));
        assert_eq!(service(world).await["seen"]["starts"], 2);

        // Ended: what is saved has no token, and the next one begins with what was said, once more only with its own segment.
        world.eval("await session.disconnectParticipant();").await;
        world.until("it is noted", "return notes.saved.length === 2;").await;
        assert_eq!(world.eval("return Object.keys(JSON.parse(notes.saved[1]));").await, json!(["endedContactId"]));
        world.eval("await chat.open();").await;
        let shown = "return notes.items.filter((text) => text?.startsWith('Welcome back')).length === 1;";
        world.until("the next one begins with it", shown).await;
        assert_eq!(world.eval("return [notes.cleared, notes.ended];").await, json!([0, 1]));
    });
}
