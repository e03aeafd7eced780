import { describe, expect, it } from "vitest";
import { formatAge, formatGoDuration, parseGoDuration } from "./duration.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe("parseGoDuration", () => {
  it.each([
    ["0", 0],
    ["300ms", 300],
    ["1.5h", 1.5 * hour],
    ["1h30m", 1.5 * hour],
    ["-2s", -2000],
    [".5s", 500],
    ["24h", day],
  ])("reads %s", (text, ms) => expect(parseGoDuration(text)).toBe(ms));

  it.each(["", "1d", "1", "h", "1h-2m", "1 h", "+", "abc"])("refuses %j", (text) => expect(parseGoDuration(text)).toBeUndefined());
});

describe("formatGoDuration", () => {
  it.each([
    [0, "0s"],
    [20, "20ms"],
    [2000, "2s"],
    [1500, "1.5s"],
    [90_000, "1m30s"],
    [hour, "1h0m0s"],
    [-2000, "-2s"],
  ])("writes %d ms as %s", (ms, text) => expect(formatGoDuration(ms)).toBe(text));
});

describe("formatAge", () => {
  it.each([
    [5000, "5s"],
    [119_000, "119s"],
    [2 * minute + 3000, "2m3s"],
    [15 * minute, "15m"],
    [3 * hour + 5 * minute, "3h5m"],
    [12 * hour, "12h"],
    [2 * day + 5 * hour, "2d5h"],
    [30 * day, "30d"],
    [(2 * 365 + 10) * day, "2y10d"],
    [9 * 365 * day, "9y"],
  ])("writes %d ms as kubectl does: %s", (ms, text) => expect(formatAge(ms)).toBe(text));
});
