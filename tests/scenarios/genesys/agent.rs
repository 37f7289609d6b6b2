//! The agent ends the conversation.

use end_to_end::{Engine, World, everywhere_in_a_soak_and_else_in};
use serde_json::json;

use super::pages::{extension, say, serve, state};
use super::{forget, given, open, start_chat, until_event};

#[test]
fn when_the_agent_is_done_the_visitor_is_told_once_or_the_chat_ends() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
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
