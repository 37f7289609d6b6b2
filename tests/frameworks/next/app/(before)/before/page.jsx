"use client";

import Link from "next/link";
import { Chat } from "../../chat.jsx";
import { useProvider } from "../provider.jsx";

export default function Page() {
  return (
    <>
      <Chat provider={useProvider()} />
      <Link id="next" href="/before/next">
        Next
      </Link>
    </>
  );
}
