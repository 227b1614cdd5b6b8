import { beforeEach, expect, it, vi } from "vitest";

/** What the server says: who is signed in, and a path that needs somebody who is. */
let who: string | null;
let asked: string[];

const answer = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

function serve(request: Request): Response {
  const path = new URL(request.url).pathname;
  asked.push(`${request.method} ${path}`);
  if (path === "/auth") {
    const principal = who && { id: who, name: who, role: "runner" };
    return answer(200, { login: "required", provider: false, principal });
  }
  if (path === "/auth/session") {
    const key = request.headers.get("authorization")?.replace("Bearer ", "");
    if (key === "wrong") return answer(401, { detail: "wrong", problems: [] });
    who = key ?? null;
    return answer(200, {});
  }
  if (path === "/auth/logout") return ((who = null), answer(200, {}));
  return who ? answer(200, { keys: [] }) : answer(401, { detail: "sign in", problems: [] });
}

async function begin() {
  vi.resetModules();
  const [session, client] = await Promise.all([import("./session"), import("./api")]);
  await session.look();
  return { ...session, keys: () => client.asked(client.api.GET("/keys")) };
}

beforeEach(() => {
  [who, asked] = [null, []];
  vi.stubGlobal("fetch", (input: Request) => Promise.resolve(serve(new Request(input))));
});

it("knows who works here, and what their role may do", async () => {
  who = "ada";
  const { principal, state, may } = await begin();
  expect([principal.value?.name, state.value]).toEqual(["ada", "in"]);
  expect([may("viewer"), may("runner"), may("author")]).toEqual([true, true, false]);
});

it("asks nobody who has not been here for a session that ended", async () => {
  const { state, asking, keys } = await begin();
  await expect(keys()).rejects.toMatchObject({ status: 401 });
  expect([state.value, asking.value]).toEqual(["out", false]);
});

it("lets what is asked for wait while somebody signs in again, and go on then", async () => {
  who = "ada";
  const { state, asking, keys, signIn } = await begin();
  who = null;
  const both = Promise.all([keys(), keys()]);
  await vi.waitFor(() => expect(asking.value).toBe(true));
  expect(state.value).toBe("ended");
  await expect(signIn("wrong")).rejects.toMatchObject({ status: 401 });
  expect(asking.value).toBe(true);
  await signIn("ada");
  expect(await both).toEqual([{ keys: [] }, { keys: [] }]);
  expect([state.value, asking.value]).toEqual(["in", false]);
});

it("goes on without a question when somebody signed in in another window", async () => {
  who = "ada";
  const { asking, keys } = await begin();
  let first = true;
  vi.stubGlobal("fetch", (input: Request) => {
    if (!first || !input.url.endsWith("/keys")) return Promise.resolve(serve(new Request(input)));
    first = false;
    return Promise.resolve(answer(401, {}));
  });
  expect(await keys()).toEqual({ keys: [] });
  expect(asking.value).toBe(false);
});

it("asks once: who declines gets the refusals, until they sign in", async () => {
  who = "ada";
  const { asking, keys, decline, signIn, principal } = await begin();
  who = null;
  const waiting = keys();
  await vi.waitFor(() => expect(asking.value).toBe(true));
  decline();
  await expect(waiting).rejects.toMatchObject({ status: 401 });
  await expect(keys()).rejects.toMatchObject({ status: 401 });
  expect([asking.value, principal.value?.id]).toEqual([false, "ada"]);
  await signIn("bea");
  expect(principal.value?.id).toBe("bea");
  expect(await keys()).toEqual({ keys: [] });
});

it("forgets who was here when they sign out", async () => {
  who = "ada";
  const { principal, state, signOut } = await begin();
  await signOut();
  expect([principal.value, state.value]).toEqual([undefined, "out"]);
});
