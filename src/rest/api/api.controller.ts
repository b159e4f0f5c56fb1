import { Controller, RequestMethod } from '@nestjs/common';
import { Access } from '../../auth/access.decorator.js';
import { API_READS, API_WRITES } from '../../tools/api/api-operations.js';
import { addRoute } from '../route-table.js';
import { ApiEndpoint } from './api-endpoint.js';

/** pwa-be's own paths under /api, one route for each row of the tables. */
@Controller('api')
@Access({ bearer: 'api' })
export class ApiController {
  constructor(readonly endpoint: ApiEndpoint) {}
}

for (const operation of API_READS) {
  const route = { method: RequestMethod.GET, path: operation.path, name: `GET ${operation.path}` };
  addRoute(ApiController.prototype, route, function (request, reply) {
    return this.endpoint.read(operation, request, reply);
  });
}

for (const operation of API_WRITES) {
  const route = { method: RequestMethod.PUT, path: operation.path, name: `PUT ${operation.path}` };
  addRoute(ApiController.prototype, route, function (request, reply) {
    return this.endpoint.write(operation, request, reply);
  });
}
