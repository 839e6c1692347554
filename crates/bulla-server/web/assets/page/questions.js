// The question at the end of each chapter: checked here, answered in index.html.

/** Lets every question be answered. */
export function ask() {
  for (const form of document.querySelectorAll("form[data-question]")) enliven(/** @type {HTMLFormElement} */ (form));
}

/** @param {HTMLFormElement} form */
function enliven(form) {
  const details = form.querySelector("details");
  const button = Object.assign(document.createElement("button"), { type: "submit", textContent: "Check" });
  const told = document.createElement("p");
  told.className = "told";
  told.setAttribute("role", "status");
  details?.before(button, told);
  if (details) details.hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = judged(form);
    told.dataset.right = String(wrong === null);
    told.textContent = wrong ?? "Right.";
    form.dataset.solved = String(wrong === null);
    if (wrong === null && details) Object.assign(details, { hidden: false, open: true });
  });
}

/**
 * What is wrong with the answers; `null`: nothing.
 *
 * @param {HTMLFormElement} form
 */
function judged(form) {
  const fieldsets = [...form.querySelectorAll("fieldset")];
  const chosen = fieldsets.map((fieldset) => /** @type {HTMLInputElement | null} */ (fieldset.querySelector("input:checked")));
  if (chosen.includes(null)) return fieldsets.length > 1 ? "Choose one for each." : "Choose one.";
  const right = fieldsets.map((fieldset, index) => fieldset.dataset.answer === chosen[index]?.value);
  fieldsets.forEach((fieldset, index) => (fieldset.dataset.right = String(right[index])));
  const missed = right.filter((is) => !is).length;
  if (missed === 0) return null;
  return chosen[right.indexOf(false)]?.dataset.hint ?? `${missed} of ${right.length} ${missed === 1 ? "is" : "are"} something else.`;
}
