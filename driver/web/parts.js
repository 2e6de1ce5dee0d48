// SPDX-License-Identifier: GPL-3.0-or-later
// Small parts that all flows are made of: elements, words, sounds, count-down, alarm.
import {words, languages} from "/words.js";

export const by = (id) => document.getElementById(id);

// --- Words ------------------------------------------------------------------------------------

export let language = localStorage.getItem("language") ||
  languages.find((code) => navigator.language.startsWith(code)) || "en";
if (!languages.includes(language))
  language = "en";

// GNU gettext's compiled catalogue (its manual, "The Format of GNU MO Files"): a magic number, the count,
// and two tables of [length, offset]. The context and the English words stand before the translation.
function readCatalogue(bytes) {
  const view = new DataView(bytes), read = new TextDecoder(), found = new Map();
  const little = view.getUint32(0, true) === 0x950412de, at = (offset) => view.getUint32(offset, little);
  if (!little && at(0) !== 0x950412de)
    throw new Error("no catalogue of words");
  const text = (table, i) => read.decode(new Uint8Array(bytes, at(table + 8 * i + 4), at(table + 8 * i)));
  for (let i = 0; i < at(8); i++)
    found.set(text(at(12), i).split("\0")[0], text(at(16), i).split("\0"));
  return found;
}

let catalogue = new Map();

export async function speak(code) {
  catalogue = code === "en" ? new Map() : readCatalogue(await (await fetch(`/words/${code}.mo`)).arrayBuffer());
  language = code;
  localStorage.setItem("language", code);
  document.documentElement.lang = code;
}

// Forms of a catalogue stand in the order of its Plural-Forms; that of these languages is that of CLDR.
const order = {en: ["one", "other"], de: ["one", "other"], ru: ["one", "few", "many"]};

function form(forms, n, code) {
  const i = order[code].indexOf(new Intl.PluralRules(code).select(n));
  return forms[i < 0 ? forms.length - 1 : Math.min(i, forms.length - 1)];
}

// t("person.sessions", {n: 3}): the sentence in the chosen language, "{n}" filled in; of words that have a
// plural it is the one for n. What the language lacks stays English.
export function t(key, values = {}) {
  const english = words[key];
  if (english === undefined)
    throw new Error("no words for " + key);
  const one = [english].flat(), known = catalogue.get(`${key}\u0004${one[0]}`);
  const forms = known && known[0] ? known : one, code = known && known[0] ? language : "en";
  const text = forms.length > 1 ? form(forms, values.n, code) : forms[0];
  return text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? number(values[name]) : values[name] ?? ""));
}

export const has = (key) => words[key] !== undefined;

// Why the station refused or failed: by its code in the page's own words, and where it gives none (a
// programmer's mistake, a rare reason) in its own English sentence.
export const refusedWords = (code, sentence) => (code && has("refused." + code) ? t("refused." + code) : sentence || "");
export const number = (value, digits = 0) => value === null || value === undefined ? "–" :
  value.toLocaleString(language, {minimumFractionDigits: digits, maximumFractionDigits: digits});
export const amount = (value, unit, digits = 0) =>
  value === null || value === undefined ? "–" : `${number(value, digits)}\u00a0${unit}`;
export const day = (iso) => new Date(iso.slice(0, 10) + "T00:00:00").toLocaleDateString(language, {dateStyle: "medium"}); // "2026-11-20"
export const when = (utc) => new Date(utc).toLocaleString(language, {dateStyle: "medium", timeStyle: "medium"});

// --- Elements ---------------------------------------------------------------------------------

// el("button", {class: "big", onclick: f}, "text", child ...): null children are left out.
export function el(tag, facts = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(facts))
    if (value === undefined || value === false || value === null)
      continue;
    else if (key.startsWith("on"))
      made.addEventListener(key.slice(2), value);
    else
      made.setAttribute(key, value === true ? "" : value);
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export const button = (key, facts, onclick, values) => el("button", {type: "button", onclick, ...facts}, t(key, values));
export const field = (key, input) => el("label", {}, el("span", {}, t(key)), input);

// A table of rows; the first is its head.
export function table(head, rows, facts = {}) {
  return el("table", facts, el("thead", {}, el("tr", {}, head.map((h) => el("th", {scope: "col"}, h)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, i) =>
      i ? el("td", {}, cell) : el("th", {scope: "row"}, cell))))));
}

// What a flow shows; the first thing to press gets the keys.
export function show(...children) {
  by("flow").replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
  const first = by("flow").querySelector("[data-first]") || by("flow");
  first.focus({preventScroll: true});
}

// A flow that waited for the station shows nothing any more where another was chosen meanwhile:
// const isOpen = openFlow(); await ...; if (!isOpen()) return;
let flows = 0;
export const leaveFlow = () => { flows++; };
export const openFlow = () => {
  const mine = flows;
  return () => mine === flows;
};

export function alarm(text) {
  by("alarm").textContent = text || "";
  by("alarm").hidden = !text;
}

// Runs a command of the user; what goes wrong is said on top of the page.
export const guarded = (work) => async (...given) => {
  try {
    alarm("");
    return await work(...given);
  } catch (problem) {
    alarm(problem.message);
    return undefined;
  }
};

// --- Sounds -----------------------------------------------------------------------------------

let audio = null;

// A sine of `hz` for `s` seconds; silent where the machine has no sound.
export function beep(hz, s = 0.12, loud = 0.2) {
  try {
    audio = audio || new AudioContext();
    const tone = audio.createOscillator(), gain = audio.createGain();
    tone.frequency.value = hz;
    gain.gain.setValueAtTime(loud, audio.currentTime);
    gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + s);
    tone.connect(gain).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + s);
  } catch {
    audio = null;
  }
}

const second = (n) => new Promise((done) => setTimeout(done, n * 1000));

// 3, 2, 1 in letters to be read across the room; false when it was called off.
export async function countDown(key, from = 3) {
  let off = false;
  const digits = el("p", {class: "digits", role: "timer"});
  show(el("h2", {}, t(key)), digits, button("do.cancel", {class: "big", "data-first": true}, () => { off = true; }));
  for (let n = from; n > 0 && !off; n--) {
    digits.textContent = amount(n, "s");
    beep(440);
    await second(1);
  }
  if (!off)
    beep(880, 0.4);
  return !off;
}
