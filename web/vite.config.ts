import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import vue from "@vitejs/plugin-vue";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** While developing, what is not a page or a file of ours is asked of this server. */
const server = process.env.HALLES_SERVER ?? "http://127.0.0.1:8000";
const API =
  "^/(pipelines|runs|services|artifacts|shared|shares|statistics|me|tags|auth|accounts|keys|audit|batches|estimates|bundles|examples|popularity|sentences|health|openapi.json)($|[/?])";

/** One file for the words of a language: each that is asked for singly costs the first page a moment. */
const language = (id: string) => /[\\/]locales[\\/](\w+)[\\/]/.exec(id)?.[1] ?? null;

/** Writes each script and style packed beside itself, so that the server need not pack them for every visitor. */
function packed(): Plugin {
  const [squeezed, zipped] = [promisify(brotliCompress), promisify(gzip)];
  return {
    name: "packed",
    apply: "build",
    async writeBundle({ dir }) {
      const folder = join(dir!, "assets");
      const files = (await readdir(folder)).filter((name) => /\.(js|css)$/.test(name));
      await Promise.all(
        files.map(async (name) => {
          const content = await readFile(join(folder, name));
          const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
          await writeFile(join(folder, `${name}.br`), await squeezed(content, { params }));
          await writeFile(join(folder, `${name}.gz`), await zipped(content, { level: 9 }));
        }),
      );
    },
  };
}

export default defineConfig({
  plugins: [vue(), packed()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  define: { __VUE_I18N_LEGACY_API__: false, __VUE_PROD_DEVTOOLS__: false },
  build: {
    outDir: "../src/halles/api/static",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 700,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: language, test: /[\\/]locales[\\/]\w+[\\/]/ }] } } },
  },
  server: {
    proxy: {
      [API]: {
        target: server,
        changeOrigin: true,
        // The server refuses pages of other origins; in development this one is meant to be its own.
        configure: (proxy) => proxy.on("proxyReq", (request) => request.removeHeader("origin")),
        headers: { "sec-fetch-site": "same-origin" },
      },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts", "e2e/**/*.test.mjs"] },
});
