// Builds each page with React 18 and 19, for development and production, into site/REACT/MODE/PAGE/.
import { copyFile, mkdir, open } from "node:fs/promises";
import { createRequire } from "node:module";
import { finished } from "node:stream/promises";
import { build } from "esbuild";

const REACTS = {
  18: { react: "react-18", "react-dom": "react-dom-18" },
  19: {},
};

const require = createRequire(import.meta.url);

/** Renders a page as the documents of `hydrateRoot` do. */
async function render(bundle, to) {
  const { page, renderToPipeableStream } = require(bundle);
  const html = (await open(to, "w")).createWriteStream();
  const { pipe } = renderToPipeableStream(page(), { bootstrapScripts: ["client.js"], onAllReady: () => pipe(html) });
  await finished(html);
}

for (const [version, alias] of Object.entries(REACTS)) {
  for (const mode of ["development", "production"]) {
    for (const page of ["inline", "module", "effect"]) {
      const folder = `site/${version}/${mode}/${page}`;
      await mkdir(folder, { recursive: true });
      const options = { bundle: true, jsx: "automatic", alias, define: { "process.env.NODE_ENV": JSON.stringify(mode) } };
      await build({ ...options, entryPoints: [`${page}.jsx`], outfile: `${folder}/client.js` });
      if (page === "effect") {
        await copyFile("index.html", `${folder}/index.html`);
      } else {
        const server = `export * from "./${page}.jsx"; export { renderToPipeableStream } from "react-dom/server";`;
        const bundle = `${import.meta.dirname}/${folder}/server.cjs`;
        await build({ ...options, stdin: { contents: server, resolveDir: "." }, platform: "node", outfile: bundle });
        await render(bundle, `${folder}/index.html`);
      }
    }
  }
}
