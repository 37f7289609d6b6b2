// @ts-check

import { Doctor } from "./doctor.js";
import { showFailure } from "./failure.js";

try {
  new Doctor().start();
} catch (cause) {
  showFailure(cause);
}
