// Draws the site's icons as browsers and systems want them: `node demo-site/icons.mjs`. What it draws is kept beside the drawing.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { launch } from "../tests/browser/support/browser.mjs";

const assets = join(import.meta.dirname, "assets");
const drawing = await readFile(join(assets, "icon.svg"), "utf8");
const [, ground] = /<rect [^>]*fill="(#\w+)"/.exec(drawing);
const [, sign] = /<path d="([^"]+)"/.exec(drawing);

const svg = (inside) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20">${inside}</svg>`;
const whole = `<rect width="20" height="20" fill="${ground}"/>`;
/** The sign, so large of itself, in the middle. */
const signOf = (size) => `<path fill="#fff" transform="translate(10 10) scale(${size}) translate(-10 -10)" d="${sign}"/>`;

const ICONS = {
  "icon-192": [192, drawing],
  "icon-512": [512, drawing],
  // Cut to any shape, of which a circle of four fifths is left at the least.
  "icon-maskable-512": [512, svg(whole + signOf(0.85))],
  // The corners are cut by the system.
  "apple-touch-icon": [180, svg(whole + signOf(1))],
  // Of this only the shape is shown.
  "badge-96": [96, svg(signOf(1.3))],
};

const browser = await launch();
const page = await browser.newPage();
for (const [name, [size, picture]] of Object.entries(ICONS)) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: ${size}px; height: ${size}px }</style>${picture}`);
  await page.screenshot({ path: join(assets, `${name}.png`), omitBackground: true });
}
await browser.close();
