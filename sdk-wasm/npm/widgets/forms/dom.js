// Making and filling elements. Text reaches the page as text nodes only.

const SVG = "http://www.w3.org/2000/svg";
let last = 0;

/** A name that no other element of the shadow root has. */
export function unique(name) {
  last += 1;
  return `${name}-${last}`;
}

/** An element: attributes, `onevent` listeners, and children. What is `undefined`, `null` or `false` is left out. */
export function h(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

/** The same in SVG. */
export function svg(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

function furnish(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...present(children));
  return element;
}

/** Those that are there. */
export function present(children) {
  return children.flat().filter((child) => child !== undefined && child !== null && child !== false);
}

const ICONS = {
  app: "M6.5 2.5h7A1.5 1.5 0 0 1 15 4v12a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 5 16V4a1.5 1.5 0 0 1 1.5-1.5ZM9 15h2",
  bell: "M4.5 14.5c1.2-1.2 1.5-2.6 1.5-6a4 4 0 0 1 8 0c0 3.4.3 4.8 1.5 6ZM8.5 17h3",
  chat: "M4.5 4h11A1.5 1.5 0 0 1 17 5.5v7a1.5 1.5 0 0 1-1.5 1.5H9.5L6 17v-3H4.5A1.5 1.5 0 0 1 3 12.5v-7A1.5 1.5 0 0 1 4.5 4Z",
  check: "M4.5 10.5l3.5 3.5 7.5-8",
  device: "M4 4.5h12A1 1 0 0 1 17 5.5v7a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1ZM7.5 16.5h5M10 13.5v3",
  eye: "M2 10s3-5.5 8-5.5 8 5.5 8 5.5-3 5.5-8 5.5S2 10 2 10ZM12.3 10a2.3 2.3 0 1 1-4.6 0 2.3 2.3 0 0 1 4.6 0Z",
  eyeShut:
    "M2 10s3-5.5 8-5.5 8 5.5 8 5.5-3 5.5-8 5.5S2 10 2 10ZM12.3 10a2.3 2.3 0 1 1-4.6 0 2.3 2.3 0 0 1 4.6 0ZM4 16 16 4",
  key: "M11 7.2a3.7 3.7 0 1 1-7.4 0 3.7 3.7 0 0 1 7.4 0ZM2.5 17c.3-2.6 2.2-4.3 4.8-4.3.9 0 1.7.2 2.4.6M17.5 9.3a2 2 0 1 1-4 0 2 2 0 0 1 4 0ZM15.5 11.3V17l1.3-1.2M15.5 14.3h1.3",
  phone: "M6.5 2.5h7A1.5 1.5 0 0 1 15 4v12a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 5 16V4a1.5 1.5 0 0 1 1.5-1.5ZM9 15h2",
  script: "M6.5 6.5 3 10l3.5 3.5M13.5 6.5 17 10l-3.5 3.5M11.5 5l-3 10",
  warning: "M10 3.5 17 16H3L10 3.5ZM10 8.5V12M10 14v.01",
  offline: "M3 3l14 14M5.6 8.1A3.4 3.4 0 0 0 6.3 15H14M8.4 5.3a4.8 4.8 0 0 1 6.2 3.6 3.1 3.1 0 0 1 2 5",
  shield: "M10 2.5 16 5v4.5c0 3.8-2.5 6.6-6 8-3.5-1.4-6-4.2-6-8V5l6-2.5ZM7.3 10l2 2 3.5-4",
};

/** A picture beside words. */
export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

/** A button. `kind` is `primary`, `quiet` or `quiet danger`. While what it does lasts it is busy, and does nothing more. */
export function button(words, act, { kind = "quiet", type = "button", label } = {}) {
  const element = h("button", { type, class: `button ${kind}`, part: "button", "aria-label": label }, words);
  if (act) element.addEventListener("click", () => during(element, act));
  return element;
}

/** Does something that takes time, once at a time for this button. */
export async function during(element, act) {
  if (element.getAttribute("aria-disabled") === "true") return;
  element.setAttribute("aria-disabled", "true");
  const spinner = h("span", { class: "busy", "aria-hidden": "true" });
  // What takes less than this needs no spinner.
  const shown = setTimeout(() => element.prepend(spinner), 200);
  try {
    await act();
  } finally {
    clearTimeout(shown);
    spinner.remove();
    element.removeAttribute("aria-disabled");
  }
}

/** Something that went wrong, announced when it is said. */
export function complaint() {
  const element = h("div", { "aria-live": "polite" });
  let counting;
  const say = (...children) => {
    clearInterval(counting);
    const line = present(children);
    element.replaceChildren(...(line.length ? [h("div", { class: "error" }, icon("warning"), h("span", {}, ...line))] : []));
  };
  /** Says how long there is yet to wait; the number alone changes, and is not read out each second. At its end does something. */
  const countDown = (words, seconds, act = () => {}) => {
    const number = h("span", { "aria-hidden": "true" }, ` ${seconds} s`);
    say(words, number);
    let left = seconds;
    counting = setInterval(() => {
      left -= 1;
      if (!element.isConnected) clearInterval(counting);
      else if (left <= 0) {
        say();
        act();
      } else number.textContent = ` ${left} s`;
    }, 1000);
  };
  return { element, say, countDown };
}

/**
 * A field with its label, what is to be said about it, and what is wrong with it. `mark` says that, and `complain` goes there
 * besides. `dress` puts the input into something.
 */
export function field(label, attributes = {}, hint, dress = (input) => input) {
  const id = unique("field");
  const [hintId, errorId] = [`${id}-hint`, `${id}-error`];
  const error = complaint();
  error.element.id = errorId;
  const input = h("input", {
    id,
    class: "field",
    part: "field",
    spellcheck: "false",
    autocapitalize: "none",
    "aria-describedby": hint ? `${hintId} ${errorId}` : errorId,
    oninput: () => clear(),
    ...attributes,
  });
  const clear = () => {
    input.removeAttribute("aria-invalid");
    error.say();
  };
  const mark = (...words) => {
    input.setAttribute("aria-invalid", "true");
    error.say(...words);
  };
  const complain = (...words) => {
    mark(...words);
    input.focus();
    input.select();
  };
  const element = h(
    "div",
    { class: "labelled" },
    h("label", { for: id }, label),
    hint && h("p", { class: "hint", id: hintId }, hint),
    dress(input),
    error.element,
  );
  return { element, input, mark, complain, clear, countDown: error.countDown };
}

/** The same, set apart from what is around it. */
export function panelForm(submit, act, ...children) {
  return h("div", { class: "sheet" }, form(submit, act, ...children));
}

/** A form that does something when it is sent. */
export function form(submit, act, ...children) {
  return h(
    "form",
    {
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        during(submit, act);
      },
    },
    ...children,
  );
}
