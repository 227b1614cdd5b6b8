import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

/** While developing, what is not a page or a file of ours is asked of this server. */
const server = process.env.HALLES_SERVER ?? "http://127.0.0.1:8000";
const API =
  "^/(pipelines|runs|services|artifacts|shared|shares|statistics|me|tags|auth|accounts|keys|audit|batches|estimates|bundles|examples|popularity|health|openapi.json)($|[/?])";

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  define: { __VUE_I18N_LEGACY_API__: false, __VUE_PROD_DEVTOOLS__: false },
  build: { outDir: "../src/halles/api/static", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 700 },
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
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
