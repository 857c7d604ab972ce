/** A Fastify route that only echoes: what an answer over HTTP costs with no decision in it. */
import fastify from 'fastify'

const app = fastify()
app.post('/v1/data/*', async (request) => ({ result: request.body.input.user.active }))
await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(` on http://127.0.0.1:${app.server.address().port}\n`)
