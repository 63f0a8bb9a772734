/* Walls and the page of six indices: starts what listens, and then Dash's renderer. Nothing of ours is on `window`. */
import {start as startCharts} from '../page/charts.mjs';
import {start as startSpoken} from '../page/spoken.mjs';
import {start as startBuilder} from './builder.mjs';
import {start as startKiosk} from './kiosk.mjs';
import {start as startScenes} from './scenes.mjs';

for (const start of [startCharts, startSpoken, startBuilder, startKiosk, startScenes]) start();
document.documentElement.dataset.started = 'yes'; // for start.js
new window.DashRenderer();
