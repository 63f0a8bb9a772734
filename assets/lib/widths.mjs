/* The arithmetic of column widths: which numbers may be the widest of a column, and how the room of a table is shared. */
import {quantity} from './format.mjs';

/* What is known of a column's widest text. need: px of its heading, then of the widest text so far. */
export const newColumn = (need) => ({need, most: -Infinity, least: Infinity, sizes: new Map()});

/* With a fixed number of decimals the largest and the least are the widest. Shortened numbers (k, L, cr), strikes and words
   are not so simple: of those the largest of each sign and count of digits counts. */
const isSimple = (style) => !style.endsWith('compact') && style !== 'strike_plain' && style !== 'build_up';
function sizeOf(value, style, lot) {
    if (typeof value !== 'number') return value;
    const written = Math.abs(style.endsWith('compact') ? quantity(value, lot) : value);
    return Math.sign(value) * (2 + Math.floor(Math.log10(Math.max(1, written)))) + (Number.isInteger(value) ? 0 : 0.5);
}

/* Whether a value may need more room than all before it, which is noted: only those are put into words and measured. */
export function mayBeWider(column, value, style, lot) {
    if (isSimple(style)) {
        if (value <= column.most && value >= column.least) return false;
        column.most = Math.max(column.most, value);
        column.least = Math.min(column.least, value);
        return true;
    }
    const size = sizeOf(value, style, lot);
    const before = column.sizes.get(size);
    if (column.sizes.has(size) && (typeof value !== 'number' || before >= Math.abs(value))) return false;
    column.sizes.set(size, Math.abs(value));
    return true;
}

/* The width of each column in a room: as wide as it must be, what is left shared out among those that nobody has dragged.
   columns: [{key, need, own}], own: dragged by the viewer. */
export function shareRoom(columns, room_px) {
    const sum = (list) => list.reduce((total, {need}) => total + need, 0);
    const fixed = sum(columns.filter(({own}) => own));
    const stretch = Math.max(1, (room_px - fixed) / sum(columns.filter(({own}) => !own)));
    return columns.map(({key, need, own}) => ({key, newWidth: Math.floor(own ? need : need * stretch)}));
}
