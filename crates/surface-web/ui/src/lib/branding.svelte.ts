// How the institution looks and what it offers, from `/branding.json`. Its colours come as a style sheet of the server's, which
// also sees to their contrast.

export interface LegalLink {
  address: string;
  label: Record<string, string>;
}

interface Answer {
  institution: string | null;
  /** By language. */
  name: Record<string, string>;
  colour: string;
  logo: string | null;
  favicon: string | null;
  legal: LegalLink[];
  languages: string[];
  tools: Record<string, boolean>;
}

class Branding {
  institution = $state("");
  #names = $state.raw<Record<string, string>>({});
  logo = $state<string | null>(null);
  icon = $state<string | null>(null);
  legal = $state.raw<LegalLink[]>([]);
  languages: string[] = [];
  #tools = $state.raw<Record<string, boolean>>({});

  /** In the reader's language, or in any. */
  get name(): string {
    return this.#names[document.documentElement.lang] ?? Object.values(this.#names)[0] ?? "";
  }

  /** Offline without a kept answer the office still starts, without a name. */
  async load(): Promise<void> {
    try {
      const response = await fetch("/branding.json");
      if (response.ok) this.#take((await response.json()) as Answer);
    } catch {
      // No network: the bar of the shell says so.
    }
  }

  /** Whether the institution gives its people a tool; one that it does not speak of is given. */
  has(tool: string): boolean {
    return this.#tools[tool] !== false;
  }

  #take(answer: Answer): void {
    this.institution = answer.institution ?? "";
    this.#names = answer.name;
    this.logo = answer.logo;
    this.icon = answer.favicon;
    this.legal = answer.legal;
    this.languages = answer.languages;
    this.#tools = answer.tools;
  }
}

export const branding = new Branding();
