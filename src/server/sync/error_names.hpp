// Errors about keys and checks speak to clients in the names that they know.
//
// While a migration lives a table has the keys and checks of both versions, and PostgreSQL reports the one that it looks at first, in our name
// for it: after completion that of the old version.  Applications compare the name of a constraint with the one they know.
//
// And who merges into a version's view, which is a table to them, hears what PostgreSQL before 17 can do instead.
#pragma once

namespace accord::migration {

// Registers emit_log_hook.  It also speaks so to the server's log; and it is not asked for an error that does not go there.
void error_names_init();

}  // namespace accord::migration
