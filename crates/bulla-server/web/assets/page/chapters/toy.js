// A toy in chapter 3: an HS256 token whose hash is computed again at every keystroke. It never leaves the page.

import { html, useSignal, useSignalEffect } from "../../vendor/preact.js";
import { encode, toBase64url } from "../token/jwt.js";
import { canSeal, hmac } from "../token/seal.js";

const HEADER = encode({ alg: "HS256", typ: "JWT" });
const NONE = new Uint8Array(32);

/** @param {string} text */
const covered = (text) => `${HEADER}.${toBase64url(new TextEncoder().encode(text))}`;

export default function Toy() {
  const payload = useSignal('{"sub":"ada","role":"reader"}');
  const secret = useSignal("a secret of the issuer");
  const hash = useSignal(NONE);
  const seal = useSignal(/** @type {Uint8Array | null} */ (null));
  useSignalEffect(() => {
    if (!canSeal) return;
    const [key, text] = [secret.value, covered(payload.value)];
    // WebCrypto knows no key without a byte.
    hmac(key || "\0", text).then((bytes) => {
      if (key !== secret.peek() || text !== covered(payload.peek())) return;
      hash.value = bytes;
      seal.value ??= bytes;
    });
  });
  if (!canSeal) return html`<p>Browsers let a page compute it only over HTTPS or on this machine.</p>`;
  const sealed = seal.value ?? NONE;
  const differing = sealed.filter((byte, index) => byte !== hash.value[index]).length;
  return html`<div class="toy-body">
    <div class="toy-fields">
      <label>Payload<textarea rows="2" spellcheck=${false} autocomplete="off" value=${payload} onInput=${set(payload)}></textarea></label>
      <label>Secret<input spellcheck=${false} autocomplete="off" value=${secret} onInput=${set(secret)} /></label>
      <p class="actions"><button type="button" class="quiet" onClick=${() => (seal.value = hash.value)}>Seal it anew</button></p>
    </div>
    <div class="toy-hash">
      <p class="toy-text"><span class="part-header">${HEADER}</span>.<span class="part-payload">${covered(payload.value).slice(HEADER.length + 1)}</span></p>
      <h4>The seal that it came with</h4>
      <${Bytes} bytes=${sealed} other=${null} />
      <h4>Computed again</h4>
      <${Bytes} bytes=${hash.value} other=${sealed} />
      <p class="toy-verdict" role="status" data-accepted=${differing === 0}>
        ${differing === 0 ? "The same: the seal is whole." : `${differing} of 32 bytes differ: refused.`}
      </p>
    </div>
  </div>`;
}

/** @param {{ bytes: Uint8Array, other: Uint8Array | null }} properties */
function Bytes({ bytes, other }) {
  return html`<ol class="cells" aria-hidden="true">${Array.from(
    bytes,
    (byte, index) => html`<li data-differs=${other !== null && byte !== other[index]}>${byte.toString(16).padStart(2, "0")}</li>`,
  )}</ol>`;
}

/** @param {import("../../vendor/preact.js").Signal<string>} target */
const set = (target) => (/** @type {{ currentTarget: HTMLInputElement | HTMLTextAreaElement }} */ event) => {
  target.value = event.currentTarget.value;
};
