// See pending.hpp.
#include "server/moves/pending.hpp"

#include <fmt/format.h>

#include "pg/scope.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

void fill_moved_rows(const plan::migration& m) {
  if (m.moves.empty()) return;
  auto marker = core::quote_identifier(*m.marker);
  catalog::as_owner([&] {
    local_settings settings;
    settings.set("row_security", "off");
    if (spi::execute(fmt::format("UPDATE {0} SET {1} = {1} WHERE {1} IS NOT NULL", m.table.sql(), marker)) == 0) return;
    if (spi::query(fmt::format("SELECT EXISTS (SELECT FROM {} WHERE {} IS NOT NULL)", m.table.sql(), marker)).front().boolean(0))
      throw failure("55P03", fmt::format("could not bring table \"{}\" up to date", m.moves.front().target.name),
                    "Other sessions have locked rows that clients of the old version have changed.", "Try again when they are done.");
  });
}

// A sequence, because nothing takes it back and nobody waits for it.
void note_left_pending() {
  pg([] { nextval_internal(get_relname_relid("left_pending", get_namespace_oid("accord_catalog", false)), false); });
}

bool was_left_pending() {
  return catalog::query("SELECT is_called FROM accord_catalog.left_pending").front().boolean(0);
}

}  // namespace accord::migration
