import { type DynamicModule, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { DatabaseModule } from '../database/database.module.js';
import { PwaBeModule } from '../pwa-be/pwa-be.module.js';
import { ActionTokenStore } from './action-token.store.js';
import { ApiWriteGate } from './api-write-gate.js';
import { CommitClosing } from './commit-closing.js';
import { CommitOpening } from './commit-opening.js';
import { Committer } from './committer.js';
import { ConfirmationState } from './confirmation-state.js';
import { CRASH_POINTS, NO_CRASH_POINTS } from './crash-points.js';
import { CREDENTIAL_LOCKS, GRANT_LOCK, PAT_LOCK, SESSION_LOCK } from './credential-lock.js';
import { FreezeService } from './freeze.service.js';
import { InFlight } from './in-flight.js';
import { KeyedWrites } from './keyed-writes.js';
import { Observers } from './observers.js';
import { OpenCommits } from './open-commits.js';
import { OpeningTurns } from './opening-turns.js';
import { PersonAsked } from './person-asked.js';
import { Reconciler } from './reconciler.js';
import { RoundTrip } from './round-trip.js';
import { RunningCommits } from './running-commits.js';
import { SAFETY_TIMING, safetyTiming } from './safety-timing.js';
import { StubbornClosing } from './stubborn-closing.js';
import { WRITE_OPERATIONS, type WriteOperation } from './write-operation.js';

/**
 * Everything between a write tool and the PUT. Imports the database and pwa-be, so that Nest ends this room, and with it
 * the commits in flight, before those two.
 */
@Module({})
export class SafetyModule {
  /** @param operations all that can be written; the write tools', given by the room above */
  static with(operations: readonly WriteOperation[]): DynamicModule {
    return {
      module: SafetyModule,
      imports: [DatabaseModule, PwaBeModule],
      providers: [
        { provide: WRITE_OPERATIONS, useValue: operations },
        { provide: CREDENTIAL_LOCKS, useValue: [PAT_LOCK, GRANT_LOCK, SESSION_LOCK] },
        { provide: CRASH_POINTS, useValue: NO_CRASH_POINTS },
        { provide: SAFETY_TIMING, inject: [CONFIG], useFactory: (config: Config) => safetyTiming(config) },
        {
          provide: ConfirmationState,
          inject: [CONFIG],
          useFactory: ({ secrets }: Config) => new ConfirmationState(secrets.tokenPepper),
        },
        ActionTokenStore,
        ApiWriteGate,
        CommitClosing,
        CommitOpening,
        Committer,
        FreezeService,
        InFlight,
        KeyedWrites,
        Observers,
        OpenCommits,
        OpeningTurns,
        PersonAsked,
        Reconciler,
        RoundTrip,
        RunningCommits,
        StubbornClosing,
      ],
      exports: [RoundTrip, FreezeService, ApiWriteGate],
    };
  }
}
