import { useEffect, useState } from "react";

/** Shows the session that it loads, and saves another one. */
export function Chat({ provider }) {
  const [session, setSession] = useState("");
  const [isSaved, setIsSaved] = useState(false);
  useEffect(() => {
    provider.loadCookie().then(({ value }) => setSession(value));
  }, [provider]);
  const save = async () => setIsSaved((await provider.saveCookie("from-shop")).saved);
  return (
    <main>
      <output id="session">{session}</output>
      <button type="button" id="save" onClick={save}>
        Save
      </button>
      <output id="saved">{isSaved && "saved"}</output>
    </main>
  );
}
