// Elements that few pages have, as far as every page loads them: the tags. What one shows comes when it is met, by itself, so
// that it costs those nothing who have none.
import { showLater } from "./later.js";

/** `connect` gives the client of a gateway; `adoptStyles` gives a shadow root the elements' style. */
export function defineOnDemand(connect, adoptStyles) {
  const define = (tag, load, attributes = []) => {
    if (customElements.get(tag)) return;

    async function open(host) {
      const { mount } = await load();
      return mount(host, host.shadowRoot, await connect(host.getAttribute("gateway") ?? ""));
    }

    class SparkElement extends HTMLElement {
      static observedAttributes = ["gateway", ...attributes];
      #end;

      constructor() {
        super();
        adoptStyles(this.attachShadow({ mode: "open" }));
      }

      connectedCallback() {
        queueMicrotask(() => this.#settle());
      }

      disconnectedCallback() {
        this.connectedCallback();
      }

      attributeChangedCallback() {
        if (this.#end) this.#close();
        this.connectedCallback();
      }

      // A move within the page disconnects and connects at once: by the time this runs, nothing has happened.
      #settle() {
        if (this.isConnected === Boolean(this.#end)) return;
        if (this.isConnected) this.#end = showLater(this.shadowRoot, () => open(this));
        else this.#close();
      }

      #close() {
        this.#end();
        this.#end = undefined;
      }
    }

    customElements.define(tag, SparkElement);
  };
  define("spark-security", () => import("./spark-security.js"));
  define("spark-notifications", () => import("./spark-notifications.js"), ["worker", "scope"]);
}
