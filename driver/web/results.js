// SPDX-License-Identifier: GPL-3.0-or-later
// What came of it: one session, sessions side by side, and a number over time.
import {address, ask, askText, now} from "/station.js";
import {amount, button, el, field, guarded, has, language, number, openFlow, refusedWords, show, t, table, when} from "/parts.js";
import {curvesOf, trendChart} from "/curves.js";
import {showPlan} from "/plan.js";
import {calibrationWords, isNominal, pressure, zoneWords} from "/soles.js";

const go = (name) => document.dispatchEvent(new CustomEvent("go", {detail: name}));
const sideOf = (side) => (side ? t("side." + side) : t("side.unknown"));

// --- One session --------------------------------------------------------------------------------------

function loads(feet) {
  const row = (key, words) => [t(key), ...feet.map(words)];
  return table([t("result.load"), ...feet.map((foot) => sideOf(foot.side))], [
    row("number.load_percent", (f) => amount(f.load_percent, "%", 1)),
    row("number.fore_percent", (f) => amount(f.fore_percent, "%", 1)),
    row("number.peak_kpa", (f) => pressure(f.peak_kpa)),
    row("number.area_cm2", (f) => amount(f.area_cm2, "cm²", 1)),
    row("number.arch_index", (f) => number(f.print && f.print.arch_index, 2))], {id: "loads"});
}

function flags(found) {
  if (found.flags.length)
    return [table([t("result.place"), t("result.level"), t("result.why")], found.flags.map((flag) =>
      [`${sideOf(flag.side)}: ${[flag.zone, flag.as_one_with].filter(Boolean).map(zoneWords).join(" / ")}`, t("level." + flag.level), flag.why]), {id: "flags"}),
    el("p", {class: "note"}, t("result.tradition"))];
  return [el("p", {id: "no_flag"}, found.no_flag_reason)]; // the report's own sentence: not tested is never fine
}

// What weight shifts and a mat told: sentences of the station's, none of which is a flag.
const told = (key, id, list) => ((list || []).length ? [el("h3", {}, t(key)), el("ul", {id}, list.map((one) => el("li", {}, one.words)))] : null);

// A walk: what all steps have in common, and each step. A number that could not be had is a dash; why is in the report.
const ofWalk = [["cadence_per_min", "1/min", 0], ["stride_time_s", "s", 2], ["stride_length_mm", "mm", 0], ["speed_m_s", "m/s", 2]];
const ofStep = [["start_s", "s", 2], ["stance_s", "s", 2], ["step_time_s", "s", 2], ["step_length_mm", "mm", 0], ["max_force_n", "N", 0],
  ["peak_kpa", "kPa", 0], ["progression_deg", "°", 1]];

function walked(walk) {
  if (!walk)
    return null;
  const steps = walk.steps || [];
  const row = (step) => [`${number(step.number)}. ${sideOf(step.side)}${step.is_whole ? "" : ` (${t("walk.cut")})`}`,
    ...ofStep.map(([key, unit, digits]) => (key === "peak_kpa" ? pressure(step[key]) : amount(step[key], unit, digits)))];
  return [el("h3", {}, t("walk.title")),
    ...steps.length ? [el("p", {class: "say", id: "walked"}, t("walk.count", {n: steps.length, left: steps.filter((step) => step.side === "left").length,
      right: steps.filter((step) => step.side === "right").length, whole: walk.whole_steps})),
    table([t("trend.number"), t("trend.value")], ofWalk.map(([key, unit, digits]) => [t("walk." + key), amount(walk[key], unit, digits)]), {id: "walk"}),
    table([t("walk.step"), ...ofStep.map(([key]) => t("walk." + key))], steps.map(row), {id: "steps"})] :
      [el("p", {class: "warn", id: "walked"}, t("walk.none"))]];
}

