// Amazon Connect, through the vendor's own ChatJS. What is carried is what StartChatContact answered, which is what a reload of
// the page needs, too; never `connectionDetails`, which hold a token of this page's own connection.

/** How often the service is asked before it counts as out of reach, and the milliseconds before the second time, which double. */
const TRIES = 3;
const PAUSE = 1000;

const pause = (tries) => new Promise((resolve) => setTimeout(resolve, PAUSE * 2 ** (tries - 1)));

/** What a cookie stores unchanged in every browser. */
const isText = (value) => typeof value === "string" && /^[ -:<-~]+$/.test(value);

/** A chat to go on with: these three and nothing else, or null if one of them is not there. ChatJS would not check. */
const chatOf = (contactId, participantId, participantToken) =>
  [contactId, participantId, participantToken].every(isText) ? { contactId, participantId, participantToken } : null;

/** What a session says: a chat, or the contact of one that has ended. */
const read = (session) => {
  try {
    const { contactId, participantId, participantToken, endedContactId } = JSON.parse(session);
    const chat = chatOf(contactId, participantId, participantToken);
    return { chat, endedContactId: isText(endedContactId) ? endedContactId : null };
  } catch {
    return { chat: null, endedContactId: null };
  }
};

/** Whether the service knows of no such chat any more. ChatJS wraps what it was answered, sometimes twice. */
const isRefusal = (error) => (error?._debug ? isRefusal(error._debug) : error?.statusCode === 403);

