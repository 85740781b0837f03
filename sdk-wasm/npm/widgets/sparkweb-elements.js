// For a script tag: defines the elements, for the gateway that this very file came from.
import { register } from "./sparkweb-widgets.js";

await register({ gateway: new URL("../..", import.meta.url) });
