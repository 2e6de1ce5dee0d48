// SPDX-License-Identifier: GPL-3.0-or-later
// What was found on a sole by hand: where, what, in which words. Kept for the next recordings, which
// hold it (driver/operator_note.h), and told in their reports; around a wart or a joint nothing is pressed.
import {ask, now} from "/station.js";
import {button, by, el, field, guarded, number, show, t} from "/parts.js";
import {zoneWords} from "/soles.js";

const kinds = ["nodule", "callus", "wart", "joint", "text"];
const NS = "http://www.w3.org/2000/svg";
const LENGTH = 520, WIDTH = 220, GAP = 60; // of a drawn sole

// Outline of a drawn sole in the foot's own frame: u from the heel to the longest toe, v from the inner
// side to the outer. For pointing only; a measured foot has its own.
const outline = [[0, 0.5], [0.05, 0.3], [0.15, 0.2], [0.3, 0.24], [0.45, 0.22], [0.6, 0.06], [0.7, 0], [0.8, 0.03], [0.9, 0.06], [0.98, 0.14],
  [1, 0.24], [0.97, 0.36], [0.98, 0.46], [0.95, 0.6], [0.91, 0.72], [0.84, 0.88], [0.75, 0.98], [0.62, 1], [0.45, 0.9], [0.3, 0.84], [0.15, 0.8], [0.05, 0.7]];

// The left sole lies on the left, both with the toes up: inner sides meet.
const atX = (side, v) => (side === "left" ? WIDTH * (1 - v) : WIDTH + GAP + WIDTH * v);
const atY = (u) => LENGTH * (1 - u);
const shape = (tag, facts) => {
  const made = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(facts))
    made.setAttribute(key, value);
  return made;
};

function smooth(side) {
  const p = outline.map(([u, v]) => [atX(side, v), atY(u)]), mid = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  return "M" + mid(p[p.length - 1], p[0]) + p.map((one, i) => `Q${one} ${mid(one, p[(i + 1) % p.length])}`).join("") + "Z";
}

function zoneShape(side, zone) {
  const g = zone.geometry;
  if (g && g.kind === "ellipse")
    return shape("ellipse", {cx: atX(side, g.centre[1]), cy: atY(g.centre[0]), rx: g.half[1] * WIDTH, ry: g.half[0] * LENGTH});
  return null;
}

function mark(side, u, v, text) {
  const x = atX(side, v), y = atY(u), all = shape("g", {class: "mark"});
  all.append(shape("circle", {cx: x, cy: y, r: 11}), Object.assign(shape("text", {x: x + 16, y: y + 8}), {textContent: text}));
  return all;
}

// --- A point by keys ------------------------------------------------------------------------------

// A step is one of the chart's foot of 250 mm (analysis/foot/foot_frame.h): its widths at heel and toes.
const FOOT_MM = 250, HEEL_MM = 54.1, TOE_MM = 116.1, EDGE = 0.1; // EDGE: so far beside the foot, in widths
const within = (value, low, high) => Math.min(high, Math.max(low, value));

// Up is to the toes, right to the right: on the right foot away from its inner side. Over an inner edge it goes on
// along the other foot's.
function moved(at, key, mm) {
  const up = {ArrowUp: mm, ArrowDown: -mm}[key] || 0, right = {ArrowRight: mm, ArrowLeft: -mm}[key] || 0;
  const outward = at.side === "right" ? right : -right, width = HEEL_MM + at.u * (TOE_MM - HEEL_MM);
  const u = within(at.u + up / FOOT_MM, 0, 1), v = Math.min(1 + EDGE, at.v + outward / width);
  return v < -EDGE ? {side: at.side === "left" ? "right" : "left", u, v: -EDGE} : {side: at.side, u, v};
}

const arrows = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];

function cross(at) {
  const x = atX(at.side, at.v), y = atY(at.u), all = shape("g", {class: "cross"});
  for (const kind of ["under", "over"])
    all.append(shape("path", {class: kind, d: `M${x - 40} ${y}H${x - 8}M${x + 8} ${y}H${x + 40}M${x} ${y - 40}V${y - 8}M${x} ${y + 8}V${y + 40}`}));
  return all;
}

// --- The list -------------------------------------------------------------------------------------

// As the station wants it typed: "callus left P12 4mm hard".
export const typedNotes = () => now.notes.map((note) =>
  [note.kind, note.side, note.place, note.mm ? note.mm + "mm" : "", note.words].filter(Boolean).join(" "));

const placeOf = (note) => (now.zones.has(note.place) ? zoneWords(note.place) : t("note.point"));
export const noteWords = (note) => `${t("side." + note.side)}, ${placeOf(note)}: ${t("note." + note.kind)}${note.words ? " – " + note.words : ""}`;

function middle(zone) {
  const g = zone && zone.geometry;
  return g && g.kind === "ellipse" ? g.centre : g && g.path ? g.path[Math.floor(g.path.length / 2)] : null;
}

// (u, v) of what a list of places has: a zone's middle, or a point.
const pointOf = (place) => middle(now.zones.get(place)) || place.split(",").map(Number);
const REST_MS = 150; // a key that repeats asks nothing of the station

const isPlace = (zone) => zone.plantar && middle(zone);
const rounded = (value) => Number(value.toFixed(3));

