/** Compresses an answer while it is sent. Each piece is flushed, so that what a slow source gave does not wait for more. */
import type { Transform } from 'node:stream'
import { constants, createBrotliCompress, createGzip } from 'node:zlib'

/** Quick ones: an answer is compressed once for one reader. */
const gzipLevel = 4
const brotliQuality = 4
/** 256 KiB of what was sent are looked back on; the usual 4 MiB would be held for each reader. */
const brotliWindowBits = 18

export function compressorOf(coding: 'gzip' | 'br'): Transform {
  return coding === 'gzip'
    ? createGzip({ level: gzipLevel, flush: constants.Z_SYNC_FLUSH })
    : createBrotliCompress({
        flush: constants.BROTLI_OPERATION_FLUSH,
        params: {
          [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
          [constants.BROTLI_PARAM_LGWIN]: brotliWindowBits,
          [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        },
      })
}
