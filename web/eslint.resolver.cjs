/** Where an import leads, for the rule about boundaries: `@/` is `src`, and endings may be left out. */
const { existsSync, statSync } = require("node:fs");
const { dirname, join, resolve } = require("node:path");

const ENDINGS = ["", ".ts", ".vue", ".json", "/index.ts"];

exports.interfaceVersion = 2;
exports.resolve = (source, file) => {
  if (!source.startsWith("@/") && !source.startsWith(".")) return { found: false };
  const path = source.startsWith("@/") ? join(__dirname, "src", source.slice(2)) : resolve(dirname(file), source);
  const found = ENDINGS.map((ending) => path + ending).find((each) => existsSync(each) && statSync(each).isFile());
  return found ? { found: true, path: found } : { found: false };
};
