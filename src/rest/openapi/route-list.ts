import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { Access, type AccessRule } from '../../auth/access.decorator.js';
import { Describe, type RouteDescription } from '../../http/route-description.js';

/** A route as its controller declares it. */
export interface ListedRoute {
  /** get, post … */
  readonly method: string;
  /** `/v1/signals/{signal_id}` */
  readonly path: string;
  /** `ToolsController.get_positions` */
  readonly handler: string;
  readonly access: AccessRule;
  readonly description: RouteDescription;
}

/** Every route that describes itself, in the order of the controllers. */
export function listRoutes(discovery: DiscoveryService, reflector: Reflector): ListedRoute[] {
  const scanner = new MetadataScanner();
  return discovery.getControllers().flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const prototype = metatype.prototype as Record<string, (...args: unknown[]) => unknown>;
    return scanner.getAllMethodNames(prototype).flatMap((name): ListedRoute[] => {
      const handler = prototype[name]!;
      const description = reflector.get(Describe, handler);
      const access = reflector.getAllAndOverride(Access, [handler, metatype]);
      if (description === undefined || access === undefined) return [];
      const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
      const path = Reflect.getMetadata(PATH_METADATA, handler) as string;
      return [
        {
          method: method.toLowerCase(),
          path: template(Reflect.getMetadata(PATH_METADATA, metatype) as string, path),
          handler: `${metatype.name}.${name}`,
          access,
          description,
        },
      ];
    });
  });
}

/** Nest's two halves of a path as one path template (OpenAPI 3.1 §4.8.8). */
function template(controller: string, route: string): string {
  const segments = [...controller.split('/'), ...route.split('/')].filter((segment) => segment !== '');
  return `/${segments.map((segment) => segment.replace(/^:(\w+)$/, '{$1}')).join('/')}`;
}