export const amazonConnect = ({
  connect = window.connect,
  region,
  start,
  persistentChat,
  onSession,
  onTranscript,
  onEnded,
  onError = console.error,
}) => {
  let bridge;
  // The conversation; ChatJS's session, while this page takes part in it; and the contact that the next one goes on from.
  let chat = null;
  let session = null;
  let endedContactId = null;
  // Connections in a row that came to nothing.
  let losses = 0;

  // One thing after another: what comes from another domain may come while the visitor's first message starts a contact.
  let turn = Promise.resolve();
  const inTurn = (task) => {
    const done = turn.then(task);
    turn = done.catch(() => {});
    return done;
  };

  const leave = () => {
    // Not disconnectParticipant, which would end the chat for the other domain, too. ChatJS has a public name for it only for
    // agents; should it lose this one, what the session still hears is ignored.
    session?.controller?.breakConnection?.();
    session = chat = null;
  };

  /** The conversation is over, on every domain. */
  const finish = async (contactId) => {
    leave();
    if (persistentChat) endedContactId = contactId;
    onEnded?.();
    try {
      await (persistentChat ? bridge.save(JSON.stringify({ endedContactId })) : bridge.end());
    } catch (error) {
      onError(error);
    }
  };

  /** Hands on the transcript, whole and in order, as often as it grows. */
  const gather = (joined, isCurrent) => {
    const items = new Map();
    let isWhole = false;
    const add = (more) => {
      // What ChatJS makes up itself has no number.
      for (const item of more) if (item?.Id) items.set(item.Id, item);
      const byTime = (a, b) => (a.AbsoluteTime < b.AbsoluteTime ? -1 : a.AbsoluteTime > b.AbsoluteTime ? 1 : 0);
      // Live messages before that would come without those before them.
      if (isWhole) onTranscript?.([...items.values()].sort(byTime));
    };
    const fetchAll = async () => {
      const all = [];
      let nextToken;
      do {
        const asked = { maxResults: 100, scanDirection: "BACKWARD", sortOrder: "ASCENDING", nextToken };
        const { data } = await joined.getTranscript(asked);
        all.unshift(...data.Transcript);
        nextToken = data.NextToken;
      } while (nextToken && isCurrent());
      return all;
    };
    let isFetching = false;
    let isOutdated = false;
    const refresh = async () => {
      isOutdated = true;
      if (isFetching) return;
      isFetching = true;
      while (isOutdated && isCurrent()) {
        isOutdated = false;
        try {
          const all = await fetchAll();
          isWhole = true;
          if (!isCurrent()) break;
          losses = 0;
          add(all);
        } catch (error) {
          if (!isCurrent()) break;
          // It may have ended before the socket could tell.
          if (isRefusal(error)) reconnect(isCurrent);
          else onError(error);
        }
      }
      isFetching = false;
    };
    // With every new socket, because of what was said while there was none; and once more when its first answer shows that the
    // service knows of its subscription, because of what was said until then.
    let isSubscribed = false;
    joined.onConnectionEstablished((event) => {
      // It comes twice: first as soon as the service has answered, without a socket.
      if (event?.connectSuccess) return;
      isSubscribed = false;
      refresh();
    });
    joined.onDeepHeartbeatSuccess?.(() => {
      if (!isSubscribed) refresh();
      isSubscribed = true;
    });
    joined.onMessage(({ data }) => isCurrent() && add([data]));
  };

  const listen = (joined) => {
    const isCurrent = () => joined === session;
    gather(joined, isCurrent);
    joined.onEnded(() => isCurrent() && finish(chat.contactId));
    const disconnect = joined.disconnectParticipant.bind(joined);
    joined.disconnectParticipant = async () => {
      const done = await disconnect().catch((error) => {
        // A chat that had ended already is what was wanted.
        if (!isRefusal(error)) throw error;
      });
      if (isCurrent()) finish(chat.contactId);
      return done;
    };
    // ChatJS opens a lost socket again by itself, but gives up for good if the service does not answer at that moment.
    joined.onConnectionBroken(() => reconnect(isCurrent));
  };

  /** Takes part in a chat; false if the service refuses it. Fails if the service cannot be asked; the chat is kept then. */
  const join = async (wanted, resumed) => {
    leave();
    chat = wanted;
    for (let tries = 1; ; tries++) {
      // Without its metrics, which want a worker and a host of their own in the page's Content-Security-Policy.
      const chatDetails = { ...wanted };
      const joined = connect.ChatSession.create({ type: "CUSTOMER", chatDetails, options: { region }, disableCSM: true });
      listen(joined);
      try {
        await joined.connect();
        session = joined;
        break;
      } catch (error) {
        if (isRefusal(error)) {
          chat = null;
          return false;
        }
        if (tries === TRIES) throw error;
      }
      await pause(tries);
    }
    onSession?.(session, { resumed });
    return true;
  };

  const resume = async (wanted) => {
    try {
      if (!(await join(wanted, true))) await finish(wanted.contactId);
    } catch (error) {
      onError(error);
    }
  };

  const reconnect = (isCurrent) =>
    inTurn(async () => {
      if (!isCurrent()) return;
      if (++losses > TRIES) {
        const lost = chat;
        leave();
        // The visitor's next message tries again.
        chat = lost;
        losses = 0;
        onError(new Error("The chat's connection does not last."));
        return;
      }
      await pause(losses);
      // The visitor may have ended it meanwhile.
      if (isCurrent()) await resume(chat);
    });

  const startContact = async () => {
    let answer;
    if (endedContactId) {
      try {
        answer = await start({ SourceContactId: endedContactId, RehydrationType: persistentChat });
      } catch (error) {
        // The service may have forgotten that contact: better a conversation without its past than none.
        onError(error);
      }
    }
    answer ??= await start();
    const { ContactId, ParticipantId, ParticipantToken } = answer?.data?.startChatResult ?? answer ?? {};
    const started = chatOf(ContactId, ParticipantId, ParticipantToken);
    if (!started) throw new TypeError("start() has to answer with ContactId, ParticipantId and ParticipantToken.");
    endedContactId = null;
    // From here on a reload goes on with it.
    bridge.save(JSON.stringify(started)).catch(onError);
    return started;
  };

  let isStarted;
  const started = new Promise((resolve) => (isStarted = resolve));

  return {
    setsNoCookie: true,

    async start(text, itsBridge) {
      bridge = itsBridge;
      try {
        return await inTurn(async () => {
          if (text === null) return;
          const told = read(text);
          if (told.endedContactId && persistentChat) endedContactId = told.endedContactId;
          else if (!told.chat || !(await join(told.chat, true))) {
            if (!told.chat || !persistentChat) return false;
            await finish(told.chat.contactId);
          }
        });
      } catch (error) {
        // It is out of reach, but nobody said that it is over: the visitor's next message tries again.
        onError(error);
      } finally {
        // Once `false` is dealt with, which ends the session: not the one that the visitor's first message is about to begin.
        setTimeout(isStarted);
      }
    },

    follow: (text) =>
      inTurn(async () => {
        const told = read(text);
        if (told.chat) return resume(told.chat);
        const wasInChat = chat !== null;
        leave();
        endedContactId = persistentChat ? told.endedContactId : null;
        if (wasInChat) onEnded?.();
      }),

    async open() {
      await started;
      return inTurn(async () => {
        if (session) return session;
        const before = chat;
        if (before && (await join(before, true))) return session;
        if (before && persistentChat) endedContactId = before.contactId;
        const begun = await startContact();
        if (await join(begun, false)) return session;
        await finish(begun.contactId);
        throw new Error("The service refuses the contact that was started.");
      });
    },
  };
};
