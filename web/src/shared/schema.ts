/** From the JSON schema of a service's parameters to the fields of a form. */

export interface JsonSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  maxLength?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
}

interface Common {
  name: string;
  title: string;
  description: string;
  fallback: unknown;
  optional: boolean;
}
export type Field = Common &
  (
    | { kind: "range"; min: number; max: number; step: number | "any" }
    | { kind: "number"; min?: number; max?: number; step: number | "any" }
    | { kind: "choice"; choices: unknown[] }
    | { kind: "switch" }
    | { kind: "text"; long: boolean }
    /** Several values of one kind, one after the other. */
    | { kind: "list"; item: Field }
    /** Values with names of their own: a form in the form. */
    | { kind: "group"; schema: JsonSchema }
    /** Whatever has no form: it is written as JSON. */
    | { kind: "json" }
  );

/** Longer texts than this are written in a field of several lines. */
const LONG = 240;
/** The widest span of whole numbers that is a slider; beyond, a number is typed. */
const SPAN = 200;

export function fieldsOf(schema: JsonSchema): Field[] {
  return Object.entries(resolve(schema, schema).properties ?? {}).map(([name, each]) => fieldOf(name, each, schema));
}

/** The field for one value. `whole` has the definitions that its schema refers to. */
export function fieldOf(name: string, given: JsonSchema, whole: JsonSchema = given): Field {
  const options = (given.anyOf ?? [given]).map((option) => resolve(option, whole));
  const optional = options.some((option) => option.type === "null");
  const schema = { ...options.find((option) => option.type !== "null"), ...without(given, "anyOf") };
  const common: Common = {
    name,
    title: name.replaceAll("_", " "),
    description: given.description ?? "",
    fallback: given.default ?? undefined,
    optional,
  };
  if (schema.enum) return { ...common, kind: "choice", choices: schema.enum };
  if (schema.type === "boolean") return { ...common, kind: "switch" };
  if (schema.type === "integer" || schema.type === "number") {
    const { minimum: min, maximum: max } = schema;
    const whole = schema.type === "integer";
    const bounded = min !== undefined && max !== undefined && (!whole || max - min <= SPAN);
    if (bounded && !optional) return { ...common, kind: "range", min, max, step: whole ? 1 : round((max - min) / 100) };
    return { ...common, kind: "number", min, max, step: whole ? 1 : "any" };
  }
  if (schema.type === "string") return { ...common, kind: "text", long: (schema.maxLength ?? 0) > LONG };
  if (schema.type === "array" && schema.items) {
    const item = fieldOf(name, schema.items, whole);
    if (!["list", "json"].includes(item.kind)) return { ...common, kind: "list", item };
  }
  if (schema.type === "object" && schema.properties)
    return { ...common, kind: "group", schema: { ...schema, $defs: whole.$defs } };
  return { ...common, kind: "json" };
}

/** A step that does not drag a tail of digits along. */
const round = (step: number) => Number(step.toPrecision(3));

/** A default as it is shown: a text for the field that is empty. */
export const shownOf = (value: unknown): string =>
  value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);

/** What a new item of a list is before anything is said of it. */
export function emptyOf(field: Field): unknown {
  if (field.fallback !== undefined) return field.fallback;
  if (field.kind === "group") return {};
  if (field.kind === "switch") return false;
  if (field.kind === "choice") return field.choices[0];
  return field.kind === "range" || field.kind === "number" ? (field.min ?? 0) : "";
}

function resolve(schema: JsonSchema, whole: JsonSchema): JsonSchema {
  const name = schema.$ref?.split("/").at(-1);
  return (name && whole.$defs?.[name]) || schema;
}

function without(schema: JsonSchema, key: keyof JsonSchema): JsonSchema {
  const { [key]: _, ...others } = schema;
  return others;
}
