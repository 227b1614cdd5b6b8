import type { Page } from "@playwright/test";
import { Server, test as base } from "./harness";

export const ROLES = ["viewer", "runner", "author", "operator"] as const;
export type Role = (typeof ROLES)[number];

/** A server that asks who comes in, and an account with a key for each role, called as its role. */
export interface Hall {
  server: Server;
  keys: Record<Role, string>;
}

export async function openHall(settings: Record<string, string> = {}): Promise<Hall> {
  let first = "";
  const server = await Server.begin({ HALLES_LOGIN: "required", ...settings }, async (closed) => {
    await closed.command("accounts", "add", "operator", "--role", "operator");
    first = await closed.command("keys", "create", "operator");
  });
  const keys = { operator: first } as Hall["keys"];
  for (const role of ROLES)
    keys[role] ||= await newKey({ server, keys }, await newAccount({ server, keys }, role, role));
  return { server, keys };
}

/** Ask the server as the operator's program does, with a key. */
export async function asOperator<Answer>(hall: Hall, method: string, path: string, content?: object): Promise<Answer> {
  const headers = { Authorization: `Bearer ${hall.keys.operator}`, "Content-Type": "application/json" };
  const answer = await fetch(hall.server.url + path, { method, headers, body: content && JSON.stringify(content) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
}

/** The id of a new account. */
export async function newAccount(hall: Hall, name: string, role: Role): Promise<string> {
  return (await asOperator<{ id: string }>(hall, "POST", "/accounts", { name, role })).id;
}

/** The secret of a new key of an account. */
export async function newKey(hall: Hall, account: string, more: object = {}): Promise<string> {
  return (await asOperator<{ secret: string }>(hall, "POST", `/accounts/${account}/keys`, { name: "e2e", ...more }))
    .secret;
}

/** Sign in without the page, where a test is about something else. */
export async function enter(page: Page, key: string): Promise<void> {
  const answer = await page.request.post("/auth/session", { headers: { Authorization: `Bearer ${key}` } });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
}

/** Tests whose `page` is on a server that asks for a login. It is one for all tests of a worker. */
export const test = base.extend<object, { hall: Hall }>({
  hall: [
    async ({}, use) => {
      const hall = await openHall();
      await use(hall);
      await hall.server.end();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  baseURL: async ({ hall }, use) => use(hall.server.url),
});
