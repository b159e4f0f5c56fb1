import { Req, RequestMapping, type RequestMethod, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A handler of a route that stands in a table instead of in a method of its own. */
type Handler<Controller> = (this: Controller, request: FastifyRequest, reply: FastifyReply) => Promise<void>;

interface TableRoute {
  readonly method: RequestMethod;
  readonly path: string;
  /** Name of the controller's method. */
  readonly name: string;
}

/** Adds a route to a controller, as the decorators would on a method that somebody wrote out. */
export function addRoute<Controller extends object>(
  prototype: Controller,
  { method, path, name }: TableRoute,
  handler: Handler<Controller>,
  ...decorators: readonly MethodDecorator[]
): void {
  Object.defineProperty(prototype, name, { value: handler, writable: true, configurable: true });
  Req()(prototype, name, 0);
  Res()(prototype, name, 1);
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
  for (const decorate of [RequestMapping({ method, path }), ...decorators]) decorate(prototype, name, descriptor);
}
