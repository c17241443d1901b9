// utility_hook: the one owner of ProcessUtility_hook.
//
// PostgreSQL fires no event trigger for some statements that concern contracts all the same (TRUNCATE, CLUSTER, role membership, settings of
// roles, event triggers themselves).  They are judged and audited here, in every session that has loaded the library: from its start where
// it is preloaded, else from the first statement that needed the library.  What slips through is found by accord.drift().
//
// Every other utility statement costs one switch.
#pragma once

namespace accord::utility {

// Called once from _PG_init.
void hook_init();

}  // namespace accord::utility
