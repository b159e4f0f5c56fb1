import { sideField } from '../shapes/fields.js';
import { timeframeField } from '../shapes/pnl.shape.js';
import type { Completer } from './completer.js';

export const sides: Completer = { values: sideField.options };

export const timeframes: Completer = { values: timeframeField.options };
