// Charts of the last half hour (uPlot); each renewal of the page fetches the points since the last.
"use strict";
const charts = document.getElementById("charts");
const COLOURS = ["#1f4e79", "#a11616", "#1a6334", "#7a4b00", "#5b2a86", "#006b6b", "#8a2f5f", "#3d4650"];
const KEPT_SECONDS = 1800;
const drawn = {};
let times = [];
let last = 0;

function clock(at) {
  return new Date(at * 1000).toLocaleTimeString("sv", { timeZone: "Asia/Tokyo" });
}

function series(labels) {
  const lines = labels.map((label, place) => ({
    label, stroke: COLOURS[place % COLOURS.length], width: 2, dash: place >= COLOURS.length ? [6, 4] : undefined,
  }));
  return [{ label: charts.dataset.time, value: (_, at) => (at === null ? "–" : clock(at)) }, ...lines];
}

function draw(place, labels) {
  const options = {
    width: place.clientWidth, height: 240, series: series(labels), cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (_, low, high) => [0, Math.max(1, high)] } },
    axes: [{ space: 90, values: (_, ticks) => ticks.map(clock) }, { size: 60 }],
  };
  const chart = new uPlot(options, [[], ...labels.map(() => [])], place);
  addEventListener("resize", () => chart.setSize({ width: place.clientWidth, height: 240 }));
  return { chart, values: labels.map(() => []) };
}

async function extend() {
  const answer = await fetch(`${charts.dataset.from}?after=${last}`, { cache: "no-store" });
  if (!answer.ok) return;
  const told = await answer.json();
  if (!told.times.length) return;
  times.push(...told.times);
  last = told.times[told.times.length - 1];
  const old = times.filter((at) => at < last - KEPT_SECONDS).length;
  times = times.slice(old);
  for (const place of charts.querySelectorAll(".chart")) {
    const name = place.dataset.series;
    drawn[name] ??= draw(place, told.labels[name]);
    drawn[name].values = drawn[name].values.map((kept, line) => [...kept, ...told[name][line]].slice(old));
    drawn[name].chart.setData([times, ...drawn[name].values]);
  }
}

if (charts) {
  extend().catch(() => {});
  document.addEventListener("renewed", () => extend().catch(() => {}));
}
