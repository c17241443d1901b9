// The names of columns, keys and checks of a live migration, as clients know them.
#pragma once

namespace accord::core {

// Removes the prefixes `_accord_7_`, `_accord_7_old_`, `~accord_7_` and `~accord_7_old_` wherever they begin a word, in place: nothing is allocated.
// Left as they are: what has no name without them, the mark of rows that are not filled and the checks that stand for NOT NULL.
// A name that had to be cut to fit stays cut.
void strip_own_prefixes(char* text) noexcept;

}  // namespace accord::core
