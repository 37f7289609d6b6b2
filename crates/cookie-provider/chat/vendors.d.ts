// What the adapters use of the vendors' own scripts.

/** Each is there once the page has included its vendor's script. */
interface Window {
  _genesys?: {
    widgets?: {
      bus?: GenesysCommander;
      webchat?: { transport?: { async?: { enabled?: boolean } } };
    };
  };
  /** Its sessions have the type that the page gives them; what the adapter uses of them is `ChatJsSession`. */
  connect: NonNullable<AmazonConnectOptions<any>["connect"]>;
  ServisBot: NonNullable<ServisBotOptions["ServisBot"]>;
}

interface GenesysCommander {
  command(name: string, options?: object): { done(then: () => void): void };
}

/** The widgets' bus, as an extension gets it. */
interface GenesysBus {
  registerPlugin(name: string): GenesysPlugin;
}

interface GenesysPlugin extends GenesysCommander {
  publish(event: string, data: object): void;
  /** As `publish`, also to those who subscribe later. */
  republish(event: string): void;
  ready(): void;
  /** Of what the extension subscribes to, only messages have data. */
  subscribe(event: string, handle: (published: { data?: GenesysMessages }) => void): void;
  registerCommand(name: string, handle: (given: GenesysCommand) => void): void;
}

interface GenesysCommand {
  data?: GenesysCommandOptions;
  deferred: { resolve(result: unknown): void; reject(error: unknown): void };
}

/** The options of the extension's own commands. */
interface GenesysCommandOptions {
  value?: string;
  confirm?: CookieBridgeButton;
  isGiven?: boolean;
}

interface GenesysMessages {
  messages?: GenesysMessage[];
  /** As the service sent them. */
  originalMessages?: GenesysMessage[];
  /** The history of a conversation that is restored. */
  restoring?: boolean;
}

interface GenesysMessage {
  type?: string;
  event?: string;
  id?: string;
  /** Begins with a number. */
  index?: string;
  data?: { interactionState?: string };
}

interface ChatJsArguments {
  type: "CUSTOMER";
  chatDetails: { contactId: string; participantId: string; participantToken: string };
  options: { region?: string };
  disableCSM: boolean;
}

/** A visitor's session of ChatJS's. What is optional here is not in all versions, or no public part of it. */
interface ChatJsSession {
  readonly controller?: { breakConnection?(): void };
  connect(): Promise<unknown>;
  disconnectParticipant(): Promise<unknown>;
  getTranscript(asked: ChatJsPage): Promise<{ data: { Transcript: AmazonConnectItem[]; NextToken?: string } }>;
  onConnectionEstablished(handle: (event?: { connectSuccess?: boolean }) => void): void;
  onConnectionBroken(handle: () => void): void;
  onDeepHeartbeatSuccess?(handle: () => void): void;
  onMessage(handle: (event: { data?: AmazonConnectItem }) => void): void;
  onEnded(handle: () => void): void;
}

/** Which part of a transcript is asked for. */
interface ChatJsPage {
  maxResults: number;
  scanDirection: "BACKWARD" | "FORWARD";
  sortOrder: "ASCENDING" | "DESCENDING";
  nextToken?: string;
}

interface DirectLineObservable<Value> {
  subscribe(next: (value: Value) => void, error: (cause: { status?: number }) => void): unknown;
}

/** A connection of botframework-directlinejs. Not all of it is public there. */
interface DirectLineConnection {
  readonly connectionStatus$: DirectLineObservable<number>;
  readonly activity$: DirectLineObservable<unknown>;
  readonly conversationId?: string;
  postActivity(activity: { type: string }): unknown;
  end(): void;
}
