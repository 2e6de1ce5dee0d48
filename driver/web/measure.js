// SPDX-License-Identifier: GPL-3.0-or-later
// Zero the plate, stand, sway, walk: each a count-down, a recording with its numbers, and a choice.
import {ask, command, now, onNews, until} from "/station.js";
import {alarm, amount, beep, button, by, countDown, el, guarded, number, openFlow, refusedWords, show, t} from "/parts.js";
import {noteWords, typedNotes} from "/notes.js";
import {consented, freshScreening, turnTo} from "/person.js";
import {showResult} from "/results.js";

const go = (name) => document.dispatchEvent(new CustomEvent("go", {detail: name}));
const isFree = (state) => state.phase === "watching";
const comes = (state) => ["looking", "zeroing"].includes(state.phase); // what else holds it up the station tells, if asked

// A plate that does not come is told; else a button would seem to do nothing.
const PATIENCE_MS = 8000;
export function free() {
  const end = Date.now() + PATIENCE_MS;
  return until((state) => !comes(state), () => Date.now() > end && !(now.state && !comes(now.state))).catch(() => {
    throw new Error(t(now.silentSince ? "problem.no_answer" : "measure.plate_away"));
  });
}

// A short phase may pass between two pictures of the stream: the station itself is asked.
async function settled() {
  for (;;) {
    const state = await ask("/plates/" + now.plate);
    if (isFree(state) || state.phase === "looking")
      return state;
    await new Promise((done) => setTimeout(done, 200));
  }
}

// --- Zero -----------------------------------------------------------------------------------------

export function showZero() {
  const isLoaded = () => Boolean(now.frame && now.frame.force_n > 50);
  const zero = (anyway) => guarded(async () => {
    await free();
    if (!anyway && isLoaded() && !now.state.plate.is_virtual) { // a zero under a person takes the person away
      by("zero_anyway").hidden = false; // cells may remember, or read wrong
      throw new Error(t("zero.loaded"));
    }
    await command("zero", {tell_person: true, anyway}); // a virtual person steps off by this word
    show(el("h2", {}, t("zero.title")), el("p", {class: "say", role: "status"}, t("zero.runs")));
    const state = await settled().catch((problem) => { showZero(); throw problem; });
    beep(660);
    show(el("h2", {}, t("zero.title")),
      el("p", {class: "say", id: "zeroed"}, state.health.is_zeroed ? t("zero.done") : t("zero.not")),
      el("div", {class: "row"}, button("way.stand", {class: "big go", "data-first": true}, () => go("stand")),
        button("way.sway", {class: "big"}, () => go("sway")), button("way.press", {class: "big"}, () => go("press"))));
  });
  show(el("h2", {}, t("zero.title")), el("p", {class: "say"}, t("zero.off")),
    el("div", {class: "row"}, button("zero.go", {class: "big go", "data-first": true, id: "zero"}, zero(false)),
      button("zero.anyway", {class: "big danger", id: "zero_anyway", hidden: true}, zero(true)),
      now.state && now.state.health.is_zeroed ? button("zero.skip", {class: "big", id: "zero_skip"}, () => go("stand")) : null));
}

// --- One recording ----------------------------------------------------------------------------------

function watchRecording(title, say) {
  const left = el("p", {class: "digits", role: "timer", id: "left_s"}), facts = el("p", {class: "note", id: "recorded"});
  const bar = el("progress", {class: "progress", max: 1, value: 0, "aria-label": t("measure.progress")});
  const off = onNews(() => {
    const r = now.state && now.state.recording;
    if (!r)
      return;
    left.textContent = amount(r.seconds === null ? r.elapsed_s : Math.max(0, Math.ceil(r.seconds - r.elapsed_s)), "s");
    bar.value = r.seconds ? Math.min(1, r.elapsed_s / r.seconds) : 0;
    facts.textContent = t("measure.facts", {frames: number(r.frames), lost: number(r.lost_frames),
      skipped: number(r.frames_skipped_by_disk), waiting: number(r.frames_waiting_for_disk)}) +
      (r.disk_minutes_left === null ? "" : "; " + t("measure.disk_left", {minutes: number(Math.floor(r.disk_minutes_left))}));
  });
  show(el("h2", {}, title), el("p", {class: "say"}, say), left, bar, facts,
    el("p", {class: "warn", id: "goes_on", role: "status", hidden: true}),
    el("div", {class: "row"}, button("do.stop", {class: "stop", id: "stop", "data-first": true}, guarded(() => command("stop"))),
      button("do.discard", {class: "big danger", id: "discard"}, guarded(() => command("discard")))));
  return off;
}

