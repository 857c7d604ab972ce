/** JSON as a value. Numbers beyond 2^53 are bigint where a parser of ours produced them. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json }
