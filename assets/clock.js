/* Time in words, for every page: clock and date in IST, ages. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const TIME = new Intl.DateTimeFormat('en-GB', {timeZone: 'Asia/Kolkata', timeStyle: 'medium'});
    const DATE = new Intl.DateTimeFormat('en-GB', {
        timeZone: 'Asia/Kolkata',
        day: '2-digit',
        month: 'short',
        year: '2-digit',
    });

    const time = (epoch_s) => TIME.format(epoch_s * 1000);
    const date = (epoch_s) => DATE.format(epoch_s * 1000).replaceAll(' ', '-');
    /* `03-Feb-26 10:03:00 IST`: a moment that may be of any day. */
    const moment = (epoch_s) => `${date(epoch_s)} ${time(epoch_s)} IST`;
    /* What stands wherever a recording is shown instead of the market; '' where none is. */
    const recorded = (market_ts) => (board.known(market_ts) ? `replay of ${moment(market_ts)}` : '');
    const age = (s) =>
        s < 0
            ? '0.0 s'
            : s < 10
              ? `${s.toFixed(1)} s`
              : s < 90
                ? `${Math.round(s)} s`
                : s < 5400
                  ? `${Math.round(s / 60)} min`
                  : `${(s / 3600).toFixed(1)} h`;

    board.clock = {time, date, moment, recorded, age};
})();
