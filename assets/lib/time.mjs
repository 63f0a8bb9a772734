/* Time in words: clock and date in IST, ages. All moments are epoch seconds. */
import {known} from './format.mjs';

const inIndia = (shape, locale = 'en-GB') => {
    const writer = new Intl.DateTimeFormat(locale, {timeZone: 'Asia/Kolkata', ...shape});
    return (epoch_s) => writer.format(epoch_s * 1000);
};
const shortDate = inIndia({day: '2-digit', month: 'short', year: '2-digit'});
const day = inIndia({day: '2-digit', month: 'short'});
const longDate = inIndia({weekday: 'long', day: 'numeric', month: 'long', year: 'numeric'});
const sortable = inIndia({dateStyle: 'short', timeStyle: 'medium'}, 'sv-SE');

export const time = inIndia({timeStyle: 'medium'});
export const date = (epoch_s) => shortDate(epoch_s).replaceAll(' ', '-');
/* `03-Feb-26 10:03:00 IST`: a moment that may be of any day. */
export const moment = (epoch_s) => `${date(epoch_s)} ${time(epoch_s)} IST`;
/* `Tuesday 3 February 2026, 10:03:00 IST`, for a screen read from afar. */
export const spelled = (epoch_s) => `${longDate(epoch_s).replace(',', '')}, ${time(epoch_s)} IST`;
/* `10:03:00 IST`, with the day before it where that is not today's. */
export const sinceWhen = (epoch_s, now_s) =>
    `${day(epoch_s) === day(now_s) ? '' : `${day(epoch_s)}, `}${time(epoch_s)} IST`;
/* `3 Feb 2026, 10:03:00`, for a caption. */
export const stamp = inIndia({dateStyle: 'medium', timeStyle: 'medium'});
/* ISO 8601 with the offset of India, for files; null when not known. */
export const iso = (epoch_s) => (known(epoch_s) ? `${sortable(epoch_s).replace(' ', 'T')}+05:30` : null);

/* How long something has lasted. */
export const age = (seconds) => {
    const s = Math.max(0, seconds);
    if (s < 10) return `${s.toFixed(1)} s`;
    if (s < 90) return `${Math.round(s)} s`;
    if (s < 5400) return `${Math.round(s / 60)} min`;
    return s < 172800 ? `${(s / 3600).toFixed(1)} h` : `${Math.round(s / 86400)} d`;
};
