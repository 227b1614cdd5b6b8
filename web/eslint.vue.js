import tseslint from "typescript-eslint";

/** The configuration of ESLint with TypeScript inside of Vue's files. */
export function defineConfigWithVueTs(...configs) {
  return tseslint.config(
    ...tseslint.configs.recommended,
    ...configs,
    { files: ["**/*.vue"], languageOptions: { parserOptions: { parser: tseslint.parser } } },
    {
      rules: {
        "no-undef": "off",
        "@typescript-eslint/no-unused-vars": [
          "error",
          { ignoreRestSiblings: true, varsIgnorePattern: "^_", argsIgnorePattern: "^_" },
        ],
      },
    },
  );
}
