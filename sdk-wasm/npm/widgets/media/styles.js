// What only files and previews have rules for. The tokens (`--_name`) are the shared sheet's.

export const styles = `
.media {
  white-space: normal;
  unicode-bidi: normal;
}

/* How far a message has come floats at the end of a line, and here there may be none. */
.bubble:has(> .media) {
  display: flow-root;
}

.bubble .file .size {
  display: inline-block;
}

/* What is shown stands in the place of the link. */
.media:is(.picture, .player) + .file {
  display: none;
}

.media .about {
  display: flex;
  flex: 1;
  flex-direction: column;
  min-inline-size: 0;
  text-align: start;
}

.media .about > :not(.name, .title) {
  color: var(--_text-muted);
  font-size: var(--_font-size-small);
}

/* Nearer to the edge of the bubble than writing is. */
.bubble > .media:is(.picture, .film, .preview) {
  margin-inline: -6px;
}

.bubble > [data-body]:not(:empty) ~ .media {
  margin-block-start: 6px;
}

.bubble > [data-body]:empty + .media:is(.picture, .film) {
  margin-block-start: -1px;
}

.picture.media {
  position: relative;
  display: flex;
  flex-direction: column;
  align-items: center;
  justify-content: center;
  gap: 4px;
  min-inline-size: 48px;
  max-inline-size: calc(100% + 12px);
  overflow: hidden;
  border-radius: calc(var(--_radius-large) - 6px);
  background: color-mix(in oklab, var(--_text), transparent 92%);
}

.picture.media > img {
  display: block;
  inline-size: 100%;
  block-size: 100%;
  object-fit: cover;
  cursor: zoom-in;
}

.picture.media:focus-visible {
  outline-offset: -2px;
  box-shadow: inset 0 0 0 4px var(--_surface);
}

.picture.offer {
  min-inline-size: min(200px, 100%);
  min-block-size: 88px;
  padding: 12px;
}

.picture.offer .name {
  max-inline-size: 100%;
  color: var(--_text-muted);
  font-size: var(--_font-size-small);
  overflow-wrap: anywhere;
}

.picture.offer .act {
  color: var(--_accent);
  font-weight: 500;
}

.picture.coming {
  cursor: default;
  animation: media-coming 1.6s ease-in-out infinite alternate;
}

@keyframes media-coming {
  to {
    background: color-mix(in oklab, var(--_text), transparent 95%);
  }
}

.player {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 4px 10px;
  min-inline-size: 0;
}

.player.sound {
  inline-size: 300px;
  max-inline-size: 100%;
}

.player.film {
  inline-size: var(--_widest);
  max-inline-size: calc(100% + 12px);
}

.player .start {
  display: grid;
  place-items: center;
  min-inline-size: 44px;
  min-block-size: 44px;
  border-radius: 999px;
}

.player .disc {
  display: grid;
  place-items: center;
  inline-size: 40px;
  block-size: 40px;
  border-radius: 999px;
  background: var(--_accent);
  color: var(--_text-on-accent);
}

.player .disc .icon {
  fill: currentColor;
}

.player .start[aria-busy] .disc {
  animation: media-disc 600ms ease-in-out infinite alternate;
}

@keyframes media-disc {
  to {
    opacity: 0.45;
  }
}

.player.film .start,
.player video {
  inline-size: 100%;
  block-size: auto;
  aspect-ratio: var(--_shape);
  max-block-size: 400px;
  border-radius: calc(var(--_radius-large) - 6px);
  background: color-mix(in oklab, var(--_text), transparent 92%);
}

.player video {
  background: #000;
  object-fit: contain;
}

.player audio {
  inline-size: 100%;
  block-size: 44px;
}

.player.film .about {
  padding-inline-start: 6px;
}

.player > .icon-button {
  margin-inline-end: -6px;
}

.complaint {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  column-gap: 4px;
  color: var(--_text-muted);
  font-size: var(--_font-size-small);
}

.complaint .button {
  min-block-size: 32px;
  padding: 4px 8px;
}

.media.fetching {
  display: inline-block;
  inline-size: 14px;
  block-size: 14px;
  border: 2px solid color-mix(in oklab, currentColor, transparent 70%);
  border-block-start-color: currentColor;
  border-radius: 999px;
  animation: media-turn 700ms linear infinite;
}

@keyframes media-turn {
  to {
    rotate: 1turn;
  }
}

.bubble .preview {
  display: flex;
  align-items: stretch;
  gap: 12px;
  padding: 8px 10px;
  overflow: hidden;
  border-radius: calc(var(--_radius-large) - 6px);
  background: color-mix(in oklab, var(--_text), transparent 95%);
  color: var(--_text);
  text-decoration: none;
  transition: background-color var(--_ease);
}

.bubble .preview:hover {
  background: color-mix(in oklab, var(--_text), transparent 91%);
}

.preview .title,
.preview .description {
  display: -webkit-box;
  -webkit-box-orient: vertical;
  -webkit-line-clamp: 2;
  overflow: hidden;
  unicode-bidi: isolate;
}

.preview .title {
  font-weight: 600;
}

.preview .site {
  margin-block-start: 2px;
}

.preview .picture {
  flex: none;
  inline-size: 72px;
  margin-block: -8px;
  margin-inline-end: -10px;
  min-block-size: 72px;
  background: color-mix(in oklab, var(--_text), transparent 94%);
}

.preview .picture img {
  display: block;
  inline-size: 100%;
  block-size: 100%;
  object-fit: cover;
}

.viewer {
  inline-size: 100vw;
  block-size: 100dvh;
  max-inline-size: none;
  max-block-size: none;
  margin: 0;
  padding: 0;
  border: 0;
  background: none;
  color: #fff;
  color-scheme: dark;
}

.viewer[open] {
  display: flex;
  flex-direction: column;
}

.viewer::backdrop {
  background: rgb(12 14 18 / 0.97);
}

.viewer .bar {
  display: flex;
  flex: none;
  align-items: center;
  gap: 4px;
  padding: 8px 8px 8px 16px;
}

.viewer .about {
  display: flex;
  flex: 1;
  flex-direction: column;
  min-inline-size: 0;
}

.viewer .about .name {
  font-weight: 600;
}

.viewer .about span,
.viewer p {
  color: rgb(255 255 255 / 0.72);
  font-size: var(--_font-size-small);
}

.viewer .icon-button {
  inline-size: 44px;
  block-size: 44px;
  color: #fff;
}

.viewer .icon-button:hover {
  background: rgb(255 255 255 / 0.14);
  color: #fff;
}

.viewer :focus-visible {
  outline-color: #fff;
}

.viewer .stage {
  display: grid;
  flex: 1;
  place-items: center;
  min-block-size: 0;
  padding: 0 16px 16px;
}

.viewer img {
  max-inline-size: 100%;
  max-block-size: 100%;
  min-block-size: 0;
  object-fit: contain;
  border-radius: 4px;
}

.viewer p {
  flex: none;
  max-inline-size: 72ch;
  margin: 0 auto;
  padding: 0 16px 16px;
  text-align: center;
}

@media (forced-colors: active) {
  .picture.media,
  .player .disc,
  .bubble .preview {
    border: 1px solid;
  }
}
`;
