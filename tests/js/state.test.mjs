import assert from 'node:assert/strict';
import {test} from 'node:test';
import {CALM, clause, shout, stateOf} from '../../assets/lib/state.mjs';

const offline = {message: 'No answer.', since_ts: 5};
const live = {state: 'live', message: '', since_ts: 1};
const stale = {state: 'stale', message: 'Nothing comes.', since_ts: 2};
const page = {silent_ms: 100, limit_ms: 5000, offline, status: live};

test('the server decides', () => {
    for (const status of [
        live,
        stale,
        {state: 'closed', message: 'Closed.'},
        {state: 'login_needed', message: 'Log in.'},
    ])
        assert.equal(stateOf({...page, status}), status);
});

test('silence outranks whatever the server said last', () => {
    assert.equal(stateOf({...page, silent_ms: 5000}).state, 'live');
    assert.deepEqual(stateOf({...page, silent_ms: 5001}), {state: 'offline', ...offline});
    assert.equal(stateOf({...page, silent_ms: 5001, status: null}).state, 'offline');
    assert.equal(stateOf({...page, silent_ms: 1e9, limit_ms: Infinity}).state, 'live'); // the page does not stand yet
});

test('before the first answer a page is starting', () => {
    assert.equal(stateOf({...page, status: undefined}).state, 'starting');
});

test('a series just chosen loads before it is stale', () => {
    assert.equal(stateOf({...page, status: stale, awaited_ms: 9999}).state, 'loading');
    assert.equal(stateOf({...page, status: stale, awaited_ms: 10000}), stale);
    assert.equal(stateOf({...page, status: stale}), stale);
    assert.equal(stateOf({...page, awaited_ms: 0}).state, 'live');
});

test('no number of half a minute ago is live', () => {
    const old = {...page, as_of_ts: 100, now_s: 131};
    assert.deepEqual(stateOf(old), {state: 'stale', message: 'no new number has come in', since_ts: 100});
    assert.equal(stateOf({...old, now_s: 130}).state, 'live');
    assert.equal(stateOf({...old, as_of_ts: null}).state, 'live');
    assert.equal(stateOf({...old, status: stale}), stale);
});

test('words of a band', () => {
    assert.deepEqual(CALM, ['live', 'starting', 'loading']);
    assert.equal(shout('login_needed'), 'LOGIN NEEDED');
    assert.equal(clause('No answer.'), 'No answer');
    assert.equal(clause('at 25.5 %'), 'at 25.5 %');
});
