import assert from 'node:assert/strict';
import {test} from 'node:test';
import {mayBeWider, newColumn, shareRoom} from '../../assets/lib/widths.mjs';

const considered = (style, values, lot = 0) => {
    const column = newColumn(10);
    return values.filter((value) => mayBeWider(column, value, style, lot));
};

test('of prices only a new largest or least one may be wider', () => {
    assert.deepEqual(considered('price', [5, 4, 6, 5.5, 6, -1, 0]), [5, 4, 6, -1]);
});

test('of shortened numbers the largest of each sign and count of digits may be', () => {
    assert.deepEqual(considered('compact', [950, 940, 1500, 1400, 99_999, -950, 980]), [950, 1500, 99_999, -950, 980]);
    assert.deepEqual(considered('build_up', ['LB', 'SB', 'LB']), ['LB', 'SB']);
});

test('what is read in lots is measured in lots', () => {
    assert.deepEqual(considered('compact', [65_000, 58_500], 65), [65_000, 58_500]); // 1.0k and 900
    assert.deepEqual(considered('compact', [65_000, 58_500]), [65_000]);
});

test('room that is left is shared out, but not to columns of a viewer', () => {
    const columns = [
        {key: 'a', need: 50, own: false},
        {key: 'b', need: 100, own: false},
        {key: 'c', need: 30, own: true},
    ];
    const widths = (room) => shareRoom(columns, room).map(({newWidth}) => newWidth);
    assert.deepEqual(widths(330), [100, 200, 30]);
    assert.deepEqual(widths(100), [50, 100, 30], 'no number is ever cut');
});