// How a recording ended. A station that was started anew goes on with it as another, or has what was written until
// then; null where nothing is waited for any more.
const ended = (name) => until((s) => s.last && s.last.name === name).then((state) => state.last)
  .catch(async (problem) => {
    const left = await rescued(name);
    if (left)
      return left;
    throw problem;
  });

// The station decides how long it waits for the plate; meanwhile any other step can be chosen.
function sayWhatItWaitsFor(left) {
  by("goes_on").textContent = t("measure.may_go_on");
  by("left_s").textContent = amount(left.may_go_on_s === null ? null : Math.ceil(left.may_go_on_s), "s");
  for (const name of ["goes_on", "stop", "discard"])
    by(name).hidden = name !== "goes_on"; // there is nothing to stop
}

const LOOK_MS = 1000; // each has the station count what is in the file

async function rescued(name) {
  for (; by("left_s"); await new Promise((done) => setTimeout(done, LOOK_MS))) {
    const left = await ask("/recordings/" + name).catch(() => null);
    if (!left || !left.ended_early || !left.frames)
      return null;
    const part = {...left, has_file: true, problem: null};
    if (left.continued_in)
      return goneOn(part);
    if (!left.may_go_on)
      return part;
    if (by("left_s"))
      sayWhatItWaitsFor(left);
  }
  return null;
}

// The second part, with the first in `before`; both go when it is discarded.
async function goneOn(part) {
  const state = await until((s) => s.recording && s.recording.continues && s.recording.continues.gap_s !== null ||
    s.last && s.last.name === part.continued_in);
  const {gap_s} = (state.recording || state.last).continues;
  if (by("goes_on")) {
    by("goes_on").textContent = t("measure.goes_on", {s: number(gap_s, 1)});
    for (const name of ["goes_on", "stop", "discard"])
      by(name).hidden = false;
    by("stop").focus({preventScroll: true});
  }
  const last = await ended(part.continued_in);
  if (!last.has_file)
    await drop([part]);
  return {...last, before: [part, ...(last.before || [])], missing_s: gap_s + (last.missing_s || 0)};
}

// A recording with those that it went on with.
const parts = (one) => [...(one.before || []), one];

// Whom a recording is of, and what goes with it: held from its beginning to its keeping, whoever is opened meanwhile.
const whose = () => ({person: now.person, notes: typedNotes()});
const isOpen = (person) => (now.person ? now.person.client : "") === (person ? person.client : "");

// The outcome of one recording of `seconds`; null when it was called off or discarded. `more`: the condition of a sway.
export async function record({person, notes}, protocol, seconds, title, say, more = {}) {
  if (isOpen(person))
    await freshScreening();
  if (isOpen(person) && now.screening && now.screening.judged.screening.no_standing) // before anybody is asked to stand
    throw new Error(now.screening.judged.screening.no_standing);
  if (!await consented("recording", person))
    return null;
  await free();
  if (!await countDown("measure.get_ready"))
    return null;
  const {recording} = await command("record", {protocol, seconds, ...more, keep_zero: now.state.health.is_zeroed,
    tell_person: true, notes, client: person ? person.client : ""});
  const off = watchRecording(title, say);
  const last = await ended(recording).catch((problem) => {
    if (by("left_s")) // nobody is pulled away from another flow
      go(protocol);
    throw problem;
  }).finally(off);
  beep(660, 0.3);
  if (last.problem)
    alarm(refusedWords(last.problem_code, last.problem));
  return last.has_file ? last : null;
}

const drop = (taken) => Promise.all(taken.map((one) => ask(`/recordings/${one.name}/discard`, {})));

function howItEnded(taken) {
  const missing_s = taken.reduce((sum, one) => sum + (one.missing_s || 0), 0);
  if (missing_s)
    return el("p", {class: "warn", id: "went_on"}, t("measure.went_on", {n: taken.length, s: number(missing_s, 1)}));
  return taken.some((one) => one.ended_early) ? el("p", {class: "warn", id: "cut_short"}, t("measure.cut_short")) : null;
}

// What was taken: keep it, take it again, or away with it.
function decide(person, taken, title, again, extra = []) {
  show(el("h2", {}, title),
    el("p", {class: "say", id: "taken"}, t("measure.taken", {s: number(taken.reduce((sum, one) => sum + one.duration_s, 0), 1),
      n: number(taken.reduce((sum, one) => sum + one.frames, 0)), lost: number(taken.reduce((sum, one) => sum + one.lost_frames, 0))})),
    howItEnded(taken), extra,
    el("div", {class: "row"},
      button(person ? "measure.keep" : "measure.look", {class: "big go", "data-first": true, id: "keep"},
        guarded(() => keep(person, taken, () => decide(person, taken, title, again, extra))), {label: person ? person.label : ""}),
      button("do.repeat", {class: "big", id: "repeat"}, guarded(async () => { await drop(taken); again(); })),
      button("do.discard", {class: "big danger", id: "drop"}, guarded(async () => { await drop(taken); go("stand"); }))));
}

