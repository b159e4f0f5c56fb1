import { demoUserData } from './demo-user.js';
import { secondDemoUserData } from './second-demo-user.js';
import type { UserData } from '../wire-records.js';

/** Both users as they are at every start, by id. Only what must follow the calendar hangs on `today`. */
export function demoData(today: Date): Map<string, UserData> {
  return new Map([demoUserData(today), secondDemoUserData(today)].map((data) => [data.profile.id, data]));
}
