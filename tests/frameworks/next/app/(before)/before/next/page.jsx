"use client";

import { Chat } from "../../../chat.jsx";
import { useProvider } from "../../provider.jsx";

export default function Page() {
  return (
    <>
      <h1>Next</h1>
      <Chat provider={useProvider()} />
    </>
  );
}
