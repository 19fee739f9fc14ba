// What a link to the page holds: "#look?net=bouvrie&digit=12".

import type { State } from "./app";

export interface Address extends State {
  view(): string;
  /** The link to a view with all that is chosen now. */
  link(view: string): string;
  go(view: string): void;
}

function parse(): { view: string; values: URLSearchParams } {
  const [view, query] = location.hash.slice(1).split("?", 2);
  return { view: view || "look", values: new URLSearchParams(query ?? "") };
}

/** The address of the page. @param onView  called with the view that a link or the browser's buttons lead to */
export function address(onView: (view: string) => void, onChange: () => void): Address {
  let { view, values } = parse();
  const session = String(performance.timeOrigin);
  const link = (to: string) => {
    const query = values.toString();
    return query === "" ? `#${to}` : `#${to}?${query}`;
  };
  const write = () => history.replaceState({ session }, "", link(view));

  // The browser's buttons lead to another view, and what was chosen stays. Another link is another state: the page begins anew.
  addEventListener("popstate", (event) => {
    const next = parse();
    const known = (event.state as { session?: string } | null)?.session === session;
    if (!known && next.values.toString() !== values.toString()) return location.reload();
    view = next.view;
    write();
    onView(view);
  });
  return {
    get: (key) => values.get(key),
    set(key, value) {
      if (values.get(key) === value) return;
      if (value === null) values.delete(key);
      else values.set(key, value);
      write();
      onChange();
    },
    view: () => view,
    link,
    go(to) {
      view = to;
      history.pushState({ session }, "", link(view));
      onView(view);
      scrollTo({ top: 0, behavior: "instant" });
    },
  };
}
