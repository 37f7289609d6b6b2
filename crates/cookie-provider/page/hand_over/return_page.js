// Whether this domain's own return page can do its work. Without it, a visitor who is sent there would be stranded.

/**
 * Whether these policies let a page run a script of its own origin (CSP Level 3, section 6.1.10), with its own storage (section 6.3.2).
 * @param {string} header of all policies, with commas between them
 */
export const allowsOwnScripts = (header) =>
  header.split(",").every((policy) => {
    /** @param {string} name */
    const find = (name) =>
      policy
        .split(";")
        .map((directive) => directive.trim().split(/\s+/))
        .find(([found]) => found.toLowerCase() === name);
    const sources = find("script-src-elem") ?? find("script-src") ?? find("default-src") ?? ["", "*"];
    return (
      !find("sandbox") &&
      !sources.includes("'strict-dynamic'") &&
      ["'self'", "*", location.protocol, location.origin].some((source) => sources.includes(source))
    );
  });

/** @param {string} path */
export const isReturnPage = async (path) => {
  try {
    const response = await fetch(path);
    const isAllowed = allowsOwnScripts(response.headers.get("content-security-policy") ?? "");
    // A server may answer every path with the same page.
    return response.ok && isAllowed && (await response.text()).includes('name="cookie-bridge"');
  } catch {
    return false;
  }
};
