// What comes near the view of a timeline, and what is fetched then: a little at a time.

/** How near, in pixels: what is that near is there by the time that it is seen. */
const NEAR = 600;

/** The most that is fetched at once. The gateway has a limit too, which is all of a person's. */
const AT_ONCE = 3;

const waiting = [];
let running = 0;

function next() {
  while (running < AT_ONCE && waiting.length) {
    running += 1;
    waiting
      .shift()()
      .finally(() => {
        running -= 1;
        next();
      });
  }
}

/** Does something once there is room for it, unless that is called off before. */
export function inTurn(signal, act) {
  return new Promise((resolve, reject) => {
    waiting.push(async () => {
      if (!signal.aborted) await act().then(resolve, reject);
    });
    next();
  });
}

/** Watches what comes near the view of what scrolls. */
export function near(scroller) {
  const acts = new Map();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        const act = acts.get(target);
        leave(target);
        act?.();
      }
    },
    { root: scroller, rootMargin: `${NEAR}px 0px` },
  );
  const leave = (element) => {
    acts.delete(element);
    observer.unobserve(element);
  };
  return {
    /** Does something once, when this comes near. */
    await(element, act) {
      acts.set(element, act);
      observer.observe(element);
    },
    leave,
    end: () => observer.disconnect(),
  };
}

/** Whether whoever reads pays for what is fetched, or has little of it. */
export const isSparing = () => navigator.connection?.saveData === true;
