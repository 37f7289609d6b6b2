// The owner's list of trusted domains: finds it and makes plain data of it.

/** What a script has that declares the list. */
const LIST = /TRUSTED_DOMAINS\s*=/;

/**
 * `const TRUSTED_DOMAINS = […]` in a script, or a block of JSON where a policy forbids inline scripts. Throws if the JSON is invalid.
 * @returns {unknown} `undefined` if there is neither
 */
export const findList = () => {
  if (typeof TRUSTED_DOMAINS !== "undefined") return TRUSTED_DOMAINS;
  const block = document.getElementById("trusted-domains");
  return block ? JSON.parse(/** @type {string} */ (block.textContent)) : undefined;
};

// JSON omits some properties: without its `cookies: undefined`, an entry would allow any name. So everything that is neither a string nor an
// object becomes `null`, which is a mistake wherever it stands.
/** @param {string} key @param {unknown} value */
const keep = (key, value) => (typeof value === "string" || typeof value === "object" ? value : null);

/** @param {unknown} entry */
const plainEntry = (entry) => {
  try {
    return JSON.parse(JSON.stringify(entry, keep));
  } catch {
    return null;
  }
};

/**
 * A copy of the list through JSON: it has no getters, proxies or functions, and is what the checks outside the browser read. An entry that JSON
 * cannot hold is `null`.
 * @param {unknown} list
 * @returns {unknown[] | undefined} `undefined` if it is no array
 */
export const plainList = (list) => (Array.isArray(list) ? Array.from(list, plainEntry) : undefined);

/**
 * The list, or undefined if it cannot be read.
 * @param {(text: string, cause?: unknown) => void} report
 */
export const readList = (report) => {
  try {
    const found = findList();
    const list = plainList(found);
    if (list) return list;
    if (found !== undefined) report("TRUSTED_DOMAINS is not an array; nobody is trusted.");
    else if (Array.from(document.scripts).some(({ text }) => LIST.test(text)))
      report(
        "the script with TRUSTED_DOMAINS did not run; nobody is trusted. Either it has a syntax error, or something changes it, or the hashes in " +
          "this page's Content-Security-Policy are older than the list: send the headers that `bridge-server check-site` writes.",
      );
    else report("the page has no TRUSTED_DOMAINS; nobody is trusted.");
  } catch (cause) {
    report("TRUSTED_DOMAINS, or the JSON of #trusted-domains, cannot be read; nobody is trusted.", cause);
  }
  return undefined;
};
