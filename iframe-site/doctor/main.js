// @ts-check

import { Doctor } from "./doctor.js";

new Doctor().start();
