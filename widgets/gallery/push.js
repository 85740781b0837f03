// What `client.push()` would resolve to, in every state that <spark-notifications> shows.

const MINUTE = 60_000;
const now = Date.now();
const failure = (code, message) => Object.assign(new Error(message), { name: "SparkError", code });
const never = () => new Promise(() => {});

function device(id, name, minutes, rest = {}) {
  const toldAt = minutes === undefined ? {} : { pushed_at_ms: now - minutes * MINUTE };
  return { id, name, host: "updates.push.services.mozilla.com", key: "B", made_at_ms: now - 9e8, seen_at_ms: now, ...toldAt, ...rest };
}

const agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
const others = [device("2", "Firefox on Linux", 12), device("3", agent, 3 * 24 * 60), device("4", "The old laptop that stands in the kitchen, next to the bread", undefined, { refused: true })];
const settings = {
  bare: {},
  full: {
    shows: "sender",
    quiet: { from_minute: 22 * 60 + 30, to_minute: 7 * 60, zone: "Europe/Berlin" },
    muted: ["nurse@capulet.example", "paris@verona.example", "market@rooms.verona.example"],
  },
};

const STATES = {
  off: { permission: "granted" },
  unasked: { permission: "default" },
  asking: { permission: "default", subscribe: never },
  dismissed: { permission: "default", subscribe: async () => Promise.reject(failure("push_dismissed", "The browser was not allowed to show notifications. Press again to be asked.")) },
  denied: { permission: "denied" },
  on: { own: device("1", "Chrome on Linux", 5), settings: settings.full, others },
  trouble: { device: async () => Promise.reject(failure("push_unreachable", "The browser's push service can't be reached. Check the network, then try again; some browsers have none.")), settings: settings.full, others },
  incapable: { supported: false },
  nowhere: { settings: failure("unsupported", "There is no push.") },
  notkept: { subscribe: async () => Promise.reject(failure("push_not_remembered", "A sign-in that is not remembered is not pushed to.")) },
  slow: { own: device("1", "Chrome on Linux", 5), settings: settings.full, others, setSettings: never },
  fails: { own: device("1", "Chrome on Linux", 5), settings: settings.full, others, setSettings: async () => Promise.reject(failure("network", "The gateway can't be reached.")) },
};

export function pushFor(name) {
  const { supported = true, permission = "granted", own, others: rest = [], settings: kept = settings.bare, ...acts } = STATES[name];
  let [here, set, all] = [own, kept, own ? [own, ...rest] : rest];
  return async () => ({
    supported,
    permission,
    device: async () => here,
    devices: async () => all,
    settings: async () => (set instanceof Error ? Promise.reject(set) : set),
    setSettings: async (next) => (set = next),
    subscribe: async ({ name }) => {
      all = [(here = device("1", name)), ...all];
      return here;
    },
    unsubscribe: async () => {
      all = all.filter(({ id }) => id !== here.id);
      here = undefined;
    },
    remove: async (gone) => {
      all = all.filter(({ id }) => id !== gone);
    },
    ...acts,
  });
}
