"use client";

import { Chat } from "../../chat.jsx";
import { useProvider } from "../provider.jsx";

export default function Page() {
  return <Chat provider={useProvider()} />;
}
