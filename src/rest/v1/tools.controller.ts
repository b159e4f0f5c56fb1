import { Controller, RequestMethod } from '@nestjs/common';
import { Access } from '../../auth/access.decorator.js';
import { Describe } from '../../http/route-description.js';
import { describeRead, describeWrite } from '../openapi/describe-tool.js';
import { addRoute } from '../route-table.js';
import { ToolEndpoint } from './tool-endpoint.js';
import { READ_ROUTES, WRITE_ROUTES } from './tool-routes.js';

/** The tools under /v1, one route for each row of the tables. */
@Controller('v1')
@Access({ bearer: 'v1' })
export class ToolsController {
  constructor(readonly endpoint: ToolEndpoint) {}
}

for (const row of READ_ROUTES) {
  addRoute(
    ToolsController.prototype,
    { method: RequestMethod.GET, path: row.path, name: row.tool.name },
    function (request, reply) {
      return this.endpoint.read(row, request, reply);
    },
    Describe(describeRead(row)),
  );
}

for (const row of WRITE_ROUTES) {
  addRoute(
    ToolsController.prototype,
    { method: RequestMethod.POST, path: row.path, name: `${row.tool.name}_${row.half}` },
    function (request, reply) {
      return this.endpoint.write(row, request, reply);
    },
    Describe(describeWrite(row)),
  );
}
