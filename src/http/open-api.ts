/** The frame of the OpenAPI document; paths and schemas come from the routes themselves. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'

export function openApiDocument(
  authentication: 'none' | 'jwt',
  version: string,
): NonNullable<FastifyDynamicSwaggerOptions['openapi']> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Portcullis',
      version,
      description:
        'Ask for data for a purpose, follow the leaves that policy lets you see, and read them as policy lets you see them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [
      { name: 'requests', description: 'Register a request, follow it, revoke it' },
      { name: 'data', description: 'Read a leaf' },
      { name: 'palisade', description: "The predecessor's protocol, for its clients" },
      { name: 'health', description: 'For orchestrators and operators' },
    ],
    ...(authentication === 'jwt'
      ? {
          components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
          security: [{ bearer: [] }],
        }
      : {}),
  }
}
