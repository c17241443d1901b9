// settings: accord.guard, accord.allow_unused and accord.judge_at, and the mode in which a contract is guarded.
#pragma once

#include <string>

#include "server/registry/contract.hpp"

namespace accord::guard {

enum class mode { enforce, warn, off };

bool is_on();             // accord.guard, the kill switch
bool allows_unused();     // accord.allow_unused: a breaking change that hits no registered consumer passes
bool judges_at_commit();  // accord.judge_at: what counts is what a whole transaction leaves behind

// The session has the settings that each script of pg_dump begins with: what it makes was there before.
bool restores();

// The contract's own mode, or the database's.
mode mode_of(const registry::contract&);

// In the server's log, where the kill switch lets something pass.
void log_passing(const std::string& tag, const std::string& contract);

void settings_init();

}  // namespace accord::guard
