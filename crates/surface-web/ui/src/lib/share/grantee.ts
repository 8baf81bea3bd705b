// Whom something may be given to.

export interface Grantee {
  /** Of whom: what says it to the server. */
  to: string;
  kind: "person" | "group";
  name: string;
  address?: string | null;
}
