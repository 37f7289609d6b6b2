//! Amazon Connect: the vendor's own ChatJS, on the demo's page, against the demo's stand-in for the service.

use end_to_end::{Configuration, Demo, World, everywhere, in_each};
use serde_json::{Value, json};

async fn until_messages(world: &World, count: usize) -> Vec<String> {
    let look = format!("return document.querySelectorAll('.bubble').length === {count};");
    world.until(&format!("there are {count} messages"), &look).await;
    world.messages().await
}

/// What the service has seen.
async fn service(world: &World) -> Value {
    world.eval("return (await fetch('/connect/test')).json();").await
}

/// Does something in the agent's place, or the network's.
async fn act(world: &World, action: &str, body: &Value) {
    let headers = "{ 'content-type': 'application/json' }";
    let options = format!("{{ method: 'POST', headers: {headers}, body: JSON.stringify({body}) }}");
    let done = world.eval(&format!("return (await fetch('/connect/test/{action}', {options})).ok;")).await;
    assert_eq!(done, true, "{action}");
}

/// How often the service was asked for this.
fn times_asked(service: &Value, path: &str) -> usize {
    service["seen"]["asked"].as_array().expect("a list").iter().filter(|asked| asked[0] == path).count()
}

/// Begins a conversation: three messages.
async fn begin(world: &World) {
    world.send("Is the ridge tent in stock?").await;
    world.says("#messages", "Let me look that up").await;
    world.says("#state", "connected").await;
    until_messages(world, 3).await;
}

const BEGUN: [&str; 3] = [
    "Hello, this is Maja. How can I help?",
    "Is the ridge tent in stock?",
    "Let me look that up for you. Do look around meanwhile.",
];

/// Nothing that is kept in this browser or was asked of a server has the token of a connection in it.
async fn assert_no_connection_token(world: &World, demo: &Demo) {
    let service = service(world).await;
    let tokens: Vec<String> = serde_json::from_value(service["seen"]["connectionTokens"].clone()).expect("tokens");
    assert!(tokens.len() >= 2, "there are tokens to look for");
    let mut kept = vec![("asked", service["seen"]["asked"].to_string())];
    for site in ["shop", "help", "bridge"] {
        let page = if site == "bridge" { "doctor.html" } else { "connect" };
        world.browser.open(&demo.page(site, page)).await;
        kept.push((site, json!(world.browser.cookies().await).to_string()));
        let stored =
            "return JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]);";
        kept.push((site, world.eval(stored).await.to_string()));
    }
    for (place, text) in &kept {
        assert!(tokens.iter().all(|token| !text.contains(token)), "{place}: {text}");
    }
    let session = &kept[2].1;
    assert!(session.contains("participantToken"), "the session is where it was looked for: {session}");
}

/// On the other shop: what was said is there, once, and what is said arrives.
async fn goes_on(world: &World, picture: &str) {
    assert_eq!(until_messages(world, 3).await, BEGUN);
    world.says("#state", "connected").await;
    act(world, "say", &json!({ "text": "It is in stock." })).await;
    world.says("#messages", "It is in stock.").await;
    world.send("And the lamp?").await;
    let all = until_messages(world, 6).await;
    assert_eq!(all[..3], BEGUN);
    assert_eq!(all[3..5], ["It is in stock.", "And the lamp?"]);
    world.keep_picture(picture).await;
    let service = service(world).await;
    assert_eq!(service["seen"]["starts"], 1, "no second contact is started");
    assert_eq!(service["open"].as_object().expect("a map").len(), 1, "nobody has ended it");
}

#[test]
fn a_connect_chat_survives_a_reload_and_goes_on_in_the_other_shop() {
    everywhere(async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "connect")).await;
        world.says("#jar", "shared").await;
        begin(world).await;
        world.keep_picture("connect-shop").await;

        world.browser.open(&demo.page("shop", "connect")).await;
        assert_eq!(until_messages(world, 3).await, BEGUN);
        assert_eq!(service(world).await["seen"]["starts"], 1, "a reload starts no second contact");

        // By the page's own link, as a visitor would.
        world.browser.click("#other").await;
        world.until("the other shop is there", "return location.hostname.startsWith('help');").await;
        goes_on(world, "connect-help").await;
        assert_no_connection_token(world, &demo).await;
    });
}