function notTested(found) {
  const why = new Map();
  for (const zone of found.not_tested || [])
    why.set(zone.why, [...why.get(zone.why) || [], `${sideOf(zone.side)} ${zone.zone}`]);
  return el("details", {id: "not_tested"}, el("summary", {}, t("result.not_tested", {n: found.zones_not_tested || 0})),
    el("ul", {}, [...why].map(([reason, zones]) => el("li", {}, `${reason}: ${zones.join(", ")}`))));
}

// Zones that were pressed and carry no result: each reason once, in the station's own words.
function uncertain(found) {
  const why = new Map();
  for (const foot of found.feet)
    for (const zone of foot.zones.filter((one) => one.uncertain && one.uncertain.code !== "shifts_only"))
      why.set(zone.uncertain.why, [...why.get(zone.uncertain.why) || [], `${sideOf(foot.side)} ${zone.id}`]);
  return why.size ? el("details", {id: "uncertain"}, el("summary", {}, t("result.uncertain")),
    el("ul", {}, [...why].map(([reason, zones]) => el("li", {}, `${reason}: ${zones.join(", ")}`)))) : null;
}

// Zones that this plate's cells cannot tell apart: the station's own sentence of each pair.
function asOne(found) {
  const pairs = found.zones_as_one || [];
  return pairs.length && found.feet.length ? el("p", {class: "note", id: "zones_as_one"}, pairs.map((pair) => pair.why).join("; ")) : null;
}

// What the station went on with after it stopped in the middle.
const partOf = (one) => (one ? el("p", {class: "note", id: "continues"}, t("result.continues", {n: one.segment, name: one.recording, s: number(one.gap_s, 1)})) : null);

function links(path) {
  const link = (key, rest, facts = {}) => el("a", {href: address(path + rest), ...facts}, t(key));
  return [el("details", {id: "exports"}, el("summary", {}, t("export.title")), el("div", {class: "row"},
      link("export.file", "/file", {download: true}), link("export.json", "/analysis", {download: "analysis.json"}),
      link("export.feet", "/tables/feet", {download: "feet.csv"}), link("export.zones", "/tables/zones", {download: "zones.csv"}),
      ["xlsx", "fhir", "gdt", "dicom"].map((as) => el("a", {href: address(`${path}/export?as=${as}&language=${language}`), download: "tenderfoot." + ({fhir: "json", dicom: "dcm"}[as] || as)}, t("export." + as))),
      ["npy", "asf", "lst", "hdf5", "mat"].map((as) => el("a", {href: address(`${path}/export?as=${as}`), download: true}, as)),
      ["png", "svg"].map((as) => el("a", {href: address(`${path}/report?as=${as}&language=${language}`), target: "_blank"}, t("export.picture", {as})))))];
}

// Lines of text and quoted text, as the station's tables have them.
const cellsOf = (line) => [...line.matchAll(/("((?:[^"]|"")*)"|([^,]*))(,|$)/g)].slice(0, -1).map((m) => (m[2] !== undefined ? m[2].replaceAll('""', '"') : m[3]));

// What was found by hand: kind, side, place, text.
async function notesOf(path) {
  const [, ...lines] = (await askText(path + "/tables/notes")).trim().split(/\r?\n/);
  return lines.map(cellsOf).filter((row) => has("note." + row[0])).map(([kind, side, , , text]) =>
    `${sideOf(side)}: ${t("note." + kind)}${text ? " – " + text : ""}`);
}

// With open or closed eyes; "" of any other recording.
const eyesOf = (condition) => (condition ? t("sway." + condition.replace("eyes_", "")) : "");

// Sway in numbers, and with the stand of the other eyes Romberg's quotient.
const swayNumbers = [["sway_velocity_mm_s", "rd", "mean_velocity_mm_s"], ["sway_rms_ml_mm", "ml", "rms_distance_mm"], ["sway_rms_ap_mm", "ap", "rms_distance_mm"],
  ["sway_ellipse95_mm2", "area", "ellipse95_prediction_mm2"], ["sway_path_mm", "rd", "path_mm"]];

