/** Roles and keys, as the pages need them. */
import type { Schemas } from "@/client/api";

export type Role = Schemas["Role"];
export const ROLES: Role[] = ["viewer", "runner", "author", "operator"];

/** A role and those that may do less. */
export const rolesUpTo = (role: Role): Role[] => ROLES.slice(0, ROLES.indexOf(role) + 1);

/** Whether a key opens something. */
export function stateOf(key: Pick<Schemas["Key"], "revoked" | "expires">, now = Date.now()) {
  if (key.revoked) return "revoked" as const;
  return key.expires && key.expires * 1000 <= now ? ("expired" as const) : ("works" as const);
}