#[test]
fn where_the_jar_is_not_shared_a_connect_chat_goes_on_with_a_click_in_each_shop() {
    in_each(Configuration::BLOCKING, async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "connect")).await;
        begin(world).await;
        world.browser.click("#continue").await;
        world.says("#bridge", "a session through “popup”").await;
        assert_eq!(until_messages(world, 3).await, BEGUN, "the popup changes nothing here");

        world.browser.open(&demo.page("help", "connect")).await;
        world
            .says(
                "#jar",
                if world.browser.configuration() == Configuration::WebkitDefault { "blocked" } else { "partitioned" },
            )
            .await;
        world.browser.click("#continue").await;
        world.says("#bridge", "a session through “popup”").await;
        goes_on(world, "connect-blocked-help").await;
        assert_no_connection_token(world, &demo).await;
    });
}

#[test]
fn over_http_too_a_connect_chat_is_live() {
    everywhere(async |world| {
        let demo = Demo::over_http();
        world.browser.open(&demo.page("shop", "connect")).await;
        begin(world).await;
        let look = "return Object.values((await (await fetch('/connect/test')).json()).open)[0] === 1;";
        world.until("the socket is open", look).await;
        act(world, "say", &json!({ "text": "It is in stock." })).await;
        world.says("#messages", "It is in stock.").await;
    });
}

#[test]
fn a_connect_chat_whose_socket_is_cut_recovers_and_shows_what_was_said_meanwhile() {
    everywhere(async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "connect")).await;
        begin(world).await;
        // The second time, ChatJS gives up, because the service does not answer when the socket is to be opened again.
        for (failures, said) in [(0, "Are you still there?"), (4, "And now?")] {
            let before = world.messages().await;
            act(world, "fail", &json!({ "times": failures, "status": 500 })).await;
            act(world, "cut", &json!({})).await;
            act(world, "say", &json!({ "text": said })).await;
            world.says("#messages", said).await;
            world.says("#state", "connected").await;
            let after = until_messages(world, before.len() + 1).await;
            assert_eq!(after[..before.len()], before, "nothing is shown twice, nothing is lost");
            // The live connection, not only the transcript.
            world
                .until(
                    "a socket is open",
                    "return Object.values((await (await fetch('/connect/test')).json()).open)[0] === 1;",
                )
                .await;
        }
        world.send("Yes.").await;
        world.says("#messages", "Of course").await;
        assert_eq!(service(world).await["seen"]["starts"], 1);
    });
}

#[test]
fn a_connect_chat_that_has_ended_is_cleared_everywhere_and_its_token_is_offered_to_nobody() {
    everywhere(async |world| {
        let demo = Demo::start();
        for way in ["the visitor", "the agent", "a farewell"] {
            world.browser.open(&demo.page("shop", "connect")).await;
            begin(world).await;
            world.browser.open(&demo.page("help", "connect")).await;
            until_messages(world, 3).await;
            world.says("#state", "connected").await;
            match way {
                "the visitor" => world.browser.click("#end").await,
                "the agent" => act(world, "end", &json!({})).await,
                _ => world.send("bye").await,
            }
            world.says("#state", "ended").await;
            world.says("#messages", "This conversation has ended.").await;
            world.until("the own cookie is gone", "return !document.cookie.includes('connect-session=');").await;
            world.keep_picture("connect-ended").await;

            // Nor is the other shop's own cookie, which is from before, offered to the service.
            for site in ["shop", "help"] {
                let before = times_asked(&service(world).await, "/participant/connection");
                world.browser.open(&demo.page(site, "connect")).await;
                world.says("#jar", "shared").await;
                world.until("the own cookie is gone", "return !document.cookie.includes('connect-session=');").await;
                assert_eq!(world.messages().await, Vec::<String>::new(), "{way}");
                let after = times_asked(&service(world).await, "/participant/connection");
                assert_eq!(after, before, "{way}, {site}");
            }
            let after = service(world).await;
            assert_eq!(after["open"], json!({}), "{way}");
        }
        // A message begins another one.
        begin(world).await;
        let service = service(world).await;
        assert_eq!(service["seen"]["starts"], 4);
        let asked = service["seen"]["asked"].as_array().expect("a list").iter();
        let starts: Vec<&Value> = asked.filter(|asked| asked[0] == "/connect/start").map(|asked| &asked[1]).collect();
        assert_eq!(starts, [&json!({}); 4], "without persistent chat, nothing is said of the chats before");
    });
}