async function swayOf(path, recording) {
  if (!["stand", "sway"].includes(recording.protocol))
    return null;
  const sway = await ask(path + "/sway").catch((problem) => problem);
  if (sway instanceof Error) // nobody stood still for long enough: it says so
    return recording.protocol === "sway" ? [el("h3", {}, t("way.sway")), el("p", {id: "swayed"}, sway.message)] : null;
  const row = ([name, group, key]) => {
    const error = ((sway.uncertainty || {})[group] || {})[key] || {};
    return [t("number." + name), shown(name, (sway[group] || {})[key]),
      typeof error.low === "number" ? `${number(error.low, 1)} – ${shown(name, error.high)}` : ""];
  };
  const both = path.startsWith("/sessions/") && recording.condition ? await ask(path + "/romberg") : {};
  return [el("h3", {}, [t("way.sway"), eyesOf(recording.condition)].filter(Boolean).join(", ")),
    table([t("trend.number"), t("trend.value"), t("sway.interval")], swayNumbers.map(row), {id: "swayed"}),
    typeof both.mean_velocity_quotient === "number" ? el("p", {class: "say", id: "romberg_kept"}, t("sway.romberg", {open: number(both.open_mean_velocity_mm_s, 1),
      closed: number(both.closed_mean_velocity_mm_s, 1), ratio: number(both.mean_velocity_quotient, 2)})) : null];
}

// Drawn only when somebody wants to see them.
function curves(path) {
  const place = el("div", {}), all = el("details", {id: "curves", ontoggle: guarded(async () => {
    if (all.open && !place.childElementCount)
      place.replaceChildren(...await curvesOf(path));
  })}, el("summary", {}, t("curve.title")), place);
  return all;
}

// `path` is that of a session or of a recording that is nobody's yet.
export async function showResult(path) {
  const isOpen = openFlow();
  show(el("p", {class: "say", role: "status"}, t("measure.reckons")));
  const found = await ask(`${path}/analysis?language=${language}`), swayed = await swayOf(path, found.recording), noted = await notesOf(path);
  if (!isOpen())
    return;
  now.result = path;
  const quality = found.quality;
  show(el("h2", {}, `${t("way." + (has("way." + found.recording.protocol) ? found.recording.protocol : "results"))}${found.recording.condition ? ", " + eyesOf(found.recording.condition) : ""}, ${when(found.recording.started_utc)}`),
    el("p", {id: "quality"}, el("span", {class: "grade"}, quality.grade), 
      t("result.quality", {why: quality.reasons.map((reason) => words("reason." + reason.reason, reason.reason)).join(", ") || t("result.quality_a")})),
    el("div", {class: "row"}, el("a", {href: address(`${path}/report?language=${language}`), target: "_blank", id: "report", class: "say"}, t("result.report"))),
    isNominal(found.recording) ? el("p", {class: "warn", id: "read_by"}, t("result.nominal")) :
      found.recording.calibration_id ? el("p", {class: "note", id: "read_by"}, t("result.calibrated", {calibration: calibrationWords(found.recording)})) : null,
    partOf(found.recording.continues),
    found.no_foot_reason ? el("p", {class: "warn"}, found.no_foot_reason) : null,
    el("h3", {}, t("result.tender")), flags(found),
    told("result.shifted", "shift_regions", found.shift_regions), told("result.stud_next", "stud_next", found.stud_next),
    found.earlier_sessions ? el("p", {id: "with_earlier"}, t("result.earlier")) : null,
    found.answers_unreliable ? el("p", {class: "warn"}, t("result.unreliable")) : null,
    uncertain(found),
    notTested(found),
    asOne(found),
    walked(found.walk),
    el("h3", {}, t("result.stood")), found.feet.length ? loads(found.feet) : el("p", {}, t("result.no_feet")),
    (found.patterns || []).length ? el("ul", {}, found.patterns.map((pattern) => el("li", {}, pattern.words || pattern.sentence || pattern.pattern))) : null,
    (found.warnings || []).length ? el("details", {}, el("summary", {}, t("result.warnings", {n: found.warnings.length})),
      el("ul", {}, found.warnings.map((warning) => el("li", {}, warning)))) : null,
    noted.length ? [el("h3", {}, t("way.notes")), el("ul", {id: "noted"}, noted.map((words) => el("li", {}, words)))] : null,
    swayed, curves(path), links(path),
    el("div", {class: "row"}, button("way.plan", {class: "big", id: "to_plan"}, guarded(() => showPlan(path))), button("person.results", {class: "big", "data-first": true, id: "to_results"}, () => go("results")),
      button("result.next", {class: "big go", id: "next"}, () => go("stand"))));
}

