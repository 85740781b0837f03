// Files: made fit to be sent, and sent. In a file of its own, which is loaded with the first.
export { prepare } from "./prepare.js";
export { upload } from "./upload.js";
