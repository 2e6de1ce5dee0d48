// SPDX-License-Identifier: GPL-3.0-or-later
// Curves, drawn by Chart.js (Debian's package, served by the station itself).
import {askText} from "/station.js";
import {el, language, t} from "/parts.js";

const dark = "#1a1a1a", left = "#0b5a75", right = "#b3541e";
export const sideColours = {"": dark, left, right};

// A picture of its own size: Chart.js would follow the page's, and redraw for ever in a flow.
function frame(id, label, width = 1100, height = 380) {
  return el("canvas", {id, width, height, class: "chart", role: "img", "aria-label": label});
}

const axis = (text, more = {}) => ({title: {display: true, text, font: {size: 18}, color: dark},
  ticks: {font: {size: 16}, color: dark}, ...more});

function draw(canvas, config) {
  config.options = {responsive: false, animation: false, events: [], locale: language, ...config.options,
    plugins: {legend: {labels: {font: {size: 16}, color: dark}}, ...config.options.plugins}};
  const drawn = new window.Chart(canvas, config);
  for (const side of ["width", "height"]) // the page's own measure, not that of the drawing
    canvas.style.removeProperty(side);
  return drawn;
}

// A number over sessions: a line a side, and a bar from the low to the high end of its interval.
export function trendChart(points, name, shown) {
  const canvas = frame("chart", t("trend.chart"), 1100, 420);
  const times = [...new Set(points.map((p) => p.started_utc))].sort();
  const labels = times.map((utc) => new Date(utc).toLocaleDateString(language, {dateStyle: "short"}));
  const datasets = [];
  for (const side of Object.keys(sideColours)) {
    const mine = points.filter((p) => (p.side || "") === side), at = (utc) => mine.find((p) => p.started_utc === utc);
    if (!mine.length)
      continue;
    const colour = sideColours[side], label = t(side ? "side." + side : "side.both");
    datasets.push({type: "line", label, data: times.map((utc) => (at(utc) ? at(utc).value : null)), spanGaps: true, borderColor: colour,
      backgroundColor: colour, borderWidth: 3, pointRadius: 6, pointStyle: {left: "circle", right: "rect", "": "triangle"}[side]});
    if (mine.some((p) => p.low !== null))
      datasets.push({type: "bar", label: t("trend.interval", {side: label}), data: times.map((utc) => (at(utc) && at(utc).low !== null ? [at(utc).low, at(utc).high] : null)),
        backgroundColor: colour + "55", borderColor: colour, borderWidth: 1, barThickness: 12, grouped: true});
  }
  draw(canvas, {data: {labels, datasets}, options: {scales: {x: axis(t("results.session"), {ticks: {font: {size: 16}, color: dark}}),
    y: axis(shown(name), {beginAtZero: false, grace: "10%"})}}});
  return canvas;
}

// --- Force over time, and the way of the centre of pressure -----------------------------------------

const POINTS_MAX = 1500; // more than a screen has columns

async function framesOf(path) {
  const [head, ...rows] = (await askText(path + "/tables/frames")).trim().split("\n").map((line) => line.split(","));
  const step = Math.max(1, Math.ceil(rows.length / POINTS_MAX)), column = (name) => head.indexOf(name);
  const value = (row, name) => (row[column(name)] === "" || row[column(name)] === undefined ? null : Number(row[column(name)]));
  return rows.filter((_, i) => i % step === 0).map((row) => ({t: value(row, "time_s"), force: value(row, "force_n"),
    x: value(row, "cop_x_mm"), y: value(row, "cop_y_mm")}));
}

const line = (data, colour) => ({data, borderColor: colour, borderWidth: 2, pointRadius: 0, showLine: true, spanGaps: false});

export async function curvesOf(path) {
  const frames = await framesOf(path);
  const force = frame("force_curve", t("curve.force")), centre = frame("cop_curve", t("curve.cop"), 560, 420);
  centre.classList.add("narrow");
  draw(force, {type: "scatter", data: {datasets: [line(frames.map((f) => ({x: f.t, y: f.force})), dark)]},
    options: {plugins: {legend: {display: false}}, scales: {x: axis(t("curve.time")), y: axis(t("curve.force_n"), {beginAtZero: true})}}});
  draw(centre, {type: "scatter", data: {datasets: [line(frames.filter((f) => f.x !== null).map((f) => ({x: f.x, y: f.y})), "#b00000")]},
    options: {plugins: {legend: {display: false}}, scales: {x: axis(t("curve.x")), y: axis(t("curve.y"))}}});
  return [el("h3", {}, t("curve.force")), force, el("h3", {}, t("curve.cop")), centre];
}
