// sequence_steps: the sequence of a replaced column serves the one that takes its place.
#pragma once

#include "plan/script.hpp"

namespace accord::plan {

void move_sequences(script&, migration&, const live_version& from, const live_version& to);  // complete and undo, after the renames
void widen_sequences(script&, const migration&);  // purge: what held it back is gone with the old column

}  // namespace accord::plan