const words = (key, otherwise) => (has(key) ? t(key) : otherwise);

// --- Sessions -------------------------------------------------------------------------------------------

const named = (session) => [words("way." + session.protocol, session.protocol), eyesOf(session.condition), when(session.started_utc)].filter(Boolean).join(", ");

const INBOX_SHOWN = 20;

async function inbox() {
  const isOpen = openFlow(), {recordings} = await ask("/recordings");
  if (!isOpen())
    return;
  show(el("h2", {}, t("inbox.title")), el("p", {class: "note"}, t("inbox.what")),
    recordings.length ? el("ul", {class: "list", id: "inbox"}, recordings.slice(0, INBOX_SHOWN).map((r) => el("li", {},
      el("button", {type: "button", onclick: guarded(() => showResult("/recordings/" + r.name))}, r.name, r.ended_early ? ` · ${t("inbox.ended_early")}` : "", r.problem ? ` · ${refusedWords(r.problem_code, r.problem)}` : "")))) :
      el("p", {}, t("inbox.none")),
    recordings.length > INBOX_SHOWN ? el("p", {class: "note"}, t("inbox.more", {n: recordings.length - INBOX_SHOWN})) : null);
}

const REPEATS = 16; // as many as the station takes

export async function showResults() {
  if (!now.person) {
    await inbox();
    return;
  }
  const isOpen = openFlow(), {sessions} = await ask(`/clients/${now.person.client}/sessions`);
  if (!isOpen())
    return;
  const ticked = () => ticks.filter((tick) => tick.checked).map((tick) => tick.value).reverse(); // the list is newest first
  const ticks = sessions.map((session) => el("input", {type: "checkbox", value: session.session, "aria-label": t("compare.tick", {what: named(session)}),
    onchange: () => {
      const n = ticked().length;
      compare.disabled = n < 2 || n > 2 + REPEATS;
      compare.textContent = n > 2 ? t("compare.go_repeats", {n: n - 2}) : t("compare.go");
    }}));
  const compare = el("button", {type: "button", class: "big", id: "compare", disabled: true, onclick: guarded(() => showCompare(ticked()))}, t("compare.go"));
  show(el("h2", {}, t("results.title", {label: now.person.label})),
    sessions.length ? table([t("compare.column"), t("results.session"), t("results.flags"), t("results.frames")], sessions.map((session, i) => [ticks[i],
      el("button", {type: "button", onclick: guarded(() => showResult("/sessions/" + session.session))}, named(session)),
      number(session.attention_zones), t("results.frames_are", {n: number(session.frames), lost: number(session.lost_frames)})]), {id: "sessions"}) :
      el("p", {class: "say"}, t("results.none")),
    sessions.length > 2 ? el("p", {class: "note"}, t("compare.repeats_are")) : null,
    el("div", {class: "row"}, compare, button("trend.go", {class: "big", id: "trend"}, guarded(() => showTrend("arch_index")))));
}

// --- Two of them ----------------------------------------------------------------------------------------

const units = {mean_force_n: "N", mean_area_cm2: "cm²", peak_pressure_kpa: "kPa", symmetry_force_percent: "%", load_percent: "%", fore_percent: "%",
  area_cm2: "cm²", peak_kpa: "kPa", arch_index: "", sway_velocity_mm_s: "mm/s", sway_rms_ml_mm: "mm", sway_rms_ap_mm: "mm", sway_ellipse95_mm2: "mm²",
  sway_path_mm: "mm", medial_percent: "%", cop_from_heel_mm: "mm", cop_from_inner_edge_mm: "mm"};
