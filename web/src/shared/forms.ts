/** Sentences with holes: `There is no run {run}.`, as the server puts them together. */

export interface Said {
  form: string;
  values?: Record<string, unknown>;
}

/** How what fills the holes is written in a language. */
export interface Writer {
  locale: string;
  translated: (form: string) => string | undefined;
  number: (value: number, options: Intl.NumberFormatOptions) => string;
  /** The word for a name of a vocabulary, such as the scene `sea`. */
  word: (vocabulary: string, name: string) => string | undefined;
  none: string;
}

/** A hole, and how it is to be filled: `{share:.0%}`, `{types:or}`. In a translation only the name counts. */
const HOLE = /\{(\w+)(?::([^{}]*))?\}/g;
const NUMBER = /^(\+?)(,?)(?:\.(\d+))?([%fg]?)$/;

/** A sentence in the writer's language; undefined when it has no translation. */
export function fill(said: Said, writer: Writer): string | undefined {
  const values = said.values ?? {};
  const form = writer.translated(said.form) ?? (isBare(said.form) ? said.form : undefined);
  if (form === undefined) return undefined;
  const specs = new Map([...said.form.matchAll(HOLE)].map(([, name, spec]) => [name!, spec ?? ""]));
  const text = plural(form, values.count, writer.locale).replace(HOLE, (_, name: string) =>
    written(values[name], specs.get(name) ?? "", name, writer),
  );
  return said.form.startsWith("{") && said.form.endsWith(".") ? capital(text) : text;
}

/** A sentence in pieces, every other of which is in backticks: a name, or code. */
export const pieces = (text: string): string[] => text.split(/`([^`]+)`/);

/** A sentence without its backticks. */
export const plain = (text: string): string => pieces(text).join("");

const capital = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** A sentence and all that stands in its holes, as sentences of their own: what is decided, and each reason. */
export function* parts(value: unknown): Generator<Said> {
  if (Array.isArray(value)) for (const each of value) yield* parts(each);
  else if (typeof value === "object" && value) {
    if (!("form" in value)) return yield { form: "{word}", values: { word: value } };
    yield value as Said;
    for (const each of Object.values((value as Said).values ?? {})) yield* parts(each);
  }
}

/** Whether a form has no words of its own. */
const isBare = (form: string) => !/\p{L}/u.test(form.replace(HOLE, ""));

/** Of `one line | {count} lines` what fits the count. */
function plural(form: string, count: unknown, locale: string): string {
  const [one, other] = form.split(" | ");
  if (other === undefined || typeof count !== "number") return form;
  return new Intl.PluralRules(locale).select(count) === "one" ? one! : other;
}

function written(value: unknown, spec: string, name: string, writer: Writer): string {
  if (Array.isArray(value)) return listed(value, spec, name, writer);
  if (typeof value === "number") return writer.number(value, options(spec));
  if (typeof value === "object" && value) {
    if ("form" in value) return fill(value as Said, writer) ?? inEnglish(value as Said, writer);
    const word = value as Record<string, string>;
    return word[writer.locale] ?? word.en ?? "";
  }
  return writer.word(name, String(value).replaceAll(" ", "_")) ?? String(value ?? "");
}

/** A part that nobody has translated, within a sentence that is. */
const inEnglish = (said: Said, writer: Writer) => fill(said, { ...writer, translated: (form) => form })!;

function listed(values: unknown[], spec: string, name: string, writer: Writer): string {
  const texts = values.map((each) => written(each, "", name, writer));
  if (spec === "or") return new Intl.ListFormat(writer.locale, { type: "disjunction" }).format(texts);
  return spec ? texts.join(spec) : texts.map((each) => `\`${each}\``).join(", ") || writer.none;
}

function options(spec: string): Intl.NumberFormatOptions {
  const [, sign, grouped, digits, kind] = NUMBER.exec(spec) ?? [];
  const fraction = digits && kind !== "g" ? { minimumFractionDigits: +digits, maximumFractionDigits: +digits } : {};
  return {
    useGrouping: Boolean(grouped),
    ...(sign ? { signDisplay: "always" as const } : {}),
    ...(kind === "%" ? { style: "percent" as const } : {}),
    ...fraction,
  };
}
