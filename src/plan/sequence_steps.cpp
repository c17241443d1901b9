// See sequence_steps.hpp.
#include "plan/sequence_steps.hpp"

#include <fmt/format.h>
#include <string>

namespace accord::plan {

using core::quote_identifier;
using core::quote_literal;

void move_sequences(script& s, migration& m, const live_version& from, const live_version& to) {
  for (auto& sequence : m.sequences) {
    // As the pair is called now, after the renames.
    std::string target, source;
    for (const auto& [before, after] : m.successions()) {
      const auto& a = m.old_version().find(before)->physical;
      const auto& b = m.new_version().find(after)->physical;
      if (sequence.column == a || sequence.column == b) {
        source = &from == &m.old_version() ? a : b;
        target = &to == &m.new_version() ? b : a;
      }
    }
    if (target.empty()) continue;
    if (sequence.identity)
      s.table(fmt::format("SELECT accord_catalog.move_identity({}, {}, {})", quote_literal(m.table.sql()), quote_literal(source),
                          quote_literal(target)),
              "The sequence passes to the other column as it is.", runner::extension);
    else
      s.table(fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", sequence.name, m.table.sql(), quote_identifier(target)),
              "The sequence passes to the other column as it is.", runner::owner);
    sequence.column = target;
  }
}

void widen_sequences(script& s, const migration& m) {
  for (const auto& sequence : m.sequences)
    for (const auto& column : m.new_version().columns) {
      const auto& type = m.new_version().shape.find_column(column.name)->type.text;
      if (column.physical != sequence.column || type == sequence.type || (type != "smallint" && type != "integer" && type != "bigint"))
        continue;
      s.table(fmt::format("ALTER SEQUENCE {} AS {}", sequence.name, type), "The sequence counts as far as its column.", runner::owner);
    }
}

}  // namespace accord::plan