function drawMap(map, chosen) {
  map.replaceChildren();
  for (const side of ["left", "right"]) {
    map.append(shape("path", {d: smooth(side), class: "sole"}));
    for (const zone of now.zones.values()) {
      const drawn = zone.plantar ? zoneShape(side, zone) : null;
      if (drawn) {
        drawn.setAttribute("class", chosen && chosen.side === side && chosen.place === zone.id ? "zone on" : "zone");
        map.append(drawn);
      }
    }
  }
  now.notes.forEach((note, i) => {
    const at = pointOf(note.place);
    map.append(mark(note.side, at[0], at[1], number(i + 1)));
  });
  const at = chosen && pointOf(chosen.place);
  if (at)
    map.append(mark(chosen.side, at[0], at[1], "+"));
}

export function showNotes() {
  const side = el("select", {id: "note_side"}, ["left", "right"].map((value) => el("option", {value}, t("side." + value))));
  const place = el("select", {id: "note_place"}, [...now.zones.values()].filter(isPlace).map((zone) => el("option", {value: zone.id}, zoneWords(zone.id))));
  const kind = el("select", {id: "note_kind", "data-first": true}, kinds.map((value) => el("option", {value}, t("note." + value))));
  const words = el("input", {id: "note_words", maxlength: 80, autocomplete: "off"});
  const map = shape("svg", {viewBox: `-10 -10 ${2 * WIDTH + GAP + 20} ${LENGTH + 20}`, class: "sole_map", role: "img", "aria-label": t("note.map"), id: "sole_map"});
  const list = el("ol", {class: "list", id: "notes"});
  const said = el("p", {id: "map_at", role: "status"}, t("note.map_at")), keys = el("div", {id: "map_keys", class: "map_keys", tabindex: 0, role: "application",
    "aria-label": t("note.map_keys"), "aria-describedby": "map_at"}, map);
  let at = null, asked = 0; // the cross-hair; null: nobody has moved it
  const redraw = () => {
    drawMap(map, {side: side.value, place: place.value});
    if (at)
      map.append(cross(at));
  };
  const listAgain = () => {
    list.replaceChildren(...now.notes.map((note, i) => el("li", {}, `${number(i + 1)}. ${noteWords(note)} `,
      button("note.remove", {class: "danger"}, () => { now.notes.splice(i, 1); listAgain(); }))));
    keep.disabled = !now.notes.length || !now.person;
    redraw();
  };
  // Where it is, and the zones over it, when the keys have come to rest there; `key`: of the sentence.
  const tell = async (key) => {
    const mine = ++asked, where = {side: t("side." + at.side), place: t("note.point_at", {u: number(100 * at.u), v: number(100 * at.v)})};
    await new Promise((done) => setTimeout(done, key === "note.at" ? REST_MS : 0));
    if (mine !== asked)
      return;
    const {zones} = await ask(`/atlas/at?side=${at.side}&place=${rounded(at.u)},${rounded(at.v)}`);
    if (mine === asked)
      said.textContent = t(key, {...where, zones: zones.map(zoneWords).join(", ") || t("note.no_zone")});
  };
  const set = () => {
    const value = `${rounded(at.u)},${rounded(at.v)}`;
    side.value = at.side;
    place.querySelector("[data-point]")?.remove();
    place.prepend(el("option", {value, "data-point": true}, t("note.point_at", {u: number(100 * at.u), v: number(100 * at.v)})));
    place.value = value;
    redraw();
    return tell("note.set");
  };
  const point = (event) => {
    const on = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
    const u = 1 - on.y / LENGTH, right = on.x > WIDTH + GAP / 2, v = right ? (on.x - WIDTH - GAP) / WIDTH : 1 - on.x / WIDTH;
    if (u < 0 || u > 1 || v < -EDGE || v > 1 + EDGE)
      return null;
    at = {side: right ? "right" : "left", u, v};
    return set();
  };
  // The cross-hair begins at the place that is chosen.
  const isForMap = (event) => !event.ctrlKey && !event.altKey && !event.metaKey && (event.key === "Enter" ? at !== null : arrows.includes(event.key));
  const move = (event) => {
    event.preventDefault();
    if (event.key === "Enter")
      return set();
    const [u, v] = pointOf(place.value);
    at = moved(at || {side: side.value, u, v}, event.key, event.shiftKey ? 5 : 1);
    redraw();
    return tell("note.at");
  };
  const chosen = () => {
    at = null;
    redraw();
  };
  const add = (event) => {
    event.preventDefault();
    now.notes.push({kind: kind.value, side: side.value, place: place.value, words: words.value.trim()});
    words.value = "";
    listAgain();
    kind.focus();
  };
  const keep = button("note.keep", {class: "big", id: "note_keep"}, guarded(async () => {
    for (const note of now.notes)
      await ask(`/clients/${now.person.client}/note`, {text: noteWords(note)});
    by("note_said").textContent = t("note.kept", {label: now.person.label});
  }));
  map.addEventListener("click", guarded(point));
  keys.addEventListener("keydown", (event) => isForMap(event) && guarded(move)(event));
  side.addEventListener("change", chosen);
  place.addEventListener("change", chosen);
  show(el("h2", {}, t("note.title")), el("p", {}, t("note.what")),
    el("div", {class: "two"}, el("div", {}, keys, said), el("div", {},
      el("form", {class: "form", onsubmit: add}, field("note.what_it_is", kind), field("screen.side", side), field("screen.where", place), field("note.words", words),
        el("div", {class: "row"}, el("button", {class: "big go", id: "note_add"}, t("note.add")))), list,
      el("div", {class: "row"}, keep), el("p", {id: "note_said", role: "status"}))));
  listAgain();
}
