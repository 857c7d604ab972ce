/** One process: composes the services, mounts what clients talk to, and listens. */
import { createHttpServer } from '../http/server.ts'
