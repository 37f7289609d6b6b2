// Builds the page for the browser and the server, and renders it, as Vite's guide to server-side rendering does.
import { readFile, writeFile } from "node:fs/promises";
import vue from "@vitejs/plugin-vue";
import { build } from "vite";

for (const mode of ["development", "production"]) {
  process.env.NODE_ENV = mode;
  const site = `${import.meta.dirname}/site/${mode}`;
  const options = { mode, configFile: false, logLevel: "error", plugins: [vue()] };
  await build({ ...options, build: { outDir: site } });
  await build({ ...options, build: { outDir: `${site}/server`, ssr: "server.js" } });
  const { render } = await import(`${site}/server/server.js`);
  const html = await readFile(`${site}/index.html`, "utf8");
  await writeFile(`${site}/index.html`, html.replace("<!--app-->", await render()));
}
