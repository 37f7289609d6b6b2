// What the browser knows about this frame's access to its cookies.

const query = async () => (await navigator.permissions.query({ name: /** @type {PermissionName} */ ("storage-access") })).state;

/** Queries the permission at once: the first request needs its state, and the browser's answer takes as long as its answer to a greeting. */
export const createPermission = () => {
  /** @type {Promise<string> | undefined} */
  let early = query();
  early.catch(() => {});

  /** The state of the permission `storage-access`. Rejects where the browser does not know this permission. */
  return () => {
    const state = early ?? query();
    early = undefined;
    return state;
  };
};

/**
 * Calls back when a cookie changes, where the browser reports it.
 * @param {() => void} onChange
 */
export const watch = (onChange) => globalThis.cookieStore?.addEventListener("change", onChange);
