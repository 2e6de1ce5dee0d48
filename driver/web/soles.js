// SPDX-License-Identifier: GPL-3.0-or-later
// The soles as the plate sees them: cells, scale, zones, centre of pressure and its trail.
import {now} from "/station.js";
import {cueWords} from "/cues.js";
import {by, day, el, t, number, amount} from "/parts.js";

// Fixed, so that two people compare; higher pressures keep the last colour. A step has its own, as in the report.
const STAND_KPA = 120, WALK_KPA = 400;
let scaleKpa = STAND_KPA;

// The palette of the report (analysis/report/palette.c): dark is more, in steps of equal difference to the eye.
const even = [[249, 237, 153], [234, 231, 143], [219, 226, 134], [204, 222, 127], [188, 218, 123], [172, 214, 121],
  [157, 210, 121], [142, 205, 123], [127, 200, 125], [112, 196, 127], [97, 191, 130], [80, 185, 133],
  [62, 180, 136], [45, 174, 139], [30, 168, 141], [21, 162, 143], [19, 156, 144], [19, 149, 144], [18, 141, 143],
  [17, 133, 142], [17, 125, 139], [15, 116, 136], [14, 108, 132], [13, 99, 128], [10, 90, 124], [8, 82, 121],
  [6, 75, 119], [5, 69, 118], [8, 63, 117], [19, 56, 114], [31, 49, 109], [41, 41, 101], [48, 34, 92]];
// Steps as clinics' screens have had them for decades.
const classic = [[0, 0, 120], [0, 60, 230], [0, 160, 240], [0, 190, 90], [150, 220, 0], [255, 230, 0],
  [255, 140, 0], [230, 0, 0], [255, 0, 200]];

export const how = {palette: "even", smooth: false, zones: true, trail: true, unit: "kpa"};

const mix = (low, high, share) => low.map((c, k) => Math.round(c + share * (high[k] - c)));

function colour(kpa) {
  const share = Math.min(1, Math.max(0, kpa / scaleKpa));
  if (how.palette === "steps")
    return classic[Math.min(classic.length - 1, Math.floor(share * classic.length))];
  const at = share * (even.length - 1), i = Math.min(even.length - 2, Math.floor(at));
  return mix(even[i], even[i + 1], at - i);
}

// Levels of a frame are bytes, so a table of 256 colours does for all its cells.
function colourTable(kpaPerStep) {
  const table = new Uint32Array(256);
  for (let level = 1; level < 256; level++) {
    const [r, g, b] = colour(level * kpaPerStep);
    table[level] = 0xff000000 | b << 16 | g << 8 | r; // RGBA in the order of bytes
  }
  return table;
}

// --- Cells ------------------------------------------------------------------------------------

const cells = document.createElement("canvas");
let table = null, tableFor = "";

function levelsOf(frame) {
  const bytes = atob(frame.cells), levels = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++)
    levels[i] = bytes.charCodeAt(i);
  return levels;
}

// Mean of 3 x 3 cells (1 2 1 each way): what is shown then is marked as smoothed.
function smoothed(frame, levels) {
  const {rows, cols} = frame, out = new Uint8Array(levels.length);
  const at = (r, c) => (r < 0 || c < 0 || r >= rows || c >= cols ? 0 : levels[r * cols + c]);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < cols; c++) {
      let sum = 0;
      for (let i = -1; i <= 1; i++)
        sum += (2 - Math.abs(i)) * (at(r + i, c - 1) + 2 * at(r + i, c) + at(r + i, c + 1));
      out[r * cols + c] = Math.round(sum / 16);
    }
  return out;
}

function paintCells(grid, frame) {
  const key = `${how.palette} ${frame.kpa_per_step} ${scaleKpa}`;
  if (key !== tableFor)
    [table, tableFor] = [colourTable(frame.kpa_per_step), key];
  cells.width = grid.cols;
  cells.height = grid.rows;
  const pen = cells.getContext("2d"), picture = pen.createImageData(grid.cols, grid.rows);
  const pixels = new Uint32Array(picture.data.buffer), raw = levelsOf(frame);
  const levels = how.smooth ? smoothed(frame, raw) : raw;
  for (let r = 0; r < frame.rows; r++) {
    const line = (grid.rows - 1 - frame.row0 - r) * grid.cols + frame.col0; // the plate's front is up
    for (let c = 0; c < frame.cols; c++)
      pixels[line + c] = table[levels[r * frame.cols + c]];
  }
  pen.putImageData(picture, 0, 0);
}

