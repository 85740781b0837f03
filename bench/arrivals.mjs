// When the one message under way is there.

/** A message lost is a failure, not a very long wait. */
const LOST_AFTER_MS = 10_000;

export class Arrivals {
  #body;
  #resolve;

  of(body) {
    const { promise, resolve, reject } = withResolvers();
    this.#body = body;
    const deadline = setTimeout(() => reject(new Error(`${body} did not arrive`)), LOST_AFTER_MS);
    const from = performance.now();
    this.#resolve = () => {
      clearTimeout(deadline);
      resolve(performance.now() - from);
    };
    return promise;
  }

  saw(body) {
    if (body === this.#body) this.#resolve();
  }
}

function withResolvers() {
  let resolve;
  let reject;
  const promise = new Promise((ok, no) => ([resolve, reject] = [ok, no]));
  return { promise, resolve, reject };
}
