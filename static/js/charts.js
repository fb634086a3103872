/* Draws the coverage of areas as bars and by day as a line. The tables beside them say the same
   without JavaScript. */
"use strict";

const BAR_HEIGHT = 30;
const MOST_BARS = 60; /* beyond that the table reads better */

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function coverageOption(data) {
  const text = { color: colour("--tblr-body-color"), fontSize: 14 };
  const series = (name, values, fill) => ({
    name, type: "bar", stack: "all", data: values, barMaxWidth: 18, itemStyle: { color: fill },
  });
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 24, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, itemHeight: 10, itemWidth: 16, textStyle: text },
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, confine: true },
    xAxis: { type: "value", minInterval: 1, splitNumber: 3, axisLabel: { color: colour("--tblr-secondary"), hideOverlap: true }, splitLine: { lineStyle: { color: colour("--tblr-border-color") } } },
    yAxis: { type: "category", inverse: true, data: data.names, axisTick: { show: false }, axisLabel: { ...text, width: innerWidth < 576 ? 96 : 176, overflow: "truncate" } },
    series: [
      series("已覆盖", data.covered, colour("--tblr-primary")),
      series("未覆盖", data.left, "#d8d3c8"),
    ],
  };
}

function drawChart(box) {
  const data = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  if (data.names.length < 2 || data.names.length > MOST_BARS) return;
  box.hidden = false;
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", "各区域已覆盖和未覆盖的数量，数字见下表");
  const canvas = document.createElement("div");
  canvas.style.height = `${data.names.length * BAR_HEIGHT + 72}px`;
  box.append(canvas);
  const chart = echarts.init(canvas, null, { renderer: "canvas" });
  chart.setOption(coverageOption(data));
  window.addEventListener("resize", () => chart.resize());
}

function trendOption(data) {
  const grey = { color: colour("--tblr-secondary"), hideOverlap: true };
  const series = (name, values, fill) => ({
    name, type: "line", data: values, showSymbol: false, lineStyle: { color: fill }, itemStyle: { color: fill },
  });
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 24, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, itemHeight: 10, itemWidth: 16, textStyle: { color: colour("--tblr-body-color"), fontSize: 14 } },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true },
    xAxis: { type: "category", data: data.days, axisLabel: grey },
    yAxis: { type: "value", min: 0, minInterval: 1, splitNumber: 3, axisLabel: grey, splitLine: { lineStyle: { color: colour("--tblr-border-color") } } },
    series: [
      series("已覆盖", data.covered, colour("--tblr-primary")),
      series("登记", data.registered, "#8a8578"),
    ],
  };
}

function drawTrend(box) {
  const data = JSON.parse(document.getElementById(box.dataset.trend).textContent);
  box.hidden = false;
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", "逐日已覆盖和登记的数量，数字见下表");
  const canvas = document.createElement("div");
  canvas.style.height = "220px";
  box.append(canvas);
  const chart = echarts.init(canvas, null, { renderer: "canvas" });
  chart.setOption(trendOption(data));
  window.addEventListener("resize", () => chart.resize());
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-chart]").forEach(drawChart);
  document.querySelectorAll("[data-trend]").forEach(drawTrend);
});
