/* try.h: PG_TRY as a plain function, so that C++ code never meets a setjmp. */
#ifndef ACCORD_TRY_H
#define ACCORD_TRY_H

#ifdef __cplusplus
extern "C" {
#endif

/* Runs fn(arg) under PG_TRY.  False: an ERROR is pending on elog.c's stack, and the caller must rethrow or flush it. */
extern bool accord_pg_try(void (*fn)(void *), void *arg);

#ifdef __cplusplus
}
#endif
#endif
