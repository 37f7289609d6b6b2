// The script of the bridge's page.
import { start } from "./page/start.js";

start();
