// sync: the two BEFORE ROW triggers that keep the columns of live versions in step.
#pragma once

namespace accord::migration {

// Called once from _PG_init: callbacks and hooks of the sync triggers.
void sync_init();

}  // namespace accord::migration
