// What surrounds the elements on these pages. The elements know nothing of it.
import init from "/sparkweb-demo-site.js";

await init({ module_or_path: "/sparkweb-demo-site_bg.wasm" });
