// Who has signed on, from `/api/me`.

import { api } from "./client";

export interface Me {
  login: string;
  name: string;
  mails: string[];
  groups: string[];
  /** Whether the administration shows itself. */
  administers: boolean;
  institution: { id: string; name: string };
  tools: Record<string, boolean>;
  hasCalendars: boolean;
  hasContacts: boolean;
  hasExternalMail: boolean;
  /** When this session ends by itself. */
  expires: string | null;
  /** What a form of the plain pages carries, as signing out does. */
  formToken: string;
}

class Person {
  me = $state.raw<Me | null>(null);
  #asked: Promise<Me> | null = null;

  load(): Promise<Me> {
    this.#asked ??= api.get<Me>("/api/me").then(
      (me) => (this.me = me),
      (error: unknown) => {
        this.#asked = null;
        throw error;
      },
    );
    return this.#asked;
  }

  /** Asks again, since what a form carries is another one in each session. */
  renew(): Promise<Me> {
    this.#asked = null;
    return this.load();
  }

  /** Who has a session now, by the cookie alone and without waiting for one; `null` when nobody has. */
  async resumed(): Promise<"same" | "another" | null> {
    const response = await fetch("/api/me", { credentials: "same-origin", redirect: "error" }).catch(() => null);
    if (!response?.ok) return null;
    const me = (await response.json()) as Me;
    // Who it was is not known where the page never heard: it is not taken for the same.
    if (this.me?.login !== me.login) return "another";
    this.me = me;
    this.#asked = Promise.resolve(me);
    return "same";
  }
}

export const person = new Person();