// --- The picture ------------------------------------------------------------------------------

let focused = null; // {foot, zone} that the keys or the pointer are on
let drawn = true;
export const redraw = () => { drawn = false; };

function placer(canvas, grid) {
  const width = grid.cols * grid.pitch_x_mm, height = grid.rows * grid.pitch_y_mm;
  const scale = Math.min(canvas.width / width, canvas.height / height);
  return {scale, size: [width * scale, height * scale], at: ([x, y]) => [x * scale, (height - y) * scale]};
}

function trace(pen, points, place) {
  pen.beginPath();
  points.forEach((p, i) => pen[i ? "lineTo" : "moveTo"](...place.at(p)));
}

// Width of a foot between its tangents at u (analysis/foot/foot_frame.h).
const widthAt = (foot, u) => foot.width_heel_mm + u * (foot.width_toe_mm - foot.width_heel_mm);

// The foot as it lies in the cup: straight, with the place to be pressed over the stud.
function seated(foot, aim) {
  const turn = foot.angle_deg * Math.PI / 180, c = Math.cos(turn), s = Math.sin(turn), outwards = foot.side === "left" ? -1 : 1;
  const right = outwards * (aim.v - 0.5) * widthAt(foot, aim.u), along = aim.u * foot.length_mm;
  const move = ([x, y]) => {
    const dx = x - foot.heel_x_mm, dy = y - foot.heel_y_mm;
    return [aim.stud_x_mm + dx * c - dy * s - right, aim.stud_y_mm + dx * s + dy * c - along];
  };
  return {...foot, zones: foot.zones.map((zone) => ({...zone, outline_mm: zone.outline_mm.map(move)}))};
}

// Where feet are: who sits for the press test has one on the plate at most, and no longer where both stood.
function feetNow() {
  const press = now.state && now.state.press, cue = press && press.cue;
  if (!press || !["sit", "test"].includes(press.phase) || press.tool_kind === "flat")
    return now.feet;
  if (cue && cue.standing && ["place", "ready", "ramp"].includes(cue.step)) // lowered onto the mat
    return now.feet.filter((foot) => foot.side === cue.side).map((foot) =>
      seated(foot, {u: 0, v: 0.5, stud_x_mm: cue.standing.heel_x_mm, stud_y_mm: cue.standing.heel_y_mm}));
  return cue && cue.place ? now.feet.filter((foot) => foot.side === cue.side).map((foot) => seated(foot, cue.place)) : [];
}

function drawZones(pen, place) {
  for (const foot of feetNow())
    for (const zone of foot.zones) {
      const is = focused && focused.zone === zone.zone && focused.side === foot.side;
      pen.lineWidth = is ? 4 : 1;
      pen.strokeStyle = is ? "#d0006f" : "rgba(0,0,0,0.4)";
      trace(pen, zone.outline_mm, place);
      pen.closePath();
      pen.stroke();
    }
}

function drawCentre(pen, place, frame) {
  pen.lineWidth = 3;
  pen.strokeStyle = "#d00000";
  trace(pen, frame.trail_mm, place);
  pen.stroke();
  if (frame.cop_x_mm === null)
    return;
  pen.fillStyle = "#d00000";
  pen.beginPath();
  pen.arc(...place.at([frame.cop_x_mm, frame.cop_y_mm]), 7, 0, 7);
  pen.fill();
}

// Of a mat: where one stud of it goes, then the one that presses most.
function matMark(cue) {
  const now = cue && cue.standing;
  if (!now || now.mat_stud_x_mm === null)
    return null;
  if (cue.step === "skin")
    return [now.mat_stud_x_mm, now.mat_stud_y_mm];
  return now.hardest_x_mm === null ? null : [now.hardest_x_mm, now.hardest_y_mm];
}

