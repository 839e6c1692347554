// A token's three parts, each under a cover until it is unmasked: then as JSON, as the base64url that is sent, and as bytes.

import { html, useEffect, useId, useRef, useSignal } from "../../vendor/preact.js";
import { meaning, TIMES } from "../token/glossary.js";
import { decode, isEncrypted } from "../token/jwt.js";

/** @typedef {import("../token/jwt.js").Part} Part */
/** @typedef {"JSON" | "base64url" | "bytes"} View */

const SIGNATURE = "No JSON in here: only bytes that fit the other two parts, and no others.";

/** @param {{ token: string | undefined }} properties */
export function Parts({ token }) {
  const { header, payload, signature } = decode(token ?? "");
  const there = token !== undefined;
  return html`<div class="parts">
    <${Masked} name="header" title="Header" says="how it is sealed" part=${header} there=${there} />
    ${token && isEncrypted(token)
      ? html`<p class="sealed-in">This one is encrypted: five parts. Its holder reads the header, and no more. The lab <a href="#encrypted">Encrypted tokens</a> shows the others.</p>`
      : html`<${Masked} name="payload" title="Payload" says="what it says" part=${payload} there=${there} />
          <${Masked} name="signature" title="Signature" says="the seal" part=${signature} there=${there} />`}
  </div>`;
}

/**
 * @param {object} properties
 * @param {string} properties.name
 * @param {string} properties.title
 * @param {string} properties.says
 * @param {Part} properties.part
 * @param {boolean} properties.there
 */
function Masked({ name, title, says, part, there }) {
  const isJson = name !== "signature";
  const open = useSignal(false);
  const view = useSignal(/** @type {View} */ (isJson ? "JSON" : "bytes"));
  const id = useId();
  const views = /** @type {View[]} */ (isJson ? ["JSON", "base64url", "bytes"] : ["bytes", "base64url"]);
  const isOpen = open.value && there;
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  const turn = (/** @type {boolean} */ to) => {
    open.value = to && there;
    turned.current = true;
  };
  const turned = useRef(false);
  // What had the focus is gone: it goes on in what took its place.
  useEffect(() => {
    const next = /** @type {HTMLElement | null | undefined} */ (root.current?.querySelector(isOpen ? "[aria-pressed='true']" : ".cover"));
    if (turned.current) next?.focus();
  }, [isOpen]);
  return html`<div class=${`part of-${name}`} ref=${root} role="group" data-open=${isOpen} aria-labelledby=${id}>
    <header>
      <h3><b id=${id}>${title}</b> ${says}</h3>
      ${isOpen && html`<button type="button" class="fold" onClick=${() => turn(false)} aria-label=${`Mask the ${name}`}>mask</button>`}
    </header>
    ${isOpen
      ? html`<div class="views" role="group" aria-label=${`${title} as`}>
            ${views.map(
              (one) => html`<button type="button" aria-pressed=${view.value === one} onClick=${() => (view.value = one)}>${one}</button>`,
            )}
          </div>
          <div class="content" role="group" aria-label=${`${title} as ${view}`}><${Content} name=${name} part=${part} view=${view.value} /></div>`
      : html`<button type="button" class="cover" aria-disabled=${!there} aria-label=${there ? `Unmask the ${name}` : undefined} onClick=${() => turn(true)}>
          <span class="label">${there ? "Unmask" : "Nothing yet"}</span>
        </button>`}
  </div>`;
}

/** @param {{ name: string, part: Part, view: View }} properties */
function Content({ name, part, view }) {
  if (view === "base64url") return html`<p class="raw">${part.text || "empty"}</p>`;
  if (!part.bytes) return html`<p>This is no base64url.</p>`;
  if (view === "bytes") {
    return html`<p class="raw bytes">${Array.from(part.bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ") || "none"}</p>
      <p class="about">${part.bytes.length} bytes. ${name === "signature" ? SIGNATURE : "Read as UTF-8, they are the JSON."}</p>`;
  }
  if (!part.json) return html`<p>These bytes are no JSON object.</p>`;
  return html`<dl class="claims">${Object.entries(part.json).map(
    ([claim, value]) => html`<div>
      <dt>${claim}</dt>
      <dd><code>${JSON.stringify(value)}</code>${TIMES.has(claim) && html` <span>${time(value)}</span>`}
        <p>${meaning(name, claim)}</p></dd>
    </div>`,
  )}</dl>`;
}

/** @param {unknown} seconds */
function time(seconds) {
  const date = new Date(typeof seconds === "number" ? seconds * 1000 : NaN);
  return Number.isNaN(date.valueOf()) ? "" : date.toLocaleString();
}
