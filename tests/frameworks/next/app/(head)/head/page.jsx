"use client";

import { useEffect, useState } from "react";
import { Chat } from "../../chat.jsx";

export default function Page() {
  const [provider, setProvider] = useState(null);
  useEffect(() => setProvider(window.provider), []);
  return <Chat provider={provider} />;
}
