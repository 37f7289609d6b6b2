/// <reference path="cookie-provider.d.ts" />

/** A chat system, as the bridge needs it. docs/chat-systems.md describes it. */
interface BridgedChat {
  /**
   * The chat sets no cookie itself, so the page's own session cookie is the bridge's alone: where the bridge has no session any more,
   * because it was ended on another domain, the page's own is dropped before `start`.
   */
  readonly setsNoCookie?: boolean;
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
  continueSession(options?: CookieBridgeContinueOptions): Promise<CookieBridgeContinueResult>;
}

/** What `ServisBot.init` returns. */
interface ServisBotApi {
  on(type: "Messenger", listener: (event: { type: string; value: string }) => void): void;
  on(type: "notification", listener: (message: string) => void): void;
  getCustomerReference(): string | null | undefined;
  getIdentity(): string | null | undefined;
}

interface ServisBotOptions {
  /** By default `window.ServisBot`. */
  ServisBot?: { init(config: Record<string, unknown>): ServisBotApi };
  /** What `init` gets; `identity` is added. */
  config: Record<string, unknown>;
  /** The site's own store: where it is, and the customer's reference, from the page's backend; nothing if nobody is logged in. */
  store?: { url: string; reference: string | null | (() => string | null | Promise<string | null>) };
  /** Milliseconds after which a request to the store counts as failed: by default 3000. */
  wait?: number;
  /** The value of the event of type `CONVERSATION` at which the identity is saved: by default `Ready`. */
  saveOn?: "Ready" | "First User Interaction";
  /** The visitor went on elsewhere, with this identity or none: by default the page is loaded again, which begins with it. */
  follow?(identity: string | null): void;
  /** The messenger has started. */
  onApi?(api: ServisBotApi): void;
}

interface DirectLineOptions<Connection> {
  /** The script's global, or its class `DirectLine`. */
  DirectLine: { DirectLine: new (options: any) => Connection } | (new (options: any) => Connection);
  /** A token for a new conversation, from the page's backend; a function is called for each new one. Never the bot's secret. */
  token: string | (() => string | Promise<string>);
  /** The service's address: by default Microsoft's. */
  domain?: string;
  /** Further options of the library. `webSocket` is false unless it is named, because polling brings what was said before. */
  [option: string]: unknown;
  /** A connection that takes the place of any before it: subscribe to `activity$` here, and not later. */
  onConnection(connection: Connection): void;
}

/** What StartChatContact answers. */
interface AmazonConnectContact {
  ContactId: string;
  ParticipantId: string;
  ParticipantToken: string;
}

/** What StartChatContact takes to go on from a chat that has ended. */
interface AmazonConnectPersistentChat {
  SourceContactId: string;
  RehydrationType: "ENTIRE_PAST_SESSION" | "FROM_SEGMENT";
}

/** An item of a transcript; the service's documentation describes more of it. */
interface AmazonConnectItem {
  readonly Id: string;
  readonly AbsoluteTime: string;
  readonly Type: string;
  readonly ContentType: string;
  readonly Content?: string | null;
  readonly DisplayName?: string | null;
  readonly ParticipantRole?: string;
  readonly [name: string]: unknown;
}

interface AmazonConnectOptions<Session> {
  /** ChatJS's global, which is the default. Call its `ChatSession.setGlobalConfig` before, if the page needs it. */
  connect?: { ChatSession: { create(args: any): Session } };
  region?: string;
  /** Asks the site's own proxy for a contact; with what it is given, if anything, as StartChatContact's `PersistentChat`. */
  start(persistentChat?: AmazonConnectPersistentChat): Promise<AmazonConnectContact | { data: { startChatResult: AmazonConnectContact } }>;
  /** Has a chat begin with what was said in the one before it, once that has ended: how much of it. By default nothing. */
  persistentChat?: AmazonConnectPersistentChat["RehydrationType"];
  /**
   * This page takes part in a conversation, with this session of ChatJS's in place of any before it. `resumed`: it had begun before,
   * here or elsewhere. Its `disconnectParticipant` ends the conversation on every domain.
   */
  onSession?(session: Session, details: { resumed: boolean }): void;
  /** All that was said, in order, each item once; again with every new one. */
  onTranscript?(items: AmazonConnectItem[]): void;
  /** The conversation is over; told once, whoever ended it, and wherever. */
  onEnded?(): void;
  /** What went wrong without anybody waiting for it; by default it is written to the console. */
  onError?(error: unknown): void;
}

/** Amazon Connect, as `attachChat` takes it. */
interface AmazonConnectChat<Session> extends BridgedChat {
  /** For the visitor's message, after `attachChat`: the session to send it in. It begins a conversation if there is none. */
  open(): Promise<Session>;
}

declare const ChatAdapters: {
  /** Ties a chat to a provider. `wait`: the milliseconds after which the chat starts without a session; by default 2000. */
  attachChat(provider: CookieProvider, chat: BridgedChat, options?: { wait?: number }): ChatBridge;
  /** ServisBot's messenger. Its session is the Cognito identity. */
  servisBot(options: ServisBotOptions): BridgedChat;
  /** Bot Framework's Direct Line. Its session is the conversation with its token. */
  directLine<Connection>(options: DirectLineOptions<Connection>): BridgedChat;
  /** Amazon Connect, through ChatJS. Its session is the contact with its participant token. */
  amazonConnect<Session>(options: AmazonConnectOptions<Session>): AmazonConnectChat<Session>;
};
