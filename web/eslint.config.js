import boundaries from "eslint-plugin-boundaries";
import vue from "eslint-plugin-vue";
import { defineConfigWithVueTs } from "./eslint.vue.js";

/** Pages know `shared` and `client`, and not each other; `shared` knows `client`; `client` knows nobody. */
const areas = ["cover", "market", "builder", "runs", "operate"];
const allow = (from, names) => ({
  from: { element: { type: from } },
  allow: names.map((type) => ({ to: { element: { type } } })),
});

export default defineConfigWithVueTs(
  { ignores: ["node_modules", "eslint.resolver.cjs", "src/client/schema.ts"] },
  vue.configs["flat/essential"], // How it looks is for Prettier.
  {
    plugins: { boundaries },
    settings: {
      "boundaries/elements": [
        ...["shared", "client", "locales", ...areas].map((type) => ({ type, pattern: `src/${type}` })),
        { type: "app", pattern: "src" },
      ],
      "import/resolver": { "./eslint.resolver.cjs": {} },
    },
    rules: {
      "boundaries/dependencies": [
        "error",
        {
          default: "disallow",
          policies: [
            allow("app", ["app", "shared", "client", "locales", ...areas]),
            ...areas.map((area) => allow(area, [area, "shared", "client", "locales"])),
            allow("shared", ["shared", "client", "locales"]),
            allow("locales", ["locales"]),
            allow("client", ["client"]),
          ],
        },
      ],
      "vue/require-default-prop": "off", // Types say which properties may be left out.
      "vue/max-attributes-per-line": "off",
      "vue/singleline-html-element-content-newline": "off",
      "vue/html-self-closing": ["error", { html: { void: "always" } }],
      "vue/multi-word-component-names": "off",
    },
  },
);
