// Work of which only the newest counts.

/** A function that runs one task at a time. Of those that come meanwhile, the newest runs next, and the others are dropped. */
export function latest(): (task: () => Promise<void>) => void {
  let next: (() => Promise<void>) | null = null;
  let running = false;
  return (task) => {
    next = task;
    if (running) return;
    running = true;
    void (async () => {
      while (next !== null) {
        const now = next;
        next = null;
        await now().catch(() => undefined);
      }
      running = false;
    })();
  };
}
