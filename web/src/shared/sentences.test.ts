import { mount } from "@vue/test-utils";
import { expect, it } from "vitest";
import { createI18n } from "vue-i18n";
import { learn } from "./sentences";
import SaidText from "./SaidText.vue";

const messages = {
  en: {},
  fr: { app: { none: "aucun" }, scene: { night: "nuit" } },
  de: { app: { none: "keine" } },
};
const i18n = (locale: string) => createI18n({ legacy: false, locale, messages });
const show = (locale: string, props: InstanceType<typeof SaidText>["$props"]) =>
  mount(SaidText, { props, global: { plugins: [i18n(locale)] } }).html();
const said = { form: "There is no run `{run}`.", values: { run: "x" } };

learn("fr", { "There is no run `{run}`.": "Il n’y a pas d’exécution `{run}`.", "How many": "Combien" });

it("says a sentence in the page's language", () => {
  expect(show("fr", { text: "There is no run `x`.", said })).toBe(
    "<span>Il n’y a pas d’exécution <code>x</code>.</span>",
  );
  expect(show("fr", { text: "How many" })).toBe("<span>Combien</span>");
});

it("says it in English as it came", () =>
  expect(show("en", { text: "There is no run `x`.", said })).toBe("<span>There is no run <code>x</code>.</span>"));

it("marks what stays English: services of others, and what was kept before", () => {
  expect(show("fr", { text: "A service of somebody" })).toBe('<span lang="en">A service of somebody</span>');
  expect(show("fr", { text: "There is no run `x`." })).toBe('<span lang="en">There is no run <code>x</code>.</span>');
  expect(show("de", { text: "There is no run `x`.", said })).toBe(
    '<span lang="en">There is no run <code>x</code>.</span>',
  );
});

it("says a name of a vocabulary in the page's language", () =>
  expect(show("fr", { text: "night", said: { form: "{scene}", values: { scene: "night" } } })).toBe(
    "<span>nuit</span>",
  ));
