// sync_build: from the text of a contract's live migrations to a program of compiled expressions.
#pragma once

#include "server/sync/program.hpp"
#include "server/sync/text.hpp"

namespace accord::migration {

// Fills a program whose memory, relation and owner are set.  Compiles as that owner under a pinned
// search_path; what it made before an error is freed with the program's memory.
void compile_program(Relation relation, const sync_text& text, sync_program& program);

}  // namespace accord::migration
