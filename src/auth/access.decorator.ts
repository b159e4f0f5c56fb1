import { Reflector } from '@nestjs/core';

/** What a bearer token is presented at; the OAuth resources of the same names. */
export type Resource = 'mcp' | 'v1' | 'api';

/**
 * Who may call a route: anybody, a bearer token for a resource, or the site's session; what changes something by
 * session needs the CSRF proof too.
 */
export type AccessRule = 'public' | 'session' | 'session+csrf' | { readonly bearer: Resource };

/** Declares who may call a route or a whole controller; the guard refuses routes that declare nothing. */
export const Access = Reflector.createDecorator<AccessRule>();
