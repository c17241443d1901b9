// settings: accord.guard and accord.allow_unused, and the mode in which a contract is guarded.
#pragma once

#include <string>

#include "server/registry/contract.hpp"

namespace accord::guard {

enum class mode { enforce, warn, off };

bool is_on();          // accord.guard, the kill switch
bool allows_unused();  // accord.allow_unused: a breaking change that hits no registered consumer passes

// The contract's own mode, or the database's.
mode mode_of(const registry::contract&);

void settings_init();

}  // namespace accord::guard
