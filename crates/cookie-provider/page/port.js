// One end of a channel to a bridge page, in the iframe or in the popup.

/**
 * @param {URL | undefined} url the bridge's
 * @param {(message: unknown) => void} hear
 */
export const createPort = (url, hear) => {
  /** @type {MessagePort | undefined} */
  let port;
  const close = () => port?.close();

  return {
    close,

    /**
     * Gives the other end of a new channel to a window. Messages of the channel before are heard no more.
     * @param {Window | null | undefined} target none, if the page removed it meanwhile
     * @param {unknown} hello
     */
    greet(target, hello) {
      const { port1, port2 } = new MessageChannel();
      close();
      port = port1;
      port1.onmessage = ({ data }) => hear(data);
      target?.postMessage(hello, url?.origin ?? "", [port2]);
    },

    /** @param {unknown} message */
    post(message) {
      port?.postMessage(message);
    },
  };
};
