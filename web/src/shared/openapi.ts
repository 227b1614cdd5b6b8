/** An OpenAPI document as a reader wants it: operations in groups, types as words. */

export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
}
interface Body {
  description?: string;
  content?: Record<string, { schema?: Schema }>;
}
export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}
interface Described {
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: Body & { required?: boolean };
  responses?: Record<string, Body>;
}
export interface Document {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, Described>>;
  components?: { schemas?: Record<string, Schema> };
}
export interface Operation extends Described {
  id: string;
  method: string;
  path: string;
}
export interface Group {
  name: string;
  operations: Operation[];
}

const METHODS = ["get", "post", "put", "patch", "delete", "head"];

/** Operations by their first tag, in the order of the document; those without one are called like the document. */
export function groupsOf(document: Document): Group[] {
  const groups = new Map<string, Operation[]>();
  for (const [path, item] of Object.entries(document.paths))
    for (const method of METHODS) {
      const described = item[method];
      if (!described) continue;
      const name = described.tags?.[0] ?? document.info.title;
      const operation = { ...described, method: method.toUpperCase(), path, id: `${method}${path}` };
      groups.set(name, [...(groups.get(name) ?? []), operation]);
    }
  return [...groups].map(([name, operations]) => ({ name, operations }));
}

/** The operations that have all words in what they are called, or say of themselves. */
export function found(groups: Group[], words: string): Group[] {
  const asked = words.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ method, path, summary, description }: Operation) => {
    const text = `${method} ${path} ${summary} ${description}`.toLowerCase();
    return asked.every((word) => text.includes(word));
  };
  return groups
    .map(({ name, operations }) => ({ name, operations: operations.filter(fits) }))
    .filter(({ operations }) => operations.length);
}

/** A schema, or the one elsewhere in the document that it stands for. */
export function resolved(schema: Schema, document: Document): Schema {
  const name = schema.$ref?.split("/").at(-1);
  return (name && document.components?.schemas?.[name]) || schema;
}

/** A type in a few words, such as `integer 1–9`, `list of Port` or `"scene" | "diffusion"`. */
export function typeOf(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split("/").at(-1)!;
  const several = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (several) return several.map(typeOf).join(" | ");
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return `${typeOf(schema.items ?? {})}[]`;
  const type = [schema.type ?? "any"].flat().join(" | ");
  const { minimum, maximum } = schema;
  const span = minimum === undefined ? (maximum === undefined ? "" : ` ≤ ${maximum}`) : ` ${minimum}–${maximum ?? "∞"}`;
  return `${type}${span}${schema.format ? ` (${schema.format})` : ""}`;
}

/** The objects within a schema whose properties are worth opening: itself, of what it is a list, what it may be. */
export function membersOf(schema: Schema, document: Document): Schema[] {
  const plain = resolved(schema, document);
  const several = plain.anyOf ?? plain.oneOf ?? plain.allOf;
  if (several) return several.flatMap((each) => membersOf(each, document));
  if (plain.type === "array" && plain.items) return membersOf(plain.items, document);
  return plain.properties ? [plain] : [];
}
