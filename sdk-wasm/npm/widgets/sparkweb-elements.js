// For a script tag: defines the elements. Where nobody names a gateway they mean that which this very file came from.
import { register } from "./sparkweb-widgets.js";

await register();
