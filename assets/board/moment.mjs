/* The recorded moment that the page shows, null for now. It is asked of the server with the frame, and is part of the link. */
import {momentOf} from '../lib/time_bar.mjs';
import {asked} from './theme.mjs';

const first = momentOf(asked);
const moment = {at: Number.isNaN(first) ? null : first};

export const momentShown = () => moment.at;
/* Whether a frame is of the moment that is shown, and not of the one that is being left. */
export const isOfMoment = (frame) => (frame.state === 'recorded') === (moment.at !== null);

export function showMoment(at) {
    moment.at = at;
    window.dash_clientside.set_props('moment', {data: at === null ? null : {at}});
}
