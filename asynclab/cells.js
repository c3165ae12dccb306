/* What all panels of inputs share: controls, questions and arrangements. cells.py puts it before
 * the module of each, since a widget loads one module alone.
 */

const PATIENCE = 500; // milliseconds until a missing answer is worth a sentence
const LOST = "Not connected to a kernel any more: run the cell again to go on.";

/** An id that no other view on the page has; each widget loads this module for itself. */
const newId = () => `al-${Math.random().toString(36).slice(2)}`;

const element = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

/** Without this, JupyterLab takes arrow keys and Space for notebook commands: its rules match the
 *  focused node itself, so the mark has to be there, and not only on a node around it. */
function keepKeys(frame) {
  for (const node of frame.querySelectorAll("input, select, button, [tabindex]")) {
    node.dataset.lmSuppressShortcuts = "true";
  }
}

/** Listens to events of the model; returns what ends it. */
function listen(model, events) {
  for (const [event, callback] of Object.entries(events)) model.on(event, callback);
  return () => {
    for (const [event, callback] of Object.entries(events)) model.off(event, callback);
  };
}

/** The line of a panel in `el` that says why nothing comes from the kernel: it works, or is gone. */
function createStatus(el, awaited) {
  const node = element("p", { class: "al-status", role: "status" });
  const busy = `The kernel is busy. The ${awaited} follows as soon as it is free.`;
  let impatience = 0;
  const isLost = () => Boolean(el.closest(".jupyter-widgets-disconnected"));
  const say = (words) => { if (node.textContent !== words) node.textContent = words; };

  function rest() {
    clearTimeout(impatience);
    say(isLost() ? LOST : "");
  }

  function wait() {
    clearTimeout(impatience);
    impatience = setTimeout(() => say(isLost() ? LOST : busy), PATIENCE);
  }

  return { node, isLost, rest, wait };
}

