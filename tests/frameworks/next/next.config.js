export default {
  output: "export",
  distDir: "site",
  // The packages are beside this folder.
  turbopack: { root: `${import.meta.dirname}/..` },
};