// Where the stud goes next, as large as can be seen from the chair.
function drawNext(pen, place) {
  const cue = now.state && now.state.press && now.state.press.cue;
  const next = cue && cue.place ? [cue.place.stud_x_mm, cue.place.stud_y_mm] : matMark(cue);
  if (!next)
    return;
  const [x, y] = place.at(next);
  pen.strokeStyle = "#fff";
  for (const width of [9, 5]) {
    pen.lineWidth = width;
    pen.beginPath();
    pen.arc(x, y, 24, 0, 7);
    pen.moveTo(x - 44, y);
    pen.lineTo(x + 44, y);
    pen.moveTo(x, y - 44);
    pen.lineTo(x, y + 44);
    pen.stroke();
    pen.strokeStyle = "#d0006f";
  }
}

function drawPlace(pen, canvas, place) {
  if (!focused || !focused.at || !now.feet.length)
    return;
  pen.font = "600 38px sans-serif";
  const name = zoneWords(focused.zone), width = pen.measureText(name).width + 20;
  const [x, y] = place.at(focused.at), left = Math.max(0, Math.min(canvas.width - width, x - width / 2));
  pen.fillStyle = "rgba(255,255,255,0.94)";
  pen.fillRect(left, Math.max(0, y - 74), width, 52);
  pen.fillStyle = "#6b003a";
  pen.fillText(name, left + 10, Math.max(0, y - 74) + 39);
}

export function draw() {
  const grid = now.state && now.state.plate, frame = now.frame, canvas = by("soles");
  if (!grid || !frame || drawn || !canvas)
    return;
  drawn = true;
  const pen = canvas.getContext("2d"), place = placer(canvas, grid);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  paintCells(grid, frame);
  pen.imageSmoothingEnabled = how.smooth;
  pen.drawImage(cells, 0, 0, ...place.size);
  if (how.zones)
    drawZones(pen, place);
  if (how.trail)
    drawCentre(pen, place, frame);
  drawNext(pen, place);
  drawPlace(pen, canvas, place);
}

// --- Scale ------------------------------------------------------------------------------------

const units = {kpa: {per_kpa: 1, name: "kPa"}, ncm2: {per_kpa: 0.1, name: "N/cm²"}}; // 1 N/cm2 = 10 kPa
const markKpa = {[STAND_KPA]: 20, [WALK_KPA]: 50};

export function drawScale() {
  const canvas = by("scale"), pen = canvas.getContext("2d"), unit = units[how.unit];
  const top = 56, height = canvas.height - top - 16;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  for (let y = 0; y < height; y++) {
    pen.fillStyle = `rgb(${colour(scaleKpa * (1 - (y + 0.5) / height)).join(",")})`;
    pen.fillRect(0, top + y, 38, 1);
  }
  pen.fillStyle = "#1a1a1a";
  pen.font = "600 36px sans-serif";
  pen.fillText(unit.name, 0, 30);
  for (let kpa = 0; kpa <= scaleKpa; kpa += markKpa[scaleKpa])
    pen.fillText(number(kpa * unit.per_kpa), 46, top + height * (1 - kpa / scaleKpa) + 13);
  canvas.setAttribute("aria-label", t("live.scale", {top: scaleKpa}));
}

export function topOfScale(isWalk) {
  const top = isWalk ? WALK_KPA : STAND_KPA;
  if (top === scaleKpa)
    return;
  scaleKpa = top;
  drawScale();
  drawn = false;
}

export const pressure = (kpa) => amount(kpa === null ? null : kpa * units[how.unit].per_kpa, units[how.unit].name,
  how.unit === "kpa" ? 0 : 1);

// --- Zones by pointer and keys ------------------------------------------------------------------

function inside([x, y], points) {
  let is = false;
  for (let i = 0, j = points.length - 1; i < points.length; j = i++)
    if ((points[i][1] > y) !== (points[j][1] > y) &&
        x < (points[j][0] - points[i][0]) * (y - points[i][1]) / (points[j][1] - points[i][1]) + points[i][0])
      is = !is;
  return is;
}

const size = (points) => {
  const xs = points.map((p) => p[0]), ys = points.map((p) => p[1]);
  return (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys));
};

// The names of places are the chart's; what tradition ties to a zone is said as tradition's.
export function zoneWords(id) {
  const zone = now.zones.get(id);
  return zone ? `${id} ${zone.name}` : id;
}

