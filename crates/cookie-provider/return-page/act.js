// What this page does with the part of its address that belongs to a hand-over.
import { answer } from "./answer.js";
import { leave } from "./navigate.js";
import { readPart } from "./part.js";
import { receive } from "./receive.js";

/** @param {string | undefined} text what the address brought */
export const act = async (text) => {
  try {
    const part = readPart(text);
    if (!part) leave();
    else if (part.step === "ask") await answer(part);
    else await receive(part);
  } catch (cause) {
    console.warn("Cookie Bridge:", cause);
    leave();
  }
};
