// The script of the return page, through which a session goes from one domain to another.
import { arrived, takeArrived } from "../page/hand_over/address.js";
import { act } from "./act.js";

// Before anything else, so that the browser's history does not keep it.
takeArrived();
act(arrived);
