// Who has signed on, from `/api/me`.

import { api } from "./client";

export interface Me {
  login: string;
  name: string;
  mails: string[];
  groups: string[];
  /** Whether the administration shows itself. */
  administers: boolean;
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
}

export const person = new Person();
