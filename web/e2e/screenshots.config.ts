import { defineConfig } from "@playwright/test";
import base from "../playwright.config";

/** `make screenshots`: the pictures of the documents, taken of a real server with real content. */
export default defineConfig(base, {
  testDir: ".",
  testMatch: "screenshots.ts",
  outputDir: "../../out/screenshots",
  timeout: 600_000,
  use: { trace: "off", screenshot: "off", actionTimeout: 20_000, reducedMotion: "reduce" } as never,
});