#[test]
fn a_connect_chat_that_ended_while_nobody_looked_is_cleared_at_the_next_visit() {
    everywhere(async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "connect")).await;
        begin(world).await;
        // No page of the chat is open when it ends.
        world.browser.open(&demo.page("shop", "chats/panel.js")).await;
        act(world, "end", &json!({})).await;
        let before = times_asked(&service(world).await, "/participant/connection");
        world.browser.open(&demo.page("help", "connect")).await;
        // It is offered once more, refused, and gone.
        let refused = format!(
            "const {{ seen }} = await (await fetch('/connect/test')).json();
             return seen.asked.filter(([path]) => path === '/participant/connection').length > {before}
               && !document.cookie.includes('connect-session=');"
        );
        world.until("the session is refused and cleared", &refused).await;
        world.browser.open(&demo.page("shop", "connect")).await;
        world.says("#jar", "shared").await;
        world.until("the own cookie is gone", "return !document.cookie.includes('connect-session=');").await;
        begin(world).await;
        assert_eq!(service(world).await["seen"]["starts"], 2);
    });
}

#[test]
fn a_persistent_connect_chat_begins_with_what_was_said_but_only_after_the_one_before_has_ended() {
    everywhere(async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "connect?persistent-chat")).await;
        begin(world).await;
        // Running: it is gone on with, not rehydrated.
        world.browser.open(&demo.page("help", "connect?persistent-chat")).await;
        until_messages(world, 3).await;
        world.says("#state", "connected").await;
        assert_eq!(service(world).await["seen"]["starts"], 1);

        world.browser.click("#end").await;
        world.says("#state", "ended").await;
        world.browser.open(&demo.page("shop", "connect?persistent-chat")).await;
        let noted = "return document.cookie.includes('endedContactId') && !document.cookie.includes('oken');";
        world.until("the contact is noted, without a token", noted).await;
        assert_eq!(world.messages().await, Vec::<String>::new(), "what has ended is not connected to");
        world.send("It is me again.").await;
        world.says("#messages", "Welcome back!").await;
        let all = until_messages(world, 6).await;
        assert_eq!(all[..3], BEGUN);
        assert_eq!(all[3..5], ["Welcome back! How can I help?", "It is me again."]);
        world.keep_picture("connect-persistent").await;

        let service = service(world).await;
        let asked = service["seen"]["asked"].as_array().expect("a list").iter();
        let starts: Vec<&Value> = asked.filter(|asked| asked[0] == "/connect/start").map(|asked| &asked[1]).collect();
        assert_eq!(starts.len(), 2);
        assert_eq!(starts[0], &json!({}));
        assert_eq!(starts[1]["PersistentChat"]["RehydrationType"], "ENTIRE_PAST_SESSION");
        let source = starts[1]["PersistentChat"]["SourceContactId"].as_str().expect("a contact");
        assert!(!service["open"].as_object().expect("a map").contains_key(source), "the source has ended");
    });
}

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
    everywhere(async |world| {
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
    everywhere(async |world| {
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
    everywhere(async |world| {
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
