/* Questions to a frame: a number by its path, and where a strike stands in its chain. */
import {known} from './format.mjs';

/* A number by its path; `window.…` is that of the chosen strike window, as the feed computed it. */
export const at = (frame, path, strikes = 0) => {
    const [first, ...rest] = path.split('.');
    const start = first === 'window' ? frame.window_metrics?.[strikes] : frame[first];
    return rest.reduce((value, key) => value?.[key], start);
};

/* The classes of a strike's row: which side is in the money, whether it is the ATM strike or an OI wall. */
export const rowMarks = (frame, strike) => {
    const centre = known(frame.forward) ? frame.forward : frame.spot;
    const {call_wall, put_wall} = frame.metrics;
    const marks = [
        known(centre) && (strike < centre ? 'itm-call' : 'itm-put'),
        strike === frame.atm_strike && 'atm',
        strike === call_wall && 'call-wall',
        strike === put_wall && 'put-wall',
    ];
    return marks.filter(Boolean).join(' ');
};
export const ROW_MARKS = ['itm-call', 'itm-put', 'atm', 'call-wall', 'put-wall'];

/* Whether a chain is of a recording: live, the exchange's clock is ours. */
export const isRecorded = ({state, recorded_ts, as_of_ts, market_ts}) =>
    state === 'replay' || state === 'recorded' || known(recorded_ts) || Math.abs(as_of_ts - market_ts) > 60;

/* [side, field] of a column's id; of what belongs to the strike as a whole the side is ''. */
export const sideAndField = (id) => (id.match(/^(call|put)_(.*)/) || [id, '', id]).slice(1);

/* The name of a file about a series, with what follows the series' own. */
export const fileName = (key, ending) => `${key.replace('|', '_').replace(':', '-')}${ending}`;
