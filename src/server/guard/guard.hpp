// guard: the event triggers that keep promises.  What happens when is in events.cpp.
#pragma once

namespace accord {

// Settings, hook and callbacks; called once from _PG_init.
void guard_init();

}  // namespace accord
