/*
 * try.c: the only PG_TRY of the project.
 *
 * In C because setjmp beside C++ objects is undefined, and in one place because leaving PG_TRY by return or throw leaves a dead jump
 * buffer installed.
 */
#include "pg/pg.h"

#include "pg/try.h"

bool
accord_pg_try(void (*fn)(void *), void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool ok = true;

	PG_TRY();
	{
		fn(arg);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		ok = false;
	}
	PG_END_TRY();
	return ok;
}
