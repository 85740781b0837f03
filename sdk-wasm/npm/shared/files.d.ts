/** How a picture is made smaller. */
export interface PrepareOptions {
  /**
   * The longest edge that it may have, in pixels: 2048 if nothing is said, `Infinity` to leave it as large as it is. A picture
   * that would come to more bytes so is left as large as it is.
   */
  maxEdge?: number;
  /** How good a JPEG or WebP is that is drawn anew, from 0 to 1: 0.85 if nothing is said. */
  quality?: number;
}

/** A file made fit to be sent. */
export interface Prepared {
  /** What to send. A name's end is another where the picture's kind is. */
  file: Blob & { readonly name?: string };
  /** How wide it is as it is seen, of a picture. */
  width?: number;
  /** How high. */
  height?: number;
  /** It is a picture that was larger. */
  isReduced: boolean;
  /**
   * Nothing is in it any more of what a camera notes: where, when, by what and by whom. `false` for what is no picture, and for
   * pictures that this browser can't read, which are as they were.
   */
  isClean: boolean;
}

/**
 * Makes a file fit to be sent. A picture that is larger is drawn anew, the right way up; of any other, what is no part of the
 * picture is cut out, and its pixels stay. What moves stays as large as it is, and goes on moving. All else stays as it is.
 */
export function prepare(file: Blob, options?: PrepareOptions): Promise<Prepared>;
