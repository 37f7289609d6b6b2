// What was said in a chat.

/** @param {AmazonConnectItem} a @param {AmazonConnectItem} b */
const byTime = (a, b) => (a.AbsoluteTime < b.AbsoluteTime ? -1 : a.AbsoluteTime > b.AbsoluteTime ? 1 : 0);

/**
 * All that the service has, page by page.
 * @param {ChatJsSession} joined
 * @param {() => boolean} isCurrent
 */
const fetchAll = async (joined, isCurrent) => {
  const all = [];
  /** @type {string | undefined} */
  let nextToken;
  do {
    /** @type {ChatJsPage} */
    const asked = { maxResults: 100, scanDirection: "BACKWARD", sortOrder: "ASCENDING", nextToken };
    const { data } = await joined.getTranscript(asked);
    all.unshift(...data.Transcript);
    nextToken = data.NextToken;
  } while (nextToken && isCurrent());
  return all;
};

/**
 * Hands on the transcript, whole and in order, as often as it grows.
 * @param {ChatJsSession} joined
 * @param {() => boolean} isCurrent whether this page still takes part with this session
 * @param {((items: AmazonConnectItem[]) => void) | undefined} onTranscript
 * @param {() => void} onFetched the service has answered
 * @param {(error: unknown) => void} onFailure it has not, or refuses
 */
export const gather = (joined, isCurrent, onTranscript, onFetched, onFailure) => {
  /** @type {Map<string, AmazonConnectItem>} */
  const items = new Map();
  let isWhole = false;
  /** @param {(AmazonConnectItem | undefined)[]} more */
  const add = (more) => {
    // What ChatJS makes up itself has no number.
    for (const item of more) if (item?.Id) items.set(item.Id, item);
    // Live messages before that would come without those before them.
    if (isWhole) onTranscript?.([...items.values()].sort(byTime));
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
        const all = await fetchAll(joined, isCurrent);
        isWhole = true;
        if (!isCurrent()) break;
        onFetched();
        add(all);
      } catch (error) {
        if (!isCurrent()) break;
        onFailure(error);
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