async function keepRecording(person, one) {
  const kept = await ask(`/clients/${person.client}/sessions`, {recording: one.name});
  one.session = kept.id;
  if (kept.inbox_problem)
    alarm(t("refused.file_stays"));
}

async function keepOne(person, one) {
  if (!person)
    return "/recordings/" + one.name;
  await keepRecording(person, one);
  return "/sessions/" + one.session;
}

// `back`: where to when the person does not agree that it is stored, or it cannot be; `taken` has then what is not kept.
export async function keep(person, taken, back) {
  if (!await consented("storing", person)) {
    back();
    alarm(t("consent.no_storing"));
    return;
  }
  const kept = [], isOpenFlow = openFlow();
  show(el("p", {class: "say", role: "status"}, t("measure.reckons")));
  try {
    while (taken.length) {
      kept.push(await keepOne(person, taken[0]));
      taken.shift(); // what is kept is neither kept again nor thrown away
    }
  } catch (problem) {
    back();
    throw problem;
  }
  if (isOpenFlow() && !isOpen(person)) // another was opened since: what is shown next is of whom it was taken
    await turnTo(person);
  if (isOpen(person))
    now.notes = []; // they are in the recordings
  if (isOpenFlow())
    await showResult(kept[0]);
}

// What will go into the recording, told before it begins.
export const notesNow = () => (now.notes.length ? el("p", {class: "note"}, t("note.go_along", {n: now.notes.length}) + " " +
  now.notes.map(noteWords).join("; ")) : null);

// --- Stand, walk ------------------------------------------------------------------------------------

function lengths(name, list, chosen) {
  return el("select", {id: name}, list.map((s) => el("option", {value: s, selected: s === chosen}, amount(s, "s"))));
}

function simple(protocol, list, chosen) {
  const seconds = lengths("seconds", list, chosen);
  const run = guarded(async () => {
    const of = whose(), one = await record(of, protocol, Number(seconds.value), t("way." + protocol), t(protocol + ".say"));
    if (one)
      decide(of.person, parts(one), t("way." + protocol), run);
    else
      simple(protocol, list, chosen);
  });
  show(el("h2", {}, t("way." + protocol)), el("p", {class: "say"}, t(protocol + ".before")),
    now.state && !now.state.health.is_zeroed ? el("p", {class: "warn"}, t("measure.not_zeroed")) : null, notesNow(),
    el("div", {class: "row"}, button("do.record", {class: "big go", "data-first": true, id: "record"}, run),
      el("label", {}, t("measure.seconds"), " ", seconds)));
}

export const showStand = () => simple("stand", [5, 10, 20, 30, 60], 10);
export const showWalk = () => simple("walk", [10, 20, 30, 60], 20);

// --- Sway -------------------------------------------------------------------------------------------

// Romberg's quotient: mean velocity of the centre of pressure, eyes closed over open.
async function romberg(taken) {
  const speed = await Promise.all(taken.map(async (one) => {
    try {
      return (await ask(`/recordings/${one.name}/sway`)).rd.mean_velocity_mm_s;
    } catch {
      return null;
    }
  }));
  const known = speed.every((v) => typeof v === "number");
  return el("p", {class: "say", id: "romberg"}, known ? t("sway.romberg", {open: number(speed[0], 1), closed: number(speed[1], 1),
    ratio: number(speed[1] / speed[0], 2)}) : t("sway.unknown"));
}

export function showSway() {
  const seconds = lengths("seconds", [5, 20, 30, 60], 30);
  const run = guarded(async () => {
    const taken = [], of = whose();
    for (const eyes of ["open", "closed"]) {
      const one = await record(of, "sway", Number(seconds.value), t("sway." + eyes), t(`sway.${eyes}_say`), {condition: "eyes_" + eyes});
      if (!one) {
        await drop(taken);
        showSway();
        return;
      }
      taken.push(...parts(one));
      if (one.ended_early || one.before) // whoever stood there has stepped off meanwhile
        break;
    }
    decide(of.person, taken, t("way.sway"), run, taken.length === 2 && !taken[0].ended_early ? [await romberg(taken)] : []);
  });
  show(el("h2", {}, t("way.sway")), el("p", {class: "say"}, t("sway.before")),
    now.state && !now.state.health.is_zeroed ? el("p", {class: "warn"}, t("measure.not_zeroed")) : null, notesNow(),
    el("div", {class: "row"}, button("do.record", {class: "big go", "data-first": true, id: "record"}, run),
      el("label", {}, t("measure.seconds"), " ", seconds)));
}
