/** Writing moments by Go layouts. */
import { civil, type Civil, dayNames, type Moment, monthNames } from "./calendar.ts";
import { layoutElements } from "./time-layout.ts";

function pad(value: number, width: number, fill = "0"): string {
  return String(value).padStart(width, fill);
}

function year(value: number, width: number): string {
  return value < 0 ? `-${pad(-value, width)}` : pad(value, width);
}

/** An offset by its element: `-0700`, `Z07:00:00`, … */
function offsetText(element: string, offset: number): string {
  if (element.startsWith("Z") && offset === 0) return "Z";
  const separator = element.includes(":") ? ":" : "";
  const seconds = Math.abs(offset);
  const parts = [Math.floor(seconds / 3600)];
  const digits = element.replaceAll(/\D/g, "").length;
  if (digits >= 4) parts.push(Math.floor(seconds / 60) % 60);
  if (digits >= 6) parts.push(seconds % 60);
  return (offset < 0 ? "-" : "+") + parts.map((part) => pad(part, 2)).join(separator);
}

function zoneName(moment: Moment): string {
  if (moment.zone !== "") return moment.zone;
  if (moment.offset === 0) return "UTC";
  return offsetText(moment.offset % 3600 === 0 ? "-07" : "-0700", moment.offset);
}

function fraction(text: string, nanoseconds: number): string {
  const digits = pad(nanoseconds, 9)
    .padEnd(text.length - 1, "0")
    .slice(0, text.length - 1);
  if (text.charAt(1) === "0") return text.charAt(0) + digits;
  const trimmed = digits.replace(/0+$/, "");
  return trimmed === "" ? "" : text.charAt(0) + trimmed;
}

function elementText(element: string, text: string, fields: Civil, moment: Moment): string {
  const hour12 = fields.hour % 12 === 0 ? 12 : fields.hour % 12;
  switch (element) {
    case "2006":
      return year(fields.year, 4);
    case "06":
      return pad(Math.abs(fields.year) % 100, 2);
    case "January":
      return monthNames[fields.month - 1] ?? "";
    case "Jan":
      return (monthNames[fields.month - 1] ?? "").slice(0, 3);
    case "01":
      return pad(fields.month, 2);
    case "1":
      return String(fields.month);
    case "Monday":
      return dayNames[fields.weekday] ?? "";
    case "Mon":
      return (dayNames[fields.weekday] ?? "").slice(0, 3);
    case "2":
      return String(fields.day);
    case "_2":
      return pad(fields.day, 2, " ");
    case "02":
      return pad(fields.day, 2);
    case "__2":
      return pad(fields.yearDay, 3, " ");
    case "002":
      return pad(fields.yearDay, 3);
    case "15":
      return pad(fields.hour, 2);
    case "3":
      return String(hour12);
    case "03":
      return pad(hour12, 2);
    case "4":
      return String(fields.minute);
    case "04":
      return pad(fields.minute, 2);
    case "5":
      return String(fields.second);
    case "05":
      return pad(fields.second, 2);
    case "PM":
      return fields.hour >= 12 ? "PM" : "AM";
    case "pm":
      return fields.hour >= 12 ? "pm" : "am";
    case "MST":
      return zoneName(moment);
    case ".0":
    case ".9":
      return fraction(text, moment.nanoseconds);
    default:
      return offsetText(element, moment.offset);
  }
}

export function formatTime(moment: Moment, layout: string): string {
  const fields = civil(moment);
  return layoutElements(layout)
    .map(({ element, prefix, text }) => prefix + (element === undefined ? "" : elementText(element, text, fields, moment)))
    .join("");
}
