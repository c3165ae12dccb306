/* The learner's work as files: answers to hand in, and progress to carry to another machine. */

import { settled, withFiles } from "./landing.js";
import { zip } from "./zip.js";

const ANSWERS = /^exercises\/[^/]+\.ipynb$/;
const PROGRESS = "progress.json";
const WHO = "asynclab learner";

const say = (text) => {
  document.getElementById("handed").textContent = text;
};

function download(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/* ---- answers ------------------------------------------------------------------------------- */

/** The learner's name, as a folder can be called. */
function who() {
  const name = document.getElementById("who").value.trim();
  localStorage.setItem(WHO, name);
  return name.replace(/[^\p{L}\p{N} .-]/gu, "_").replace(/^[. ]+/, "") || "learner";
}

const text = (content) =>
  typeof content === "string" ? content : `${JSON.stringify(content, null, 1)}\n`;

/** A zip file with a folder for the learner, which `asynclab grade` takes. */
async function downloadAnswers() {
  const files = (await withFiles("readonly", (store) => settled(store.getAll()))) || [];
  const answers = files.filter(({ path }) => ANSWERS.test(path));
  if (answers.length === 0) {
    say("There are no answers yet: change an exercise notebook, and save it.");
    return;
  }
  const learner = who();
  const entries = answers.map((file) => [`${learner}/${file.name}`, text(file.content)]);
  download(`${learner} asynclab.zip`, zip(entries), "application/zip");
  say(`${answers.length === 1 ? "1 notebook is" : `${answers.length} notebooks are`} in the file.`);
}

/* ---- progress ------------------------------------------------------------------------------ */

/** The texts that the course's Python keeps, as `work(store)` needs them. */
async function withTexts(mode, work) {
  const opening = indexedDB.open("asynclab", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("texts");
  const database = await settled(opening);
  try {
    return await work(database.transaction("texts", mode).objectStore("texts"));
  } finally {
    database.close();
  }
}

const keptProgress = () => withTexts("readonly", (store) => settled(store.get(PROGRESS)));

async function downloadProgress() {
  const kept = await keptProgress();
  if (!kept) {
    say("There is no progress yet: run the check of an exercise.");
    return;
  }
  download("progress.json", kept, "application/json");
  say("Elsewhere, lab.progress(add=\"progress.json\") takes it in, and so does this page.");
}

/** One exercise, as two machines have seen it: nothing is forgotten. */
const together = (one, other = one) => ({
  passed: one.passed || other.passed,
  attempts: [...new Set([...one.attempts, ...other.attempts])],
  hints: Math.max(one.hints, other.hints),
});

async function takeProgress(file) {
  try {
    const taken = JSON.parse(await file.text());
    const kept = JSON.parse((await keptProgress()) || '{"schema": 1, "exercises": {}}');
    if (taken.schema !== kept.schema) throw new Error("another schema");
    for (const [name, entry] of Object.entries(taken.exercises)) {
      kept.exercises[name] = together(entry, kept.exercises[name]);
    }
    await withTexts("readwrite", (store) => settled(store.put(JSON.stringify(kept), PROGRESS)));
    say("The progress in the file is yours here, too.");
  } catch {
    say(`${file.name} is no progress file of this course; nothing has changed.`);
  }
}

/* ---- the page ------------------------------------------------------------------------------ */

document.getElementById("who").value = localStorage.getItem(WHO) || "";
document.getElementById("answers").addEventListener("click", downloadAnswers);
document.getElementById("progress").addEventListener("click", downloadProgress);
document.getElementById("take").addEventListener("change", async ({ target }) => {
  if (target.files.length) await takeProgress(target.files[0]);
  target.value = "";
});