function traditionOf(id) {
  const zone = now.zones.get(id);
  const organs = [...new Set(((zone && zone.sources) || []).map((source) => source.organ).filter(Boolean))];
  const seeds = [...new Set(((zone && zone.sources) || []).map((source) => source.seed).filter(Boolean))];
  return organs.length ? t("zone.tradition", {organs: organs.join(", "), seeds: seeds.join(", ")}) : "";
}

function focusZone(found) {
  focused = found;
  drawn = false;
  by("zone").replaceChildren(...found ? [el("strong", {}, `${t("side." + found.side)}: ${zoneWords(found.zone)}`), " ",
    el("small", {}, traditionOf(found.zone))] : [el("small", {}, t("zone.hint"))]);
}

// The smallest zone under the pointer: large ones enclose others.
function pointAt(event) {
  const grid = now.state && now.state.plate, canvas = by("soles");
  if (!grid)
    return;
  const box = canvas.getBoundingClientRect(), place = placer(canvas, grid);
  const at = [(event.clientX - box.left) * canvas.width / box.width / place.scale,
    (place.size[1] - (event.clientY - box.top) * canvas.height / box.height) / place.scale];
  const hit = feetNow().flatMap((foot) => foot.zones.filter((zone) => inside(at, zone.outline_mm))
    .map((zone) => ({side: foot.side, zone: zone.zone, at, size: size(zone.outline_mm)})));
  focusZone(hit.sort((a, b) => a.size - b.size)[0] || null);
}

// Left and right go through the zones of both soles.
function stepZone(event) {
  const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
  const all = feetNow().flatMap((foot) => foot.zones.map((zone) => ({side: foot.side, zone: zone.zone,
    at: zone.outline_mm.reduce((a, b) => (a[1] > b[1] ? a : b))})));
  if (!step || !all.length)
    return;
  event.preventDefault();
  const i = all.findIndex((z) => focused && z.zone === focused.zone && z.side === focused.side);
  focusZone(all[(i + step + all.length) % all.length]);
}

// --- Its frame on the page ----------------------------------------------------------------------

function choice(key, name, options) {
  return el("label", {}, el("span", {}, t(key)), el("select", {id: "how_" + name, onchange: (e) => {
    how[name] = e.target.value;
    drawScale();
    drawn = false;
  }}, options.map((value) => el("option", {value, selected: how[name] === value}, t(`${key}.${value}`)))));
}

function tick(key, name) {
  return el("label", {}, el("input", {type: "checkbox", id: "how_" + name, checked: how[name], onchange: (e) => {
    how[name] = e.target.checked;
    by("smoothed").hidden = !how.smooth;
    drawn = false;
  }}), el("span", {}, t(key)));
}

export function buildLive(place) {
  const bar = (side) => el("div", {class: "share"}, el("span", {}, t("side." + side)), el("b", {id: side + "_words"}, "–"),
    el("meter", {id: side, min: 0, max: 100, value: 0, "aria-label": t("side." + side)}));
  const fact = (key, id) => el("div", {}, el("dt", {}, t(key)), el("dd", {id}, "–"));
  place.replaceChildren(
    el("div", {class: "picture"},
      el("canvas", {id: "soles", width: 960, height: 960, tabindex: 0, role: "img", "aria-label": t("live.soles"),
        "aria-describedby": "zone", onpointermove: pointAt, onpointerleave: () => focusZone(null), onblur: () => focusZone(null), onkeydown: stepZone}),
      el("canvas", {id: "scale", width: 140, height: 960, role: "img"}),
      el("p", {id: "calibration"}),
      el("span", {id: "smoothed", hidden: !how.smooth}, t("live.smoothed"))),
    el("p", {id: "zone", role: "status"}),
    el("p", {id: "seen", role: "status"}),
    el("div", {class: "shares"}, bar("left"), bar("right")),
    el("dl", {id: "facts"}, fact("live.force", "force"), fact("live.peak", "peak"), fact("live.area", "area"), fact("live.rate", "rate"),
      fact("live.lost", "lost"), fact("live.health", "health")),
    el("form", {class: "how", onsubmit: (e) => e.preventDefault()}, choice("live.palette", "palette", ["even", "steps"]),
      choice("live.unit", "unit", ["kpa", "ncm2"]), tick("live.smooth", "smooth"), tick("live.zones", "zones"), tick("live.trail", "trail")));
  focusZone(null);
  drawScale();
}

