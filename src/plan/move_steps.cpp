// See move_steps.hpp.
#include "plan/move_steps.hpp"

namespace accord::plan {

using core::quote_identifier;

std::string move_trigger_name(std::int64_t migration, std::size_t n) {
  return fmt::format("!accord_move_{}_{}", migration, n);
}
std::string move_lock_trigger(std::int64_t migration, std::size_t n) {
  return move_trigger_name(migration, n) + "_lock";
}

std::vector<move_trigger> move_triggers(const move& m, std::int64_t migration, std::size_t n) {
  auto name = move_trigger_name(migration, n);
  auto target = m.target.display();
  const char *whose = m.arrives ? "new" : "old", *other = m.arrives ? "old" : "new";
  auto follow = fmt::format("Writes of the {} table reach the {} version.", other, whose);
  std::vector<move_trigger> triggers{
      {name, false, "AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW", "move_source",
       fmt::format("Writes of the {} version reach table {}.", whose, target)},
      {move_lock_trigger(migration, n), true, "BEFORE INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW", "move_lock",
       fmt::format("Who writes the {} table has the row of the {} version first.", other, whose)},
      {name, true, "AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW", "move_target", follow},
      {name + "_empty", true, "AFTER TRUNCATE ON {} FOR EACH STATEMENT", "move_target", follow}};
  if (m.arrives)
    triggers.push_back({name + "_fill", false, "BEFORE UPDATE ON {} FOR EACH ROW", "move_fill",
                        fmt::format("A row gets what table {} has for it, before anything else is done with it.", target)});
  return triggers;
}

namespace {

std::string follow_truncate(const migration& m, std::size_t n, bool wanted) {
  return fmt::format("SELECT accord_catalog.follow_truncate({}, {}, {}, {})", core::quote_literal(m.moves[n - 1].target.sql()), m.id, n,
                     wanted);
}

}  // namespace

void make_move_triggers(script& s, const migration& m) {
  const char* lock = "SHARE ROW EXCLUSIVE";
  for (std::size_t n = 1; n <= m.moves.size(); n++) {
    for (auto& trigger : move_triggers(m.moves[n - 1], m.id, n)) {
      const auto& table = trigger.on_target ? m.moves[n - 1].target : m.table;
      s.on(table,
           fmt::format("CREATE TRIGGER {} {} EXECUTE FUNCTION accord_catalog.{}('1', '{}', '{}')", quote_identifier(trigger.name),
                       fmt::format(fmt::runtime(trigger.when), table.sql()), trigger.function, m.id, n),
           std::move(trigger.purpose), lock);
      s.on(table, fmt::format("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}", table.sql(), quote_identifier(trigger.name)),
           "Replicated rows are kept in step too.", lock);
    }
    if (m.moves[n - 1].partitioned)
      s.on(m.moves[n - 1].target, follow_truncate(m, n, true), "A partition can be truncated by itself.", lock);
  }
}

void drop_move_triggers(script& s, const migration& m) {
  const char *purpose = "The two tables are not kept in step any more.", *lock = "ACCESS EXCLUSIVE";
  for (std::size_t n = 1; n <= m.moves.size(); n++) {
    for (const auto& trigger : move_triggers(m.moves[n - 1], m.id, n)) {
      const auto& table = trigger.on_target ? m.moves[n - 1].target : m.table;
      s.on(table, fmt::format("DROP TRIGGER IF EXISTS {} ON {}", quote_identifier(trigger.name), table.sql()), purpose, lock);
    }
    if (m.moves[n - 1].partitioned) s.on(m.moves[n - 1].target, follow_truncate(m, n, false), purpose, lock);
  }
}

}  // namespace accord::plan
