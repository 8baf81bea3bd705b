// What can be done in this institution, from `/api/admin`: a directory may only be read.

import { api } from "../../lib/api/client";

interface About {
  writes: boolean;
  mail: boolean;
  files: boolean;
}

class Abilities {
  #about = $state.raw<About | null>(null);

  async load(): Promise<void> {
    this.#about ??= await api.get<About>("/api/admin");
  }

  /** Whether accounts and groups can be made and changed. */
  get writes(): boolean {
    return this.#about?.writes ?? true;
  }
}

export const abilities = new Abilities();
