// What the browser knows about this frame's access to its cookies.

/** The state of the permission `storage-access`. Rejects where the browser does not know this permission. */
export const permission = async () => (await navigator.permissions.query({ name: /** @type {PermissionName} */ ("storage-access") })).state;

/**
 * Calls back when a cookie changes, where the browser reports it.
 * @param {() => void} onChange
 */
export const watch = (onChange) => globalThis.cookieStore?.addEventListener("change", onChange);
