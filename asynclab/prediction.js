/* The question of lab.predict: asks, sends the guess, shows the comparison that comes back.
 *
 * A number is typed, an option chosen, an order made with buttons: all of it native, so that the
 * keyboard alone is enough.
 */

/* Each kind of question: its inputs, and the guess that they hold (null: none yet). */
const KINDS = {
  number: ({ task, unit, note }, id) => {
    const input = element("input", { type: "number", step: "any", required: "", id: `${id}-input`, inputmode: "decimal" });
    const label = element("label", { for: input.id }, unit ? `${task}, in ${unit}` : task);
    const node = element("div", { class: "al-number" }, label, input);
    if (note) {
      node.append(element("p", { class: "al-status", id: `${id}-note` }, note));
      input.setAttribute("aria-describedby", `${id}-note`);
    }
    return { node, guess: () => (input.value === "" ? null : Number(input.value)), first: () => input };
  },

  choice: ({ text, items }, id) => {
    const node = element("div", { class: "al-options", role: "radiogroup", "aria-label": text });
    items.forEach((words, i) => {
      const input = element("input", { type: "radio", name: id, value: i, required: "" });
      node.append(element("label", {}, input, ` ${words}`));
    });
    const inputs = [...node.querySelectorAll("input")];
    const chosen = () => inputs.find((input) => input.checked);
    return { node, guess: () => (chosen() ? Number(chosen().value) : null), first: () => chosen() || inputs[0] };
  },

  order: ({ task, items }, id, say) => {
    const list = element("ol", { class: "al-order", "aria-label": task });
    const node = element("div", {}, element("p", { class: "al-task" }, task), list);
    const rows = items.map((words, i) => {
      const button = (sign, way, change) => {
        const made = element("button", { type: "button", "aria-label": `Move ${words} ${way}`, title: `Move ${way}` }, sign);
        made.addEventListener("click", () => move(row, change, made));
        return made;
      };
      const row = element("li", { "data-item": i });
      row.append(button("↑", "up", -1), button("↓", "down", 1), element("span", {}, words));
      return row;
    });
    const move = (row, change, pressed) => {
      const order = [...list.children];
      const place = order.indexOf(row) + change;
      if (place >= 0 && place < order.length) {
        if (change < 0) order[place].before(row);
        else order[place].after(row);
        pressed.focus(); // a node that moves loses it
      }
      say(`${items[row.dataset.item]}: place ${[...list.children].indexOf(row) + 1} of ${items.length}`);
    };
    list.append(...rows);
    return {
      node,
      guess: () => [...list.children].map((row) => Number(row.dataset.item)),
      first: () => list.querySelector("button"),
    };
  },
};

/** The comparison: what was predicted, what was measured, and why they may differ. */
function comparison({ right, guess, measured, meaning }) {
  const facts = element("dl");
  for (const [name, value] of [["predicted", guess], ["measured", measured]]) {
    facts.append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  }
  const words = element("p", { class: "al-verdict", "data-right": right }, right ? "✓ As predicted." : "≠ Not as predicted.");
  return [facts, words, ...(meaning ? [element("p", { class: "al-meaning" }, meaning)] : [])];
}

/** anywidget's entry point: puts the question into `el`, returns the clean-up. */
function render({ model, el }) {
  const id = newId();
  const question = model.get("question");
  const frame = element("div", { class: "al al-question" });
  const live = element("p", { class: "al-live", role: "status" });
  const status = createStatus(el, "comparison");
  const inputs = KINDS[question.kind](question, id, (words) => { live.textContent = words; });
  const commit = element("button", { type: "submit", class: "al-commit" }, "Commit");
  const form = element("form", {}, inputs.node, commit);
  const outcome = element("div", { class: "al-outcome", tabindex: "-1", role: "group", "aria-label": "Comparison" });
  const again = element("button", { type: "button" }, "Try again");
  const answered = element("div", { class: "al-answered" }, outcome, again);
  frame.append(element("p", { class: "al-asked" }, question.text), form, answered, status.node, live);
  keepKeys(frame);
  el.append(frame);

  let waiting = false; // for the kernel's answer to something that was pressed here

  function send(guess) {
    waiting = true;
    status.wait();
    model.set("guess", guess);
    model.save_changes();
  }

  function show() {
    const verdict = model.get("verdict");
    const done = "measured" in verdict;
    form.hidden = done;
    answered.hidden = !done;
    outcome.replaceChildren(...(done ? comparison(verdict) : []));
    frame.dataset.answered = String(done);
    if (waiting) {
      (done ? outcome : inputs.first()).focus();
      live.textContent = done ? outcome.innerText : "";
    }
    waiting = false;
    showConnection();
  }

  function showConnection() {
    status.rest();
    for (const button of [commit, again]) button.disabled = status.isLost();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const guess = inputs.guess();
    if (guess !== null) send(guess);
  });
  form.addEventListener("keydown", (event) => {
    // JupyterLab keeps a form from being sent by the Enter key, except by a button.
    if (event.key !== "Enter" || event.target.matches("button")) return;
    event.preventDefault();
    form.requestSubmit();
  });
  again.addEventListener("click", () => send(null));
  const stopListening = listen(model, { "change:verdict": show, comm_live_update: showConnection });
  show();

  return () => {
    stopListening();
    status.rest();
    frame.remove();
  };
}

export default { render };