const trended = Object.keys(units).filter((name) => !/^(medial|cop)_/.test(name)); // that the store keeps
const shown = (name, value) => `${number(value, name === "arch_index" ? 3 : 1)} ${units[name] || ""}`.trim();

// What of the comparison is shown: where it stands in the document, and the number's name here.
const compared = ["load_percent", "fore_percent", "medial_percent", "peak_kpa", "area_cm2", "arch_index", "cop_from_heel_mm", "cop_from_inner_edge_mm"];
const comparedSway = [["rd", "mean_velocity_mm_s", "sway_velocity_mm_s"], ["ml", "rms_distance_mm", "sway_rms_ml_mm"], ["ap", "rms_distance_mm", "sway_rms_ap_mm"],
  ["area", "ellipse95_prediction_mm2", "sway_ellipse95_mm2"]];

const verdict = (one) => (one.is_beyond_measuring_error === null ? t("compare.unknown") : t(one.is_beyond_measuring_error ? "compare.larger" : "compare.within"));

// What is not there is told, and why: a row left out would look like one without a change.
const isNumber = (value) => typeof value === "number";
const comparedValue = (name, value) => (isNumber(value) ? shown(name, value) : t("compare.missing"));
const noChange = (why) => [t("compare.missing") + (why ? `: ${why}` : ""), t("compare.unknown")];

function comparedRow(one, name, side) {
  const {before, after, change, mdc95, change_reason: why} = one || {};
  return [t("number." + name) + (side ? `, ${sideOf(side)}` : ""), comparedValue(name, before), comparedValue(name, after),
    ...isNumber(change) ? [(change > 0 ? "+" : "") + shown(name, change) + (isNumber(mdc95) ? ` (± ${shown(name, mdc95)})` : ""), verdict(one)] : noChange(why)];
}

const comparedFoot = (found, side) => (found[side] ? compared.map((name) => comparedRow(found[side][name], name, side)) :
  [[`${sideOf(side)}: ${t("compare.foot")}`, t("compare.missing"), t("compare.missing"), ...noChange(found[side + "_reason"])]]);

function comparedRows(found) {
  return [...["left", "right"].flatMap((side) => comparedFoot(found, side)),
    ...comparedSway.map(([of, key, name]) => comparedRow(((found.sway || {})[of] || {})[key], name, ""))];
}

// A flag gained or lost is a difference of two verdicts; the ratio with its own verdict says what moved.
const became = (zone) => t("became." + zone.became) + (typeof zone.threshold_ratio === "number" ?
  ` (× ${number(zone.threshold_ratio, 2)}; ${t("compare.judged")}: ${verdict(zone)})` : "");
const thresholdOf = (of) => (of && typeof of.threshold_kpa === "number" ? (of.threshold_is_lower_bound ? "> " : "") + amount(of.threshold_kpa, "kPa") : t("compare.not_tested"));

function tenderZones(tenderness) {
  if (!tenderness || !(tenderness.zones || []).length)
    return el("p", {}, tenderness && !tenderness.is_comparable ? t("compare.no_press") : t("compare.no_zones"));
  return table([t("result.place"), t("compare.before"), t("compare.after"), t("compare.became")], tenderness.zones.map((zone) =>
    [`${sideOf(zone.side)}: ${zoneWords(zone.zone)}`, thresholdOf(zone.before), thresholdOf(zone.after), became(zone)]), {id: "zones_compared"});
}

