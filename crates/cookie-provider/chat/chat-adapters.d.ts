/// <reference path="cookie-provider.d.ts" />

/** A chat system, as the bridge needs it. docs/chat-systems.md describes it. */
interface BridgedChat {
  /**
   * Called once, when the session is loaded or `wait` is over: starts the chat, with the session to go on with, or null. `false` says
   * that the chat system knows of no such session any more: it is cleared everywhere, and `start(null)` is called.
   */
  start(session: string | null, bridge: ChatBridge): void | boolean | Promise<void | boolean>;
  /** The visitor went on elsewhere: with another session, or null, because it was ended there. */
  follow?(session: string | null, bridge: ChatBridge): void | Promise<void>;
}

/** What a chat tells the bridge. */
interface ChatBridge {
  /** A conversation has begun, or its session has changed. Without a session, the page's own cookie is it. */
  save(session?: string): Promise<CookieBridgeSaveResult>;
  /** The conversation is over, everywhere. */
  end(): Promise<CookieBridgeClearResult>;
  /** As the provider's: call it inside a click. The chat goes on with what it brings. */
  continueSession(options?: { confirm?: CookieBridgeButton }): Promise<CookieBridgeContinueResult>;
}

declare const ChatAdapters: {
  /** Ties a chat to a provider. `wait`: the milliseconds after which the chat starts without a session; by default 3000. */
  attachChat(provider: CookieProvider, chat: BridgedChat, options?: { wait?: number }): ChatBridge;
};
