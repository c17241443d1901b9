// See move_steps.hpp.
#include "plan/move_steps.hpp"

namespace accord::plan {

using core::quote_identifier;

std::string move_trigger(std::int64_t migration, std::size_t n) {
  return fmt::format("!accord_move_{}_{}", migration, n);
}
std::string move_lock_trigger(std::int64_t migration, std::size_t n) {
  return move_trigger(migration, n) + "_lock";
}
std::string move_empty_trigger(std::int64_t migration, std::size_t n) {
  return move_trigger(migration, n) + "_empty";
}

void make_move_triggers(script& s, const migration& m) {
  const char* lock = "SHARE ROW EXCLUSIVE";
  for (std::size_t n = 1; n <= m.moves.size(); n++) {
    const auto& target = m.moves[n - 1].target;
    auto make = [&](const core::qualified_name& table, const std::string& name, const char* when, const char* function,
                    std::string purpose) {
      s.on(table,
           fmt::format("CREATE TRIGGER {} {} EXECUTE FUNCTION accord_catalog.{}('1', '{}', '{}')", quote_identifier(name),
                       fmt::format(fmt::runtime(when), table.sql()), function, m.id, n),
           std::move(purpose), lock);
      s.on(table, fmt::format("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}", table.sql(), quote_identifier(name)),
           "Replicated rows are kept in step too.", lock);
    };
    make(m.table, move_trigger(m.id, n), "AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW", "move_source",
         fmt::format("Writes of the old version reach table {}.", target.display()));
    make(target, move_lock_trigger(m.id, n), "BEFORE INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW", "move_lock",
         "Who writes the new table has the row of the old version first.");
    make(target, move_trigger(m.id, n), "AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW", "move_target",
         "Writes of the new table reach the old version.");
    make(target, move_empty_trigger(m.id, n), "AFTER TRUNCATE ON {} FOR EACH STATEMENT", "move_target",
         "Writes of the new table reach the old version.");
  }
}

void drop_move_triggers(script& s, const migration& m) {
  for (std::size_t n = 1; n <= m.moves.size(); n++) {
    const auto& target = m.moves[n - 1].target;
    auto drop = [&](const core::qualified_name& table, const std::string& name) {
      s.on(table, fmt::format("DROP TRIGGER IF EXISTS {} ON {}", quote_identifier(name), table.sql()),
           "The two tables are not kept in step any more.", "ACCESS EXCLUSIVE");
    };
    drop(m.table, move_trigger(m.id, n));
    drop(target, move_trigger(m.id, n));
    drop(target, move_lock_trigger(m.id, n));
    drop(target, move_empty_trigger(m.id, n));
  }
}

}  // namespace accord::plan