// Changes, larger than the measuring error or not; the difference map; tender zones gained and lost.
// Sessions that were ticked between the two are repeats of the first.
async function showCompare(chosen) {
  const before = chosen[0], after = chosen[chosen.length - 1], repeats = chosen.slice(1, -1);
  const path = `/sessions/${before}/compare/${after}`, also = repeats.length ? "&repeat=" + repeats.join(",") : "";
  show(el("p", {class: "say", role: "status"}, t("measure.reckons")));
  const found = await ask(`${path}?language=${language}${also}`);
  const [first, second] = await Promise.all([before, after].map((id) => ask("/sessions/" + id)));
  show(el("h2", {}, t("compare.title")), el("p", {class: "note"}, t("compare.what")),
    repeats.length ? el("p", {id: "repeats"}, t("compare.with_repeats", {n: repeats.length})) : null,
    first.plate_serial !== second.plate_serial || first.calibration_id !== second.calibration_id ? el("p", {class: "warn"}, t("compare.other_plate")) : null,
    table([t("compare.number"), when(first.started_utc), when(second.started_utc), t("compare.change"), t("compare.judged")], comparedRows(found), {id: "compared"}),
    el("h3", {}, t("compare.zones")), tenderZones(found.tenderness),
    found.difference && (found.difference.left || found.difference.right) ? [el("h3", {}, t("compare.map")),
      el("a", {href: address(`${path}/picture?as=pdf${also}`), target: "_blank"},
        el("img", {src: address(`${path}/picture?as=svg${also}`), alt: t("compare.map_alt"), class: "page_picture", id: "difference"}))] : null,
    (found.warnings || []).length ? el("details", {}, el("summary", {}, t("result.warnings", {n: found.warnings.length})), el("ul", {}, found.warnings.map((w) => el("li", {}, w)))) : null,
    el("div", {class: "row"}, el("a", {href: address(`/sessions/${after}/report?language=${language}&compare_with=${before}`), target: "_blank", id: "compare_report", class: "say"},
      t("compare.report"))),
    button("person.results", {class: "big", "data-first": true}, () => go("results")));
}

// --- A number over time -----------------------------------------------------------------------------------

// Sway with open and with closed eyes are numbers of their own: the condition stands behind the name.
const trends = trended.flatMap((name) => (name.startsWith("sway_") ? ["eyes_open", "eyes_closed", "unstated"].map((eyes) => `${name}:${eyes}`) : [name]));
const trendName = (one) => {
  const [name, condition] = one.split(":");
  return t("number." + name) + (condition ? ", " + eyesOf(condition) : "");
};

const repeatsOf = (name, one) => t("trend.repeats", {series: [words("way." + one.protocol, one.protocol), eyesOf(one.condition),
  one.side && sideOf(one.side)].filter(Boolean).join(", "), sd: shown(name, one.sd_within), days: one.days, mdc: shown(name, one.mdc95)});

async function showTrend(asked) {
  const [name] = asked.split(":");
  const which = el("select", {id: "number", "data-first": true, onchange: guarded(() => showTrend(which.value))},
    trends.map((one) => el("option", {value: one, selected: one === asked}, trendName(one))));
  const {points, repeatability} = await ask(`/clients/${now.person.client}/trend?number=${asked}`);
  const known = points.filter((p) => typeof p.value === "number");
  show(el("h2", {}, t("trend.title")), el("div", {class: "form"}, field("trend.number", which)),
    known.length ? [trendChart(known, name, (one) => `${t("number." + one)}${units[one] ? ", " + units[one] : ""}`), el("p", {class: "note"}, t("trend.bars")),
      ...repeatability.map((one) => el("p", {class: "note repeats"}, repeatsOf(name, one))),
      table([t("results.session"), t("compare.side"), t("trend.value")], known.map((p) => [when(p.started_utc), p.side ? sideOf(p.side) : "",
        shown(name, p.value) + (p.low === null ? "" : ` (${shown(name, p.low)} – ${shown(name, p.high)}${p.error_from === "repeats" ? ", " + t("trend.from_repeats") : ""})`)]))] : el("p", {class: "say"}, t("trend.none")),
    button("person.results", {class: "big"}, () => go("results")));
}
