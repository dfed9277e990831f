import { expandCron, parseCron } from "../../kube/mod.ts"

const monthNames = "January February March April May June July August September October November December".split(" ")
const dayNames = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ")

/** A cron expression in words: `at 02:30 on Monday to Friday`; the text itself when it is no expression. */
export function describeCron(expression: string): string {
  const schedule = parseCron(expression)
  if (schedule === undefined) return expression
  const [minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = ""] = expandCron(expression).split(" ")
  const days = [
    isOpen(dayOfMonth) ? "" : `day ${fieldWords(dayOfMonth, schedule.daysOfMonth)} of the month`,
    isOpen(dayOfWeek) ? "" : fieldWords(dayOfWeek, schedule.daysOfWeek, dayNames),
  ].filter((words) => words !== "")
  const months = isOpen(month)
    ? ""
    : ` in ${fieldWords(
        month,
        schedule.months.map((n) => n - 1),
        monthNames,
      )}`
  const on = days.length > 0 ? ` on ${days.join(" or ")}` : ""
  return `${timeWords({ minute, hour }, schedule)}${on}${months}`
}

function isOpen(field: string): boolean {
  return field === "*" || field === "?"
}

type Times = { readonly minutes: readonly number[]; readonly hours: readonly number[] }

function timeWords({ minute, hour }: { readonly minute: string; readonly hour: string }, times: Times): string {
  const every = /^\*\/(\d+)$/
  const minuteStep = every.exec(minute)?.[1]
  const hourStep = every.exec(hour)?.[1]
  const clockTimes = times.minutes.length * times.hours.length
  if (clockTimes <= 4) return `at ${listed(timesOf(times))}`
  const minutes = isOpen(minute)
    ? "every minute"
    : minuteStep !== undefined
      ? `every ${minuteStep} minutes`
      : `at minute ${fieldWords(minute, times.minutes)}`
  if (isOpen(hour)) return minuteStep !== undefined || isOpen(minute) ? minutes : `${minutes} of every hour`
  return hourStep === undefined
    ? `${minutes} of hour ${fieldWords(hour, times.hours)}`
    : `${minutes} of every ${hourStep} hours`
}

function timesOf({ minutes, hours }: Times): readonly string[] {
  const two = (n: number) => String(n).padStart(2, "0")
  return hours.flatMap((hour) => minutes.map((minute) => `${two(hour)}:${two(minute)}`))
}

/** `1 to 5` for a range, else `1, 2 and 4`. */
function fieldWords(field: string, values: readonly number[], names?: readonly string[]): string {
  const shown = values.map((value) => names?.[value] ?? String(value))
  const isRange = /^\w+-\w+$/.test(field) && shown.length > 1
  return isRange ? `${shown[0]} to ${shown.at(-1)}` : listed(shown)
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`
}
