// The one thing that Rust can't do: a class that extends HTMLElement. It holds no behaviour of its own.

/**
 * Defines a custom element, unless its name is taken. Each observed attribute has a property of the same name in camel
 * case.
 *
 * `mount(host, root)` answers with a number by which `change(number, attribute, value)` and `unmount(number)` know the
 * element afterwards.
 */
export function defineElement(tag, attributes, mount, change, unmount) {
  if (customElements.get(tag)) return;

  class SparkElement extends HTMLElement {
    static observedAttributes = attributes;
    #mounted = null;

    constructor() {
      super();
      this.attachShadow({ mode: "open" });
    }

    connectedCallback() {
      this.#adoptProperties();
      queueMicrotask(() => this.#settle());
    }

    disconnectedCallback() {
      queueMicrotask(() => this.#settle());
    }

    attributeChangedCallback(name, _before, value) {
      if (this.#mounted !== null) change(this.#mounted, name, value);
    }

    focus(options) {
      const target = this.shadowRoot.querySelector("[data-focus]");
      if (target) target.focus(options);
      else super.focus(options);
    }

    // A move within the page disconnects and connects at once: by the time this runs, nothing has happened.
    #settle() {
      if (this.isConnected === (this.#mounted !== null)) return;
      if (this.isConnected) {
        this.#mounted = mount(this, this.shadowRoot);
      } else {
        const mounted = this.#mounted;
        this.#mounted = null;
        unmount(mounted);
      }
    }

    // What a page set before the element was defined hides the accessor of the class.
    #adoptProperties() {
      for (const attribute of attributes) {
        const property = camelCase(attribute);
        if (!Object.hasOwn(this, property)) continue;
        const value = this[property];
        delete this[property];
        this[property] = value;
      }
    }
  }

  for (const attribute of attributes) {
    Object.defineProperty(SparkElement.prototype, camelCase(attribute), {
      configurable: true,
      enumerable: true,
      get() {
        return this.getAttribute(attribute);
      },
      set(value) {
        if (value === null || value === undefined || value === false) this.removeAttribute(attribute);
        else this.setAttribute(attribute, value === true ? "" : String(value));
      },
    });
  }

  customElements.define(tag, SparkElement);
}

/** The origin that this module was loaded from, where it came from the web. */
export function moduleOrigin() {
  const url = new URL(import.meta.url);
  return url.protocol === "https:" || url.protocol === "http:" ? url.origin : undefined;
}

function camelCase(name) {
  return name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
}
