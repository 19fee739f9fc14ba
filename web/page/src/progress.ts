// What has been solved and written, kept by the browser if it may.

export type Language = "notation" | "javascript";

type Drafts = Record<string, Partial<Record<Language, string>>>;

const place = "xgrad.gradients";

export class Progress {
  private solved = new Set<string>();
  private drafts: Drafts = {};

  constructor() {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(place) ?? "{}");
      if (typeof kept !== "object" || kept === null) return;
      const { solved, drafts } = kept as { solved?: unknown; drafts?: unknown };
      if (Array.isArray(solved)) this.solved = new Set(solved.filter((id) => typeof id === "string"));
      if (typeof drafts === "object" && drafts !== null) this.drafts = drafts as Drafts;
    } catch {
      // Nothing is kept: storage is forbidden, or holds something else.
    }
  }

  has(problem: string): boolean {
    return this.solved.has(problem);
  }

  solve(problem: string): void {
    this.solved.add(problem);
    this.keep();
  }

  draft(problem: string, language: Language): string | null {
    const text: unknown = this.drafts[problem]?.[language];
    return typeof text === "string" ? text : null;
  }

  write(problem: string, language: Language, source: string): void {
    (this.drafts[problem] ??= {})[language] = source;
    this.keep();
  }

  forget(): void {
    this.solved.clear();
    this.drafts = {};
    this.keep();
  }

  private keep(): void {
    try {
      localStorage.setItem(place, JSON.stringify({ solved: [...this.solved], drafts: this.drafts }));
    } catch {
      // It lasts as long as the page is open.
    }
  }
}
