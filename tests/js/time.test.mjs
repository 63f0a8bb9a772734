import assert from 'node:assert/strict';
import {test} from 'node:test';
import {age, date, iso, moment, sinceWhen, spelled, stamp, time} from '../../assets/lib/time.mjs';

const MORNING = Date.UTC(2026, 1, 3, 4, 33) / 1000; // 10:03 in India

test('clocks and dates are those of India, on whatever machine', () => {
    assert.equal(time(MORNING), '10:03:00');
    assert.equal(date(MORNING), '03-Feb-26');
    assert.equal(moment(MORNING), '03-Feb-26 10:03:00 IST');
    assert.equal(spelled(MORNING), 'Tuesday 3 February 2026, 10:03:00 IST');
    assert.equal(iso(MORNING), '2026-02-03T10:03:00+05:30');
    assert.match(stamp(MORNING), /^3 Feb 2026, 10:03:00$/);
    assert.equal(date(Date.UTC(2026, 1, 3, 20) / 1000), '04-Feb-26'); // after midnight there
    assert.equal(iso(null), null);
});

test('midnight is 00, not 24', () => {
    assert.equal(time(Date.UTC(2026, 1, 3, 18, 30) / 1000), '00:00:00');
});

test('since when names the day only where it is another one', () => {
    assert.equal(sinceWhen(MORNING, MORNING + 60), '10:03:00 IST');
    assert.equal(sinceWhen(MORNING, MORNING + 86400), '03 Feb, 10:03:00 IST');
});

test('ages grow coarser with their size and are never negative', () => {
    const ages = {'-3': '0.0 s', 0: '0.0 s', 9.94: '9.9 s', 10: '10 s', 89.4: '89 s', 90: '2 min', 5399: '90 min'};
    const later = {5400: '1.5 h', 172799: '48.0 h', 172800: '2 d', 864000: '10 d'};
    for (const [seconds, text] of Object.entries({...ages, ...later})) assert.equal(age(Number(seconds)), text);
});
