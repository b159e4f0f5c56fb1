// One instance of the service for the crash and race runs: the real application, whose named crash points and timing
// are the driver's. Dies with its driver.
import './shifted-clock.js';
import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createAdapter } from '../../src/http/fastify.js';
import { createLogger } from '../../src/logging/logger.js';
import { NestLogger } from '../../src/logging/nest-logger.js';
import { CRASH_POINTS } from '../../src/safety/crash-points.js';
import { SAFETY_TIMING, type SafetyTiming, safetyTiming } from '../../src/safety/safety-timing.js';
import { type Instruction, type Report, SteeredCrashPoints } from './steering.js';

process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// It may have gone while this file was being loaded.
if (!process.connected) process.kill(process.pid, 'SIGKILL');

const report = (message: Report): void => void process.send?.(message);
const points = new SteeredCrashPoints(report);
process.on('message', (instruction: Instruction) => points.take(instruction));

const config = await loadConfig(process.env);
const logger = createLogger(config);
const timing: SafetyTiming = {
  ...safetyTiming(config),
  ...(JSON.parse(process.env['CHAOS_TIMING'] ?? '{}') as Partial<SafetyTiming>),
};
const module = await Test.createTestingModule({ imports: [AppModule.with(config, logger)] })
  .setLogger(new NestLogger(logger))
  .overrideProvider(CRASH_POINTS)
  .useValue(points)
  .overrideProvider(SAFETY_TIMING)
  .useValue(timing)
  .compile();
const app = module.createNestApplication<NestFastifyApplication>(createAdapter(config, logger));
await app.listen(0, '127.0.0.1');
report({ ready: (app.getHttpServer().address() as AddressInfo).port });
