// Runs in the page, before its own script: finds things by role and name, and keeps what leaves the page.
(() => {
  const roles = {
    button: "button, [role=button], summary",
    link: "a[href]",
    radio: "input[type=radio], [role=radio]",
    checkbox: "input[type=checkbox]",
    slider: "input[type=range], [role=slider]",
    combobox: "select",
    textbox: "textarea, input[type=text], input[type=search], input:not([type])",
    spinbutton: "input[type=number]",
    file: "input[type=file]",
    application: "[role=application]",
    img: "[role=img], img",
  };
  const interactive = "button, a[href], input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1']), [role=button], [role=radio], [role=slider], [role=application]";

  const clean = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const visible = (element) => element.checkVisibility({ visibilityProperty: true });

  function spoken(element) {
    if (element.getAttribute("aria-hidden") === "true") return "";
    const label = element.getAttribute("aria-label");
    if (label) return label;
    if (!(element instanceof Element)) return "";
    return [...element.childNodes].map((node) => (node.nodeType === Node.TEXT_NODE ? node.textContent : node instanceof Element ? spoken(node) : "")).join(" ");
  }

  function nameOf(element) {
    const by = element.getAttribute("aria-labelledby");
    if (by) return clean(by.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join(" "));
    const label = element.getAttribute("aria-label");
    if (label) return clean(label);
    if (element.labels?.length) {
      return clean([...element.labels].map((one) => one.querySelector(":scope > .label")?.textContent ?? spoken(one)).join(" "));
    }
    if (element.matches("select, input, textarea")) return clean(element.title || element.placeholder);
    return clean(spoken(element)) || clean(element.title);
  }

  globalThis.webTest = {
    find: (role, name, root) =>
      [...(root ?? document).querySelectorAll(roles[role])].find((element) => (visible(element) || element.matches(".unseen, .segments input")) && nameOf(element) === name) ?? null,
    choiceOf: (label) => {
      const open = (element) => visible(element);
      const fields = [...document.querySelectorAll("fieldset.choice, label.field")].filter(open);
      return fields.find((field) => clean(field.querySelector("legend, .label")?.textContent) === label) ?? null;
    },
    nameless: () => [...document.querySelectorAll(interactive)].filter((element) => visible(element) && nameOf(element) === "").map((element) => element.outerHTML.slice(0, 160)),
    /** What is wider than the page, other than inside of boxes that scroll. */
    wide: () => {
      const room = document.documentElement.clientWidth;
      const scrolls = (element) => {
        for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) if (getComputedStyle(up).overflowX !== "visible") return true;
        return false;
      };
      return [...document.body.querySelectorAll("*")]
        .filter((element) => visible(element) && !element.closest(".unseen, .katex-mathml, svg svg *") && element.getBoundingClientRect().right > room + 1 && !scrolls(element))
        .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""} to ${Math.round(element.getBoundingClientRect().right)} of ${room}`)
        .slice(0, 5);
    },
    words: () => {
      const found = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (!parent || parent.closest("script, style, noscript, .katex") || !visible(parent)) continue;
        if (clean(walker.currentNode.textContent) !== "") found.push(clean(walker.currentNode.textContent));
      }
      for (const element of document.querySelectorAll("[aria-label], [title]")) {
        if (visible(element)) found.push(...["aria-label", "title"].map((attribute) => clean(element.getAttribute(attribute))).filter((text) => text !== ""));
      }
      return found;
    },
    copied: "",
    files: [],
  };

  Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => void (webTest.copied = text) }, configurable: true });
  const click = HTMLAnchorElement.prototype.click;
  const blobs = new Map();
  const createObjectURL = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    const url = createObjectURL.call(URL, blob);
    blobs.set(url, blob);
    return url;
  };
  HTMLAnchorElement.prototype.click = function () {
    if (!this.hasAttribute("download")) return click.call(this);
    void blobs.get(this.href)?.arrayBuffer().then((buffer) => webTest.files.push({ name: this.download, bytes: [...new Uint8Array(buffer)] }));
  };
})();