function health(state) {
  const h = state.health, said = [];
  if (h.silent_s > 1)
    said.push(t("health.silent", {s: number(h.silent_s)}));
  if (!h.is_zeroed || h.is_untared)
    said.push(t("health.untared"));
  if (h.masked_cells)
    said.push(t("health.masked", {n: h.masked_cells}));
  if (h.device_dropped || h.bad_frames)
    said.push(t("health.dropped", {n: (h.device_dropped || 0) + h.bad_frames}));
  return said.length ? said.join("; ") : t("health.fine");
}

// What pressures are read by, of a plate or of a recording: the same members.
export const isNominal = (of) => of.calibration_id === "nominal" || of.calibration_is_nominal === true;
export const calibrationWords = (of) => (of.calibration_date ? t("live.calibrated_on", {id: of.calibration_id, day: day(of.calibration_date)}) :
  t("live.calibrated", {id: of.calibration_id}));

function showCalibration(plate) {
  const place = by("calibration"), said = !plate ? "" : isNominal(plate) ? t("live.nominal") : calibrationWords(plate);
  place.classList.toggle("warn", Boolean(plate) && isNominal(plate));
  if (place.textContent !== said)
    place.textContent = said;
}

// What the finder says of the feet that it sees, or why it sees none.
function feetSaid(seen) {
  const said = [];
  for (const foot of seen.feet) {
    const side = t("side." + foot.side);
    if (foot.off_edge)
      said.push(t("seen.off_edge", {side}));
    if (foot.side === null)
      said.push(t("seen.side_unknown"));
    if (foot.zones_missing_reason)
      said.push(t("seen.zones_missing", {side, why: cueWords(foot.zones_missing_reason)}));
  }
  return seen.feet.length || !seen.no_foot_reason ? said : [t("seen.no_foot", {why: cueWords(seen.no_foot_reason)})];
}

const LOST_MS = 5000;
let lost = {count: 0, at: 0};

function lostNow(count) {
  if (count !== lost.count)
    lost = {count, at: count > lost.count ? performance.now() : 0};
  return lost.at && performance.now() - lost.at < LOST_MS;
}

// Of what is seen now: good, or what stands against it. Who sits for the press test is looked at by the test itself.
export function showSeen() {
  const state = now.state, place = by("seen");
  if (!state || !place)
    return;
  const sits = state.press && state.press.tool_kind !== "flat" && ["sit", "test"].includes(state.press.phase), against = now.seen && !sits ? feetSaid(now.seen) : [];
  const isEmpty = !sits && now.seen && !now.seen.feet.length && /^nothing touches/.test(now.seen.no_foot_reason || "");
  if (health(state) !== t("health.fine"))
    against.push(health(state));
  if (lostNow(state.health.lost_frames))
    against.push(t("seen.lost"));
  const said = against.length ? t(isEmpty ? "seen.nobody" : "seen.limited", {why: against.join("; ")}) : t("seen.good");
  place.classList.toggle("limited", against.length > 0 && !isEmpty);
  if (place.textContent !== said) // a reader of the screen is told of changes only
    place.textContent = said;
}

export function showNumbers() {
  const frame = now.frame, state = now.state;
  if (!frame || !state || !by("force"))
    return;
  by("force").textContent = amount(frame.force_n, "N");
  by("peak").textContent = pressure(frame.peak_kpa);
  by("area").textContent = amount(frame.area_cm2, "cm²");
  by("rate").textContent = state.health.rate_hz === null ? "–" : `${number(state.health.rate_hz)} /s`;
  by("lost").textContent = number(state.health.lost_frames);
  by("health").textContent = health(state);
  showCalibration(state.plate);
  const sum = frame.left_n === null ? 0 : frame.left_n + frame.right_n;
  for (const side of ["left", "right"]) {
    const share = sum > 20 ? 100 * frame[side + "_n"] / sum : 0;
    by(side).value = share;
    by(side + "_words").textContent = sum > 20 ? `${number(share)} %` : "–";
  }
}

